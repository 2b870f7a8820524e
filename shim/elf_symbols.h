/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The symbols that one loaded object defines, by its own tables (ELF gABI "Symbol
 * Table", GNU hash).  Reads memory only: no lock, no system call.
 */
#ifndef LOGTAP_SHIM_ELF_SYMBOLS_H
#define LOGTAP_SHIM_ELF_SYMBOLS_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logtap_elf {
	const char *name;
	uintptr_t base;
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint16_t *versions;
	const uint32_t *gnu_hash;
	const uint32_t *sysv_hash;
	bool thread_local_only; /* what is looked for; a value of 0 is one then */
};

/* @headers[0..count): its program headers.  Return: false if it has no symbols.
 */
bool logtap_elf_init(struct logtap_elf *object, const char *name,
		     uintptr_t base, const ElfW(Phdr) * headers, size_t count);
/* The same of its dynamic section; NULL: it has none. */
bool logtap_elf_at(struct logtap_elf *object, const char *name, uintptr_t base,
		   const ElfW(Dyn) * dynamic);
uint32_t logtap_elf_hash(const char *name);
/* Its definition of @name that a new link would choose; NULL: none.  @hash: of
 * @name. */
const ElfW(Sym) * logtap_elf_find(const struct logtap_elf *object,
				  const char *name, uint32_t hash);

#endif
