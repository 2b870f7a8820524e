/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap loops: the feedback loops that a running collector has found, and
 * what to do about them.  Main thread. */
#include "../loops/report/report.h"

#include "../admin/client.h"
#include "../base/error.h"
#include "../base/options.h"
#include "command.h"
#include "where_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 1024, WORDS_MAX = 3 };

struct options {
	struct logtap_admin_client_options client;
	bool json;
	const char *rate;
	bool drop;
	bool tag;
	bool off;
	bool at_source;
	const char *ttl;
	bool svg;
};

#define AT(member) offsetof(struct options, member)

static const struct logtap_option table[] = {
	{"json", 0, LOGTAP_OPTION_FLAG, AT(json), NULL,
	 "print what is known as JSON"},
	{"tag", 0, LOGTAP_OPTION_FLAG, AT(tag), NULL,
	 "break: mark its records with logtap.loop.id and\n"
	 "logtap.hop (this is what it does without an option)"},
	{"rate", 0, LOGTAP_OPTION_TEXT, AT(rate), "N[/s]",
	 "break: let N of its records a second pass"},
	{"drop", 0, LOGTAP_OPTION_FLAG, AT(drop), NULL,
	 "break: leave its records out"},
	{"off", 0, LOGTAP_OPTION_FLAG, AT(off), NULL,
	 "break: let all pass again"},
	{"at-source", 0, LOGTAP_OPTION_FLAG, AT(at_source), NULL,
	 "break: also slow the program's own exports that make\n"
	 "it, to N a second or one (takes --loops=probe)"},
	{"ttl", 0, LOGTAP_OPTION_TEXT, AT(ttl), "TIME",
	 "break: for so long, 90s, 10m, 1h or 1d (default: 1h)"},
	{"svg", 0, LOGTAP_OPTION_FLAG, AT(svg), NULL,
	 "graph: as a picture, not for dot(1)"},
	LOGTAP_CLIENT_OPTIONS(struct options, client, "--loops"),
};

