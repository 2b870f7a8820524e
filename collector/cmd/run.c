/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap run: start a program and capture what it logs.  Main thread. */
#include "command.h"

#include "../base/error.h"
#include "../run/descriptors.h"
#include "../run/directory.h"
#include "../run/left_alone.h"
#include "../run/library.h"
#include "../run/limits.h"
#include "../run/preload.h"
#include "../run/remains.h"
#include "../run/session.h"
#include "run_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program replaces this process: there is nothing to supervise. */
static int execute(char **command, const struct logtap_variables *environment)
{
	char **items = environment->items ? environment->items : environ;
	return logtap_child_complain(command[0],
				     logtap_child_exec(command, items));
}

/* Nothing can be captured, and the program comes first; but nobody may take its
 * success for an answer that was not found. */
static int run_uncaptured(const struct logtap_run_plan *plan, char **command,
			  const char *why)
{
	if (plan->options.fail_on_loop) {
		logtap_error_say("%s; %s is not started: --fail-on-loop could "
				 "not tell",
				 why, command[0]);
		return LOGTAP_EXIT_SETUP;
	}
	logtap_error_say("%s; %s runs uncaptured", why, command[0]);
	return execute(command, &plan->uncaptured);
}

static int cannot_set(const struct logtap_run_plan *plan, char **command,
		      int error)
{
	if (error != -E2BIG)
		return run_uncaptured(plan, command, strerror(-error));
	logtap_error_print("run", "--file",
			   "the names are longer than 2047 bytes",
			   "use patterns");
	return LOGTAP_EXIT_SETUP;
}

/* Its children may still be captured. */
static void say_left_alone(const struct logtap_run_plan *plan)
{
	const char *why =
		logtap_target_left_alone(&plan->target, &plan->captured);
	if (why)
		logtap_error_say("%s is left alone: %s; LOGTAP_ONLY names what "
				 "shall be captured all the same",
				 plan->target.path, why);
}

/* Are its records to go to a file that is itself captured? */
static bool feeds_back(const struct logtap_run_plan *plan)
{
	const char *output = plan->options.output;

	if (!output || !strcmp(output, "-") ||
	    !logtap_channels_have_file(&plan->captured, output))
		return false;
	logtap_error_print("run -o", output,
			   "what is written to such files is captured "
			   "(--file), and so would be what was delivered",
			   "name another file, or a narrower pattern");
	return true;
}

static void explain(const struct logtap_run_plan *plan)
{
	char text[2 * PATH_MAX + 512];
	if (!plan->target.fault) {
		say_left_alone(plan);
		return;
	}
	logtap_target_explain(&plan->target, plan->piped, text, sizeof(text));
	logtap_error_say("%s", text);
}

/* Return: as logtap_library_find(). */
static int find_library(struct logtap_run_plan *plan, char *why,
			size_t why_bytes)
{
	int error = logtap_library_find(plan->library, sizeof(plan->library),
					why, why_bytes);
	if (!error &&
	    logtap_library_widen(plan->library, sizeof(plan->library)))
		logtap_target_allow_musl(&plan->target);
	return error;
}

/* The session around us captures the program; only its own wishes differ. */
static int join(struct logtap_run_plan *plan, const char *directory,
		char **command)
{
	const struct logtap_run_options *options = &plan->options;
	char why[PATH_MAX + 64];

	if (options->fail_on_loop) {
		snprintf(why, sizeof(why), "inside a running session (%s)",
			 directory);
		logtap_error_print("run --fail-on-loop", why,
				   "that session looks for feedback, or nobody",
				   "give it to the run around this one");
		return LOGTAP_EXIT_SETUP;
	}
	bool named = options->otlp.count && *options->otlp.items[0];
	if (options->output || named || options->admin) {
		snprintf(why, sizeof(why),
			 "ignored inside a running session (%s)", directory);
		logtap_error_print("run",
				   options->output ? "-o"
				   : named	   ? "--otlp"
						   : "--admin",
				   why, "the records go where that one's go");
	}
	bool missing = find_library(plan, why, sizeof(why));
	explain(plan);
	snprintf(plan->directory, sizeof(plan->directory), "%s", directory);
	if (missing && logtap_target_loads_preload(&plan->target) &&
	    !logtap_preload_contains(logtap_preload_original()))
		return run_uncaptured(plan, command, why);
	int error = logtap_run_plan_capture(plan);
	if (error)
		return cannot_set(plan, command, error);
	return execute(command, &plan->captured);
}

