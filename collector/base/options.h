/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options of a command, declared once: the table gives the parser, the errors
 * and the text of --help.  A thin layer over getopt_long(3).
 *
 * Long and short forms, --name=value, clustered letters.  Parsing stops at the
 * first operand, so that what follows may be another program's own command
 * line.  -h and --help are known to every command.
 */
#ifndef LOGTAP_BASE_OPTIONS_H
#define LOGTAP_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum logtap_option_kind {
	LOGTAP_OPTION_FLAG,   /* bool: becomes true */
	LOGTAP_OPTION_TEXT,   /* const char *: the last one given */
	LOGTAP_OPTION_LIST,   /* struct logtap_option_list: each one given */
	LOGTAP_OPTION_NUMBER, /* long: decimal, not negative */
	/* const char *: --name=value; "" for --name alone */
	LOGTAP_OPTION_OPTIONAL,
};

enum { LOGTAP_OPTION_LIST_MAX = 8 };
struct logtap_option_list {
	const char *items[LOGTAP_OPTION_LIST_MAX];
	size_t count;
};

struct logtap_option {
	const char *name; /* without the dashes */
	char letter;	  /* 0: has no short form */
	enum logtap_option_kind kind;
	size_t offset;	      /* offsetof() in the command's struct */
	const char *argument; /* how help calls it: "FILE"; NULL for a flag */
	const char *help;     /* NULL: for logtap's own use, not shown */
};

struct logtap_usage {
	const char *command;  /* "run" */
	const char *operands; /* "-- CMD [ARG]..."; NULL: takes none */
	const char *about;    /* what the command does, for --help */
	const struct logtap_option *options;
	size_t option_count;
};

enum { LOGTAP_OPTIONS_HELPED = 1 };

/**
 * logtap_options_parse() - fill @values from a command line
 * @argv:   argv[0] is the command's name
 * @values: the struct that the offsets are in, already holding the defaults;
 *          strings are borrowed from @argv
 * @first:  becomes the index of the first operand (argc: none)
 *
 * Not thread-safe (getopt has global state).
 *
 * Return: 0; LOGTAP_OPTIONS_HELPED after --help, which was printed: end with
 *         status 0; -EINVAL after an error that was printed.
 */
int logtap_options_parse(const struct logtap_usage *usage, int argc,
			 char **argv, void *values, int *first);

/* The line that an error about the command's usage ends with. */
const char *logtap_options_hint(const struct logtap_usage *usage);

#endif
