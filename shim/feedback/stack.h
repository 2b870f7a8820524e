/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where a thread is: its registers and a piece of its stack into the ring, just
 * before the chunk that they belong to.  The collector unwinds them.
 *
 * Only what is known to be memory is read: the thread's own stack up to the
 * frame that it began with, an alternate signal stack that was told to
 * sigaltstack(2), and of any other stack the rest of the page that its pointer
 * is in.  No system call but for the larger ring that a stack needs, and
 * for other memory (memory.h), if that was asked for.
 */
#ifndef LOGTAP_FEEDBACK_STACK_H
#define LOGTAP_FEEDBACK_STACK_H

#include "../sink/capture.h"

#include <logtap/abi/control.h>
#include <logtap/abi/evidence.h>

/* A ring whose blocks hold a whole one. */
#define LOGTAP_STACK_RING_BYTES (UINT64_C(256) << 10)

/* Is a stack wanted with what @stamp and its first part say, and due again?
 * Then the ring is exchanged for one that has room for it; the guard is open.
 * Return: enum logtap_stack_reason, 0: none. */
uint32_t logtap_stack_prepare_for(struct logtap_tls *tls,
				  const struct logtap_stamp *stamp,
				  const struct iovec *part);
static inline uint32_t logtap_stack_prepare(struct logtap_tls *tls,
					    const struct logtap_stamp *stamp,
					    const struct iovec *part)
{
	if (__builtin_expect(!atomic_load_explicit(&tls->rings->control->look,
						   memory_order_relaxed),
			     1))
		return 0;
	return logtap_stack_prepare_for(tls, stamp, part);
}

/* The same for evidence.  Return: is it due? */
bool logtap_stack_prepare_evidence(struct logtap_tls *tls,
				   struct logtap_now now);

/* Before a callback, while the guard is open: a call inside of it cannot
 * exchange the ring.  Does so if stacks of such calls are asked for. */
void logtap_stack_expect(struct logtap_tls *tls);

/* Under the guard.  @stamp: time and flags are taken from it. */
void logtap_stack_put(struct logtap_tls *tls, const struct logtap_stamp *stamp,
		      uint32_t reason);

#endif
