/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* prctl(2), as far as it forbids something to this process or renames the
 * thread (prctl(2), seccomp(2)); chroot(2). */
#include "restrict.h"

#include "../bytes.h"
#include "../guard/guard.h"
#include "../guard/internal.h"
#include "../real.h"
#include "../ring/clock.h"
#include "../segment/claim.h"
#include "../segment/create.h"
#include "../sink/divert.h"
#include "../state.h"
#include "exec.h"

#include <linux/seccomp.h>

#define SEALED_RING_BYTES (UINT64_C(256) << 10)

static void lose_counter(void)
{
	logtap_clock_no_counter();
	logtap_divert_settle();
}

/* The last moment at which the ring can grow: behind a filter of the host's
 * own no call is made any more. */
static void seal(void)
{
	struct logtap_tls *tls = &logtap_tls;

	/* a sandbox forbids files, too, as a rule: nothing to tell of */
	if (tls->life == LOGTAP_LIVE && !tls->guard && !logtap_sealed() &&
	    logtap_segment_within_limit(SEALED_RING_BYTES))
		logtap_claim_grow(tls, SEALED_RING_BYTES,
				  LOGTAP_STACK_POINTER());
	logtap_exec_seal();
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
}

void logtap_restrict_before_prctl(int option, unsigned long argument)
{
	if (option == PR_SET_SECCOMP) {
		seal();
		if (argument == SECCOMP_MODE_STRICT)
			lose_counter();
	} else if (option == PR_SET_TSC && argument == PR_TSC_SIGSEGV) {
		lose_counter();
	}
}

void logtap_restrict_before_seccomp(unsigned operation)
{
	if (operation == SECCOMP_SET_MODE_STRICT) {
		seal();
		lose_counter();
	} else if (operation == SECCOMP_SET_MODE_FILTER) {
		seal();
	}
}

static void rename_thread(const char *name)
{
	logtap_internal_rename(&logtap_tls, name);
}

typedef int prctl_function(int option, unsigned long a, unsigned long b,
			   unsigned long c, unsigned long d);

int logtap_on_prctl(int option, ...)
{
	unsigned long a, b, c, d;
	va_list arguments;
	int result;

	va_start(arguments, option);
	a = va_arg(arguments, unsigned long);
	b = va_arg(arguments, unsigned long);
	c = va_arg(arguments, unsigned long);
	d = va_arg(arguments, unsigned long);
	va_end(arguments);
	logtap_restrict_before_prctl(option, a);
	result = ((prctl_function *)LOGTAP_NEXT(prctl))(option, a, b, c, d);
	if (option == PR_SET_NAME && result == 0)
		rename_thread((const char *)a);
	return result;
}

/* Behind it no file can be made in the directory, as a rule. */
int logtap_on_chroot(const char *path)
{
	logtap_claim_reserve(&logtap_tls, LOGTAP_STACK_POINTER());
	return logtap_real.chroot(path);
}

/* libc's pthread_t is the address of the thread's control block, which begins
 * with that address, and from which
 * our struct has the same distance in every thread. */
static struct logtap_tls *tls_of(pthread_t thread)
{
#if defined(__x86_64__)
	uintptr_t self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return (void *)((uintptr_t)&logtap_tls + ((uintptr_t)thread - self));
#else
	(void)thread;
	return NULL;
#endif
}

/* libc makes a thread's clock of its id (pthread_getcpuclockid(3)): nothing
 * else that is public tells the one from the other.  0: unknown. */
static uint32_t tid_of(pthread_t thread)
{
	clockid_t clock;

	if (!logtap_real.pthread_getcpuclockid ||
	    logtap_real.pthread_getcpuclockid(thread, &clock) != 0)
		return 0;
	return ~(uint32_t)clock >> 3;
}

static void rename_other(uint32_t tid, const char *name)
{
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);

	for (uint32_t i = 0; tid && i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);
		for (uint32_t j = 0; mapping && j < mapping->slot_count; j++) {
			struct logtap_slot *slot = &mapping->slots[j];
			uint64_t word = atomic_load_explicit(
				&slot->state, memory_order_acquire);
			if ((word & LOGTAP_SLOT_STATE_MASK) ==
				    LOGTAP_SLOT_LIVE &&
			    slot->tid == tid &&
			    slot->pid == logtap_state.identity.pid)
				logtap_bytes_string(slot->name,
						    sizeof slot->name, name);
		}
	}
}

int logtap_on_pthread_setname_np(pthread_t thread, const char *name)
{
	int result = logtap_real.pthread_setname_np(thread, name);

	if (result != 0)
		return result;
	if (tls_of(thread) == &logtap_tls) {
		rename_thread(name);
		return result;
	}
	rename_other(tid_of(thread), name);
	if (tls_of(thread))
		logtap_internal_name(tls_of(thread), name);
	return result;
}

int logtap_on_sigaltstack(const stack_t *stack, stack_t *old)
{
	int result = logtap_real.sigaltstack(stack, old);

	if (result == 0 && stack) {
		struct logtap_tls *tls = &logtap_tls;
		bool on = !(stack->ss_flags & SS_DISABLE);
		tls->alternate_low = on ? (uintptr_t)stack->ss_sp : 0;
		tls->alternate_high =
			on ? (uintptr_t)stack->ss_sp + stack->ss_size : 0;
	}
	return result;
}
