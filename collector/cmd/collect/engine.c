/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector at work: the loop, and when it is over.  Main thread. */
#include "../../base/clock.h"
#include "../../base/error.h"
#include "../../base/log.h"
#include "../../intake/clock.h"
#include "collector.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define MS_NS UINT64_C(1000000)
#define PIECE_BYTES (UINT64_C(1) << 20)
#define REST_NS (2000 * MS_NS)
#define DRAIN_BYTES ((size_t)8 << 20)
/* At the end: for processes that are just ending, too. */
#define GRACE_NS (100 * MS_NS)
/* How often lines and batches are looked at when nothing else happens. */
enum { TICK_MS = 200, BEHIND_MS = 20, LINGER_MS = 1000 };

static void drop_events(int fd)
{
	uint64_t ignored;
	if (read(fd, &ignored, sizeof(ignored)) < 0)
		return;
}

/* After a burst what was freed goes back to the system. */
static void rest(struct logtap_collector *collector)
{
	uint64_t now_ns = logtap_clock_monotonic_ns();
	uint64_t end = logtap_journal_end(collector->journal);
	if (end != collector->rested_end) {
		collector->rested_end = end;
		collector->rest_due_ns = now_ns + REST_NS;
	} else if (collector->rest_due_ns && now_ns >= collector->rest_due_ns) {
		collector->rest_due_ns = 0;
		malloc_trim(0);
	}
}

/* Waits for something to do, for @wait_ms at most, and does it. */
static int pump(struct logtap_collector *collector, int wait_ms,
		bool regardless)
{
	struct pollfd fds[3] = {
		{.fd = collector->wake_fd, .events = POLLIN},
		{.fd = collector->signal_fd, .events = POLLIN},
		{.fd = collector->session_fd, .events = POLLIN},
	};
	if (poll(fds, 3, wait_ms) > 0) {
		if (fds[0].revents)
			drop_events(collector->wake_fd);
		if (fds[1].revents) {
			drop_events(collector->signal_fd);
			logtap_collector_signals_look(collector);
		}
		if (fds[2].revents)
			logtap_session_receive(collector);
	}
	int result = logtap_pipeline_run(collector->pipeline, PIECE_BYTES,
					 regardless);
	if (result < 0)
		return result;
	logtap_pipeline_tick(collector->pipeline, false);
	if (collector->loops)
		logtap_loops_tick(collector->loops, logtap_now_realtime_ns());
	logtap_collector_status(collector, false);
	rest(collector);
	return result;
}

static int wait_for(const struct logtap_collector *collector, int last)
{
	if (last == LOGTAP_PIPELINE_MORE)
		return 0;
	return logtap_pipeline_done(collector->pipeline) ? TICK_MS : BEHIND_MS;
}

/* Reads all that there is and gives it to the destinations.  While they take it
 * no more than so much waits in memory; in the second half of the time it does,
 * whether they keep up or not, because the end is near. */
static int drain(struct logtap_collector *collector, uint64_t deadline_ns)
{
	uint64_t number = logtap_reader_drain(collector->reader, GRACE_NS);
	uint64_t half_ns = deadline_ns - collector->export_ns / 2;
	int result = 0;
	logtap_dispatcher_keep(collector->dispatcher);
	do {
		bool regardless = logtap_clock_monotonic_ns() >= half_ns ||
				  !logtap_dispatcher_holds(
					  collector->dispatcher, DRAIN_BYTES);
		result = pump(collector, result == LOGTAP_PIPELINE_MORE ? 0 : 5,
			      regardless);
		if (result < 0)
			return result;
	} while ((result == LOGTAP_PIPELINE_MORE ||
		  !logtap_reader_drained(collector->reader, number,
					 &collector->live_processes) ||
		  !logtap_pipeline_done(collector->pipeline)) &&
		 logtap_clock_monotonic_ns() < deadline_ns);
	logtap_pipeline_tick(collector->pipeline, true);
	return 0;
}

static int wait_until_settled(struct logtap_collector *collector,
			      uint64_t deadline_ns)
{
	while (logtap_dispatcher_floor(collector->dispatcher) != UINT64_MAX &&
	       !collector->terminate &&
	       logtap_clock_monotonic_ns() < deadline_ns) {
		int result = pump(collector, 10, true);
		if (result < 0)
			return result;
	}
	return 0;
}

