/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Keeping signals away for a moment, in the calling thread.
 *
 * For set-up only, never for a record: a handler must not come between two
 * steps of it, log without a slot, leave by siglongjmp or fork.
 */
#ifndef LOGTAP_ARCH_SIGNALS_H
#define LOGTAP_ARCH_SIGNALS_H

#include "syscall.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Return: false if that is refused; then there is nothing to restore. */
static inline bool logtap_signals_block(uint64_t *saved)
{
	uint64_t all = UINT64_MAX;

	return logtap_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all,
			   (long)saved, sizeof all) == 0;
}

static inline void logtap_signals_restore(const uint64_t *saved)
{
	logtap_sys4(SYS_rt_sigprocmask, SIG_SETMASK, (long)saved, 0,
		    sizeof *saved);
}

#endif
