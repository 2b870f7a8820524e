/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Our own symbol lookup, over the tables of the loaded objects.
 *
 * dlsym(3) allocates when it fails, takes locks, and is a symbol newer than
 * the oldest libc we load into.  This one only reads memory.  It answers what
 * RTLD_NEXT would: the first definition behind our own object in load order.
 *
 * For the constructor, and for stubs that look up the one symbol they stand for.
 */
#ifndef LOGTAP_SHIM_SYMBOLS_H
#define LOGTAP_SHIM_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A definition. */
struct logtap_symbol {
	void *address;
	bool in_libc; /* logtap_libc_is_at() */
};

/* Return: false when no object behind ours defines @name. */
bool logtap_symbol_next(const char *name, struct logtap_symbol *out);

/* libc's own, whoever replaced it: where what a replacement does (a
 * sanitizer's checks, say) must not happen. */
bool logtap_symbol_of_libc(const char *name, struct logtap_symbol *out);

/* The calling thread's instance of a thread-local variable that any object
 * defines; NULL if none does, or the thread has none yet.  Waits for the
 * loader's lock: not in a handler, and not after a fork that may have left it
 * held. */
void *logtap_symbol_thread_local(const char *name);

/* In the constructor: is libc what comes behind us?  Then what it defines is
 * found from now on without the loader: in any thread, also in a handler. */
bool logtap_symbol_libc_is_next(void);

/* Looks @names[0..count) up in one pass, at most LOGTAP_SYMBOLS_MOST; missing
 * ones get a NULL address. */
#define LOGTAP_SYMBOLS_MOST 256
void logtap_symbol_next_many(const char *const *names, size_t count,
			     struct logtap_symbol *out);

/* @name in the ELF image at @header (the vDSO), or NULL. */
void *logtap_symbol_in_image(const void *header, const char *name);

/* @name in the object @map, or NULL. */
void *logtap_symbol_in_map(const struct link_map *map, const char *name);

/* Is this our own object? */
bool logtap_symbol_holds_us(const struct dl_phdr_info *info);

#endif
