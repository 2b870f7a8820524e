/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logtap status: what a collector has captured.  Asked of its admin endpoint if
 * it has one; else, or when that does not answer, from the file that it keeps in
 * its directory, which stays when it is gone.  Main thread.
 */
#include "command.h"

#include "../admin/client.h"
#include "../base/error.h"
#include "../base/options.h"
#include "../run/sessions.h"
#include "../run/summary.h"
#include "where_options.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LABEL_COLUMN = 12, ENDED_ROWS = 20, TEXT_BYTES = 1024 };

struct options {
	const char *directory;
	const char *address;
	const char *token_file;
	bool json;
};

static const struct logtap_option table[] = {
	LOGTAP_DIRECTORY_OPTION(struct options, directory),
	{"admin", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, address),
	 "ADDR",
	 "ask the collector whose --admin is there, in place of\n"
	 "that of a directory"},
	{"admin-token", 0, LOGTAP_OPTION_TEXT,
	 offsetof(struct options, token_file), "FILE",
	 "the token that it asks for"},
	{"json", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, json), NULL,
	 "print the status as JSON, as the collector wrote it"},
};

static const struct logtap_usage usage = {
	.command = "status",
	.about = "Shows what the collector of a directory has captured,\n"
		 "delivered and lost.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

static json_t *load(const char *directory)
{
	char path[PATH_MAX];
	json_error_t why;

	snprintf(path, sizeof(path), "%s/status.json", directory);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		logtap_error_print(
			"status", path, strerror(errno),
			errno == ENOENT
				? "is a collector running there? (--dir DIR)"
				: NULL);
		return NULL;
	}
	json_t *status = json_loadfd(fd, JSON_REJECT_DUPLICATES, &why);
	close(fd);
	if (!json_is_object(status)) {
		logtap_error_print("status", path,
				   status ? "not a JSON object" : why.text,
				   NULL);
		json_decref(status);
		return NULL;
	}
	return status;
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Return: NULL with a whole text in @error. */
static json_t *ask(const struct options *options, const char *address,
		   char *error, size_t error_bytes)
{
	const struct logtap_admin_client_options who = {
		.address = address,
		.token_file = options->token_file,
	};
	struct logtap_admin_client *client;
	struct logtap_bytes body = {0};
	json_error_t why;
	json_t *status = NULL;

	if (logtap_admin_client_new(&who, &client, error, error_bytes))
		return NULL;
	long code = logtap_admin_client_get(client, "/status", &body, error,
					    error_bytes);
	if (code == 200)
		status = json_loadb((char *)body.data, body.size,
				    JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(status)) {
		json_decref(status);
		status = NULL;
		if (code == 401)
			logtap_error_format(error, error_bytes, address, NULL,
					    "asks for a token",
					    "--admin-token FILE");
		else if (code >= 0)
			logtap_error_format(error, error_bytes, address, NULL,
					    "not an answer of logtap", NULL);
	}
	logtap_admin_client_free(client);
	logtap_bytes_deinit(&body);
	return status;
}

/* What the collector of @directory says, or has said last. */
static json_t *look(const struct options *options, const char *directory)
{
	char error[TEXT_BYTES];
	json_t *said = load(directory);
	const char *address = json_string_value(json_object_get(said, "admin"));
	json_t *fresh =
		address ? ask(options, address, error, sizeof(error)) : NULL;

	if (!fresh || number_of(fresh, "pid") != number_of(said, "pid")) {
		json_decref(fresh);
		return said;
	}
	json_decref(said);
	return fresh;
}

static json_t *find(const struct options *options)
{
	char error[TEXT_BYTES];

	if (!options->address) {
		const char *directory =
			logtap_sessions_choose("status", options->directory);
		return directory ? look(options, directory) : NULL;
	}
	json_t *status = ask(options, options->address, error, sizeof(error));
	if (!status)
		logtap_error_say("status: %s", error);
	return status;
}

static void row(const char *label, const char *text)
{
	printf("%-*s%s\n", LABEL_COLUMN, label, text);
}

static void number_row(const char *label, long long number)
{
	char scratch[32];
	row(label, logtap_summary_number(number, scratch));
}

static void print_collector(const json_t *status)
{
	char text[160];
	const char *version =
		json_string_value(json_object_get(status, "version"));
	pid_t pid = (pid_t)number_of(status, "pid");
	bool runs = pid > 0 && (!kill(pid, 0) || errno == EPERM);

	snprintf(text, sizeof(text), "pid %d%s, version %s", (int)pid,
		 runs ? "" : " (not running)", version ? version : "unknown");
	row("collector", text);
	time_t updated = (time_t)(number_of(status, "updated_ns") / 1000000000);
	struct tm local;
	localtime_r(&updated, &local);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	row("updated", text);
	const char *admin = json_string_value(json_object_get(status, "admin"));
	if (admin)
		row("admin", admin);
}

/* Where times are converted, once it is known. */
static void print_clock(const json_t *status)
{
	long long steps = number_of(status, "clock_steps");
	double error_ms = (double)number_of(status, "clock_error_ns") / 1e6;
	char text[96];

	if (!(error_ms > 0) && !steps)
		return;
	snprintf(text, sizeof(text),
		 "times true to %.4f ms in the last minute, set %lld time%s",
		 error_ms, steps, steps == 1 ? "" : "s");
	row("clock", text);
}

static void print_records(const json_t *status)
{
	static const char *const names[] = {"unspecified", "debug", "info",
					    "warn",	   "error", "fatal"};
	const json_t *severities = json_object_get(status, "severities");
	char scratch[32];
	const char *separator = " (";

	printf("%-*s%s", LABEL_COLUMN, "records",
	       logtap_summary_number(number_of(status, "records"), scratch));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long long count =
			json_integer_value(json_array_get(severities, i));
		if (!count)
			continue;
		printf("%s%s %s", separator,
		       logtap_summary_number(count, scratch), names[i]);
		separator = ", ";
	}
	printf("%s\n", *separator == ',' ? ")" : "");
	number_row("chunks", number_of(status, "chunks"));
	number_row("bytes", number_of(status, "bytes"));
}

