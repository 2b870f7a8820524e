/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a session: the program, its collector, its end.
 * Main thread; the only one there is. */
#include "supervisor.h"

#include "deep.h"
#include "directory.h"
#include "limits.h"
#include "output.h"
#include "variables.h"

#include "../base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
	/* Now that the program need not wait for it.  That there are others is
	 * nothing for who reads what this program says. */
	logtap_remains_sweep(NULL, time(NULL),
			     !supervisor->session->quiet &&
				     isatty(STDERR_FILENO),
			     &supervisor->remains);
	logtap_supervisor_attend(supervisor);

	int error = logtap_child_exec_error(&supervisor->child);
	supervisor->executed = !error;
	logtap_relay_end(&supervisor->relay);
	if (readiness == LOGTAP_READY)
		logtap_dialogue_end(supervisor, !error);
	logtap_remains_tell(&supervisor->remains);
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
	int guard = logtap_remains_guard(session->sidecar.directory);
	int error = set_up(&supervisor, &image, &what);
	if (error) {
		logtap_limits_blame(-error, limits, sizeof(limits));
		snprintf(why, why_bytes, "run: %s: %s%s", what,
			 strerror(-error), limits);
		logtap_directory_remove(session->sidecar.directory);
		if (guard >= 0)
			close(guard);
		return LOGTAP_SESSION_UNSTARTED;
	}
	int status = supervise(&supervisor);
	if (guard >= 0)
		close(guard);
	logtap_sidecar_close(&supervisor.sidecar);
	logtap_signals_close(&supervisor.signals);
	if (status)
		return status;
	return session->fail_on_loop ? judge(&supervisor)
				     : exit_status(&supervisor);
}
