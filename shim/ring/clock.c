/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which clock a chunk gets: see the header.  logtap_clock_init() runs in the
 * constructor, the rest anywhere. */
#include "clock.h"

#include "../arch/syscall.h"
#include "../auxv.h"
#include "../bytes.h"
#include "../libc/libc.h"
#include "../segment/procfs.h"
#include "../symbols.h"

struct logtap_clock_state logtap_clock;

#if defined(__x86_64__)
#define VDSO_CLOCK "__vdso_clock_gettime"
#else
#define VDSO_CLOCK "__kernel_clock_gettime"
#endif

static bool kernel_uses_counter(void)
{
#if defined(__x86_64__)
	char name[16];

	return logtap_procfs_read("/sys/devices/system/clocksource/"
				  "clocksource0/current_clocksource",
				  name, sizeof name) > 0 &&
	       logtap_bytes_after(name, "tsc\n");
#else
	return false;
#endif
}

void logtap_clock_init(bool is_tsc)
{
	const void *image = (const void *)logtap_auxv(AT_SYSINFO_EHDR);
	uint32_t source = LOGTAP_SOURCE_NONE;

	if (image)
		logtap_clock.vdso = (logtap_vdso_clock *)logtap_symbol_in_image(
			image, VDSO_CLOCK);
	if (logtap_clock.vdso)
		source = LOGTAP_SOURCE_VDSO;
	if (is_tsc || kernel_uses_counter())
		source = LOGTAP_SOURCE_TSC;
	atomic_store_explicit(&logtap_clock.source, source,
			      memory_order_relaxed);
	if (!logtap_libc_may_count())
		logtap_clock_no_counter();
}

void logtap_clock_no_counter(void)
{
	atomic_store_explicit(&logtap_clock.source,
			      logtap_clock.vdso ? LOGTAP_SOURCE_COARSE
						: LOGTAP_SOURCE_NONE,
			      memory_order_relaxed);
}

enum logtap_clock logtap_clock_unit(void)
{
	return atomic_load_explicit(&logtap_clock.source,
				    memory_order_relaxed) == LOGTAP_SOURCE_TSC
		       ? LOGTAP_CLOCK_TSC
		       : LOGTAP_CLOCK_REALTIME;
}

uint64_t logtap_clock_ns(clockid_t clock)
{
	struct timespec now;

	/* The fine clocks read the counter, too. */
	if (atomic_load_explicit(&logtap_clock.source, memory_order_relaxed) ==
	    LOGTAP_SOURCE_COARSE) {
		if (clock == CLOCK_REALTIME)
			clock = CLOCK_REALTIME_COARSE;
		else if (clock == CLOCK_MONOTONIC)
			clock = CLOCK_MONOTONIC_COARSE;
	}
	if (!logtap_clock.vdso || logtap_clock.vdso(clock, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct logtap_now logtap_clock_slow(void)
{
	struct logtap_now now = {0, LOGTAP_CHUNK_COARSE};

	switch (atomic_load_explicit(&logtap_clock.source,
				     memory_order_relaxed)) {
	case LOGTAP_SOURCE_VDSO:
		now.time = logtap_clock_ns(CLOCK_REALTIME);
		now.flags = 0;
		break;
	case LOGTAP_SOURCE_COARSE:
		now.time = logtap_clock_ns(CLOCK_REALTIME_COARSE);
		break;
	default:
		break;
	}
	return now;
}
