/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a command, declared once: see the header.  Main thread only. */
#include "options.h"

#include "error.h"
#include "nearest.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 32, LONG_BASE = 256, HELP_COLUMN = 26 };

const char *logtap_options_hint(const struct logtap_usage *usage)
{
	static char hint[96];
	snprintf(hint, sizeof(hint), "try `logtap %s --help'", usage->command);
	return hint;
}

static void print_option(char letter, const char *name, const char *separator,
			 const char *argument, const char *help)
{
	char left[64];
	char dash[8] = "    ";
	if (letter)
		snprintf(dash, sizeof(dash), "-%c, ", letter);
	bool optional = *separator == '[';
	int width =
		snprintf(left, sizeof(left), "  %s--%s%s%s%s", dash, name,
			 argument ? separator : "", argument ? argument : "",
			 argument && optional ? "]" : "");
	if (width >= HELP_COLUMN)
		printf("%s\n%*s", left, HELP_COLUMN, "");
	else
		printf("%-*s", HELP_COLUMN, left);
	for (const char *text = help; *text; text++) {
		putchar(*text);
		if (*text == '\n')
			printf("%*s", HELP_COLUMN, "");
	}
	putchar('\n');
}

static void print_help(const struct logtap_usage *usage)
{
	printf("usage: logtap %s [OPTION]...%s%s\n\n%s\n\noptions:\n",
	       usage->command, usage->operands ? " " : "",
	       usage->operands ? usage->operands : "", usage->about);
	for (size_t i = 0; i < usage->option_count; i++) {
		const struct logtap_option *option = &usage->options[i];
		bool optional = option->kind == LOGTAP_OPTION_OPTIONAL;
		if (option->help)
			print_option(option->letter, option->name,
				     optional ? "[=" : " ", option->argument,
				     option->help);
	}
	print_option('h', "help", " ", NULL, "print this text");
	fflush(stdout);
}

/* getopt's two forms of the table.  Each long option's value is LONG_BASE and
 * its index, so that an error can be traced back to it. */
static void make_tables(const struct logtap_usage *usage, char *letters,
			struct option *longs)
{
	*letters++ = '+';
	*letters++ = ':';
	*letters++ = 'h';
	for (size_t i = 0; i < usage->option_count; i++) {
		const struct logtap_option *option = &usage->options[i];
		bool optional = option->kind == LOGTAP_OPTION_OPTIONAL;
		bool takes = option->kind != LOGTAP_OPTION_FLAG && !optional;
		if (option->letter) {
			*letters++ = option->letter;
			if (takes)
				*letters++ = ':';
		}
		longs[i] = (struct option){
			.name = option->name,
			.has_arg = optional ? optional_argument
				   : takes  ? required_argument
					    : no_argument,
			.val = LONG_BASE + (int)i,
		};
	}
	*letters = '\0';
	longs[usage->option_count] = (struct option){
		.name = "help",
		.val = 'h',
	};
	longs[usage->option_count + 1] = (struct option){0};
}

static const struct logtap_option *find(const struct logtap_usage *usage,
					int value)
{
	for (size_t i = 0; i < usage->option_count; i++) {
		const struct logtap_option *option = &usage->options[i];
		if (value == LONG_BASE + (int)i ||
		    (option->letter && value == option->letter))
			return option;
	}
	return NULL;
}

static int complain(const struct logtap_usage *usage, const char *word,
		    const char *why, const char *next)
{
	logtap_error_print(usage->command, word, why,
			   next ? next : logtap_options_hint(usage));
	return -EINVAL;
}

static int unknown(const struct logtap_usage *usage, char *word)
{
	char next[128];
	struct logtap_nearest nearest = {0};

	if (strncmp(word, "--", 2))
		return complain(usage, word, "no such option", NULL);
	word[strcspn(word, "=")] = '\0';
	for (size_t i = 0; i < usage->option_count; i++) {
		if (usage->options[i].help)
			logtap_nearest_offer(&nearest, word + 2,
					     usage->options[i].name);
	}
	logtap_nearest_offer(&nearest, word + 2, "help");
	if (!nearest.word)
		return complain(usage, word, "no such option", NULL);
	snprintf(next, sizeof(next), "did you mean --%s?", nearest.word);
	return complain(usage, word, "no such option", next);
}