static int supervise(struct logtap_run_plan *plan, char **command)
{
	const struct logtap_run_options *options = &plan->options;
	struct logtap_session session = {
		.image = {.argv = command,
			  .captured = plan->piped ? plan->uncaptured.items
						  : plan->captured.items,
			  .uncaptured = plan->uncaptured.items},
		.relay = plan->piped ? plan->captured.items : NULL,
		.relay_out = plan->piped & LOGTAP_PIPED_OUTPUT,
		.relay_log = plan->piped & LOGTAP_PIPED_LOG,
		.executable = plan->target.image,
		.sidecar = {.directory = plan->directory,
			    .output = options->output,
			    .overwrite = options->force,
			    .sinks = plan->options.sinks,
			    .session_sinks = plan->session,
			    .out = logtap_channels_have_out(&plan->captured),
			    .admin = options->admin,
			    .admin_token = options->admin_token,
			    .otlp_metrics = options->otlp_metrics,
			    .loops = options->wishes.loops,
			    .stacks = options->wishes.stacks,
			    .otlp = &options->otlp},
		.to_file = options->otlp.count == 0,
		.quiet = options->quiet,
		.fail_on_loop = options->fail_on_loop,
	};
	char why[256];
	int status = logtap_session_supervise(&session, why, sizeof(why));
	return status == LOGTAP_SESSION_UNSTARTED
		       ? run_uncaptured(plan, command, why)
		       : status;
}

static int find_place(struct logtap_run_plan *plan, char *why, size_t why_bytes)
{
	char places[2 * PATH_MAX];
	int error =
		logtap_directory_new(plan->directory, sizeof(plan->directory),
				     places, sizeof(places));
	if (error && logtap_remains_make_room())
		error = logtap_directory_new(plan->directory,
					     sizeof(plan->directory), places,
					     sizeof(places));
	if (error)
		snprintf(why, why_bytes,
			 "no shared memory: %s; mount a tmpfs at /dev/shm",
			 places);
	return error;
}

static int run(struct logtap_run_plan *plan, char **command)
{
	char why[2 * PATH_MAX + 256];
	const char *outer = getenv("LOGTAP_DIR");

	int error = logtap_target_look(command[0], &plan->target);
	/* Executing it says best what is wrong, and nothing is left behind. */
	if (error)
		return execute(command, &plan->uncaptured);
	if (outer && logtap_session_is_live(outer))
		return join(plan, outer, command);
	if (!logtap_limits_suffice(why, sizeof(why)) ||
	    find_library(plan, why, sizeof(why)) ||
	    find_place(plan, why, sizeof(why)))
		return run_uncaptured(plan, command, why);
	plan->piped = logtap_run_plan_pipes(plan);
	explain(plan);
	logtap_channels_session(plan->session, plan->closed);
	error = plan->piped ? logtap_run_plan_relay(plan, command[0])
			    : logtap_run_plan_capture(plan);
	if (error) {
		logtap_directory_remove(plan->directory);
		return cannot_set(plan, command, error);
	}
	if (feeds_back(plan)) {
		logtap_directory_remove(plan->directory);
		return LOGTAP_EXIT_SETUP;
	}
	return supervise(plan, command);
}

/* Return: false when it has been said that records cannot go where they are
 * to go. */
static bool has_output(const struct logtap_run_plan *plan)
{
	const char *output = plan->options.output;
	if (!output || strcmp(output, "-") ||
	    !(plan->closed & 1U << STDOUT_FILENO))
		return true;
	logtap_error_print("run", "-o -", "standard output is closed",
			   "choose a file");
	return false;
}

static void choose_sinks(struct logtap_run_plan *plan)
{
	struct logtap_run_options *options = &plan->options;
	if (!options->sinks)
		options->sinks =
			logtap_variables_get(&plan->captured, "LOGTAP_SINKS");
	if (!options->sinks)
		options->sinks = "session";
}

int logtap_cmd_run(int argc, char **argv)
{
	static struct logtap_run_plan plan;
	int first, status;

	if (logtap_run_options_parse(argc, argv, &plan.options, &first,
				     &status))
		return status;
	logtap_limits_raise();
	plan.closed = logtap_descriptors_hold_standard();
	if (!has_output(&plan))
		return LOGTAP_EXIT_SETUP;
	if (logtap_variables_init(&plan.captured, environ) ||
	    logtap_variables_init(&plan.uncaptured, environ))
		return cannot_set(&plan, argv + first, -ENOMEM);
	logtap_variables_check(&plan.captured);
	if (logtap_run_plan_exclude(&plan))
		return cannot_set(&plan, argv + first, -ENOMEM);
	choose_sinks(&plan);
	status = run(&plan, argv + first);
	logtap_variables_deinit(&plan.captured);
	logtap_variables_deinit(&plan.uncaptured);
	return status;
}
