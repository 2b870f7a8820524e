/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap run: start a program and capture what it logs.  Main thread. */
#include "command.h"

#include "../base/error.h"
#include "../base/options.h"
#include "../export/otlp_config.h"
#include "../intake/levels.h"
#include "../run/channels.h"
#include "../run/clocksource.h"
#include "../run/deep.h"
#include "../run/descriptors.h"
#include "../run/directory.h"
#include "../run/left_alone.h"
#include "../run/library.h"
#include "../run/preload.h"
#include "../run/session.h"
#include "../run/target.h"
#include "../run/variables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	bool quiet;
	const char *output;
	bool force;
	bool divert;
	bool out;
	bool deep;
	const char *sinks;
	struct logtap_option_list files;
	struct logtap_option_list otlp;
	struct logtap_option_list exclude;
	const char *level;
	const char *admin;
	const char *admin_token;
	const char *otlp_metrics;
	const char *loops;
	const char *stacks;
	bool fail_on_loop;
};

static const struct logtap_option table[] = {
	{"output", 'o', LOGTAP_OPTION_TEXT, offsetof(struct options, output),
	 "FILE",
	 "write OTLP JSON lines to FILE; -: to standard output\n"
	 "(default: logtap-CMD-PID.otlp.jsonl, unless\n"
	 "OTEL_EXPORTER_OTLP_ENDPOINT names a receiver)"},
	{"force", 'f', LOGTAP_OPTION_FLAG, offsetof(struct options, force),
	 NULL, "overwrite FILE if it exists"},
	{"divert", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, divert),
	 NULL, "capture messages instead of writing them"},
	{"stdout", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, out), NULL,
	 "capture standard output, too"},
	{"deep", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, deep), NULL,
	 "capture also what a static or Go program says to the\n"
	 "system logger, by a mount namespace; takes root"},
	{"file", 0, LOGTAP_OPTION_LIST, offsetof(struct options, files), "GLOB",
	 "capture what is written to log files with such names,\n"
	 "too: '/var/log/app/*.log'; may be given again"},
	{"sinks", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, sinks),
	 "WHICH",
	 "session: what goes to this standard error or output, or\n"
	 "to a file that a program chose itself (the default);\n"
	 "all: also what a parent hid (2>/dev/null, a pipe)"},
	{"quiet", 'q', LOGTAP_OPTION_FLAG, offsetof(struct options, quiet),
	 NULL, "no summary at the end; failures are still told"},
	{"otlp", 0, LOGTAP_OPTION_LIST, offsetof(struct options, otlp), "URL",
	 "send OTLP over HTTP to URL, to /v1/logs there if it has\n"
	 "no path; may be given again; OTEL_EXPORTER_OTLP_* say how"},
	{"otlp-metrics", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, otlp_metrics), "URL",
	 "send metrics by OTLP to URL, to /v1/metrics there if it\n"
	 "has no path"},
	{"exclude", 0, LOGTAP_OPTION_LIST, offsetof(struct options, exclude),
	 "GLOB",
	 "leave programs alone whose name or path is like GLOB, or\n"
	 "`GLOB GLOB\' with an argument; may be given again"},
	{"level", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, level),
	 "LEVELS",
	 "let events of programs pass by their severity, as in\n"
	 "info,h2=off (logtap level changes it later)"},
	{"admin", 0, LOGTAP_OPTION_OPTIONAL, offsetof(struct options, admin),
	 "ADDR",
	 "show recent records and counters to logtap tail, over a\n"
	 "socket of this user's or over HTTP at [ADDRESS:]PORT"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, admin_token), "FILE",
	 "ask HTTP clients for the token in FILE"},
	{"loops", 0, LOGTAP_OPTION_OPTIONAL, offsetof(struct options, loops),
	 "HOW",
	 "look for feedback, and report it at the end: records\n"
	 "caused by the delivery of records; HOW: observe (as\n"
	 "without it), or probe, which may hold deliveries"},
	{"stacks", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, stacks),
	 "LEVEL",
	 "say where in its program a record of at least this\n"
	 "severity came from (trace: also what has none)"},
	{"fail-on-loop", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct options, fail_on_loop), NULL,
	 "exit with status 3 if feedback is likely (and --loops)"},
};

