/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The exported variadic functions, generated from hooks.def: jumps that leave
 * registers and stack as they are, because arguments cannot be handed on, and
 * because syscall(2) may be a vfork or clone whose child must not return
 * through a frame of ours. */
#include "../real.h"

#if defined(__x86_64__)

/* Saves what may hold arguments, asks for the target, jumps there. */
__asm__(".text\n"
	".p2align 4\n"
	".type logtap_thunk_resolve, @function\n"
	"logtap_thunk_resolve:\n"
	".cfi_startproc\n"
	"	.cfi_def_cfa_offset 24\n" /* return, &next, name */
	"	push %rbp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rax\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rdi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rsi\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rdx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %rcx\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %r8\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	push %r9\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	mov 64(%rsp), %rsi\n" /* name */
	"	mov 72(%rsp), %rdi\n" /* &next */
	"	mov %rsp, %rbp\n"
	"	.cfi_def_cfa_register %rbp\n"
	"	and $-16, %rsp\n"
	"	sub $128, %rsp\n"
	"	movaps %xmm0, (%rsp)\n"
	"	movaps %xmm1, 16(%rsp)\n"
	"	movaps %xmm2, 32(%rsp)\n"
	"	movaps %xmm3, 48(%rsp)\n"
	"	movaps %xmm4, 64(%rsp)\n"
	"	movaps %xmm5, 80(%rsp)\n"
	"	movaps %xmm6, 96(%rsp)\n"
	"	movaps %xmm7, 112(%rsp)\n"
	"	call logtap_real_resolve_thunk\n"
	"	mov %rax, %r11\n"
	"	movaps (%rsp), %xmm0\n"
	"	movaps 16(%rsp), %xmm1\n"
	"	movaps 32(%rsp), %xmm2\n"
	"	movaps 48(%rsp), %xmm3\n"
	"	movaps 64(%rsp), %xmm4\n"
	"	movaps 80(%rsp), %xmm5\n"
	"	movaps 96(%rsp), %xmm6\n"
	"	movaps 112(%rsp), %xmm7\n"
	"	mov %rbp, %rsp\n"
	"	.cfi_def_cfa_register %rsp\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rax\n"
	"	pop %rbp\n"
	"	add $16, %rsp\n"
	"	jmp *%r11\n"
	".cfi_endproc\n"
	".size logtap_thunk_resolve, .-logtap_thunk_resolve\n");

/* @filter: instructions that jump to 1f (pass on) when there is no interest. */
#define THUNK_CODE(name, active, filter)                                   \
	__asm__(".text\n"                                                  \
		".p2align 4\n"                                             \
		".globl " #name "\n"                                       \
		".type " #name ", @function\n" #name ":\n"                 \
		".cfi_startproc\n"                                         \
		"	endbr64\n"                                               \
		"	cmpl $0, " #active "(%rip)\n"                      \
		"	je 1f\n" filter "	jmp logtap_on_" #name "\n" \
		"1:	mov logtap_next_" #name "(%rip), %r11\n"           \
		"	test %r11, %r11\n"                                       \
		"	je 2f\n"                                                 \
		"	jmp *%r11\n"                                             \
		"2:	lea logtap_next_" #name "(%rip), %r11\n"           \
		"	push %r11\n"                                             \
		"	.cfi_adjust_cfa_offset 8\n"                              \
		"	lea 3f(%rip), %r11\n"                                    \
		"	push %r11\n"                                             \
		"	.cfi_adjust_cfa_offset 8\n"                              \
		"	jmp logtap_thunk_resolve\n"                              \
		".cfi_endproc\n"                                           \
		".size " #name ", .-" #name "\n"                           \
		".section .rodata\n"                                       \
		"3:	.string \"" #name "\"\n"                           \
		".text\n");

/* Only what logtap_syscall_kinds names; r11 is free at a call. */
#define FILTER_syscall                            \
	"	cmp $512, %rdi\n"                       \
	"	jae 1f\n"                               \
	"	lea logtap_syscall_kinds(%rip), %r11\n" \
	"	cmpb $0, (%r11,%rdi)\n"                 \
	"	je 1f\n"

