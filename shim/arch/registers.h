/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The registers that a call preserves, the stack pointer and the place in the
 * program, by their DWARF numbers; the others are 0.  Always inlined: they are
 * those of the function that asks, which must not return before what lies
 * above its stack pointer was copied.
 */
#ifndef LOGTAP_ARCH_REGISTERS_H
#define LOGTAP_ARCH_REGISTERS_H

#include <logtap/abi/evidence.h>
#include <stdint.h>

#if defined(__x86_64__)

#define LOGTAP_REGISTERS LOGTAP_STACK_REGISTERS_X86_64
#define LOGTAP_REGISTERS_ARCH LOGTAP_STACK_X86_64
#define LOGTAP_REGISTER_SP 7

static inline __attribute__((always_inline)) void logtap_registers(
	uint64_t values[LOGTAP_REGISTERS])
{
	__asm__ volatile("mov %%rbx, 24(%0)\n\t"
			 "mov %%rbp, 48(%0)\n\t"
			 "mov %%rsp, 56(%0)\n\t"
			 "mov %%r12, 96(%0)\n\t"
			 "mov %%r13, 104(%0)\n\t"
			 "mov %%r14, 112(%0)\n\t"
			 "mov %%r15, 120(%0)\n\t"
			 "lea 0(%%rip), %%rax\n\t"
			 "mov %%rax, 128(%0)"
			 :
			 : "r"(values)
			 : "rax", "memory");
}

#elif defined(__aarch64__)

#define LOGTAP_REGISTERS LOGTAP_STACK_REGISTERS_AARCH64
#define LOGTAP_REGISTERS_ARCH LOGTAP_STACK_AARCH64
#define LOGTAP_REGISTER_SP 31

static inline __attribute__((always_inline)) void logtap_registers(
	uint64_t values[LOGTAP_REGISTERS])
{
	__asm__ volatile("stp x19, x20, [%0, #152]\n\t"
			 "stp x21, x22, [%0, #168]\n\t"
			 "stp x23, x24, [%0, #184]\n\t"
			 "stp x25, x26, [%0, #200]\n\t"
			 "stp x27, x28, [%0, #216]\n\t"
			 "stp x29, x30, [%0, #232]\n\t"
			 "mov x9, sp\n\t"
			 "adr x10, .\n\t"
			 "stp x9, x10, [%0, #248]"
			 :
			 : "r"(values)
			 : "x9", "x10", "memory");
}

#endif

#endif