static uint64_t deadline_of(const struct logtap_collector *collector)
{
	return logtap_clock_monotonic_ns() + collector->export_ns;
}

/* Whoever is still there. */
static int end(struct logtap_collector *collector, bool lingered)
{
	uint64_t deadline_ns = deadline_of(collector);
	logtap_collector_notify(collector, "STOPPING=1");
	int result = drain(collector, deadline_ns);
	logtap_collector_leave(collector, deadline_ns, lingered);
	return result;
}

/* Nobody was there a moment ago.  Who was just then between two mappings, or
 * between two images, is there now.  Return: LOGTAP_PIPELINE_MORE if somebody
 * is, else the end's result. */
static int end_if_nobody_is_left(struct logtap_collector *collector,
				 bool lingered)
{
	uint64_t deadline_ns = deadline_of(collector);
	int result = drain(collector, deadline_ns);
	if (!result && collector->live_processes)
		return LOGTAP_PIPELINE_MORE;
	logtap_collector_notify(collector, "STOPPING=1");
	logtap_collector_leave(collector, deadline_ns, lingered);
	return result;
}

/* The supervised program has ended.  Return: LOGTAP_PIPELINE_MORE when
 * processes live on, else the end's result. */
static int finish(struct logtap_collector *collector)
{
	uint64_t deadline_ns = deadline_of(collector);
	int result = drain(collector, deadline_ns);
	if (result < 0)
		return end(collector, false);
	if (!collector->live_processes) {
		result = end_if_nobody_is_left(collector, false);
		if (result != LOGTAP_PIPELINE_MORE)
			return result;
	}
	logtap_collector_limits(collector);
	logtap_pipeline_tick(collector->pipeline, true);
	result = wait_until_settled(collector, deadline_ns);
	logtap_session_summarize(collector);
	return result < 0 ? result : LOGTAP_PIPELINE_MORE;
}

static bool is_over(uint64_t until_ns)
{
	return until_ns && logtap_clock_monotonic_ns() >= until_ns;
}

/* Stays until no process is left that may write. */
static int linger(struct logtap_collector *collector)
{
	uint64_t look_ns = logtap_clock_monotonic_ns(), number = 0;
	int result = 0;
	while (!collector->terminate && !is_over(collector->leave_ns)) {
		if (number &&
		    logtap_reader_drained(collector->reader, number,
					  &collector->live_processes)) {
			if (!collector->live_processes) {
				result = end_if_nobody_is_left(collector, true);
				if (result != LOGTAP_PIPELINE_MORE)
					return result;
			}
			number = 0;
		}
		uint64_t now_ns = logtap_clock_monotonic_ns();
		if (!number && now_ns >= look_ns) {
			number = logtap_reader_drain(collector->reader, 0);
			look_ns = now_ns + LINGER_MS * MS_NS;
		}
		result = pump(collector, wait_for(collector, result), false);
		if (result < 0)
			return result;
	}
	return end(collector, true);
}

static int once(struct logtap_collector *collector)
{
	int result = end(collector, false);
	if (result || logtap_journal_acknowledged(collector->journal) ==
			      logtap_journal_end(collector->journal))
		return result;
	logtap_error_print("collect", collector->options.directory,
			   "not everything was delivered",
			   "the rest is still there, try again");
	return -EAGAIN;
}

int logtap_collector_work(struct logtap_collector *collector)
{
	int result = 0;
	while (!collector->terminate && !collector->finish) {
		result = pump(collector, wait_for(collector, result), false);
		if (result < 0) {
			logtap_log(LOGTAP_LOG_ERROR, "collect",
				   "cannot go on error=%s", strerror(-result));
			return result;
		}
	}
	if (collector->terminate && collector->options.once)
		return once(collector);
	if (collector->terminate)
		return end(collector, false);
	logtap_collector_signals_await_finish(false);
	result = finish(collector);
	return result == LOGTAP_PIPELINE_MORE ? linger(collector) : result;
}
