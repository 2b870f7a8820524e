/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Guarded mappings: memory of a file that a stranger may cut short.
 *
 * Touching a page behind the end of a mapped file is SIGBUS.  For a mapping
 * registered here the signal's handler puts a private page of zeros in its
 * place and raises the mapping's flag, so that the reader goes on and gives
 * up that one segment.  A SIGBUS anywhere else ends the program as it would
 * have without us.
 */
#ifndef LOGTAP_INTAKE_GUARD_H
#define LOGTAP_INTAKE_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct logtap_guard;

/* Once in a program, before the first mapping.  Return: 0 or -errno. */
int logtap_guard_install(void);

/**
 * logtap_guard_add() - register a mapping
 * @start, @bytes: of the mapping, whole pages
 * Return: its entry, to be removed before the memory is unmapped, or NULL
 * without memory.  Thread-safe.
 */
struct logtap_guard *logtap_guard_add(void *start, size_t bytes);
void logtap_guard_remove(struct logtap_guard *guard);
/* True once a page of the mapping was lost. */
bool logtap_guard_tripped(const struct logtap_guard *guard);

#endif
