/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The dialogue with the sidecar: see sidecar.h for what is said.  Main thread. */
#include "supervisor.h"

#include "directory.h"
#include "limits.h"
#include "output.h"
#include "sidecar_log.h"
#include "summary.h"

#include "../base/error.h"
#include "../export/otlp_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	READY_MS = 10000,	/* opening files takes no longer */
	FINISH_MORE_MS = 10000, /* on top of what exporters are given */
	REMOVE_MS = 5000,	/* to remove its files after the summary */
};

/* Did the command line name where records shall go, or what shall show them?
 * The environment, or nobody, does not keep a program from running. */
static bool was_asked_for(const struct logtap_sidecar_options *options)
{
	const struct logtap_option_list *otlp = options->otlp;
	return options->output || options->admin_token ||
	       options->otlp_metrics || (otlp->count && *otlp->items[0]) ||
	       (options->admin && *options->admin);
}

static const char *what_next(const struct logtap_session *session)
{
	return session->fail_on_loop ? "the program is not started: "
				       "--fail-on-loop could not tell"
				     : "the program runs uncaptured";
}

static enum logtap_readiness without(const struct logtap_session *session)
{
	return session->fail_on_loop ? LOGTAP_READY_FAILED
				     : LOGTAP_READY_UNCAPTURED;
}

enum logtap_readiness logtap_supervisor_unready(
	const struct logtap_supervisor *supervisor, const char *where,
	const char *why, int error)
{
	const struct logtap_session *session = supervisor->session;
	char limits[128], text[256];
	logtap_limits_blame(error, limits, sizeof(limits));
	snprintf(text, sizeof(text), "%s%s", why, limits);
	logtap_error_print("run", where, text, what_next(session));
	return without(session);
}

static enum logtap_readiness refused(const struct logtap_session *session,
				     const json_t *message)
{
	const char *text = json_string_value(json_object_get(message, "error"));
	if (!text)
		text = "collect: no reason given";
	if (!json_is_true(json_object_get(message, "uncaptured")) &&
	    was_asked_for(&session->sidecar)) {
		logtap_error_say("%s", text);
		return LOGTAP_READY_FAILED;
	}
	logtap_error_say("%s; %s", text, what_next(session));
	return without(session);
}

static enum logtap_readiness wait_until_ready(
	struct logtap_supervisor *supervisor)
{
	long long deadline = logtap_supervisor_now_ms() + READY_MS;
	const char *why = "did not get ready in time";
	do {
		json_t *message = NULL;
		int result =
			logtap_sidecar_read(&supervisor->sidecar, &message);
		if (result == LOGTAP_SIDECAR_END) {
			why = "ended before it was ready";
			break;
		}
		if (result)
			continue;
		bool ready = json_is_true(json_object_get(message, "ready"));
		if (ready)
			logtap_sidecar_log_warn(
				supervisor->session->sidecar.directory);
		enum logtap_readiness readiness =
			ready ? LOGTAP_READY
			      : refused(supervisor->session, message);
		json_decref(message);
		return readiness;
	} while (logtap_supervisor_wait(supervisor, deadline));
	enum logtap_readiness readiness =
		logtap_supervisor_unready(supervisor, "the collector", why, 0);
	logtap_sidecar_log_show(supervisor->session->sidecar.directory);
	return readiness;
}

static int choose_output(struct logtap_supervisor *supervisor,
			 struct logtap_sidecar_options *options)
{
	const struct logtap_session *session = supervisor->session;
	if (options->output || !session->to_file)
		return 0;
	int error =
		logtap_output_default(session->image.argv[0],
				      supervisor->child.pid, supervisor->output,
				      sizeof(supervisor->output),
				      &supervisor->elsewhere);
	if (error)
		return error;
	if (supervisor->elsewhere)
		logtap_error_say("the working directory is not writable: "
				 "records go to %s",
				 supervisor->output);
	supervisor->default_output = true;
	options->output = supervisor->output;
	return 0;
}

enum logtap_readiness logtap_dialogue_begin(
	struct logtap_supervisor *supervisor)
{
	supervisor->options = supervisor->session->sidecar;
	int error = choose_output(supervisor, &supervisor->options);
	if (error)
		return logtap_supervisor_unready(
			supervisor, "no place for the output; -o names one",
			strerror(-error), -error);
	supervisor->started_ms = logtap_supervisor_now_ms();
	error = logtap_sidecar_start(&supervisor->sidecar,
				     &supervisor->options);
	if (error)
		return logtap_supervisor_unready(supervisor,
						 "starting the collector",
						 strerror(-error), -error);
	return wait_until_ready(supervisor);
}

static long long export_ms(void)
{
	const char *text = getenv("OTEL_BLRP_EXPORT_TIMEOUT");
	uint32_t ms = LOGTAP_OTLP_EXPORT_MS;
	if (text)
		logtap_otlp_number_parse(text, 0, &ms);
	return logtap_otlp_number_limit(ms);
}

