/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Those who export: see model.h.  Under the lock. */
#include "model.h"

#include <string.h>

enum { KNOWN = 3, LOOK_BACK = 16, INTERVALS = 16 };
/* Clocks of two processes, one of them perhaps a coarse one. */
#define SLACK_NS (5 * LOGTAP_LOOPS_MS)
/* What a receiver of ours or an exporter logs, it logs by then. */
#define OWN_NS (250 * LOGTAP_LOOPS_MS)
#define HOST_NS (250 * LOGTAP_LOOPS_MS)
#define FIRST_NS (50 * LOGTAP_LOOPS_MS)
#define LEAST_NS (10 * LOGTAP_LOOPS_MS)

static struct logtap_loops_cause *make(struct logtap_loops *loops)
{
	struct logtap_loops_cause *cause = NULL;

	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		struct logtap_loops_cause *at = &loops->causes[i];
		/* a destination stays */
		if (at->id && !at->host)
			continue;
		if (!cause || !at->id ||
		    (cause->id && at->seen_ns < cause->seen_ns))
			cause = at;
		if (!at->id)
			break;
	}
	if (!cause)
		return NULL;
	memset(cause, 0, sizeof(*cause));
	cause->id = ++loops->next_cause;
	return cause;
}

struct logtap_loops_cause *logtap_loops_cause_own(struct logtap_loops *loops,
						  unsigned destination)
{
	struct logtap_loops_cause *cause;

	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		cause = &loops->causes[i];
		if (cause->id && !cause->host &&
		    cause->destination == destination)
			return cause;
	}
	cause = make(loops);
	if (cause)
		cause->destination = destination;
	return cause;
}

void logtap_loops_lineage(struct logtap_loops_lineage *lineage,
			  const struct logtap_thread *thread)
{
	lineage->parent_tid = thread->parent_tid;
	memcpy(lineage->library, thread->library, sizeof(lineage->library));
}

static bool is_of(const struct logtap_loops_cause *cause,
		  const struct logtap_process *process)
{
	return cause->id && cause->host && cause->pid == process->pid &&
	       cause->start_ticks == process->start_ticks;
}

/* The thread comes first among the senders. */
static void put_sender(struct logtap_loops_cause *cause,
		       const struct logtap_thread *thread)
{
	size_t i = 0;

	if (cause->senders[0].tid == thread->tid)
		return;
	while (i < LOGTAP_LOOPS_SENDERS - 1 &&
	       cause->senders[i].tid != thread->tid)
		i++;
	struct logtap_loops_sender sender = {.tid = thread->tid};
	if (cause->senders[i].tid == thread->tid)
		sender = cause->senders[i];
	memcpy(sender.name, thread->name, sizeof(sender.name));
	memmove(&cause->senders[1], &cause->senders[0],
		i * sizeof(cause->senders[0]));
	cause->senders[0] = sender;
	cause->tid = thread->tid;
	memcpy(cause->thread, thread->name, sizeof(cause->thread));
	logtap_loops_lineage(&cause->lineage, thread);
}

static struct logtap_loops_cause *find_host(struct logtap_loops *loops,
					    const struct logtap_thread *thread,
					    int32_t fd)
{
	struct logtap_loops_cause *found = NULL;

	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++) {
		struct logtap_loops_cause *cause = &loops->causes[i];
		if (!is_of(cause, thread->process))
			continue;
		if (fd >= 0 && cause->fd == fd)
			return cause;
		if (cause->tid == thread->tid)
			found = cause;
	}
	return found;
}

struct logtap_loops_cause *logtap_loops_cause_host(
	struct logtap_loops *loops, const struct logtap_thread *thread,
	int32_t fd)
{
	const struct logtap_process *process = thread->process;
	struct logtap_loops_cause *cause = find_host(loops, thread, fd);

	if (!cause) {
		cause = make(loops);
		if (!cause)
			return NULL;
		cause->host = true;
		cause->pid = process->pid;
		cause->start_ticks = process->start_ticks;
	}
	cause->fd = fd;
	put_sender(cause, thread);
	return cause;
}

void logtap_loops_forget_fd(struct logtap_loops *loops,
			    const struct logtap_thread *thread, int32_t fd)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_CAUSES; i++)
		if (is_of(&loops->causes[i], thread->process) &&
		    loops->causes[i].fd == fd)
			loops->causes[i].fd = -1;
}

