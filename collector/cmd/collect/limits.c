/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a session did not capture, so far as it can be known: told in records,
 * and counted for the summary.  Main thread. */
#include "../../intake/clock.h"
#include "../../run/summary.h"
#include "../../shape/source.h"
#include "collector.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A record of the program itself, which may have no segment. */
__attribute__((format(printf, 3, 4))) static void tell(
	struct logtap_collector *collector, const char *kind,
	const char *format, ...)
{
	struct logtap_process process = {.pid = collector->child.pid,
					 .uid = getuid()};
	const char *executable = collector->child.executable;
	const char *slash = strrchr(executable, '/');
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	int bytes = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(process.executable, sizeof(process.executable), "%s",
		 executable);
	snprintf(process.comm, sizeof(process.comm), "%.15s",
		 slash ? slash + 1 : executable);
	uint64_t now_ns = logtap_now_realtime_ns();
	struct logtap_shaper_note note = {
		.kind = kind,
		.text = text,
		.bytes = (size_t)bytes,
		.time_ns = now_ns,
		.position = logtap_journal_end(collector->journal),
	};
	logtap_shaper_note(collector->shaper, &process, &note, now_ns);
	logtap_shaper_process_end(collector->shaper, &process);
}

/* Bytes on the session's stderr that no hook saw: known when all have ended,
 * nothing was dropped, and nobody but the programs wrote there; nor libc, for
 * LOG_PERROR. */
static uint64_t unseen(struct logtap_collector *collector)
{
	uint64_t bytes = collector->child.error_bytes;
	json_t *summary = logtap_collector_summary(collector);
	uint64_t seen = (uint64_t)json_integer_value(
				json_object_get(summary, "session_bytes")) +
			(uint64_t)json_integer_value(
				json_object_get(summary, "uncaptured_bytes"));
	struct logtap_shaper_stats shaped;
	logtap_shaper_stats(collector->shaper, &shaped);
	bool exact = summary && !logtap_summary_dropped(summary) &&
		     !json_integer_value(
			     json_object_get(summary, "unknown_chunks")) &&
		     !shaped.on_stderr;
	json_decref(summary);
	return exact && bytes > seen ? bytes - seen : 0;
}

/* Has the program itself been captured, ever? */
static bool child_is_known(struct logtap_collector *collector)
{
	struct logtap_account_snapshot snapshot;
	bool known = false;
	if (logtap_accounting_snapshot(collector->accounting, &snapshot))
		return true;
	for (size_t i = 0; i < snapshot.row_count; i++)
		known |= snapshot.rows[i].pid == collector->child.pid;
	/* More processes than there are rows for: it may be one of them. */
	known |= snapshot.processes > snapshot.row_count;
	logtap_account_snapshot_deinit(&snapshot);
	return known;
}

void logtap_collector_limits(struct logtap_collector *collector)
{
	const struct logtap_collect_child *child = &collector->child;
	struct logtap_reader_limits limits;
	logtap_reader_limits(collector->reader, &limits);
	collector->strangers = limits.strangers;
	collector->incomplete = limits.incomplete;
	collector->programs = limits.programs;
	if (!child->pid || collector->options.resume)
		return;
	bool missed = !limits.strangers && !child_is_known(collector);
	collector->strangers += missed;
	if (child->metered && !collector->live_processes)
		collector->unseen_bytes = unseen(collector);
	if (collector->told_limits)
		return;
	collector->told_limits = true;
	if (missed)
		tell(collector, "process",
		     "this process was not captured: logtap doctor tells why");
	if (collector->unseen_bytes)
		tell(collector, "unseen",
		     "%" PRIu64 " bytes reached standard error by ways that "
		     "are not captured",
		     collector->unseen_bytes);
}
