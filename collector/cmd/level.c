/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap level: the thresholds of a running collector, by the file that it
 * looks at.  Main thread. */
#include "command.h"

#include "../base/error.h"
#include "../base/options.h"
#include "../base/own_file.h"
#include "../intake/levels.h"
#include "../run/sessions.h"
#include "where_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NEW_NAME LOGTAP_LEVEL_NAME ".new"

struct options {
	const char *directory;
	bool reset;
};

static const struct logtap_option table[] = {
	LOGTAP_DIRECTORY_OPTION(struct options, directory),
	{"reset", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, reset), NULL,
	 "back to what the collector and programs started with"},
};

static const struct logtap_usage usage = {
	.command = "level",
	.operands = "[LEVELS]",
	.about =
		"Sets which events of running programs pass, by severity and\n"
		"by target, as in info,h2=off: the longest prefix of a target\n"
		"wins.  Without LEVELS tells what was set.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static int cannot(const char *directory, int error)
{
	logtap_error_print("level", directory, strerror(error),
			   error == ENOENT
				   ? "is a collector running there? (--dir DIR)"
				   : NULL);
	return LOGTAP_EXIT_BAD;
}

static int show(int dir_fd, const char *directory)
{
	char text[LOGTAP_LEVEL_BYTES + 1];
	int fd = logtap_own_file_read_at(dir_fd, LOGTAP_LEVEL_NAME);
	/* the collector does not heed what another user has left there */
	if (fd == -ENOENT || fd == -EPERM) {
		puts("not set");
		return LOGTAP_EXIT_GOOD;
	}
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	int error = fd < 0 ? -fd : errno;
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return cannot(directory, error);
	text[got] = 0;
	text[strcspn(text, "\n")] = 0;
	for (char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	puts(text);
	return LOGTAP_EXIT_GOOD;
}

/* The collector never sees half of it. */
static int set(int dir_fd, const char *directory, const char *levels)
{
	char text[LOGTAP_LEVEL_BYTES + 1];
	int bytes = snprintf(text, sizeof(text), "%s\n", levels);
	unlinkat(dir_fd, NEW_NAME, 0);
	int fd = logtap_own_file_open(dir_fd, NEW_NAME, O_WRONLY | O_CREAT,
				      0644);
	int error = fd < 0				      ? -fd
		    : write(fd, text, (size_t)bytes) != bytes ? ENOSPC
							      : 0;
	if (fd >= 0)
		close(fd);
	if (!error)
		error = -logtap_own_file_clear(dir_fd, LOGTAP_LEVEL_NAME);
	if (!error && renameat(dir_fd, NEW_NAME, dir_fd, LOGTAP_LEVEL_NAME))
		error = errno;
	if (error && fd >= 0)
		unlinkat(dir_fd, NEW_NAME, 0);
	return error ? cannot(directory, error) : LOGTAP_EXIT_GOOD;
}

static int reset(int dir_fd, const char *directory)
{
	if (unlinkat(dir_fd, LOGTAP_LEVEL_NAME, 0) && errno != ENOENT)
		return cannot(directory, errno);
	return LOGTAP_EXIT_GOOD;
}

static int usage_error(const char *where, const char *why)
{
	logtap_error_print("level", where, why, logtap_options_hint(&usage));
	return LOGTAP_EXIT_USAGE;
}

int logtap_cmd_level(int argc, char **argv)
{
	struct options options = {0};
	struct logtap_levels levels;
	char why[160];
	int first;
	int error = logtap_options_parse(&usage, argc, argv, &options, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	const char *wanted = first < argc ? argv[first] : NULL;
	if (first + 1 < argc)
		return usage_error(argv[first + 1], "is one operand too many");
	if (wanted && options.reset)
		return usage_error("--reset", "takes no LEVELS");
	if (wanted && strlen(wanted) >= LOGTAP_LEVEL_BYTES)
		return usage_error("LEVELS", "is longer than 4095 bytes");
	if (wanted && (strchr(wanted, '\n') ||
		       !logtap_levels_parse(wanted, &levels, why, sizeof(why))))
		return usage_error("LEVELS", strchr(wanted, '\n')
						     ? "is more than a line"
						     : why);
	const char *directory =
		logtap_sessions_choose("level", options.directory);
	if (!directory)
		return LOGTAP_EXIT_BAD;
	int dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return cannot(directory, errno);
	int status = options.reset ? reset(dir_fd, directory)
		     : wanted	   ? set(dir_fd, directory, wanted)
				   : show(dir_fd, directory);
	close(dir_fd);
	return status;
}
