/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What happens while a session lives: signals, and children that stop and end.
 * Main thread; the only one there is. */
#include "supervisor.h"

#include <poll.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long long logtap_supervisor_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A stop that came from the terminal is for the whole job.  One by SIGSTOP
 * reached us as well if it was for all; if the program alone got it, only a
 * terminal has a shell that waits to hear of it. */
static void mirror_stop(struct logtap_supervisor *supervisor, int number)
{
	if (number == SIGSTOP && tcgetpgrp(STDIN_FILENO) != getpgrp() &&
	    tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	logtap_signals_stop(&supervisor->signals, number);
}

static void child_changed(struct logtap_supervisor *supervisor, siginfo_t info)
{
	pid_t pid = supervisor->child.pid;
	if (info.si_code == CLD_STOPPED) {
		/* It may be on its way back already. */
		logtap_signals_barrier();
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info,
			   WSTOPPED | WEXITED | WNOHANG) ||
		    !info.si_pid)
			return;
		if (info.si_code == CLD_STOPPED) {
			mirror_stop(supervisor, info.si_status);
			return;
		}
	} else {
		waitid(P_PID, (id_t)pid, &info, WEXITED);
	}
	supervisor->exit = info;
	supervisor->ended = true;
}

static void reap(struct logtap_supervisor *supervisor)
{
	for (;;) {
		siginfo_t info = {0};
		if (waitid(P_ALL, 0, &info,
			   WEXITED | WSTOPPED | WNOHANG | WNOWAIT) ||
		    !info.si_pid)
			return;
		if (info.si_pid == supervisor->child.pid)
			child_changed(supervisor, info);
		else if (info.si_pid == supervisor->sidecar.pid)
			logtap_sidecar_reap(&supervisor->sidecar, true);
		else if (info.si_pid == supervisor->signals.witness.pid)
			logtap_witness_end(&supervisor->signals.witness);
		else /* as init of a container: somebody's orphan */
			waitid(P_PID, (id_t)info.si_pid, &info,
			       WEXITED | WSTOPPED | WNOHANG);
	}
}

/* The terminal has another size, or may have changed while we were stopped.
 * The program may have asked ours too early: it is told once more. */
static void resize(struct logtap_supervisor *supervisor, int number)
{
	if ((number == SIGWINCH || number == SIGCONT) &&
	    logtap_relay_resize(&supervisor->relay))
		kill(supervisor->child.pid, SIGWINCH);
}

static void handle_signals(struct logtap_supervisor *supervisor)
{
	bool forward;
	int number;
	while ((number = logtap_signals_next(&supervisor->signals, &forward))) {
		if (number == SIGCHLD) {
			reap(supervisor);
		} else if (!supervisor->ended) {
			resize(supervisor, number);
			if (forward)
				kill(supervisor->child.pid, number);
		} else if (number == SIGINT || number == SIGTERM ||
			   number == SIGHUP || number == SIGQUIT) {
			supervisor->hurried = true;
		}
	}
}

bool logtap_supervisor_wait(struct logtap_supervisor *supervisor,
			    long long deadline_ms)
{
	struct pollfd fds[] = {
		{.fd = supervisor->signals.fd, .events = POLLIN},
		{.fd = supervisor->sidecar.fd, .events = POLLIN},
	};
	long long left = deadline_ms - logtap_supervisor_now_ms();
	if (left <= 0)
		return false;
	poll(fds, 2, (int)left);
	if (fds[0].revents)
		handle_signals(supervisor);
	return true;
}

void logtap_supervisor_attend(struct logtap_supervisor *supervisor)
{
	/* It may have ended before the descriptor was there. */
	reap(supervisor);
	while (!supervisor->ended) {
		struct pollfd fds[] = {
			{.fd = supervisor->signals.fd, .events = POLLIN},
			{.fd = supervisor->sidecar.fd, .events = POLLIN},
		};
		poll(fds, supervisor->attended ? 2 : 1,
		     logtap_restart_wait_ms(supervisor));
		handle_signals(supervisor);
		logtap_restart_watch(supervisor);
	}
	/* What has come by now came before the end was known, or brought it
	 * about, as ^C does: it does not ask us to hurry. */
	logtap_signals_barrier();
	handle_signals(supervisor);
	supervisor->hurried = false;
}
