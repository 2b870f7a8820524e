/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What `logtap status' shows: see the header.  Main thread. */
#include "status.h"

#include "../run/summary.h"
#include "name.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { LABEL_COLUMN = 12, ENDED_ROWS = 20 };

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
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
	if (number_of(status, "unknown_chunks")) {
		printf("%-*s%s", LABEL_COLUMN, "unknown",
		       logtap_summary_number(
			       number_of(status, "unknown_chunks"), scratch));
		puts("  delivered or lost: a collector was killed");
	}
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

/* All that run, and the last of those that have ended. */
static void print_rows(const json_t *status)
{
	static const char *const keys[] = {"chunks", "settled_chunks", NULL,
					   "in_flight_chunks"};
	const json_t *rows = json_object_get(status, "process_rows");
	const json_t *row;
	size_t i, ended = 0, skip;
	char scratch[32], shown[LOGTAP_NAME_BYTES];

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
		       logtap_name_shown(name, shown),
		       live ? "running" : "ended");
		for (size_t j = 0; j < sizeof(keys) / sizeof(keys[0]); j++)
			printf("%14s",
			       logtap_summary_number(
				       keys[j] ? number_of(row, keys[j])
					       : logtap_summary_dropped(row),
				       scratch));
		putchar('\n');
	}
}

void logtap_status_print(const json_t *status)
{
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
