/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers without the kernel: see the header. */
#include "random.h"

#include "bytes.h"
#include "ring/clock.h"
#include "state.h"

uint64_t logtap_random(void)
{
	static _Atomic uint64_t counter;
	uint64_t x = logtap_clock_ns(CLOCK_REALTIME) +
		     ((uint64_t)logtap_state.identity.pid << 32) +
		     (uintptr_t)&x;

#if defined(__x86_64__)
	if (logtap_clock_unit() == LOGTAP_CLOCK_TSC)
		x += __builtin_ia32_rdtsc();
#endif
	/* splitmix64 */
	x += atomic_fetch_add(&counter, UINT64_C(0x9e3779b97f4a7c15));
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x ? x : 1;
}

void logtap_random_put(unsigned char *to, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += 8) {
		uint64_t value = logtap_random();
		logtap_bytes_copy(to + at, &value, 8);
	}
}
