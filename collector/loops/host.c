/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of hosts: threads that export, and what they send.  Under the lock.
 *
 * A request is told by how it begins where that can be read, else by the pause
 * before it.
 */
#include "http2.h"
#include "model.h"
#include "stack/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Between the parts of one request there is less. */
#define PAUSE_NS (2 * LOGTAP_LOOPS_MS)

static bool begins(const struct logtap_evidence_view *view, const char *text)
{
	size_t bytes = strlen(text);

	return view->head_bytes >= bytes && !memcmp(view->head, text, bytes);
}

static bool has(const unsigned char *data, size_t bytes, const char *text)
{
	return memmem(data, bytes, text, strlen(text)) != NULL;
}

/* The request's line and headers.  Sets what the cause is seen to send. */
static void read_head(struct logtap_loops_cause *cause,
		      const struct logtap_evidence_view *view)
{
	static const char *const names[] = {"\nContent-Encoding:",
					    "\ncontent-encoding:"};
	const unsigned char *end = memchr(view->head, '\r', view->head_bytes);
	size_t line = end ? (size_t)(end - view->head) : view->head_bytes;

	cause->other = !has(view->head, line, "/v1/logs") &&
		       !(view->flags & LOGTAP_EVIDENCE_CONFIGURED &&
			 !has(view->head, line, "/v1/"));
	cause->hidden = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cause->hidden |= has(view->head, view->head_bytes, names[i]);
}

/* The connection's first call has its headers in full; another thread may have
 * made that. */
static void read_call(struct logtap_loops_cause *cause,
		      const struct logtap_evidence_view *view,
		      const struct logtap_http2 *http2)
{
	cause->http2 = true;
	if (has(view->head, view->head_bytes, "Service/Export"))
		cause->other = !has(view->head, view->head_bytes,
				    "LogsService/Export");
	if (http2->message)
		cause->hidden = http2->compressed;
}

static bool is_idle(struct logtap_loops *loops,
		    struct logtap_loops_cause *cause, const char *comm,
		    uint64_t time_ns)
{
	struct logtap_loops_process *process = logtap_loops_process(
		loops, cause->pid, cause->start_ticks, comm, time_ns);
	bool idle = cause->count && process->own_records == cause->own_records;

	cause->own_records = process->own_records;
	return idle;
}

static struct logtap_loops_export *begin(struct logtap_loops *loops,
					 struct logtap_loops_cause *cause,
					 const char *comm, uint64_t time_ns)
{
	bool idle = is_idle(loops, cause, comm, time_ns);
	struct logtap_loops_export *export =
		logtap_loops_export_begin(cause, time_ns);

	export->idle = idle;
	cause->idle_streak = idle ? cause->idle_streak + 1 : 0;
	if (cause->idle_streak == 1)
		cause->idle_since_ns = time_ns;
	logtap_loops_effect_before(loops, cause, export);
	logtap_loops_slow_after(loops, cause, time_ns);
	return export;
}

static struct logtap_loops_export *last_of(struct logtap_loops_cause *cause)
{
	return cause->count ? &cause->exports[(cause->count - 1) %
					      LOGTAP_LOOPS_EXPORTS]
			    : NULL;
}

static void take_send(struct logtap_loops *loops,
		      struct logtap_loops_cause *cause,
		      const struct logtap_evidence_view *view, const char *comm,
		      uint64_t time_ns)
{
	struct logtap_loops_export *export = last_of(cause);
	bool request = begins(view, "POST ");
	struct logtap_http2 http2 =
		logtap_http2_look(view->head, view->head_bytes);

	if (http2.control)
		return; /* pings and the like */
	if (request) {
		read_head(cause, view);
		cause->http2 = false;
	} else if (http2.call) {
		read_call(cause, view, &http2);
		request = true;
	} else if (cause->http2) {
		; /* the rest of a long message */
	} else if (!view->head_bytes ||
		   (!cause->sends && !begins(view, "POST ")))
		cause->hidden = true;
	cause->sends++;
	if (cause->other)
		return;
	if (cause->connecting && export) {
		cause->connecting = false;
		export->failed = false;
		request = false;
	}
	/* what is readable says where a request begins */
	if (request || !export ||
	    (cause->hidden && !cause->http2 &&
	     time_ns > export->end_ns + PAUSE_NS))
		export = begin(loops, cause, comm, time_ns);
	export->end_ns = time_ns;
	export->failed |= view->result < 0;
	if (!cause->hidden)
		logtap_loops_look_for_returns(cause, export, view, time_ns);
}

static void take_connect(struct logtap_loops *loops,
			 struct logtap_loops_cause *cause,
			 const struct logtap_evidence_view *view,
			 const char *comm, uint64_t time_ns)
{
	char address[LOGTAP_EVIDENCE_ADDRESS_BYTES];

	logtap_evidence_address(view, address);
	snprintf(cause->endpoint, sizeof(cause->endpoint), "%s", address);
	if (view->result >= 0)
		return;
	/* the one before has never sent anything */
	cause->failures += cause->connecting;
	cause->connecting = view->result == -EINPROGRESS;
	cause->failures += !cause->connecting;
	struct logtap_loops_export *export = begin(loops, cause, comm, time_ns);
	export->end_ns = time_ns;
	export->failed = true; /* until it sends */
}

/* Calls inside of others, which went past the sinks. */
static void take_reentry(struct logtap_loops *loops,
			 const struct logtap_thread *thread,
			 const struct logtap_stack_trace *stack,
			 uint64_t time_ns)
{
	struct logtap_loops_loop *loop =
		logtap_loops_make(loops, UINT32_MAX, thread->process->pid,
				  thread->process->start_ticks, time_ns);

	if (!loop)
		return;
	if (!loop->class) {
		loop->class = LOGTAP_LOOPS_L1;
		loop->tid = thread->tid;
		memcpy(loop->thread, thread->name, sizeof(loop->thread));
		logtap_loops_lineage(&loop->lineage, thread);
		memcpy(loop->comm, thread->process->comm, sizeof(loop->comm));
		loop->began_ns = time_ns;
	}
	loop->last_ns = time_ns;
	loop->records++;
	logtap_loops_keep_stack(loop, stack);
	if (++loop->proof.reentries >= 3)
		logtap_loops_raise(loops, loop, LOGTAP_LOOPS_CONFIRMED,
				   time_ns);
}

void logtap_loops_take_evidence(struct logtap_loops *loops,
				const struct logtap_thread *thread,
				const struct logtap_chunk_view *chunk)
{
	struct logtap_evidence_view view;
	struct logtap_loops_cause *cause;

	if (logtap_evidence_read(chunk, &view))
		return;
	if (view.kind == LOGTAP_EVIDENCE_REENTRY) {
		if (view.depth > 1)
			take_reentry(loops, thread, chunk->stack,
				     chunk->time_ns);
		return;
	}
	if (view.kind == LOGTAP_EVIDENCE_CONNECT ||
	    view.kind == LOGTAP_EVIDENCE_CLOSE)
		logtap_loops_forget_fd(loops, thread, view.fd);
	if (view.kind != LOGTAP_EVIDENCE_CONNECT &&
	    view.kind != LOGTAP_EVIDENCE_SEND)
		return;
	cause = logtap_loops_cause_host(loops, thread, view.fd);
	if (!cause)
		return;
	if (view.kind == LOGTAP_EVIDENCE_CONNECT)
		take_connect(loops, cause, &view, thread->process->comm,
			     chunk->time_ns);
	else
		take_send(loops, cause, &view, thread->process->comm,
			  chunk->time_ns);
}
