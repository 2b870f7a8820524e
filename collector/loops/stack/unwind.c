/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unwinding: see the header.  The pipeline's thread.
 *
 * A process that is kept in mind has a session of libdw, which is made anew
 * when the process has loaded more.
 */
#include "stack.h"

#include "../../base/clock.h"
#include "../../intake/liveness.h"
#include "access.h"
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PROCESSES = 8 };
/* The maps of a process are read again no sooner. */
#define REFRESH_NS UINT64_C(500000000)
/* A quarter of the time may be spent; what is not spent is kept up to this:
 * the first stack of a program takes long. */
#define CREDIT_NS UINT64_C(2000000000)
/* Python's functions are read at most so often on the average; the records of a
 * batch, which come at once, are not to be told by the first one only. */
#define PYTHON_NS UINT64_C(100000000)
enum { PYTHON_AT_ONCE = 4 };

struct logtap_unwinder {
	struct logtap_stack_session sessions[PROCESSES];
	struct logtap_stack_trace trace;
	char names[LOGTAP_FRAMES_MOST]
		  [LOGTAP_FUNCTION_BYTES]; /* of its frames */
	struct logtap_python_trace python;
	bool read_python;
	uint64_t python_ns[2]; /* paid for until then: for records; else */
	struct logtap_unwinder_stats stats;
	uint64_t uses;
	uint64_t looked_ns; /* when the credit was last added to */
	uint64_t credit_ns;
};

struct logtap_unwinder *logtap_unwinder_new(void)
{
	struct logtap_unwinder *unwinder;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return NULL;
	unwinder = calloc(1, sizeof(*unwinder));
	if (!unwinder)
		return NULL;
	unwinder->looked_ns = logtap_clock_monotonic_ns();
	unwinder->credit_ns = CREDIT_NS;
	return unwinder;
}

static void end_session(struct logtap_stack_session *session)
{
	logtap_stack_end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	logtap_modules_deinit(&session->told);
	*session = (struct logtap_stack_session){0};
}

void logtap_unwinder_free(struct logtap_unwinder *unwinder)
{
	if (!unwinder)
		return;
	for (size_t i = 0; i < PROCESSES; i++)
		end_session(&unwinder->sessions[i]);
	free(unwinder);
}

void logtap_unwinder_read_python(struct logtap_unwinder *unwinder)
{
	unwinder->read_python = true;
}

void logtap_unwinder_stats(const struct logtap_unwinder *unwinder,
			   struct logtap_unwinder_stats *out)
{
	*out = unwinder->stats;
}

/* The one of @process, or the one that was used longest ago. */
static struct logtap_stack_session *session_of(
	struct logtap_unwinder *unwinder, const struct logtap_process *process)
{
	struct logtap_stack_session *oldest = &unwinder->sessions[0];

	for (size_t i = 0; i < PROCESSES; i++) {
		struct logtap_stack_session *session = &unwinder->sessions[i];
		if (session->process == process) {
			session->used = ++unwinder->uses;
			return session;
		}
		if (session->used < oldest->used)
			oldest = session;
	}
	end_session(oldest);
	oldest->process = process;
	oldest->distrust = &unwinder->stats.distrust;
	oldest->used = ++unwinder->uses;
	return oldest;
}

void logtap_unwinder_forget(struct logtap_unwinder *unwinder,
			    const struct logtap_process *process)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (unwinder->sessions[i].process == process)
			end_session(&unwinder->sessions[i]);
}

void logtap_unwinder_objects(struct logtap_unwinder *unwinder,
			     const struct logtap_process *process,
			     const struct logtap_evidence_view *view)
{
	struct logtap_stack_session *session = session_of(unwinder, process);

	logtap_modules_told(&session->told, view->head, view->head_bytes);
}

/* Is the place that took the stack in our library, as it must be? */
static bool fits(const struct logtap_stack_session *session)
{
	const struct logtap_stack_view *view = session->view;
	const struct logtap_module *module = logtap_modules_find(
		&session->modules, view->values[view->registers - 1]);

	return module && !strncmp(logtap_module_name(module), "liblogtap", 9);
}