static const struct logtap_usage usage = {
	.command = "run",
	.operands = "-- CMD [ARG]...",
	.about = "Runs CMD, and captures what it and its children write to\n"
		 "standard error and to syslog.  CMD has the terminal, the\n"
		 "signals and the exit status that it would have without.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

/* What was found out about the program and how it will be run. */
struct plan {
	struct options options;
	struct logtap_variables captured;
	struct logtap_variables uncaptured;
	struct logtap_target target;
	unsigned closed; /* standard descriptors, a bit each */
	unsigned piped;	 /* enum logtap_piped: no library in it, but a relay */
	char library[PATH_MAX];
	char directory[PATH_MAX];
	char session[LOGTAP_SESSION_SINKS_BYTES];
};

static int cannot_set(int error)
{
	if (error == -E2BIG)
		logtap_error_print("run", "--file",
				   "the names are longer than 2047 bytes",
				   "use patterns");
	else
		logtap_error_print("run", NULL, strerror(-error), NULL);
	return LOGTAP_EXIT_SETUP;
}

static int out_of_memory(void)
{
	return cannot_set(-ENOMEM);
}

/* The program replaces this process: there is nothing to supervise. */
static int execute(char **command, struct logtap_variables *environment)
{
	return logtap_child_complain(
		command[0], logtap_child_exec(command, environment->items));
}

static int set_preload(struct plan *plan, const char *list,
		       const struct logtap_target *target)
{
	const char *asan = target->elf.asan;
	char *with =
		logtap_preload_with(list, plan->library, *asan ? asan : NULL);
	if (!with)
		return -ENOMEM;
	int error = logtap_variables_set(&plan->captured, "LD_PRELOAD", with);
	free(with);
	return error;
}

/* What the library needs to know, in the program's environment. */
static int set_capture(struct plan *plan)
{
	struct logtap_variables *environment = &plan->captured;
	const struct logtap_target *target = &plan->target;
	int error = logtap_variables_set(environment, "LOGTAP_DIR",
					 plan->directory);
	if (!error)
		error = logtap_variables_set(environment, "LOGTAP_FOLLOW", "1");
	if (!error && plan->options.level)
		error = logtap_variables_set(environment, "LOGTAP_LEVEL",
					     plan->options.level);
	if (!error && plan->options.stacks)
		error = logtap_variables_set(environment, "LOGTAP_STACKS",
					     plan->options.stacks);
	if (!error && plan->options.divert)
		error = logtap_variables_set(environment, "LOGTAP_MODE",
					     "divert");
	if (!error)
		error = logtap_channels_set(
			environment, &(struct logtap_channels){
					     .out = plan->options.out,
					     .files = &plan->options.files,
					     .session = plan->session,
				     });
	/* Asked here once, and not by everything that the program starts. */
	if (!error && logtap_counter_is_clock())
		error = logtap_variables_set(environment, "LOGTAP_CLOCK",
					     "tsc");
	if (error || !logtap_target_loads_preload(target))
		return error;
	return set_preload(plan, logtap_preload_original(), target);
}

/* --exclude, behind what the environment excludes already. */
static int set_exclude(struct plan *plan)
{
	const struct logtap_option_list *exclude = &plan->options.exclude;
	static const char name[] = "LOGTAP_EXCLUDE";
	for (size_t i = 0; i < exclude->count; i++) {
		const char *list = logtap_variables_get(&plan->captured, name);
		char *longer;
		if (asprintf(&longer, "%s%s%s", list ? list : "",
			     list && *list ? ":" : "", exclude->items[i]) < 0)
			return -ENOMEM;
		int error = logtap_variables_set(&plan->captured, name, longer);
		free(longer);
		if (error)
			return error;
	}
	return 0;
}

/* Who speaks for the program is named like the program. */
static int set_relay_service(struct plan *plan, const char *command)
{
	char name[NAME_MAX + 32];
	const char *slash = strrchr(command, '/');
	if (logtap_variables_get(&plan->captured, "OTEL_SERVICE_NAME") ||
	    logtap_variables_get(&plan->captured, "OTEL_RESOURCE_ATTRIBUTES"))
		return 0;
	snprintf(name, sizeof(name), "unknown_service:%s",
		 slash ? slash + 1 : command);
	return logtap_variables_set(&plan->captured, "OTEL_SERVICE_NAME", name);
}

/* What the library needs to know in the relay, which is a logtap. */
static int set_relay(struct plan *plan, const char *command)
{
	static struct logtap_target self;
	logtap_target_look("/proc/self/exe", &self);
	int error = set_capture(plan);
	logtap_variables_unset(&plan->captured, "LOGTAP_ONLY");
	logtap_variables_unset(&plan->captured, "LOGTAP_EXCLUDE");
	if (!error)
		error = set_preload(plan, NULL, &self);
	return error ? error : set_relay_service(plan, command);
}

/* Its children may still be captured. */
static void say_left_alone(const struct plan *plan)
{
	const char *why =
		logtap_target_left_alone(&plan->target, &plan->captured);
	if (why)
		logtap_error_say("%s is left alone: %s; LOGTAP_ONLY names what "
				 "shall be captured all the same",
				 plan->target.path, why);
}

/* Are its records to go to a file that is itself captured? */
static bool feeds_back(const struct plan *plan)
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

static void explain(const struct plan *plan)
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
static int find_library(struct plan *plan, char *why, size_t why_bytes)
{
	int error = logtap_library_find(plan->library, sizeof(plan->library),
					why, why_bytes);
	if (!error &&
	    logtap_library_widen(plan->library, sizeof(plan->library)))
		logtap_target_allow_musl(&plan->target);
	return error;
}

/* The session around us captures the program; only its own wishes differ. */
static int join(struct plan *plan, const char *directory, char **command)
{
	const struct options *options = &plan->options;
	char why[PATH_MAX + 64];

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
	    !logtap_preload_contains(logtap_preload_original())) {
		logtap_error_say("%s; %s runs uncaptured", why, command[0]);
		return execute(command, &plan->uncaptured);
	}
	int error = set_capture(plan);
	if (error)
		return cannot_set(error);
	return execute(command, &plan->captured);
}

