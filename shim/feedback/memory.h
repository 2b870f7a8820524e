/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A piece of memory that the collector has named, to go with a stack
 * (logtap/abi/evidence.h): an interpreter has its frames there, which are gone
 * when the collector could read them.
 *
 * The kernel copies it, so that an address at which nothing is does no harm.
 * Safe in signal handlers; not under a seccomp filter, which may kill for it.
 */
#ifndef LOGTAP_FEEDBACK_MEMORY_H
#define LOGTAP_FEEDBACK_MEMORY_H

#include "../guard/tls.h"

#include <logtap/abi/evidence.h>

#define LOGTAP_MEMORY_CHUNK_BYTES \
	(sizeof(struct logtap_stack_memory) + LOGTAP_STACK_MEMORY_BYTES)

/* Where it ends, if some is wanted of the calling thread and may be read; or
 * 0. */
uint64_t logtap_memory_wanted(const struct logtap_tls *tls);

/* Fills LOGTAP_MEMORY_CHUNK_BYTES at @to, which may be unaligned: what lies
 * before @end, as far as it can be read. */
void logtap_memory_put(unsigned char *to, uint64_t end);

#endif
