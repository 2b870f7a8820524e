/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that end a collector: see collector.h.  Main thread, but for the
 * handler. */
#include "collector.h"

#include "../../base/clock.h"
#include "../../base/log.h"
#include "../command.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long a session's collector waits for processes that live on when it was
 * told to stop; they were, too, as a rule. */
#define LEAVE_AFTER_NS 10000000000ull

/* Who stops a process and its whole group, as timeout(1) does, or a terminal and
 * a supervisor behind it, means it once. */
#define SAME_NS 1000000000ull

/* Written by the handler, which must find it without an argument. */
static int signal_fd = -1;
static volatile sig_atomic_t signals;
/* So many are heard; the next one ends the process at once. */
static volatile sig_atomic_t patience = 1;
static volatile sig_atomic_t awaiting_finish;

/* The last one that was heard. */
static _Atomic uint64_t heard_ns;

static void end_at_once(void)
{
	static const char text[] =
		"logtap: collect: ended at once by one more signal; what was "
		"not delivered is left to the next collector there\n";
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(LOGTAP_EXIT_BAD);
	_exit(LOGTAP_EXIT_BAD);
}

static void on_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	uint64_t one = 1, now_ns = logtap_clock_monotonic_ns();
	if (!awaiting_finish && signals >= patience) {
		if (now_ns >= heard_ns + SAME_NS)
			end_at_once();
	} else if (write(signal_fd, &one, sizeof(one)) < 0) {
		end_at_once();
	} else {
		heard_ns = now_ns; /* first: another thread may hear the next */
		signals += !awaiting_finish;
	}
	errno = saved_errno;
}

void logtap_collector_signals_await_finish(bool wait)
{
	patience = 2;
	awaiting_finish = wait;
}

void logtap_collector_signals_look(struct logtap_collector *collector)
{
	int heard = signals;
	if (awaiting_finish) {
		logtap_log(LOGTAP_LOG_INFO, "collect",
			   "ignores a signal: the session ends with its "
			   "program");
	} else if (heard >= patience) {
		collector->terminate = true;
	} else if (heard && !collector->leave_ns) {
		collector->leave_ns =
			logtap_clock_monotonic_ns() + LEAVE_AFTER_NS;
		logtap_log(LOGTAP_LOG_INFO, "collect",
			   "ends with the last process, or in %llu s",
			   LEAVE_AFTER_NS / 1000000000);
	}
}

/* The terminal has gone: an end like the others, unless nohup(1) or the like
 * has it go on. */
static void take_hangup(const struct sigaction *action)
{
	struct sigaction before;
	if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, action, NULL);
}

int logtap_collector_signals_take(struct logtap_collector *collector)
{
	struct sigaction action = {.sa_handler = on_signal};
	collector->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (collector->signal_fd < 0)
		return -errno;
	signal_fd = collector->signal_fd;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	take_hangup(&action);
	/* A write that fails says so by itself. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
	return 0;
}
