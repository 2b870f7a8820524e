/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The option table: parsing, errors, help; and the guess at a mistyped word. */
#include "captured.h"

#include "../../../collector/base/nearest.h"
#include "../../../collector/base/options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct values {
	bool quiet;
	const char *output;
	struct logtap_option_list urls;
	long count;
	bool internal;
	const char *where;
};

static const struct logtap_option options[] = {
	{"quiet", 'q', LOGTAP_OPTION_FLAG, offsetof(struct values, quiet), NULL,
	 "say nothing"},
	{"output", 'o', LOGTAP_OPTION_TEXT, offsetof(struct values, output),
	 "FILE", "write to FILE\nor to standard output"},
	{"otlp", 0, LOGTAP_OPTION_LIST, offsetof(struct values, urls), "URL",
	 "send to URL"},
	{"count", 'c', LOGTAP_OPTION_NUMBER, offsetof(struct values, count),
	 "N", "stop after N"},
	{"where", 0, LOGTAP_OPTION_OPTIONAL, offsetof(struct values, where),
	 "PLACE", "there, or where PLACE is"},
	{"internal", 0, LOGTAP_OPTION_FLAG, offsetof(struct values, internal),
	 NULL, NULL},
};

static const struct logtap_usage with_operands = {
	.command = "try",
	.operands = "-- CMD [ARG]...",
	.about = "Tries.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};

static struct values values;
static int first;
static struct captured captured;

static int parse(const struct logtap_usage *usage, const char *const *words)
{
	/* Values point into the words until the next parse. */
	static char copies[16][64];
	char *argv[16];
	int argc = 0;
	for (; words[argc]; argc++) {
		cr_assert_lt(strlen(words[argc]), sizeof(copies[argc]));
		argv[argc] = strcpy(copies[argc], words[argc]);
	}
	argv[argc] = NULL;
	values = (struct values){0};
	return logtap_options_parse(usage, argc, argv, &values, &first);
}

#define PARSE(...) \
	parse(&with_operands, (const char *const[]){"try", __VA_ARGS__, NULL})

#define ASSERT_SAYS(text, ...)                                   \
	do {                                                     \
		captured_begin(&captured, STDERR_FILENO);        \
		int parsed = PARSE(__VA_ARGS__);                 \
		cr_assert_str_eq(captured_end(&captured), text); \
		cr_assert_eq(parsed, -EINVAL);                   \
	} while (0)

Test(options, every_form_of_an_option_is_understood)
{
	cr_assert_eq(PARSE("-qo", "a", "--otlp=x", "--otlp", "y", "-c12",
			   "--internal", "--", "cmd", "-x"),
		     0);
	cr_assert(values.quiet);
	cr_assert_str_eq(values.output, "a");
	cr_assert_eq(values.urls.count, 2);
	cr_assert_str_eq(values.urls.items[0], "x");
	cr_assert_str_eq(values.urls.items[1], "y");
	cr_assert_eq(values.count, 12);
	cr_assert(values.internal);
	cr_assert_eq(first, 9);
}

Test(options, what_follows_the_first_operand_is_left_alone)
{
	cr_assert_eq(PARSE("-q", "cmd", "-o", "x", "--nonsense"), 0);
	cr_assert_eq(first, 2);
	cr_assert_null(values.output);
}

Test(options, the_last_of_a_repeated_option_counts)
{
	cr_assert_eq(PARSE("-o", "a", "--output=b"), 0);
	cr_assert_str_eq(values.output, "b");
}

Test(options, an_optional_argument_comes_behind_an_equals_sign)
{
	cr_assert_eq(PARSE("cmd"), 0);
	cr_assert_null(values.where);
	cr_assert_eq(PARSE("--where", "cmd"), 0);
	cr_assert_str_eq(values.where, "");
	cr_assert_eq(first, 2);
	cr_assert_eq(PARSE("--where=here", "cmd"), 0);
	cr_assert_str_eq(values.where, "here");
}

Test(options, an_unknown_option_is_named_with_the_nearest_known_one)
{
	ASSERT_SAYS("logtap: try: --ouptut: no such option; did you mean "
		    "--output?\n",
		    "--ouptut=file");
	ASSERT_SAYS("logtap: try: --xyzzy: no such option; try `logtap try "
		    "--help'\n",
		    "--xyzzy");
	ASSERT_SAYS("logtap: try: -x: no such option; try `logtap try "
		    "--help'\n",
		    "-qx");
}

Test(options, internal_options_are_never_suggested)
{
	ASSERT_SAYS("logtap: try: --internol: no such option; try `logtap try "
		    "--help'\n",
		    "--internol");
}

Test(options, a_missing_or_superfluous_argument_is_named)
{
	ASSERT_SAYS("logtap: try: --output: needs an argument (FILE); try "
		    "`logtap try --help'\n",
		    "--output");
	ASSERT_SAYS("logtap: try: -o: needs an argument (FILE); try `logtap "
		    "try --help'\n",
		    "-o");
	ASSERT_SAYS("logtap: try: --quiet: takes no argument; try `logtap try "
		    "--help'\n",
		    "--quiet=1");
}

Test(options, a_number_must_be_one)
{
	ASSERT_SAYS("logtap: try: --count: \"12x\" is not a number of 0 or "
		    "more; try `logtap try --help'\n",
		    "-c", "12x");
	ASSERT_SAYS("logtap: try: --count: \"-1\" is not a number of 0 or "
		    "more; try `logtap try --help'\n",
		    "-c", "-1");
}

Test(options, a_list_has_an_end)
{
	ASSERT_SAYS("logtap: try: --otlp: given too often; try `logtap try "
		    "--help'\n",
		    "--otlp=1", "--otlp=2", "--otlp=3", "--otlp=4", "--otlp=5",
		    "--otlp=6", "--otlp=7", "--otlp=8", "--otlp=9");
}

Test(options, a_command_without_operands_refuses_them)
{
	struct logtap_usage usage = with_operands;
	usage.operands = NULL;
	captured_begin(&captured, STDERR_FILENO);
	int parsed =
		parse(&usage, (const char *const[]){"try", "-q", "left", NULL});
	cr_assert_str_eq(captured_end(&captured),
			 "logtap: try: left: unexpected argument; try `logtap "
			 "try --help'\n");
	cr_assert_eq(parsed, -EINVAL);
}

Test(options, a_word_behind_an_optional_argument_is_taken_for_that)
{
	struct logtap_usage usage = with_operands;
	usage.operands = NULL;
	captured_begin(&captured, STDERR_FILENO);
	int parsed = parse(&usage, (const char *const[]){"try", "--where",
							 "here", NULL});
	cr_assert_str_eq(captured_end(&captured),
			 "logtap: try: here: unexpected argument; did you mean "
			 "--where=here?\n");
	cr_assert_eq(parsed, -EINVAL);
}

Test(options, help_shows_every_option_but_the_internal_ones)
{
	captured_begin(&captured, STDOUT_FILENO);
	int parsed = PARSE("-q", "--help");
	const char *text = captured_end(&captured);
	cr_assert_eq(parsed, LOGTAP_OPTIONS_HELPED);
	cr_assert_str_eq(text,
			 "usage: logtap try [OPTION]... -- CMD [ARG]...\n"
			 "\n"
			 "Tries.\n"
			 "\n"
			 "options:\n"
			 "  -q, --quiet             say nothing\n"
			 "  -o, --output FILE       write to FILE\n"
			 "                          or to standard output\n"
			 "      --otlp URL          send to URL\n"
			 "  -c, --count N           stop after N\n"
			 "      --where[=PLACE]     there, or where PLACE is\n"
			 "  -h, --help              print this text\n");
}

static const char *nearest(const char *typed)
{
	static const char *const words[] = {"run",    "collect", "status",
					    "doctor", "help",	 "version"};
	struct logtap_nearest found = {0};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		logtap_nearest_offer(&found, typed, words[i]);
	return found.word ? found.word : "(none)";
}

Test(nearest, slips_of_the_fingers_are_recognised)
{
	cr_assert_str_eq(nearest("rnu"), "run");
	cr_assert_str_eq(nearest("statsu"), "status");
	cr_assert_str_eq(nearest("colect"), "collect");
	cr_assert_str_eq(nearest("doctr"), "doctor");
	cr_assert_str_eq(nearest("ver"), "version");
}

Test(nearest, words_that_are_far_from_all_get_no_guess)
{
	cr_assert_str_eq(nearest("nginx"), "(none)");
	cr_assert_str_eq(nearest(""), "(none)");
	cr_assert_str_eq(nearest("a-word-much-longer-than-any-command-can-be"),
			 "(none)");
}
