/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Evidence of feedback into the calling thread's ring (logtap/abi/evidence.h).
 *
 * No system call but for a thread's first chunk; errno is untouched.
 */
#ifndef LOGTAP_FEEDBACK_EVIDENCE_H
#define LOGTAP_FEEDBACK_EVIDENCE_H

#include "../sink/aside.h"

#include <logtap/abi/evidence.h>
#include <sys/uio.h>

/* Puts @evidence and, with @parts, the first of their bytes, head_bytes at
 * most: as many as fit.  @stack: and where the thread is, before it. */
void logtap_evidence_put(const struct logtap_evidence *evidence,
			 struct logtap_now now, const struct iovec *parts,
			 size_t count, bool stack);

/* A call inside a callback of ours (LOGTAP_EVIDENCE_IN_CALLBACK), or while the
 * host dispatches (_DISPATCHING): it was counted and passed on.  @bytes: that it
 * was given. */
void logtap_evidence_reentry(struct logtap_tls *tls, uint16_t how,
			     uint64_t bytes);

/* What the collector asks this thread's process for: enum logtap_ask. */
static inline uint32_t logtap_evidence_asked(const struct logtap_tls *tls)
{
	return tls->life == LOGTAP_LIVE
		       ? atomic_load_explicit(&tls->rings->control->ask,
					      memory_order_relaxed)
		       : 0;
}

#endif
