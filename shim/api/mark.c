/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, the dispatch guard and internal threads: see logtap/logtap.h. */
#include "../guard/mark.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../guard/guard.h"
#include "../guard/internal.h"
#include "../real.h"
#include "../state.h"
#include "api.h"

#include <errno.h>

unsigned(logtap_api_version)(void)
{
	return LOGTAP_API_VERSION;
}

int(logtap_enabled)(void)
{
	const struct logtap_tls *tls = &logtap_tls;

	return logtap_armed() && !logtap_mark_refuses(&logtap_tls) &&
	       !logtap_guard_is_held(tls, LOGTAP_STACK_POINTER());
}

void(logtap_thread_mark_internal)(int on)
{
	struct logtap_tls *tls = &logtap_tls;

	if (on && (tls->mark & LOGTAP_MARK_COUNT) < LOGTAP_MARK_COUNT)
		__atomic_fetch_add(&tls->mark, 1, __ATOMIC_RELAXED);
	else if (!on && (tls->mark & LOGTAP_MARK_COUNT))
		__atomic_fetch_sub(&tls->mark, 1, __ATOMIC_RELAXED);
}

int(logtap_guard_enter_at)(const void *frame)
{
	struct logtap_tls *tls = &logtap_tls;

	if (logtap_mark_is_dispatching(tls, (uintptr_t)frame))
		return 0;
	tls->dispatch_frame = (uintptr_t)frame;
	logtap_mark_set(tls, LOGTAP_MARK_DISPATCH);
	return 1;
}

void(logtap_guard_leave_at)(const void *frame)
{
	(void)frame;
	logtap_mark_clear(&logtap_tls, LOGTAP_MARK_DISPATCH);
}

/* What an internal thread needs; in memory of its own, because the parent may
 * end before it runs. */
struct internal {
	char name[LOGTAP_SLOT_NAME_BYTES];
	void *(*function)(void *);
	void *argument;
};

static void *run_internal(void *argument)
{
	struct internal internal = *(struct internal *)argument;
	struct logtap_tls *tls = &logtap_tls;

	logtap_memory_free(argument, sizeof internal);
	if (!(tls->mark & LOGTAP_MARK_INTERNAL))
		(logtap_thread_mark_internal)(1);
	logtap_sys2(SYS_prctl, PR_SET_NAME, (long)internal.name);
	logtap_internal_rename(tls, internal.name);
	(logtap_sink_push)((logtap_sink_raw)());
	return internal.function(internal.argument);
}

int(logtap_spawn_internal)(const char *name, void *(*function)(void *),
			   void *argument, void *thread)
{
	struct internal *internal = logtap_memory_new(sizeof *internal);
	int error;

	if (!internal)
		return EAGAIN;
	logtap_bytes_string(internal->name, sizeof internal->name, name);
	internal->function = function;
	internal->argument = argument;
	/* The child inherits the mark, so that it never had none. */
	(logtap_thread_mark_internal)(1);
	error = logtap_on_pthread_create(thread, NULL, run_internal, internal);
	(logtap_thread_mark_internal)(0);
	if (error)
		logtap_memory_free(internal, sizeof *internal);
	return error;
}
