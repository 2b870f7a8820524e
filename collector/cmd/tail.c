/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap tail: the latest records of a running collector, and those that
 * follow.  Main thread. */
#include "tail.h"

#include "../admin/client.h"
#include "../base/error.h"
#include "../base/options.h"
#include "command.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 1000, POLL_MS = 200, TEXT_BYTES = 1024 };

struct options {
	struct logtap_admin_client_options client;
	long lines;
	bool follow;
	bool json;
	const char *level;
	const char *text;
	const char *service;
	const char *pid;
	const char *tid;
	const char *trace;
};

static const struct logtap_option table[] = {
	{"follow", 'f', LOGTAP_OPTION_FLAG, offsetof(struct options, follow),
	 NULL, "go on with new records as they come"},
	{"lines", 'n', LOGTAP_OPTION_NUMBER, offsetof(struct options, lines),
	 "N", "begin with the last N records (default: 10)"},
	{"json", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, json), NULL,
	 "print each as a JSON object, with all that is known"},
	{"level", 'l', LOGTAP_OPTION_TEXT, offsetof(struct options, level),
	 "LEVEL", "only that severe ones, or more: warn, error, 1 to 24"},
	{"grep", 'g', LOGTAP_OPTION_TEXT, offsetof(struct options, text),
	 "TEXT", "only those with TEXT in them, in any case"},
	{"service", 's', LOGTAP_OPTION_TEXT, offsetof(struct options, service),
	 "NAME", "only of that service"},
	{"pid", 'p', LOGTAP_OPTION_TEXT, offsetof(struct options, pid), "PID",
	 "only of that process"},
	{"tid", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, tid), "TID",
	 "only of that thread"},
	{"trace", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, trace), "ID",
	 "only of that trace, 32 hexadecimal digits"},
	{"admin", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, client.address), "ADDR",
	 "where the collector's --admin is (default: what the\n"
	 "collector of --dir says, else 127.0.0.1:4319)"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, client.token_file), "FILE",
	 "the token that it asks for"},
	{"dir", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, client.directory), "DIR",
	 "the collector's directory (default: $LOGTAP_DIR, or the\n"
	 "only session that runs with --admin)"},
};

static const struct logtap_usage usage = {
	.command = "tail",
	.about = "Shows the latest records of a session or a collector that\n"
		 "was started with --admin.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

struct tail {
	struct options options;
	struct logtap_admin_client *client;
	struct logtap_bytes filter; /* "&level=...", NUL-terminated */
	struct logtap_bytes body;
	char *instance; /* of the collector that answered last */
	bool colour;
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

static int make_filter(struct tail *tail)
{
	const struct options *options = &tail->options;
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
static void say_refusal(const struct tail *tail, long status)
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
static json_t *ask(struct tail *tail, const char *cursor)
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
		say_refusal(tail, status);
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

static int print_logs(const struct tail *tail, const json_t *reply)
{
	const json_t *log;
	size_t i;

	json_array_foreach(json_object_get(reply, "logs"), i, log)
	{
		int error = 0;
		if (!tail->options.json)
			error = logtap_tail_print(log, tail->colour);
		else if (json_dumpf(log, stdout, JSON_COMPACT))
			error = -EIO;
		else
			putchar('\n');
		if (error)
			return error;
	}
	return fflush(stdout) || ferror(stdout) ? -EIO : 0;
}

static uint64_t number_of(const json_t *reply, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(reply, key));
}

/* A collector that began anew numbers its records anew, too. */
static bool is_another(struct tail *tail, const json_t *reply)
{
	const char *instance =
		json_string_value(json_object_get(reply, "instance"));
	bool another = tail->instance && instance &&
		       strcmp(tail->instance, instance) != 0;

	if (instance && (another || !tail->instance)) {
		free(tail->instance);
		tail->instance = strdup(instance);
	}
	return another;
}

static void pause_ms(long ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&time, NULL);
}

static int follow(struct tail *tail, uint64_t cursor)
{
	char path[128];
	int error = 0;

	while (!error) {
		snprintf(path, sizeof(path), "/logs?limit=%d&after=%llu", PAGE,
			 (unsigned long long)cursor);
		json_t *reply = ask(tail, path);
		if (!reply)
			return -EIO;
		uint64_t missing = number_of(reply, "truncated_before_seq");
		if (is_another(tail, reply)) {
			logtap_error_say("tail: another collector answers now");
			cursor = 0;
			json_decref(reply);
			continue;
		}
		if (missing > cursor + 1)
			logtap_error_say(
				"tail: %llu records were gone before "
				"they could be shown",
				(unsigned long long)(missing - cursor - 1));
		error = print_logs(tail, reply);
		uint64_t last = cursor;
		cursor = number_of(reply, "next_seq");
		if (cursor == last || cursor >= number_of(reply, "newest_seq"))
			pause_ms(POLL_MS);
		json_decref(reply);
	}
	return error;
}

static int work(struct tail *tail)
{
	char path[64];
	long lines = tail->options.lines;
	int error = make_filter(tail);

	if (error)
		return error;
	snprintf(path, sizeof(path), "/logs?limit=%ld", lines ? lines : 1);
	json_t *reply = ask(tail, path);
	if (!reply)
		return -EIO;
	is_another(tail, reply);
	if (lines)
		error = print_logs(tail, reply);
	uint64_t cursor = number_of(reply, "next_seq");
	json_decref(reply);
	return !error && tail->options.follow ? follow(tail, cursor) : error;
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

int logtap_cmd_tail(int argc, char **argv)
{
	struct tail tail = {.options = {.lines = 10}};
	char error[TEXT_BYTES];
	int first;
	int result =
		logtap_options_parse(&usage, argc, argv, &tail.options, &first);

	if (result)
		return result > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (first < argc || tail.options.lines > PAGE) {
		logtap_error_print(
			"tail", first < argc ? argv[first] : "--lines",
			first < argc ? "takes no operand" : "at most 1000",
			logtap_options_hint(&usage));
		return LOGTAP_EXIT_USAGE;
	}
	tail.colour = wants_colour();
	result = logtap_admin_client_new(&tail.options.client, &tail.client,
					 error, sizeof(error));
	if (result)
		logtap_error_say("tail: %s", error);
	else
		result = work(&tail);
	logtap_admin_client_free(tail.client);
	logtap_bytes_deinit(&tail.filter);
	logtap_bytes_deinit(&tail.body);
	free(tail.instance);
	return result ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
}