static const struct logtap_usage usage = {
	.command = "loops",
	.operands = "[show N | probe [N] | break N | graph [N]]",
	.about =
		"Shows the feedback loops that a session or a collector with\n"
		"--loops has found: records that are caused by the delivery\n"
		"of records.  show: all about one.  probe: hold its exports\n"
		"for a moment, to see whether it stops.  break: mark, slow or\n"
		"stop its records.  graph: draw it, or without N all that\n"
		"writes, exports and receives.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

struct work {
	struct options options;
	const char *words[WORDS_MAX];
	size_t word_count;
	unsigned long number;
	struct logtap_admin_client *client;
	struct logtap_bytes body;
};

static int usage_error(const char *where, const char *why)
{
	logtap_error_print("loops", where, why, logtap_options_hint(&usage));
	return LOGTAP_EXIT_USAGE;
}

/* Options may stand before, between and behind the words. */
static int parse(struct work *work, int argc, char **argv)
{
	int first;

	for (;;) {
		int result = logtap_options_parse(&usage, argc, argv,
						  &work->options, &first);
		if (result)
			return result;
		if (first >= argc)
			return 0;
		if (work->word_count == WORDS_MAX) {
			usage_error(argv[first], "is one word too many");
			return -EINVAL;
		}
		work->words[work->word_count++] = argv[first];
		/* the word stands where the command's name stood */
		argv += first;
		argc -= first;
	}
}

/* "1h" in ms; false: it is none. */
static bool read_time(const char *text, unsigned long long *ms)
{
	static const struct {
		const char *unit;
		unsigned long long ms;
	} units[] = {{"", 1000},   {"ms", 1},	   {"s", 1000},
		     {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (end == text || errno || *text == '-' || value > 1000000000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].unit)) {
			*ms = value * units[i].ms;
			return true;
		}
	return false;
}

static bool read_rate(const char *text, double *rate)
{
	char *end;

	*rate = strtod(text, &end);
	return end != text && *rate > 0 && *rate < 1e9 &&
	       (!*end || !strcmp(end, "/s"));
}

/* Return: the reply, or NULL after an error that was printed. */
static json_t *ask(struct work *work, const char *path, bool post)
{
	static const char name[] = "logtap: ";
	char error[TEXT_BYTES];
	json_error_t why;
	long status =
		post ? logtap_admin_client_post(work->client, path, &work->body,
						error, sizeof(error))
		     : logtap_admin_client_get(work->client, path, &work->body,
					       error, sizeof(error));
	const char *text = (const char *)work->body.data;
	size_t bytes = work->body.size;

	if (status < 0) {
		logtap_error_say("loops: %s", error);
		return NULL;
	}
	json_t *reply = status == 200 ? json_loadb(text, bytes, 0, &why) : NULL;
	if (json_is_object(reply))
		return reply;
	json_decref(reply);
	if (status != 200 && bytes > sizeof(name) &&
	    !memcmp(text, name, sizeof(name) - 1)) {
		const char *end = memchr(text, '\n', bytes);
		text += sizeof(name) - 1;
		logtap_error_say("%.*s", (int)((end ? end : text) - text),
				 text);
	} else {
		logtap_error_say("loops: not an answer of logtap: status %ld",
				 status);
	}
	return NULL;
}

static int print(const struct logtap_bytes *text)
{
	fwrite(text->data, 1, text->size, stdout);
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static int print_json(const json_t *value)
{
	if (json_dumpf(value, stdout, JSON_INDENT(2)))
		return -EIO;
	putchar('\n');
	return fflush(stdout) ? -EIO : 0;
}

static int report(const struct work *work, const json_t *reply)
{
	const char *word = work->word_count ? work->words[0] : "";
	struct logtap_bytes text = {0};
	int error;

	if (!work->number) {
		if (work->options.json)
			return print_json(reply);
		error = !strcmp(word, "graph")
				? logtap_loops_report_graph(reply, &text)
				: logtap_loops_report_table(reply, &text);
	} else {
		const json_t *loop =
			logtap_loops_report_find(reply, work->number);
		if (!loop) {
			logtap_error_say("loops: %lu: no such loop; `logtap "
					 "loops' lists them",
					 work->number);
			return -ENOENT;
		}
		if (work->options.json)
			return print_json(loop);
		if (strcmp(word, "graph") != 0)
			error = logtap_loops_report_text(loop, &text);
		else if (work->options.svg)
			error = logtap_loops_report_svg(loop, &text);
		else
			error = logtap_loops_report_dot(loop, &text);
	}
	if (!error)
		error = print(&text);
	logtap_bytes_deinit(&text);
	return error;
}

/* The path of what is asked for; empty: a mistake was told. */
static int make_path(const struct work *work, char *path, size_t path_bytes)
{
	const struct options *options = &work->options;
	const char *word = work->word_count ? work->words[0] : "";
	unsigned long long ttl_ms = 3600000;
	double rate = 0;

	if (options->ttl && !read_time(options->ttl, &ttl_ms))
		return usage_error(options->ttl, "not a time, like 10m");
	if (options->rate && !read_rate(options->rate, &rate))
		return usage_error(options->rate, "not a rate, like 1/s");
	if (options->at_source && options->off)
		return usage_error("--at-source", "not together with --off");
	if (!strcmp(word, "probe"))
		snprintf(path, path_bytes, "/loops?action=probe&number=%lu",
			 work->number);
	else if (!strcmp(word, "break"))
		snprintf(path, path_bytes,
			 "/loops?action=break&number=%lu&step=%s&rate=%g&"
			 "ttl_ms=%llu%s",
			 work->number,
			 options->off	 ? "observe"
			 : options->drop ? "suppress"
			 : options->rate ? "rate"
					 : "tag",
			 rate, ttl_ms, options->at_source ? "&source=1" : "");
	else
		snprintf(path, path_bytes, "/loops");
	return 0;
}

static int check_words(struct work *work)
{
	static const char *const known[] = {"show", "probe", "break", "graph"};
	size_t i = 0;
	char *end;

	if (!work->word_count)
		return 0;
	while (i < sizeof(known) / sizeof(known[0]) &&
	       strcmp(work->words[0], known[i]) != 0)
		i++;
	if (i == sizeof(known) / sizeof(known[0]))
		return usage_error(work->words[0],
				   "not show, probe, break or graph");
	if (work->word_count > 2)
		return usage_error(work->words[2], "is one word too many");
	if (work->word_count == 2) {
		work->number = strtoul(work->words[1], &end, 10);
		if (*end || !work->number || work->number > 1000000000)
			return usage_error(work->words[1],
					   "not the number of a loop");
	} else if (!strcmp(work->words[0], "graph") && work->options.svg) {
		return usage_error("--svg", "needs the number of a loop");
	} else if (strcmp(work->words[0], "probe") != 0 &&
		   strcmp(work->words[0], "graph") != 0) {
		return usage_error(work->words[0],
				   "needs the number of a loop");
	}
	return 0;
}

static int run(struct work *work)
{
	const char *word = work->word_count ? work->words[0] : "";
	bool post = !strcmp(word, "probe") || !strcmp(word, "break");
	char path[256];
	int result = make_path(work, path, sizeof(path));

	if (result)
		return result;
	json_t *reply = ask(work, path, post);
	if (!reply)
		return LOGTAP_EXIT_BAD;
	result = report(work, reply) ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
	json_decref(reply);
	return result;
}

int logtap_cmd_loops(int argc, char **argv)
{
	struct work work = {0};
	char error[TEXT_BYTES];
	int result = parse(&work, argc, argv);

	if (result)
		return result > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	result = check_words(&work);
	if (result)
		return result;
	if (logtap_admin_client_new(&work.options.client, &work.client, error,
				    sizeof(error))) {
		logtap_error_say("loops: %s", error);
		return LOGTAP_EXIT_BAD;
	}
	result = run(&work);
	logtap_admin_client_free(work.client);
	logtap_bytes_deinit(&work.body);
	return result;
}
