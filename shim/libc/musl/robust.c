/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The death notice with musl.
 *
 * Its threads walk the list of robust mutexes by themselves when they end, and
 * its fork leaves the child's list as it was: a child that ends its first thread
 * would mark the mutex that its parent's thread holds.  So the child takes that
 * one out of its list.  Where that cannot be done, or the layout is not the one
 * that is known, there is no mark, and the collector asks /proc instead.
 */
#include "../../guard/tls.h"
#include "../../state.h"
#include "../libc.h"

#include <pthread.h>

/* pthread_mutex_t on 64-bit targets: kind, word, and two links. */
enum { WORD = 4, PREVIOUS = 24, NEXT = 32 };

#define KIND_ROBUST_SHARED (4 | 128)

/* The list's head lies in the thread's control block. */
#define CONTROL_BLOCK_BYTES 1024

const struct logtap_libc_robust logtap_libc_robust = {
	.word_offset = WORD,
	.kind_offset = 0,
	.kind = KIND_ROBUST_SHARED,
	.is_lazy = true,
};

static void **link_at(const unsigned char *mutex, unsigned offset)
{
	return (void **)(uintptr_t)(mutex + offset);
}

bool logtap_libc_robust_holds(const unsigned char *mutex)
{
	void **head = *link_at(mutex, PREVIOUS);
	uintptr_t block = (uintptr_t)__builtin_thread_pointer();
	uintptr_t distance = (uintptr_t)head > block ? (uintptr_t)head - block
						     : block - (uintptr_t)head;

	if (!head || (uintptr_t)head % sizeof *head ||
	    distance >= CONTROL_BLOCK_BYTES ||
	    *head != (void *)link_at(mutex, NEXT))
		return false;
	logtap_tls.robust_head = head;
	return true;
}

static bool is_ours(uintptr_t link)
{
	uint32_t count = atomic_load(&logtap_state.mapping_count);

	for (uint32_t i = 0; i < count; i++) {
		const struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (mapping && link - (uintptr_t)mapping->base < mapping->bytes)
			return true;
	}
	return false;
}

/* The list is the child's own, the mutexes in it are shared with the parent:
 * only the head is written. */
void logtap_libc_robust_forked(void)
{
	void **head = logtap_tls.robust_head;

	while (head && *head && is_ours((uintptr_t)*head))
		*head = *(void **)*head;
	logtap_tls.robust_head = NULL;
}
