/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap ps: the processes that are captured now.  Main thread. */
#include "../base/error.h"
#include "../base/options.h"
#include "../run/summary.h"
#include "captured.h"
#include "command.h"
#include "name.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct options {
	const char *directory;
	bool all;
	bool json;
};

static const struct logtap_option table[] = {
	{"all", 'a', LOGTAP_OPTION_FLAG, offsetof(struct options, all), NULL,
	 "also those that have ended, as far as they are kept"},
	{"json", 0, LOGTAP_OPTION_FLAG, offsetof(struct options, json), NULL,
	 "print each as a JSON object"},
	{"dir", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, directory),
	 "DIR", LOGTAP_CAPTURED_DIRECTORY},
};

static const struct logtap_usage usage = {
	.command = "ps",
	.operands = "[PID]...",
	.about = "Lists the processes that are captured now, or those of them "
		 "that\nare named.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

struct wanted {
	long long *pids;
	bool *seen;
	size_t count;
};

static int read_wanted(char **operands, size_t count, struct wanted *out)
{
	out->pids = calloc(count + 1, sizeof(*out->pids));
	out->seen = calloc(count + 1, sizeof(*out->seen));
	if (!out->pids || !out->seen)
		return -ENOMEM;
	for (; out->count < count; out->count++) {
		const char *text = operands[out->count];
		char *end;
		errno = 0;
		long pid = strtol(text, &end, 10);
		if (*text < '1' || *text > '9' || *end || errno ||
		    pid > INT32_MAX) {
			logtap_error_print("ps", text,
					   "is no number of a process",
					   logtap_options_hint(&usage));
			return -EINVAL;
		}
		out->pids[out->count] = pid;
	}
	return 0;
}

static bool is_wanted(struct wanted *wanted,
		      const struct logtap_captured_process *process)
{
	bool found = !wanted->count;

	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->pids[i] == process->pid)
			found = wanted->seen[i] = true;
	return found;
}

/* As ps(1) has it: [[days-]hours:]minutes:seconds. */
static const char *elapsed(long long start_ticks, char out[32])
{
	struct timespec now;
	long long hz = sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &now);
	long long seconds = now.tv_sec - start_ticks / hz;
	if (!start_ticks || seconds < 0)
		return "-";
	long long minutes = seconds / 60, hours = minutes / 60;
	if (hours >= 24)
		snprintf(out, 32, "%lld-%02lld:%02lld:%02lld", hours / 24,
			 hours % 24, minutes % 60, seconds % 60);
	else if (hours)
		snprintf(out, 32, "%lld:%02lld:%02lld", hours, minutes % 60,
			 seconds % 60);
	else
		snprintf(out, 32, "%02lld:%02lld", minutes, seconds % 60);
	return out;
}

static void print_row(const struct logtap_captured_process *process,
		      const char *directory)
{
	char scratch[32], shown[LOGTAP_NAME_BYTES];

	printf("%7lld  %-10s", process->pid,
	       logtap_user_shown((uid_t)process->uid, shown));
	printf("%12s", process->live ? elapsed(process->start_ticks, scratch)
				     : "ended");
	printf("%9s", logtap_summary_number(process->threads, scratch));
	printf("%14s", logtap_summary_number(process->chunks, scratch));
	printf("%16s", logtap_summary_number(process->bytes, scratch));
	printf("%11s", logtap_summary_number(process->dropped, scratch));
	printf("  %-16s %s\n", logtap_name_shown(process->name, shown),
	       directory);
}

static int print_object(const struct logtap_captured_process *process,
			const char *directory)
{
	json_t *object =
		json_pack("{s:I,s:I,s:s*,s:b,s:I,s:I,s:I,s:I,s:I,s:s}", "pid",
			  (json_int_t)process->pid, "uid",
			  (json_int_t)process->uid, "name", process->name,
			  "live", process->live, "start_ticks",
			  (json_int_t)process->start_ticks, "threads",
			  (json_int_t)process->threads, "chunks",
			  (json_int_t)process->chunks, "bytes",
			  (json_int_t)process->bytes, "dropped",
			  (json_int_t)process->dropped, "dir", directory);
	int result = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;

	json_decref(object);
	putchar('\n');
	return result;
}

static int print(const struct options *options, struct wanted *wanted,
		 const struct logtap_captured *captured)
{
	int result = 0;

	if (!options->json)
		printf("%7s  %-10s%12s%9s%14s%16s%11s  %-16s %s\n", "PID",
		       "USER", "ELAPSED", "THREADS", "CHUNKS", "BYTES",
		       "DROPPED", "NAME", "COLLECTOR");
	for (size_t i = 0; i < captured->process_count; i++) {
		const struct logtap_captured_process *process =
			&captured->processes[i];
		const char *directory =
			captured->places[process->place].directory;
		if (!(process->live || options->all) ||
		    !is_wanted(wanted, process))
			continue;
		if (options->json)
			result |= print_object(process, directory);
		else
			print_row(process, directory);
	}
	return result || fflush(stdout) ? -EIO : 0;
}

/* Return: an exit status. */
static int tell_missing(const struct wanted *wanted)
{
	int status = LOGTAP_EXIT_GOOD;
	char pid[32], next[64];

	for (size_t i = 0; i < wanted->count; i++) {
		if (wanted->seen[i])
			continue;
		snprintf(pid, sizeof(pid), "%lld", wanted->pids[i]);
		snprintf(next, sizeof(next), "`logtap doctor %s' tells why",
			 pid);
		logtap_error_print("ps", pid, "is not captured", next);
		status = LOGTAP_EXIT_BAD;
	}
	return status;
}

int logtap_cmd_ps(int argc, char **argv)
{
	struct options options = {0};
	struct wanted wanted = {0};
	struct logtap_captured captured = {0};
	int first, status = LOGTAP_EXIT_BAD;
	int error = logtap_options_parse(&usage, argc, argv, &options, &first);

	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (read_wanted(argv + first, (size_t)(argc - first), &wanted)) {
		status = LOGTAP_EXIT_USAGE;
	} else {
		error = logtap_captured_look("ps", options.directory,
					     &captured);
		if (*captured.notice)
			logtap_error_say("%s", captured.notice);
		if (!error && !print(&options, &wanted, &captured))
			status = tell_missing(&wanted);
	}
	logtap_captured_deinit(&captured);
	free(wanted.pids);
	free(wanted.seen);
	return status;
}