/* @code: what getopt_long() returned for it, '?' or ':'. */
static int misused(const struct logtap_usage *usage, int code, char **argv)
{
	char word[80];
	const struct logtap_option *option = find(usage, optopt);

	if (!option && optopt && optopt < LONG_BASE) {
		snprintf(word, sizeof(word), "-%c", optopt);
		if (optopt == 'h')
			return complain(usage, "--help", "takes no argument",
					NULL);
		return complain(usage, word, "no such option", NULL);
	}
	if (!option) {
		char *copy = strdup(argv[optind - 1]);
		if (!copy)
			return -ENOMEM;
		int error = unknown(usage, copy);
		free(copy);
		return error;
	}
	if (optopt >= LONG_BASE)
		snprintf(word, sizeof(word), "--%s", option->name);
	else
		snprintf(word, sizeof(word), "-%c", optopt);
	if (code != ':')
		return complain(usage, word, "takes no argument", NULL);
	char why[64];
	snprintf(why, sizeof(why), "needs an argument (%s)", option->argument);
	return complain(usage, word, why, NULL);
}

static int take_number(const struct logtap_usage *usage, const char *word,
		       long *out)
{
	char *end, why[128];

	errno = 0;
	*out = strtol(optarg, &end, 10);
	if (!errno && end != optarg && !*end && *out >= 0)
		return 0;
	snprintf(why, sizeof(why), "\"%.64s\" is not a number of 0 or more",
		 optarg);
	return complain(usage, word, why, NULL);
}

static int take(const struct logtap_usage *usage,
		const struct logtap_option *option, void *values)
{
	void *target = (char *)values + option->offset;
	struct logtap_option_list *list = target;
	char word[80];

	snprintf(word, sizeof(word), "--%s", option->name);
	switch (option->kind) {
	case LOGTAP_OPTION_FLAG:
		*(bool *)target = true;
		return 0;
	case LOGTAP_OPTION_TEXT:
		*(const char **)target = optarg;
		return 0;
	case LOGTAP_OPTION_OPTIONAL:
		*(const char **)target = optarg ? optarg : "";
		return 0;
	case LOGTAP_OPTION_LIST:
		if (list->count == LOGTAP_OPTION_LIST_MAX)
			return complain(usage, word, "given too often", NULL);
		list->items[list->count++] = optarg;
		return 0;
	case LOGTAP_OPTION_NUMBER:
		return take_number(usage, word, target);
	}
	return -EINVAL;
}

/* @word: behind @before, where nothing is taken. */
static int superfluous(const struct logtap_usage *usage, const char *before,
		       const char *word)
{
	bool named = before[0] == '-' && before[1] == '-';
	char next[160];

	for (size_t i = 0; named && i < usage->option_count; i++) {
		const struct logtap_option *option = &usage->options[i];
		if (option->kind != LOGTAP_OPTION_OPTIONAL ||
		    strcmp(before + 2, option->name) != 0)
			continue;
		snprintf(next, sizeof(next), "did you mean %s=%.80s?", before,
			 word);
		return complain(usage, word, "unexpected argument", next);
	}
	return complain(usage, word, "unexpected argument", NULL);
}

int logtap_options_parse(const struct logtap_usage *usage, int argc,
			 char **argv, void *values, int *first)
{
	char letters[2 * OPTIONS_MAX + 4];
	struct option longs[OPTIONS_MAX + 2];
	int code;

	if (usage->option_count > OPTIONS_MAX)
		return -EINVAL;
	make_tables(usage, letters, longs);
	optind = 0; /* glibc and musl: start afresh */
	opterr = 0;
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (code == 'h') {
			print_help(usage);
			return LOGTAP_OPTIONS_HELPED;
		}
		if (code == '?' || code == ':')
			return misused(usage, code, argv);
		int error = take(usage, find(usage, code), values);
		if (error)
			return error;
	}
	*first = optind;
	if (!usage->operands && optind < argc)
		return superfluous(usage, argv[optind - 1], argv[optind]);
	return 0;
}