static void tell_lost(const struct logtap_supervisor *supervisor)
{
	const struct logtap_session *session = supervisor->session;
	const char *directory = session->sidecar.directory;
	logtap_error_print("run", "the collector",
			   "died again and again, records are missing", NULL);
	logtap_sidecar_log_show(directory);
	logtap_error_say("what it left is in %s; deliver it with: logtap "
			 "collect --once --dir %s -o FILE",
			 directory, directory);
}

/* The program has ended: what is known of it here. */
static void finish(struct logtap_supervisor *supervisor)
{
	const struct logtap_session *session = supervisor->session;
	bool known = supervisor->executed && !session->relay;
	json_t *message = json_pack("{s:b, s:i, s:s*}", "finish", 1, "pid",
				    known ? (int)supervisor->child.pid : 0,
				    "executable", session->executable);
	/* A path that is not UTF-8 does not matter that much. */
	if (!message)
		message = json_pack("{s:b}", "finish", 1);
	if (supervisor->meter.known)
		json_object_set_new(
			message, "error_bytes",
			json_integer((json_int_t)supervisor->meter.bytes));
	logtap_sidecar_finish(&supervisor->sidecar, message);
	json_decref(message);
}

/* Return: the summary, or NULL after saying why there is none. */
static json_t *wait_for_summary(struct logtap_supervisor *supervisor)
{
	const struct logtap_session *session = supervisor->session;
	long long deadline =
		logtap_supervisor_now_ms() + export_ms() + FINISH_MORE_MS;
	const char *why = "has not delivered everything in time";

	finish(supervisor);
	do {
		json_t *message = NULL;
		int result =
			logtap_sidecar_read(&supervisor->sidecar, &message);
		if (result == LOGTAP_SIDECAR_END) {
			if (!logtap_restart_now(supervisor)) {
				tell_lost(supervisor);
				return NULL;
			}
			finish(supervisor);
			continue;
		}
		if (!result && json_object_get(message, "summary")) {
			json_t *summary = json_incref(
				json_object_get(message, "summary"));
			json_decref(message);
			return summary;
		}
		json_decref(message);
		if (!result)
			continue;
		if (supervisor->hurried) {
			why = "was still delivering when a signal came";
			break;
		}
	} while (logtap_supervisor_wait(supervisor, deadline));
	logtap_error_say(
		"run: the collector %s; it goes on (pid %d, log %s/%s)", why,
		(int)supervisor->sidecar.pid, session->sidecar.directory,
		LOGTAP_SIDECAR_LOG);
	return NULL;
}

static void remove_directory(struct logtap_supervisor *supervisor)
{
	long long deadline = logtap_supervisor_now_ms() + REMOVE_MS;
	while (!logtap_sidecar_reap(&supervisor->sidecar, false) &&
	       !supervisor->hurried &&
	       logtap_supervisor_wait(supervisor, deadline))
		;
	if (supervisor->sidecar.ended)
		logtap_directory_remove(supervisor->session->sidecar.directory);
}

static void tell_foreign(const struct logtap_supervisor *supervisor)
{
	const char *directory = supervisor->session->sidecar.directory;
	logtap_error_say("run: some programs were captured by another version "
			 "of logtap, and what they said is left: deliver it "
			 "with its logtap collect --once --dir %s -o FILE, or "
			 "remove that directory",
			 directory);
}

/* What CMD wrote to standard error last may have no line feed. */
static void end_line(const json_t *summary)
{
	if (json_is_true(json_object_get(summary, "session_open")))
		(void)!write(STDERR_FILENO, "\n", 1);
}

void logtap_dialogue_end(struct logtap_supervisor *supervisor, bool tell)
{
	char line[4096];
	logtap_meter_stop(&supervisor->meter);
	json_t *summary = wait_for_summary(supervisor);
	supervisor->untold = !summary;
	if (!summary)
		return;
	json_object_set_new(summary, "restarts",
			    json_integer(supervisor->restarts));
	logtap_summary_format(summary, supervisor->sidecar.pid, line,
			      sizeof(line));
	if (tell &&
	    (!supervisor->session->quiet || logtap_summary_failed(summary))) {
		end_line(summary);
		logtap_error_say("%s", line);
	}
	supervisor->looped = logtap_summary_loops(summary, tell);
	if (logtap_summary_foreign(summary))
		tell_foreign(supervisor);
	else if (!logtap_summary_living(summary))
		remove_directory(supervisor);
	json_decref(summary);
}

void logtap_dialogue_drop(struct logtap_supervisor *supervisor)
{
	if (supervisor->sidecar.pid > 0 &&
	    !logtap_sidecar_reap(&supervisor->sidecar, false)) {
		kill(supervisor->sidecar.pid, SIGKILL);
		logtap_sidecar_reap(&supervisor->sidecar, true);
	}
	logtap_directory_remove(supervisor->session->sidecar.directory);
}