static void print_losses(const json_t *status)
{
	const char *key;
	json_t *value;
	char scratch[32];

	number_row("settled", number_of(status, "settled_chunks"));
	printf("%-*s%s", LABEL_COLUMN, "in flight",
	       logtap_summary_number(number_of(status, "in_flight_chunks"),
				     scratch));
	printf("  rings %s",
	       logtap_summary_number(number_of(status, "ring_chunks"),
				     scratch));
	printf(", journal %s\n",
	       logtap_summary_number(number_of(status, "journal_chunks"),
				     scratch));
	printf("%-*s%s", LABEL_COLUMN, "dropped",
	       logtap_summary_number(logtap_summary_dropped(status), scratch));
	json_object_foreach(json_object_get(status, "dropped"), key, value)
	{
		if (json_integer_value(value))
			printf("  %s %s", key,
			       logtap_summary_number(json_integer_value(value),
						     scratch));
	}
	putchar('\n');
	if (number_of(status, "uncaptured_chunks"))
		number_row("uncaptured",
			   number_of(status, "uncaptured_chunks"));
	if (number_of(status, "gap_bytes"))
		number_row("gap bytes", number_of(status, "gap_bytes"));
}

static void print_processes(const json_t *status)
{
	char text[96];
	snprintf(text, sizeof(text), "%lld, %lld running, %lld threads",
		 number_of(status, "processes"),
		 number_of(status, "live_processes"),
		 number_of(status, "threads"));
	row("processes", text);
}

/* A name is the program's own choice, and may be meant for the terminal. */
static const char *plain(const char *name, char out[32])
{
	size_t size = 0;
	for (; name && *name && size < 31; name++)
		out[size++] = *name >= ' ' && *name <= '~' ? *name : '?';
	out[size] = '\0';
	return size ? out : "?";
}