static int supervise(struct plan *plan, char **command)
{
	const struct options *options = &plan->options;
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
			    .loops = options->loops,
			    .stacks = options->stacks,
			    .otlp = &options->otlp},
		.to_file = options->otlp.count == 0,
		.quiet = options->quiet,
		.fail_on_loop = options->fail_on_loop,
	};
	return logtap_session_supervise(&session);
}

/* Can it have a /dev/log of its own?  Says why not. */
static bool goes_deep(const struct plan *plan, bool piped)
{
	const char *why = piped ? logtap_deep_obstacle()
				: "it is for static and Go programs";
	if (!plan->options.deep)
		return false;
	if (why)
		logtap_error_print("run", "--deep", why,
				   piped ? "syslog is not captured"
					 : "the others are captured anyhow");
	return !why;
}

static unsigned how_piped(const struct plan *plan)
{
	bool out =
		plan->options.out || logtap_channels_have_out(&plan->captured);
	bool piped = logtap_target_needs_pipe(&plan->target) &&
		     !(plan->closed & 1U << STDERR_FILENO);
	unsigned how = piped ? LOGTAP_PIPED_ERROR : LOGTAP_PIPED_NOT;
	if (piped && out && !(plan->closed & 1U << STDOUT_FILENO))
		how |= LOGTAP_PIPED_OUTPUT;
	if (goes_deep(plan, piped))
		how |= LOGTAP_PIPED_LOG;
	return how;
}

