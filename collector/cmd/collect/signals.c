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

/* Written by the handler, which must find it without an argument. */
static int signal_fd = -1;
static volatile sig_atomic_t signals;
/* So many are heard; the next one ends the process at once. */
static volatile sig_atomic_t patience = 1;
static volatile sig_atomic_t awaiting_finish;

static void on_signal(int number)
{
	(void)number;
	int saved_errno = errno;
	uint64_t one = 1;
	if (!awaiting_finish && signals++ >= patience)
		_exit(LOGTAP_EXIT_BAD);
	if (write(signal_fd, &one, sizeof(one)) < 0)
		_exit(LOGTAP_EXIT_BAD);
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

int logtap_collector_signals_take(struct logtap_collector *collector)
{
	struct sigaction action = {.sa_handler = on_signal};
	collector->signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (collector->signal_fd < 0)
		return -errno;
	signal_fd = collector->signal_fd;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* A write that fails says so by itself. */
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigaction(SIGXFSZ, &action, NULL);
	return 0;
}