/* All that run, and the last of those that have ended. */
static void print_rows(const json_t *status)
{
	static const char *const keys[] = {"chunks", "settled_chunks", NULL,
					   "in_flight_chunks"};
	const json_t *rows = json_object_get(status, "process_rows");
	const json_t *row;
	size_t i, ended = 0, skip;
	char scratch[32], shown[32];

	json_array_foreach(rows, i, row) ended +=
		json_is_false(json_object_get(row, "live"));
	skip = ended > ENDED_ROWS ? ended - ENDED_ROWS : 0;
	if (json_array_size(rows))
		printf("\n%10s  %-16s%-8s%14s%14s%14s%14s\n", "pid", "name", "",
		       "chunks", "settled", "dropped", "in flight");
	json_array_foreach(rows, i, row)
	{
		bool live = json_is_true(json_object_get(row, "live"));
		const char *name =
			json_string_value(json_object_get(row, "name"));
		if (!live && skip && skip--)
			continue;
		printf("%10lld  %-16s%-8s", number_of(row, "pid"),
		       plain(name, shown), live ? "running" : "ended");
		for (size_t j = 0; j < sizeof(keys) / sizeof(keys[0]); j++)
			printf("%14s",
			       logtap_summary_number(
				       keys[j] ? number_of(row, keys[j])
					       : logtap_summary_dropped(row),
				       scratch));
		putchar('\n');
	}
}

static void print_destinations(const json_t *status)
{
	static const char *const counts[] = {"accepted", "delivered", "refused",
					     "dropped", "queued"};
	const json_t *destination;
	char scratch[32];
	size_t i;

	json_array_foreach(json_object_get(status, "destinations"), i,
			   destination)
	{
		const char *kind =
			json_string_value(json_object_get(destination, "kind"));
		const char *name =
			json_string_value(json_object_get(destination, "name"));
		const char *error = json_string_value(
			json_object_get(destination, "last_error"));
		printf("\n%s %s\n", kind ? kind : "?", name ? name : "?");
		for (size_t j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			printf("  %-*s%s\n", LABEL_COLUMN - 2, counts[j],
			       logtap_summary_number(number_of(destination,
							       counts[j]),
						     scratch));
		if (error && *error)
			printf("  %-*s%s\n", LABEL_COLUMN - 2, "last error",
			       error);
	}
}

static void print_export(const json_t *status)
{
	const json_t *export = json_object_get(status, "metrics_export");
	const char *name = json_string_value(json_object_get(export, "name"));
	const char *error =
		json_string_value(json_object_get(export, "last_error"));
	char scratch[32];

	if (!export)
		return;
	printf("\nmetrics %s\n  %-*s%s\n", name ? name : "?", LABEL_COLUMN - 2,
	       "exports",
	       logtap_summary_number(number_of(export, "exports"), scratch));
	if (number_of(export, "failed"))
		printf("  %-*s%s\n", LABEL_COLUMN - 2, "failed",
		       logtap_summary_number(number_of(export, "failed"),
					     scratch));
	if (error && *error)
		printf("  %-*s%s\n", LABEL_COLUMN - 2, "last error", error);
}

/* What programs count by themselves. */
static void print_metrics(const json_t *status)
{
	const json_t *list = json_object_get(status, "metrics"), *metric;
	char scratch[32];
	size_t i;

	if (json_array_size(list))
		putchar('\n');
	json_array_foreach(list, i, metric)
	{
		const char *name =
			json_string_value(json_object_get(metric, "name"));
		const char *unit =
			json_string_value(json_object_get(metric, "unit"));
		printf("%-32s%14s %s\n", name ? name : "?",
		       logtap_summary_number(number_of(metric, "total"),
					     scratch),
		       unit ? unit : "");
	}
}

int logtap_cmd_status(int argc, char **argv)
{
	struct options options = {0};
	int first;
	int error = logtap_options_parse(&usage, argc, argv, &options, &first);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	json_t *status = find(&options);
	if (!status)
		return LOGTAP_EXIT_BAD;
	if (options.json) {
		json_dumpf(status, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		print_collector(status);
		print_clock(status);
		print_records(status);
		print_losses(status);
		print_processes(status);
		print_destinations(status);
		print_export(status);
		print_metrics(status);
		print_rows(status);
	}
	json_decref(status);
	return LOGTAP_EXIT_GOOD;
}