static int run(struct plan *plan, char **command)
{
	char why[2 * PATH_MAX + 256];
	const char *outer = getenv("LOGTAP_DIR");

	int error = logtap_target_look(command[0], &plan->target);
	/* Executing it says best what is wrong, and nothing is left behind. */
	if (error)
		return execute(command, &plan->uncaptured);
	if (outer && logtap_session_is_live(outer))
		return join(plan, outer, command);
	if (find_library(plan, why, sizeof(why))) {
		logtap_error_say("%s; %s runs uncaptured", why, command[0]);
		return execute(command, &plan->uncaptured);
	}
	if (logtap_directory_new(plan->directory, sizeof(plan->directory), why,
				 sizeof(why))) {
		logtap_error_say("no shared memory: %s; mount a tmpfs at "
				 "/dev/shm; %s runs uncaptured",
				 why, command[0]);
		return execute(command, &plan->uncaptured);
	}
	plan->piped = how_piped(plan);
	explain(plan);
	logtap_channels_session(plan->session, plan->closed);
	error = plan->piped ? set_relay(plan, command[0]) : set_capture(plan);
	if (error) {
		logtap_directory_remove(plan->directory);
		return cannot_set(error);
	}
	if (feeds_back(plan)) {
		logtap_directory_remove(plan->directory);
		return LOGTAP_EXIT_SETUP;
	}
	return supervise(plan, command);
}

int logtap_cmd_run(int argc, char **argv)
{
	static struct plan plan;
	struct logtap_levels levels;
	char why[160];
	int first;
	int error =
		logtap_options_parse(&usage, argc, argv, &plan.options, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_SETUP;
	if (first == argc) {
		logtap_error_print("run", NULL, "no CMD given",
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_SETUP;
	}
	if (plan.options.output && !*plan.options.output) {
		logtap_error_print("run", "-o", "the name is empty",
				   "name a file, or - for standard output");
		return LOGTAP_EXIT_SETUP;
	}
	if (plan.options.level &&
	    !logtap_levels_parse(plan.options.level, &levels, why,
				 sizeof(why))) {
		logtap_error_print("run", "--level", why,
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_SETUP;
	}
	uint32_t level;
	if (plan.options.stacks &&
	    !logtap_levels_parse_one(plan.options.stacks, &level)) {
		logtap_error_print("run --stacks", plan.options.stacks,
				   "is not trace, debug, info, warn, error or "
				   "fatal",
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_SETUP;
	}
	if (plan.options.loops && *plan.options.loops &&
	    strcmp(plan.options.loops, "observe") &&
	    strcmp(plan.options.loops, "probe")) {
		logtap_error_print("run --loops", plan.options.loops,
				   "neither observe nor probe", NULL);
		return LOGTAP_EXIT_SETUP;
	}
	if (plan.options.fail_on_loop && !plan.options.loops)
		plan.options.loops = "";
	/* logtap loops finds it there */
	if (plan.options.loops && !plan.options.admin)
		plan.options.admin = "";
	if (plan.options.sinks && strcmp(plan.options.sinks, "session") &&
	    strcmp(plan.options.sinks, "all")) {
		logtap_error_print("run --sinks", plan.options.sinks,
				   "neither session nor all", NULL);
		return LOGTAP_EXIT_SETUP;
	}
	if (!plan.options.output && !plan.options.otlp.count &&
	    logtap_otlp_wanted(&logtap_otlp_process_environment))
		plan.options.otlp.items[plan.options.otlp.count++] = "";
	plan.closed = logtap_descriptors_hold_standard();
	if (plan.options.output && !strcmp(plan.options.output, "-") &&
	    plan.closed & 1U << STDOUT_FILENO) {
		logtap_error_print("run", "-o -", "standard output is closed",
				   "choose a file");
		return LOGTAP_EXIT_SETUP;
	}
	if (logtap_variables_init(&plan.captured, environ) ||
	    logtap_variables_init(&plan.uncaptured, environ))
		return out_of_memory();
	logtap_variables_check(&plan.captured);
	if (set_exclude(&plan))
		return out_of_memory();
	if (!plan.options.sinks)
		plan.options.sinks =
			logtap_variables_get(&plan.captured, "LOGTAP_SINKS");
	if (!plan.options.sinks)
		plan.options.sinks = "session";
	int status = run(&plan, argv + first);
	logtap_variables_deinit(&plan.captured);
	logtap_variables_deinit(&plan.uncaptured);
	return status;
}
