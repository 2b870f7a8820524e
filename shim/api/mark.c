/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, the dispatch guard and internal threads: see logtap/logtap.h. */
#include "../guard/mark.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../guard/guard.h"
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
		tls->mark++;
	else if (!on && (tls->mark & LOGTAP_MARK_COUNT))
		tls->mark--;
}

int(logtap_guard_enter_at)(const void *frame)
{
	struct logtap_tls *tls = &logtap_tls;

	if (logtap_mark_is_dispatching(tls, (uintptr_t)frame))
		return 0;
	tls->dispatch_frame = (uintptr_t)frame;
	tls->mark |= LOGTAP_MARK_DISPATCH;
	return 1;
}

void(logtap_guard_leave_at)(const void *frame)
{
	(void)frame;
	logtap_tls.mark &= ~(uint32_t)LOGTAP_MARK_DISPATCH;
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
	(logtap_thread_mark_internal)(1);
	logtap_bytes_string(tls->name, sizeof tls->name, internal.name);
	logtap_sys2(SYS_prctl, PR_SET_NAME, (long)internal.name);
	(logtap_sink_push)((logtap_sink_raw)());
	return internal.function(internal.argument);
}

int(logtap_spawn_internal)(const char *name, void *(*function)(void *),
			   void *argument, void *thread)
{
	struct internal *internal = logtap_memory_new(sizeof *internal);
	uint32_t mark = logtap_tls.mark;
	int error;

	if (!internal)
		return EAGAIN;
	logtap_bytes_string(internal->name, sizeof internal->name, name);
	internal->function = function;
	internal->argument = argument;
	/* The child inherits the mark, so that it never had none. */
	logtap_tls.mark++;
	error = logtap_on_pthread_create(thread, NULL, run_internal, internal);
	logtap_tls.mark = mark;
	if (error)
		logtap_memory_free(internal, sizeof *internal);
	return error;
}
