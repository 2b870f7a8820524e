/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * System calls by instruction.
 *
 * For set-up only, never for a record.  Nothing here passes libc's PLT, so no
 * hook (ours or another preload's) sees these calls, errno is untouched, and
 * all are safe in a signal handler.  Return: the kernel's value, -errno on
 * failure.
 */
#ifndef LOGTAP_ARCH_SYSCALL_H
#define LOGTAP_ARCH_SYSCALL_H

#include <sys/syscall.h>

#if defined(__x86_64__)

static inline long logtap_sys6(long number, long a, long b, long c, long d,
			       long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10),
			   "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)

static inline long logtap_sys6(long number, long a, long b, long c, long d,
			       long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#else
#error "logtap knows x86-64 and aarch64"
#endif

static inline long logtap_sys1(long number, long a)
{
	return logtap_sys6(number, a, 0, 0, 0, 0, 0);
}

static inline long logtap_sys2(long number, long a, long b)
{
	return logtap_sys6(number, a, b, 0, 0, 0, 0);
}

static inline long logtap_sys3(long number, long a, long b, long c)
{
	return logtap_sys6(number, a, b, c, 0, 0, 0);
}

static inline long logtap_sys4(long number, long a, long b, long c, long d)
{
	return logtap_sys6(number, a, b, c, d, 0, 0);
}

#endif
