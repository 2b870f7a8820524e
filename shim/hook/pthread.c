/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_create(3), for what a thread is: its parent, its start routine, the
 * mark it inherits, and a slot before its first instruction.  Attributes are
 * handed on as they are, and the start routine is reached by a jump, so that
 * cancellation and pthread_exit unwind no frame of ours.
 *
 * What the child needs travels in a fixed pool of this process, or, in a burst
 * of threads that have not run yet, in pages of its own.  Without memory the
 * thread starts without us and claims its slot at its first chunk. */
#include "pthread.h"

#include "../api/api.h"
#include "../bytes.h"
#include "../guard/guard.h"
#include "../guard/internal.h"
#include "../guard/mark.h"
#include "../real.h"
#include "../segment/claim.h"
#include "../span/context.h"

#define PARCELS 256

struct parcel {
	_Atomic uint32_t taken;
	uint32_t parent_tid;
	uint32_t mark;
	size_t stack_bytes; /* 0: unknown */
	void *(*start)(void *);
	void *argument;
	char name[LOGTAP_SLOT_NAME_BYTES];
	struct logtap_place place;
};
static LOGTAP_BSS("4") struct parcel parcels[PARCELS];
static _Atomic uint32_t parcel_hint;

static struct parcel *take_parcel(void)
{
	uint32_t hint = atomic_fetch_add_explicit(&parcel_hint, 1,
						  memory_order_relaxed);

	for (uint32_t i = 0; i < PARCELS; i++) {
		struct parcel *parcel = &parcels[(hint + i) % PARCELS];
		if (!atomic_exchange_explicit(&parcel->taken, 1,
					      memory_order_acquire))
			return parcel;
	}
	return logtap_sealed() ? NULL : logtap_memory_new(sizeof *parcels);
}

static void release(struct parcel *parcel)
{
	uintptr_t at = (uintptr_t)parcel - (uintptr_t)parcels;

	if (at < sizeof parcels)
		atomic_store_explicit(&parcel->taken, 0, memory_order_release);
	else
		logtap_memory_free(parcel, sizeof *parcel);
}

void logtap_pthread_stack(struct logtap_tls *tls, uintptr_t high)
{
	tls->stack_high = high;
	tls->stack_low =
		high > LOGTAP_STACK_BYTES ? high - LOGTAP_STACK_BYTES : 1;
}

/* As pthread_create(3) will find it.  0: unknown. */
static size_t stack_bytes_of(const pthread_attr_t *attributes)
{
	static const pthread_attr_t defaults;
	size_t bytes = 0;

	if (!logtap_real.pthread_attr_getstacksize ||
	    logtap_real.pthread_attr_getstacksize(
		    attributes ? attributes : &defaults, &bytes) != 0)
		return 0;
	return bytes;
}

/* The frames of a thread lie between where it begins and the lower end of its
 * stack.  That ends @bytes below its top, where libc keeps the thread's block:
 * on x86-64 that is what the thread pointer shows, elsewhere nothing says how
 * far below the top we are. */
static void find_frames(struct logtap_tls *tls, uintptr_t begin, size_t bytes)
{
	uintptr_t low = begin - bytes / 2;

#if defined(__x86_64__)
	uintptr_t self;

	__asm__("mov %%fs:0x10, %0" : "=r"(self));
	if (self > begin && self - begin < bytes)
		low = self - bytes + 4 * LOGTAP_PAGE_BYTES;
#endif
	if (bytes < 16 * LOGTAP_PAGE_BYTES || low >= begin)
		return;
	tls->frames_low = low;
	tls->frames_high = begin;
}

static void *enter_thread(void *argument)
{
	struct parcel *parcel = argument;
	struct logtap_tls *tls = &logtap_tls;
	void *(*start)(void *) = parcel->start;
	size_t stack_bytes = parcel->stack_bytes;

	argument = parcel->argument;
	tls->parent_tid = parcel->parent_tid;
	logtap_mark_set(tls, parcel->mark);
	tls->start_routine = (uintptr_t)start;
	__builtin_memcpy(tls->name, parcel->name, sizeof tls->name);
	/* libc's own frames and the thread's block lie above. */
	logtap_pthread_stack(tls, LOGTAP_STACK_POINTER() + LOGTAP_PAGE_BYTES);
	logtap_context_look();
	logtap_internal_begin(tls);
	/* The return address belongs to it. */
	find_frames(tls, LOGTAP_STACK_POINTER() + 2 * sizeof(void *),
		    stack_bytes);
	logtap_claim_birth_at(tls, &parcel->place);
	release(parcel);
	return start(argument);
}

int logtap_on_pthread_create(pthread_t *thread,
			     const pthread_attr_t *attributes,
			     void *(*start)(void *), void *argument)
{
	struct logtap_tls *tls = &logtap_tls;
	struct parcel *parcel = take_parcel();
	int error;

	if (!parcel)
		return logtap_real.pthread_create(thread, attributes, start,
						  argument);
	logtap_context_meet(tls); /* a publisher may have come since */
	parcel->parent_tid = tls->tid;
	/* Whatever way this one was marked. */
	parcel->mark = (tls->mark & LOGTAP_MARK_INTERNAL) != 0;
	parcel->stack_bytes = stack_bytes_of(attributes);
	parcel->start = start;
	parcel->argument = argument;
	__builtin_memcpy(parcel->name, tls->name, sizeof parcel->name);
	parcel->place = logtap_claim_place();
	error = logtap_real.pthread_create(thread, attributes, enter_thread,
					   parcel);
	if (error) {
		logtap_claim_leave(&parcel->place);
		release(parcel);
	}
	return error;
}