static bool read_maps(struct logtap_stack_session *session)
{
	const struct logtap_process *process = session->process;
	uint64_t now_ns = logtap_clock_monotonic_ns();
	struct logtap_modules modules = {0};

	if (session->read_ns && now_ns - session->read_ns < REFRESH_NS)
		return false;
	session->read_ns = now_ns;
	session->unread = NULL;
	if (logtap_process_liveness(process->pid, process->start_ticks) !=
	    LOGTAP_ALIVE)
		return false;
	if (!logtap_modules_read(&modules, process->pid)) {
		if (errno == EACCES || errno == EPERM)
			session->unread = logtap_access_denied(process->pid,
							       false, errno);
		logtap_modules_deinit(&modules);
		return false;
	}
	logtap_stack_end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	session->modules = modules;
	return true;
}

/* What is loaded where: of the living by the kernel, of the dead by
 * themselves. */
static bool find_modules(struct logtap_stack_session *session)
{
	if (fits(session) || (read_maps(session) && fits(session)))
		return true;
	if (!session->told.count)
		return false;
	logtap_stack_end_dwfl(session);
	logtap_modules_deinit(&session->modules);
	session->modules = session->told;
	session->told = (struct logtap_modules){0};
	return fits(session);
}

/* Was there a caller whose module is not known? */
static bool leads_outside(const struct logtap_stack_session *session)
{
	return session->count &&
	       !logtap_modules_find(&session->modules,
				    session->places[session->count - 1]);
}

static void read_python(struct logtap_unwinder *unwinder,
			struct logtap_stack_session *session)
{
	struct logtap_stack_trace *trace = &unwinder->trace;
	uint64_t now_ns = logtap_clock_monotonic_ns();

	trace->python = NULL;
	/* what is sent says less, and more often */
	uint64_t *paid_ns = &unwinder->python_ns[session->view->reason ==
						 LOGTAP_STACK_FOR_EVIDENCE];
	if (*paid_ns < now_ns)
		*paid_ns = now_ns;
	if (!unwinder->read_python ||
	    *paid_ns - now_ns > (PYTHON_AT_ONCE - 1) * PYTHON_NS)
		return;
	logtap_stack_python(session, &unwinder->python);
	if (unwinder->python.status != LOGTAP_PYTHON_NONE)
		*paid_ns += PYTHON_NS;
	trace->python = &unwinder->python;
}

static const struct logtap_stack_trace *unwind(
	struct logtap_unwinder *unwinder, struct logtap_stack_session *session)
{
	struct logtap_stack_trace *trace = &unwinder->trace;

	if (!find_modules(session)) {
		unwinder->stats.unknown++;
		if (!session->unread)
			return NULL;
		*trace = (struct logtap_stack_trace){.unread = session->unread};
		return trace;
	}
	trace->unread = NULL;
	int result = logtap_stack_collect(session);
	if (leads_outside(session) && read_maps(session))
		result = logtap_stack_collect(session);
	if (session->dwfl)
		read_python(unwinder, session);
	if (session->dwfl)
		logtap_stack_name(session, unwinder->names, trace);
	if (!session->dwfl || !trace->count) {
		unwinder->stats.unknown++;
		return NULL;
	}
	trace->whole = result == 0;
	unwinder->stats.unwound++;
	return trace;
}

static bool has_time(struct logtap_unwinder *unwinder, uint64_t now_ns)
{
	unwinder->credit_ns += (now_ns - unwinder->looked_ns) / 4;
	unwinder->looked_ns = now_ns;
	if (unwinder->credit_ns > CREDIT_NS)
		unwinder->credit_ns = CREDIT_NS;
	return unwinder->credit_ns > 0;
}

const struct logtap_stack_trace *logtap_unwind(
	struct logtap_unwinder *unwinder, const struct logtap_process *process,
	const struct logtap_stack_view *view)
{
	uint64_t begin_ns = logtap_clock_monotonic_ns();

	if (!has_time(unwinder, begin_ns)) {
		unwinder->stats.skipped++;
		return NULL;
	}
	struct logtap_stack_session *session = session_of(unwinder, process);
	session->view = view;
	const struct logtap_stack_trace *trace = unwind(unwinder, session);
	session->view = NULL;
	uint64_t spent_ns = logtap_clock_monotonic_ns() - begin_ns;
	unwinder->credit_ns -=
		spent_ns < unwinder->credit_ns ? spent_ns : unwinder->credit_ns;
	return trace;
}
