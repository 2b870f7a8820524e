/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "run_options.h"

#include "../base/error.h"
#include "../export/otlp_config.h"
#include "../intake/levels.h"
#include "../run/session.h"
#include "../run/variables.h"
#include "command.h"

#include <string.h>

static const struct logtap_option table[] = {
	{"output", 'o', LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, output), "FILE",
	 "write OTLP JSON lines to FILE; -: to standard output\n"
	 "(default: logtap-CMD-PID.otlp.jsonl, unless\n"
	 "OTEL_EXPORTER_OTLP_ENDPOINT names a receiver)"},
	{"force", 'f', LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, force), NULL,
	 "overwrite FILE if it exists"},
	{"divert", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, divert), NULL,
	 "capture messages instead of writing them"},
	{"stdout", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, out), NULL,
	 "capture standard output, too"},
	{"deep", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, deep), NULL,
	 "capture also what a static or Go program says to the\n"
	 "system logger, by a mount namespace; takes root"},
	{"file", 0, LOGTAP_OPTION_LIST,
	 offsetof(struct logtap_run_options, files), "GLOB",
	 "capture what is written to log files with such names,\n"
	 "too: '/var/log/app/*.log'; may be given again"},
	{"sinks", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, sinks), "WHICH",
	 "session: what goes to this standard error or output, or\n"
	 "to a file that a program chose itself (the default);\n"
	 "all: also what a parent hid (2>/dev/null, a pipe)"},
	{"quiet", 'q', LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, quiet), NULL,
	 "no summary at the end; failures are still told"},
	{"otlp", 0, LOGTAP_OPTION_LIST,
	 offsetof(struct logtap_run_options, otlp), "URL",
	 "send OTLP over HTTP to URL, to /v1/logs there if it has\n"
	 "no path; may be given again; OTEL_EXPORTER_OTLP_* say how"},
	{"otlp-metrics", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, otlp_metrics), "URL",
	 "send metrics by OTLP to URL, to /v1/metrics there if it\n"
	 "has no path"},
	{"exclude", 0, LOGTAP_OPTION_LIST,
	 offsetof(struct logtap_run_options, exclude), "GLOB",
	 "leave programs alone whose name or path is like GLOB, or\n"
	 "`GLOB GLOB\' with an argument; may be given again"},
	{"level", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, level), "LEVELS",
	 "let events of programs pass by their severity, as in\n"
	 "info,h2=off (logtap level changes it later)"},
	{"admin", 0, LOGTAP_OPTION_OPTIONAL,
	 offsetof(struct logtap_run_options, admin), "ADDR",
	 "show recent records and counters to logtap tail, over a\n"
	 "socket of this user's or over HTTP at [ADDRESS:]PORT"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, admin_token), "FILE",
	 "ask HTTP clients for the token in FILE"},
	{"loops", 0, LOGTAP_OPTION_OPTIONAL,
	 offsetof(struct logtap_run_options, loops), "HOW",
	 "look for feedback, and report it at the end: records\n"
	 "caused by the delivery of records; HOW: observe (as\n"
	 "without it), or probe, which may hold deliveries"},
	{"stacks", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct logtap_run_options, stacks), "LEVEL",
	 "say where in its program a record of at least this\n"
	 "severity came from (trace: also what has none)"},
	{"fail-on-loop", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_run_options, fail_on_loop), NULL,
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

static bool refuse(const char *option, const char *value, const char *why,
		   const char *next)
{
	char where[64];
	snprintf(where, sizeof(where), "run %s", option);
	logtap_error_print(where, value, why, next);
	return false;
}

static bool check_levels(const struct logtap_run_options *options)
{
	struct logtap_levels levels;
	uint32_t level;
	char why[160];

	if (options->level &&
	    !logtap_levels_parse(options->level, &levels, why, sizeof(why)))
		return refuse("--level", NULL, why,
			      logtap_options_hint(&usage));
	if (options->stacks &&
	    !logtap_levels_parse_one(options->stacks, &level))
		return refuse("--stacks", options->stacks,
			      "is not trace, debug, info, warn, error or fatal",
			      logtap_options_hint(&usage));
	return true;
}

static bool is_one_of(const char *value, const char *one, const char *other)
{
	return !value || !strcmp(value, one) || !strcmp(value, other);
}

static bool check(const struct logtap_run_options *options)
{
	if (options->output && !*options->output)
		return refuse("-o", NULL, "the name is empty",
			      "name a file, or - for standard output");
	if (options->loops && *options->loops &&
	    !is_one_of(options->loops, "observe", "probe"))
		return refuse("--loops", options->loops,
			      "neither observe nor probe", NULL);
	if (!is_one_of(options->sinks, "session", "all"))
		return refuse("--sinks", options->sinks,
			      "neither session nor all", NULL);
	return check_levels(options);
}

static void fill_in(struct logtap_run_options *options)
{
	if (options->fail_on_loop && !options->loops)
		options->loops = "";
	/* logtap loops finds it there */
	if (options->loops && !options->admin)
		options->admin = "";
	if (!options->output && !options->otlp.count &&
	    logtap_otlp_wanted(&logtap_otlp_process_environment))
		options->otlp.items[options->otlp.count++] = "";
}

int logtap_run_options_parse(int argc, char **argv,
			     struct logtap_run_options *options, int *first,
			     int *status)
{
	int error = logtap_options_parse(&usage, argc, argv, options, first);

	*status = error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_SETUP;
	if (error)
		return -1;
	if (*first == argc) {
		logtap_error_print("run", NULL, "no CMD given",
				   logtap_options_hint(&usage));
		return -1;
	}
	if (!check(options))
		return -1;
	fill_in(options);
	return 0;
}
