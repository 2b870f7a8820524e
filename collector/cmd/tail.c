/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap tail: the latest records of a running collector, and those that
 * follow.  Main thread. */
#include "tail.h"

#include "../admin/client.h"
#include "../base/error.h"
#include "../base/options.h"
#include "command.h"
#include "where_options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 1000, TEXT_BYTES = 1024 };

#define AT(member) offsetof(struct logtap_tail_options, member)

static const struct logtap_option table[] = {
	{"follow", 'f', LOGTAP_OPTION_FLAG, AT(follow), NULL,
	 "go on with new records as they come"},
	{"lines", 'n', LOGTAP_OPTION_NUMBER, AT(lines), "N",
	 "begin with the last N records (default: 10)"},
	{"json", 0, LOGTAP_OPTION_FLAG, AT(json), NULL,
	 "print each as a JSON object, with all that is known"},
	{"level", 'l', LOGTAP_OPTION_TEXT, AT(level), "LEVEL",
	 "only that severe ones, or more: warn, error, 1 to 24"},
	{"grep", 'g', LOGTAP_OPTION_TEXT, AT(text), "TEXT",
	 "only those with TEXT in them, in any case"},
	{"service", 's', LOGTAP_OPTION_TEXT, AT(service), "NAME",
	 "only of that service"},
	{"pid", 'p', LOGTAP_OPTION_TEXT, AT(pid), "PID",
	 "only of that process"},
	{"tid", 0, LOGTAP_OPTION_TEXT, AT(tid), "TID", "only of that thread"},
	{"trace", 0, LOGTAP_OPTION_TEXT, AT(trace), "ID",
	 "only of that trace, 32 hexadecimal digits"},
	LOGTAP_CLIENT_OPTIONS(struct logtap_tail_options, client, "--admin"),
};

static const struct logtap_usage usage = {
	.command = "tail",
	.about = "Shows the latest records of a session or a collector that\n"
		 "was started with --admin.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

/* In the form of a URL's query. */
static int add_filter(struct logtap_bytes *out, const char *name,
		      const char *value)
{
	static const char hex[] = "0123456789ABCDEF";

	if (!value)
		return 0;
	int error = logtap_bytes_append(out, "&", 1);
	if (!error)
		error = logtap_bytes_append(out, name, strlen(name));
	if (!error)
		error = logtap_bytes_append(out, "=", 1);
	for (; !error && *value; value++) {
		unsigned char byte = (unsigned char)*value;
		char text[3] = {'%', hex[byte >> 4], hex[byte & 15]};
		error = logtap_bytes_append(out, text, sizeof(text));
	}
	return error;
}

static int make_filter(struct logtap_tail *tail)
{
	const struct logtap_tail_options *options = &tail->options;
	int error = add_filter(&tail->filter, "level", options->level);

	error = error ? error : add_filter(&tail->filter, "q", options->text);
	error = error ? error
		      : add_filter(&tail->filter, "service", options->service);
	error = error ? error : add_filter(&tail->filter, "pid", options->pid);
	error = error ? error : add_filter(&tail->filter, "tid", options->tid);
	error = error ? error
		      : add_filter(&tail->filter, "trace_id", options->trace);
	return error ? error : logtap_bytes_append(&tail->filter, "", 1);
}

/* The endpoint says "logtap: what: why" itself. */
void logtap_tail_say_refusal(const struct logtap_tail *tail, long status)
{
	static const char name[] = "logtap: ";
	const char *text = (const char *)tail->body.data;
	size_t bytes = tail->body.size;

	if (bytes < sizeof(name) || memcmp(text, name, sizeof(name) - 1) != 0) {
		logtap_error_say("tail: not an answer of logtap: status %ld",
				 status);
		return;
	}
	text += sizeof(name) - 1;
	bytes -= sizeof(name) - 1;
	const char *end = memchr(text, '\n', bytes);
	logtap_error_say("tail: %.*s", (int)(end ? end - text : (long)bytes),
			 text);
}

/* Return: the reply, or NULL after an error that was printed. */
static json_t *ask(struct logtap_tail *tail, const char *cursor)
{
	struct logtap_bytes path = {0};
	char error[TEXT_BYTES];
	json_error_t why;
	json_t *reply = NULL;

	if (logtap_bytes_append(&path, cursor, strlen(cursor)) ||
	    logtap_bytes_append(&path, tail->filter.data, tail->filter.size)) {
		logtap_bytes_deinit(&path);
		logtap_error_say("tail: out of memory");
		return NULL;
	}
	long status =
		logtap_admin_client_get(tail->client, (char *)path.data,
					&tail->body, error, sizeof(error));
	logtap_bytes_deinit(&path);
	if (status < 0) {
		logtap_error_say("tail: %s", error);
		return NULL;
	}
	if (status != 200) {
		logtap_tail_say_refusal(tail, status);
		return NULL;
	}
	/* a program may write a NUL */
	reply = json_loadb((char *)tail->body.data, tail->body.size,
			   JSON_ALLOW_NUL, &why);
	if (!json_is_object(reply)) {
		logtap_error_say("tail: not an answer of logtap: %s",
				 reply ? "no object" : why.text);
		json_decref(reply);
		return NULL;
	}
	return reply;
}

int logtap_tail_put(const struct logtap_tail *tail, const json_t *log)
{
	if (!tail->options.json)
		return logtap_tail_print(log, tail->colour);
	if (json_dumpf(log, stdout, JSON_COMPACT))
		return -EIO;
	putchar('\n');
	return 0;
}

int logtap_tail_flush(void)
{
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

/* The last ones, as they are now. */
static int show(struct logtap_tail *tail)
{
	char path[64];
	const json_t *log;
	size_t i;
	int error = 0;

	if (!tail->options.lines)
		return 0;
	snprintf(path, sizeof(path), "/logs?limit=%ld", tail->options.lines);
	json_t *reply = ask(tail, path);
	if (!reply)
		return -EIO;
	json_array_foreach(json_object_get(reply, "logs"), i, log)
	{
		if (!error)
			error = logtap_tail_put(tail, log);
	}
	json_decref(reply);
	return error ? error : logtap_tail_flush();
}

static int work(struct logtap_tail *tail)
{
	char error[TEXT_BYTES];

	if (make_filter(tail)) {
		logtap_error_say("tail: out of memory");
		return -ENOMEM;
	}
	if (tail->options.follow)
		return logtap_tail_follow(tail);
	if (logtap_admin_client_new(&tail->options.client, &tail->client, error,
				    sizeof(error))) {
		logtap_error_say("tail: %s", error);
		return -EIO;
	}
	return show(tail);
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

int logtap_cmd_tail(int argc, char **argv)
{
	struct logtap_tail tail = {.options = {.lines = 10}};
	int first;
	int result =
		logtap_options_parse(&usage, argc, argv, &tail.options, &first);

	if (result)
		return result > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (tail.options.lines > PAGE) {
		logtap_error_print("tail", "--lines", "at most 1000",
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_USAGE;
	}
	tail.colour = wants_colour();
	result = work(&tail);
	logtap_admin_client_free(tail.client);
	logtap_bytes_deinit(&tail.filter);
	logtap_bytes_deinit(&tail.body);
	free(tail.instance);
	return result ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
}
