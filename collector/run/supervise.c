/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a session: the program, its signals, its collector, its end.
 * Main thread; the only one there is. */
#include "supervisor.h"

#include "deep.h"
#include "directory.h"
#include "limits.h"
#include "output.h"
#include "variables.h"

#include "../base/error.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long long logtap_supervisor_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- signals and children ------------------------------------------- */

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

static void wait_for_program(struct logtap_supervisor *supervisor)
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
}

/* ---- the whole -------------------------------------------------------- */

static int exit_status(const struct logtap_supervisor *supervisor)
{
	enum { SIGNALLED = 128 };
	const siginfo_t *info = &supervisor->exit;
	if (info->si_code == CLD_EXITED)
		return info->si_status;
	logtap_signals_die(info->si_status);
	return SIGNALLED + info->si_status;
}

/* Captured through a pipe, or not at all.  Return: as the collector's. */
static enum logtap_readiness start_relay(struct logtap_supervisor *supervisor)
{
	const struct logtap_session *session = supervisor->session;
	struct logtap_variables environment;
	int error = 0;
	if (session->relay) {
		error = logtap_variables_init(&environment, session->relay);
		if (!error)
			error = logtap_relay_name(&environment,
						  supervisor->child.pid,
						  session->executable);
		if (!error)
			error = logtap_relay_start(&supervisor->relay,
						   environment.items);
		logtap_variables_deinit(&environment);
	}
	if (!error)
		return LOGTAP_READY;
	return logtap_supervisor_unready(supervisor, "starting the relay",
					 strerror(-error), -error);
}

static void drop_empty_output(const struct logtap_supervisor *supervisor)
{
	if (supervisor->default_output)
		logtap_output_drop_empty(supervisor->output,
					 supervisor->elsewhere);
}

static int supervise(struct logtap_supervisor *supervisor)
{
	enum logtap_readiness readiness = logtap_dialogue_begin(supervisor);
	if (readiness == LOGTAP_READY)
		readiness = start_relay(supervisor);
	supervisor->attended = readiness == LOGTAP_READY;
	if (readiness != LOGTAP_READY) {
		logtap_dialogue_drop(supervisor);
		drop_empty_output(supervisor);
	}
	if (readiness == LOGTAP_READY_FAILED) {
		logtap_child_abandon(&supervisor->child);
		return LOGTAP_EXIT_SETUP;
	}
	logtap_meter_start(&supervisor->meter,
			   supervisor->session->sidecar.out);
	logtap_child_release(&supervisor->child,
			     readiness == LOGTAP_READY
				     ? LOGTAP_CHILD_CAPTURED
				     : LOGTAP_CHILD_UNCAPTURED);
	wait_for_program(supervisor);

	int error = logtap_child_exec_error(&supervisor->child);
	supervisor->executed = !error;
	logtap_relay_end(&supervisor->relay);
	if (readiness == LOGTAP_READY)
		logtap_dialogue_end(supervisor, !error);
	if (!error)
		return 0;
	drop_empty_output(supervisor);
	return logtap_child_complain(supervisor->session->image.argv[0], error);
}

/* Return: 0, or -errno with what failed at @what. */
static int set_up(struct logtap_supervisor *supervisor,
		  struct logtap_child_image *image, const char **what)
{
	const struct logtap_session *session = supervisor->session;
	int error = 0;
	*what = "pipe";
	logtap_relay_init(&supervisor->relay);
	if (session->relay)
		error = logtap_relay_open(&supervisor->relay,
					  session->relay_out, image->log);
	if (error)
		return error;
	image->error_fd = supervisor->relay.streams[LOGTAP_RELAY_ERROR].input;
	image->output_fd = supervisor->relay.streams[LOGTAP_RELAY_OUTPUT].input;
	logtap_signals_take(&supervisor->signals);
	*what = "fork";
	error = logtap_child_fork(&supervisor->child, image,
				  &supervisor->signals);
	if (!error) {
		*what = "signalfd";
		error = logtap_signals_open(&supervisor->signals);
		if (error)
			logtap_child_abandon(&supervisor->child);
	}
	if (error) {
		logtap_signals_restore(&supervisor->signals);
		logtap_relay_end(&supervisor->relay);
	}
	return error;
}

/* With --fail-on-loop: no success that nobody can vouch for. */
static int judge(const struct logtap_supervisor *supervisor)
{
	if (supervisor->looped)
		return LOGTAP_EXIT_LOOP;
	int status = exit_status(supervisor);
	if (status || !supervisor->untold)
		return status;
	logtap_error_print("run --fail-on-loop", NULL,
			   "whether there was feedback is not known", NULL);
	return LOGTAP_EXIT_SETUP;
}

int logtap_session_supervise(const struct logtap_session *session, char *why,
			     size_t why_bytes)
{
	struct logtap_child_image image = session->image;
	char log[PATH_MAX], limits[128];
	const char *what;
	struct logtap_supervisor supervisor = {
		.session = session,
		.sidecar = {.pid = -1, .fd = -1},
	};

	snprintf(log, sizeof(log), "%s/" LOGTAP_DEEP_SOCKET,
		 session->sidecar.directory);
	image.log = session->relay_log ? log : NULL;
	int error = set_up(&supervisor, &image, &what);
	if (error) {
		logtap_limits_blame(-error, limits, sizeof(limits));
		snprintf(why, why_bytes, "run: %s: %s%s", what,
			 strerror(-error), limits);
		logtap_directory_remove(session->sidecar.directory);
		return LOGTAP_SESSION_UNSTARTED;
	}
	int status = supervise(&supervisor);
	logtap_sidecar_close(&supervisor.sidecar);
	logtap_signals_close(&supervisor.signals);
	if (status)
		return status;
	return session->fail_on_loop ? judge(&supervisor)
				     : exit_status(&supervisor);
}
