/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logtap dump: what lies in a directory that no collector reads, such as the
 * rings of programs that were started without one, or of one that crashed.  It
 * is a collector that reads what there is, once.  Main thread.
 */
#include "../base/error.h"
#include "../base/log.h"
#include "../base/options.h"
#include "../run/session.h"
#include "../run/sessions.h"
#include "collect/options.h"
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A person waits, and what was not taken is still there. */
#define PATIENCE_NS UINT64_C(3000000000)

struct options {
	const char *directory;
	const char *output;
	bool force;
	bool json;
};

static const struct logtap_option table[] = {
	{"json", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, json), NULL,
	 "as OTLP JSON lines, not as lines of text"},
	{"output", 'o', LOGTAP_OPTION_TEXT, offsetof(struct options, output),
	 "FILE", "to FILE, as OTLP JSON lines, behind what it holds"},
	{"force", 'f', LOGTAP_OPTION_FLAG, offsetof(struct options, force),
	 NULL, "overwrite FILE if it exists"},
	{"dir", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, directory),
	 "DIR",
	 "the LOGTAP_DIR of the programs (default: $LOGTAP_DIR,\n"
	 "else " LOGTAP_SERVICE_DIRECTORY ")"},
};

static const struct logtap_usage usage = {
	.command = "dump",
	.about = "Prints what programs have left in a directory and no "
		 "collector has\nread.  What was printed is taken out; the "
		 "programs go on.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static const char *directory_of(const struct options *options)
{
	const char *own = getenv("LOGTAP_DIR");

	return options->directory ? options->directory
	       : own && *own	  ? own
				  : LOGTAP_SERVICE_DIRECTORY;
}

/* A collector makes its directory; this one only looks. */
static int check(const char *directory)
{
	struct stat status;

	if (stat(directory, &status) || !S_ISDIR(status.st_mode)) {
		logtap_error_print("dump", directory,
				   errno ? strerror(errno) : strerror(ENOTDIR),
				   "name the LOGTAP_DIR of the programs "
				   "(--dir)");
		return LOGTAP_EXIT_BAD;
	}
	if (logtap_session_is_live(directory)) {
		logtap_error_print("dump", directory,
				   "a collector is at work there and reads it",
				   "see `logtap tail', or what its -o or "
				   "--otlp names");
		return LOGTAP_EXIT_BAD;
	}
	return LOGTAP_EXIT_GOOD;
}

int logtap_cmd_dump(int argc, char **argv)
{
	struct logtap_collect_options collect = LOGTAP_COLLECT_DEFAULTS;
	struct options options = {0};
	int first;
	int error = logtap_options_parse(&usage, argc, argv, &options, &first);

	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	errno = 0;
	collect.directory = directory_of(&options);
	collect.once = true;
	collect.patience_ns = PATIENCE_NS;
	collect.force = options.force;
	collect.output = options.output ? options.output
			 : options.json ? "-"
					: NULL;
	collect.console = collect.console_out = !collect.output;
	int status = check(collect.directory);
	if (status)
		return status;
	logtap_log_set_level(LOGTAP_LOG_WARN);
	return logtap_collect_work(&collect);
}
