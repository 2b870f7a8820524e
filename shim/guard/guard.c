/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The guard's rare cases.  Runs in any thread, also in signal handlers. */
#include "guard.h"

#include "../sink/counters.h"

void logtap_guard_expire(struct logtap_tls *tls, uintptr_t here)
{
	if (!tls->guard || !logtap_guard_is_left_over(tls, here))
		return;
	logtap_count(tls, LOGTAP_COUNTER_STALE_GUARDS, 1);
	tls->guard = 0;
}

enum logtap_entry logtap_guard_enter_held(struct logtap_tls *tls,
					  struct logtap_frame *frame,
					  enum logtap_phase phase)
{
	if (logtap_guard_is_left_over(tls, (uintptr_t)frame)) {
		/* What the dead frame reserved was never published. */
		logtap_count(tls, LOGTAP_COUNTER_STALE_GUARDS, 1);
		tls->guard = logtap_guard_word(frame, phase);
		atomic_signal_fence(memory_order_seq_cst);
		return LOGTAP_ENTER_MAIN;
	}
	if ((tls->guard & LOGTAP_PHASE_CALLBACK) ||
	    logtap_guard_depth(tls) == LOGTAP_GUARD_DEPTH_MASK)
		return LOGTAP_ENTER_CALLBACK;
	tls->guard++;
	atomic_signal_fence(memory_order_seq_cst);
	return logtap_guard_depth(tls) == 2 ? LOGTAP_ENTER_NESTED
					    : LOGTAP_ENTER_DEEP;
}
