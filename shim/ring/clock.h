/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The time of a chunk, without a system call.
 *
 * The time stamp counter where the kernel itself keeps time by it (the
 * collector converts), else the kernel's vDSO, found by ourselves because a
 * clock_gettime in the PLT may be faked (libfaketime).  Once the process may
 * no longer read the counter (strict seccomp, PR_SET_TSC: both kill), the
 * coarse vDSO clock, which does not read it.  Safe in a signal handler.
 */
#ifndef LOGTAP_RING_CLOCK_H
#define LOGTAP_RING_CLOCK_H

#include <logtap/abi/chunk.h>
#include <logtap/abi/segment.h>
#include <stdbool.h>
#include <time.h>

enum logtap_clock_source {
	LOGTAP_SOURCE_NONE, /* no time; the collector uses its own */
	LOGTAP_SOURCE_TSC,
	LOGTAP_SOURCE_VDSO,
	LOGTAP_SOURCE_COARSE,
};

typedef int logtap_vdso_clock(clockid_t clock, struct timespec *out);

struct logtap_clock_state {
	_Atomic uint32_t source; /* enum logtap_clock_source */
	logtap_vdso_clock *vdso; /* NULL: none */
};
extern struct logtap_clock_state logtap_clock
	__attribute__((visibility("hidden")));

/* In the constructor.  @is_tsc: the kernel is known to keep time by the
 * counter; else it is asked. */
void logtap_clock_init(bool is_tsc);

/* From now on this process must not read the counter. */
void logtap_clock_no_counter(void);

/* The unit that chunks of this process have: for the segment header. */
enum logtap_clock logtap_clock_unit(void);

/* ns of @clock through the vDSO, 0 if there is none. */
uint64_t logtap_clock_ns(clockid_t clock);

/* The time of a chunk and what flags say of it: two registers, so that the
 * record path needs no memory for them. */
struct logtap_now {
	uint64_t time;
	uint64_t flags; /* 0 or LOGTAP_CHUNK_COARSE */
};

struct logtap_now logtap_clock_slow(void);

/* Is @now (and every other time of this process) the counter's? */
static inline bool logtap_clock_is_counter(void)
{
	return __builtin_expect(atomic_load_explicit(&logtap_clock.source,
						     memory_order_relaxed) ==
					LOGTAP_SOURCE_TSC,
				1);
}

/* Only where logtap_clock_is_counter(). */
static inline uint64_t logtap_clock_counter(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return 0; /* never asked: no other machine has that clock source */
#endif
}

static inline struct logtap_now logtap_clock_now(void)
{
	if (logtap_clock_is_counter())
		return (struct logtap_now){logtap_clock_counter(), 0};
	return logtap_clock_slow();
}

#endif