bool logtap_loops_sends(const struct logtap_loops_cause *cause, uint32_t tid)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_SENDERS; i++)
		if (tid && cause->senders[i].tid == tid)
			return true;
	return false;
}

bool logtap_loops_is_alone(const struct logtap_loops_cause *cause)
{
	return !cause->senders[1].tid;
}

void logtap_loops_hold(const struct logtap_loops *loops,
		       const struct logtap_loops_cause *cause, uint64_t ns)
{
	for (size_t i = 0; i < LOGTAP_LOOPS_SENDERS; i++)
		if (cause->senders[i].tid)
			loops->options.hold_host(loops->options.context,
						 cause->pid,
						 cause->senders[i].tid, ns);
}

struct logtap_loops_cause *logtap_loops_cause_of(struct logtap_loops *loops,
						 uint32_t id)
{
	for (size_t i = 0; id && i < LOGTAP_LOOPS_CAUSES; i++)
		if (loops->causes[i].id == id)
			return &loops->causes[i];
	return NULL;
}

struct logtap_loops_export *logtap_loops_export_begin(
	struct logtap_loops_cause *cause, uint64_t now_ns)
{
	struct logtap_loops_export *export =
		&cause->exports[cause->count++ % LOGTAP_LOOPS_EXPORTS];

	*export = (struct logtap_loops_export){.begin_ns = now_ns};
	cause->seen_ns = now_ns;
	cause->senders[0].exports++;
	return export;
}

/* How long after an export a record may be due to it.  No longer than a part
 * of the time between two, or all that happens would be. */
static uint64_t window_ns(const struct logtap_loops_cause *cause)
{
	uint64_t part_ns = logtap_loops_interval_ns(cause) / 4;
	uint64_t most_ns = cause->host ? HOST_NS : OWN_NS;

	if (cause->count < KNOWN)
		return FIRST_NS; /* the time between two is not known yet */
	if (part_ns > most_ns)
		return most_ns;
	return part_ns < LEAST_NS ? LEAST_NS : part_ns;
}

struct logtap_loops_export *logtap_loops_export_at(
	struct logtap_loops_cause *cause, uint64_t time_ns)
{
	uint64_t window = window_ns(cause);

	for (uint64_t i = 0; i < LOOK_BACK && i < cause->count; i++) {
		struct logtap_loops_export *export =
			&cause->exports[(cause->count - 1 - i) %
					LOGTAP_LOOPS_EXPORTS];
		if (export->begin_ns > time_ns + SLACK_NS)
			continue;
		return !export->end_ns || time_ns <= export->end_ns + window
			       ? export
			       : NULL;
	}
	return NULL;
}

uint64_t logtap_loops_interval_ns(const struct logtap_loops_cause *cause)
{
	uint64_t n = cause->count < INTERVALS ? cause->count : INTERVALS;

	if (n < 2)
		return 0;
	const struct logtap_loops_export *last =
		&cause->exports[(cause->count - 1) % LOGTAP_LOOPS_EXPORTS];
	const struct logtap_loops_export *first =
		&cause->exports[(cause->count - n) % LOGTAP_LOOPS_EXPORTS];
	return last->begin_ns > first->begin_ns
		       ? (last->begin_ns - first->begin_ns) / (n - 1)
		       : 0;
}

struct logtap_loops_batch *logtap_loops_batch_of(struct logtap_loops *loops,
						 uint64_t serial)
{
	for (size_t i = 0; serial && i < LOGTAP_LOOPS_BATCHES; i++)
		if (loops->batches[i].serial == serial)
			return &loops->batches[i];
	return NULL;
}

bool logtap_loops_is_busy(const struct logtap_loops_cause *cause)
{
	uint64_t interval_ns = logtap_loops_interval_ns(cause);

	return interval_ns && interval_ns < 2 * LEAST_NS;
}

bool logtap_loops_tells(const struct logtap_loops_cause *cause,
			const char *text)
{
	static const char *const words[] = {"/v1/logs", "export", "otlp",
					    ":4318", ":4317"};
	const char *port = strrchr(cause->endpoint, ':');

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(text, words[i]))
			return true;
	return port && port[1] && strstr(text, port);
}
