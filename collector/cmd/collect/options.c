/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of `logtap collect': see the header.  Main thread. */
#include "options.h"

#include "../../base/error.h"
#include "../../registry/logs.h"
#include "../command.h"

#define AT(member) offsetof(struct logtap_collect_options, member)

static const struct logtap_option table[] = {
	{"config", 0, LOGTAP_OPTION_TEXT, AT(config), "FILE",
	 "read what is not said here from FILE, in YAML"},
	{"dir", 0, LOGTAP_OPTION_TEXT, AT(directory), "DIR",
	 "the directory that captured programs share with the\n"
	 "collector (their LOGTAP_DIR); made if it is not there"},
	{"output", 'o', LOGTAP_OPTION_TEXT, AT(output), "FILE",
	 "write OTLP JSON lines behind what FILE holds;\n"
	 "-: to standard output"},
	{"force", 'f', LOGTAP_OPTION_FLAG, AT(force), NULL,
	 "overwrite FILE if it exists"},
	{"otlp", 0, LOGTAP_OPTION_LIST, AT(otlp), "URL",
	 "send OTLP to URL; may be given more than once"},
	{"otlp-metrics", 0, LOGTAP_OPTION_TEXT, AT(otlp_metrics), "URL",
	 "send metrics of programs and of the collector, too"},
	{"console", 0, LOGTAP_OPTION_FLAG, AT(console), NULL,
	 "print each record as a line on standard error"},
	{"journal-bytes", 0, LOGTAP_OPTION_NUMBER, AT(journal_bytes), "N",
	 "keep at most N bytes that are not delivered yet\n"
	 "(default: 268435456)"},
	{"queue-bytes", 0, LOGTAP_OPTION_NUMBER, AT(queue_bytes), "N",
	 "of that, keep N bytes in memory for a destination\n"
	 "that takes nothing, so that others go on; then\n"
	 "drop for it (default: 67108864)"},
	{"line-max", 0, LOGTAP_OPTION_NUMBER, AT(line_max), "N",
	 "cut lines after N bytes (default: 1048576)"},
	{"admin", 0, LOGTAP_OPTION_TEXT, AT(admin), "ADDR",
	 "show recent records and counters over HTTP at\n"
	 "[ADDRESS:]PORT (4319 is usual) or unix:PATH"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT, AT(admin_token), "FILE",
	 "ask HTTP clients for the token in FILE; needed for\n"
	 "an address that other machines can reach"},
	{"admin-records", 0, LOGTAP_OPTION_NUMBER, AT(admin_records), "N",
	 "keep the last N records for it (default: 2048)"},
	{"admin-bytes", 0, LOGTAP_OPTION_NUMBER, AT(admin_bytes), "N",
	 "in at most N bytes of memory (default: 16777216)"},
	LOGTAP_WISHES_OPTIONS(struct logtap_collect_options, wishes),
	{"sinks", 0, LOGTAP_OPTION_TEXT, AT(sinks), NULL, NULL},
	{"session-sinks", 0, LOGTAP_OPTION_TEXT, AT(session_sinks), NULL, NULL},
	{"stdout", 0, LOGTAP_OPTION_FLAG, AT(out), NULL, NULL},
	{"session-fd", 0, LOGTAP_OPTION_NUMBER, AT(session_fd), "N", NULL},
	{"once", 0, LOGTAP_OPTION_FLAG, AT(once), NULL,
	 "deliver what is there now, and end"},
	{"resume", 0, LOGTAP_OPTION_FLAG, AT(resume), NULL, NULL},
	{"remove-dir", 0, LOGTAP_OPTION_FLAG, AT(remove_directory), NULL, NULL},
};

static const struct logtap_usage usage = {
	.command = "collect",
	.about = "Reads what captured programs leave in a directory, and\n"
		 "delivers it until it is told to stop (SIGTERM).",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static bool complain(const char *where, const char *why)
{
	logtap_error_print("collect", where, why, logtap_options_hint(&usage));
	return false;
}

/* The environment's, where the command line has none. */
static void choose_destination(struct logtap_collect_options *options)
{
	if (!options->output && !options->console && !options->otlp.count &&
	    logtap_otlp_wanted(&logtap_otlp_process_environment))
		options->otlp.items[options->otlp.count++] = "";
}

static bool has_destination(const struct logtap_collect_options *options)
{
	return options->output || options->console || options->otlp.count ||
	       options->admin;
}

int logtap_collect_options_parse(int argc, char **argv,
				 struct logtap_collect_options *options,
				 int *status)
{
	int first;
	int result = logtap_options_parse(&usage, argc, argv, options, &first);

	*status = result > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (result)
		return -1;
	choose_destination(options);
	return 0;
}

bool logtap_collect_options_judge(struct logtap_collect_options *options,
				  struct logtap_meant *meant)
{
	if (!options->directory || !*options->directory)
		return complain("--dir", "is missing");
	if (!has_destination(options))
		return complain("destinations",
				"none is named (-o, --otlp, --console, "
				"--admin)");
	if (!logtap_wishes_check(&options->wishes, &usage, meant))
		return false;
	if (options->admin_records < 0)
		options->admin_records = LOGTAP_LOGS_RECORDS;
	if (options->admin_bytes < 0)
		options->admin_bytes = LOGTAP_LOGS_BYTES;
	if (!options->admin_records)
		return complain("--admin-records",
				"0 records could not be shown");
	if (!options->admin_bytes)
		return complain("--admin-bytes", "no record fits into 0 bytes");
	return true;
}
