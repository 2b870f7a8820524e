/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "run_options.h"

#include "../base/error.h"
#include "../export/otlp_config.h"
#include "../run/session.h"
#include "../run/variables.h"
#include "command.h"

#include <string.h>

#define AT(member) offsetof(struct logtap_run_options, member)

static const struct logtap_option table[] = {
	{"output", 'o', LOGTAP_OPTION_TEXT, AT(output), "FILE",
	 "write OTLP JSON lines to FILE; -: to standard output\n"
	 "(default: logtap-CMD-PID.otlp.jsonl, unless\n"
	 "OTEL_EXPORTER_OTLP_ENDPOINT names a receiver)"},
	{"force", 'f', LOGTAP_OPTION_FLAG, AT(force), NULL,
	 "overwrite FILE if it exists"},
	{"divert", 0, LOGTAP_OPTION_FLAG, AT(divert), NULL,
	 "capture messages instead of writing them"},
	{"stdout", 0, LOGTAP_OPTION_FLAG, AT(out), NULL,
	 "capture standard output, too"},
	{"deep", 0, LOGTAP_OPTION_FLAG, AT(deep), NULL,
	 "capture also what a static, Go or 32-bit program says to the\n"
	 "system logger, by a mount namespace; takes root"},
	{"file", 0, LOGTAP_OPTION_LIST, AT(files), "GLOB",
	 "capture what is written to log files with such names,\n"
	 "too: '/var/log/app/*.log'; may be given again"},
	{"sinks", 0, LOGTAP_OPTION_TEXT, AT(sinks), "WHICH",
	 "session: what goes to this standard error or output, or\n"
	 "to a file that a program chose itself (the default);\n"
	 "all: also what a parent hid (2>/dev/null, a pipe)"},
	{"quiet", 'q', LOGTAP_OPTION_FLAG, AT(quiet), NULL,
	 "no summary at the end; failures are still told"},
	{"otlp", 0, LOGTAP_OPTION_LIST, AT(otlp), "URL",
	 "send OTLP over HTTP to URL, to /v1/logs there if it has\n"
	 "no path; may be given again; OTEL_EXPORTER_OTLP_* say how"},
	{"otlp-metrics", 0, LOGTAP_OPTION_TEXT, AT(otlp_metrics), "URL",
	 "send metrics by OTLP to URL, to /v1/metrics there if it\n"
	 "has no path"},
	{"exclude", 0, LOGTAP_OPTION_LIST, AT(exclude), "GLOB",
	 "leave programs alone whose name or path is like GLOB, or\n"
	 "`GLOB GLOB\' with an argument; may be given again"},
	LOGTAP_WISHES_OPTIONS(struct logtap_run_options, wishes),
	{"admin", 0, LOGTAP_OPTION_OPTIONAL, AT(admin), "ADDR",
	 "show recent records and counters to logtap tail, over a\n"
	 "socket of this user's or over HTTP at [ADDRESS:]PORT"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT, AT(admin_token), "FILE",
	 "ask HTTP clients for the token in FILE"},
	{"fail-on-loop", 0, LOGTAP_OPTION_FLAG, AT(fail_on_loop), NULL,
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

static bool check_patterns(const char *option,
			   const struct logtap_option_list *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (!*patterns->items[i])
			return refuse(option, NULL, "the pattern is empty",
				      logtap_options_hint(&usage));
	return true;
}

static bool check(const struct logtap_run_options *options)
{
	struct logtap_meant unused; /* the library and the sidecar read them */

	if (options->output && !*options->output)
		return refuse("-o", NULL, "the name is empty",
			      "name a file, or - for standard output");
	if (!check_patterns("--file", &options->files) ||
	    !check_patterns("--exclude", &options->exclude))
		return false;
	if (options->sinks && strcmp(options->sinks, "session") != 0 &&
	    strcmp(options->sinks, "all") != 0)
		return refuse("--sinks", options->sinks,
			      "neither session nor all", NULL);
	return logtap_wishes_check(&options->wishes, &usage, &unused);
}

static void fill_in(struct logtap_run_options *options)
{
	if (options->fail_on_loop && !options->wishes.loops)
		options->wishes.loops = "";
	/* logtap loops finds it there */
	if (options->wishes.loops && !options->admin)
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
