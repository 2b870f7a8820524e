/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The clock of deadlines and waits.  Any thread.
 */
#ifndef LOGTAP_BASE_CLOCK_H
#define LOGTAP_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t logtap_clock_monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