#elif defined(__aarch64__)

__asm__(".text\n"
	".p2align 4\n"
	".type logtap_thunk_resolve, %function\n"
	"logtap_thunk_resolve:\n" /* x16: &next, x17: name */
	".cfi_startproc\n"
	"	stp x29, x30, [sp, #-224]!\n"
	"	.cfi_def_cfa_offset 224\n"
	"	.cfi_offset x29, -224\n"
	"	.cfi_offset x30, -216\n"
	"	mov x29, sp\n"
	"	stp x0, x1, [sp, #16]\n"
	"	stp x2, x3, [sp, #32]\n"
	"	stp x4, x5, [sp, #48]\n"
	"	stp x6, x7, [sp, #64]\n"
	"	str x8, [sp, #80]\n"
	"	stp q0, q1, [sp, #96]\n"
	"	stp q2, q3, [sp, #128]\n"
	"	stp q4, q5, [sp, #160]\n"
	"	stp q6, q7, [sp, #192]\n"
	"	mov x0, x16\n"
	"	mov x1, x17\n"
	"	bl logtap_real_resolve_thunk\n"
	"	mov x16, x0\n"
	"	ldp q0, q1, [sp, #96]\n"
	"	ldp q2, q3, [sp, #128]\n"
	"	ldp q4, q5, [sp, #160]\n"
	"	ldp q6, q7, [sp, #192]\n"
	"	ldr x8, [sp, #80]\n"
	"	ldp x6, x7, [sp, #64]\n"
	"	ldp x4, x5, [sp, #48]\n"
	"	ldp x2, x3, [sp, #32]\n"
	"	ldp x0, x1, [sp, #16]\n"
	"	ldp x29, x30, [sp], #224\n"
	"	.cfi_def_cfa_offset 0\n"
	"	br x16\n"
	".cfi_endproc\n"
	".size logtap_thunk_resolve, .-logtap_thunk_resolve\n");

#define THUNK_CODE(name, active, filter)                                 \
	__asm__(".text\n"                                                \
		".p2align 4\n"                                           \
		".globl " #name "\n"                                     \
		".type " #name ", %function\n" #name ":\n"               \
		".cfi_startproc\n"                                       \
		"	bti c\n"                                               \
		"	adrp x16, " #active "\n"                         \
		"	ldr w16, [x16, #:lo12:" #active "]\n"            \
		"	cbz w16, 1f\n" filter "	b logtap_on_" #name "\n" \
		"1:	adrp x16, logtap_next_" #name "\n"               \
		"	ldr x17, [x16, #:lo12:logtap_next_" #name "]\n"  \
		"	cbz x17, 2f\n"                                         \
		"	br x17\n"                                              \
		"2:	add x16, x16, #:lo12:logtap_next_" #name "\n"    \
		"	adrp x17, 3f\n"                                        \
		"	add x17, x17, #:lo12:3f\n"                             \
		"	b logtap_thunk_resolve\n"                              \
		".cfi_endproc\n"                                         \
		".size " #name ", .-" #name "\n"                         \
		".section .rodata\n"                                     \
		"3:	.string \"" #name "\"\n"                         \
		".text\n");

#define FILTER_syscall                                 \
	"	cmp x0, #512\n"                              \
	"	b.hs 1f\n"                                   \
	"	adrp x16, logtap_syscall_kinds\n"            \
	"	add x16, x16, #:lo12:logtap_syscall_kinds\n" \
	"	ldrb w16, [x16, x0]\n"                       \
	"	cbz w16, 1f\n"

#endif

#define FILTER_fcntl ""
#define FILTER_open ""
#define FILTER_open64 ""
#define FILTER_openat ""
#define FILTER_openat64 ""
#define FILTER_dprintf ""
#define FILTER_syslog ""
#define FILTER_prctl ""
#define FILTER_execl ""
#define FILTER_execlp ""
#define FILTER_execle ""

#define HOOK(ret, name, body, params, args, interest)
#define THUNK(name, active) THUNK_CODE(name, active, FILTER_##name)
#include "../hooks.def"
#undef HOOK
#undef THUNK
