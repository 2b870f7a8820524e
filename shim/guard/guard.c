/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The guard's rare cases.  Runs in any thread, also in signal handlers. */
#include "guard.h"

#include "../sink/counters.h"

enum logtap_entry logtap_guard_enter_held(struct logtap_tls *tls, uintptr_t sp,
					  enum logtap_phase phase)
{
	if (logtap_guard_is_stale(tls, tls->guard_sp, sp)) {
		/* What the dead frame reserved was never published. */
		logtap_count(tls, LOGTAP_COUNTER_STALE_GUARDS, 1);
		tls->guard_sp = sp;
		tls->phase = (uint8_t)phase;
		tls->depth = 1;
		atomic_signal_fence(memory_order_seq_cst);
		return LOGTAP_ENTER_MAIN;
	}
	if (tls->phase == LOGTAP_PHASE_CALLBACK)
		return LOGTAP_ENTER_CALLBACK;
	tls->depth++;
	atomic_signal_fence(memory_order_seq_cst);
	return tls->depth == 2 ? LOGTAP_ENTER_NESTED : LOGTAP_ENTER_DEEP;
}
