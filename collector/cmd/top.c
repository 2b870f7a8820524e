/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap top: which processes write most, again and again.  Main thread. */
#include "../base/clock.h"
#include "../base/error.h"
#include "../base/options.h"
#include "../run/summary.h"
#include "command.h"
#include "name.h"
#include "rates.h"
#include "screen.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
enum { DELAY_S = 2, HEAD_ROWS = 4, LINE_BYTES = 512 };

struct options {
	const char *directory;
	long delay_s;
	long times; /* 0: until it is told to end */
};

static const struct logtap_option table[] = {
	{"delay", 'd', LOGTAP_OPTION_NUMBER, offsetof(struct options, delay_s),
	 "SECONDS", "between two looks (default: 2)"},
	{"times", 'n', LOGTAP_OPTION_NUMBER, offsetof(struct options, times),
	 "N",
	 "end after N looks (default where standard output is no\n"
	 "terminal: 1)"},
	{"dir", 0, LOGTAP_OPTION_TEXT, offsetof(struct options, directory),
	 "DIR", LOGTAP_CAPTURED_DIRECTORY},
};

static const struct logtap_usage usage = {
	.command = "top",
	.about =
		"Shows which of the captured processes write most, until q is\n"
		"pressed.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

struct top {
	struct options options;
	struct logtap_captured before;
	struct logtap_captured now;
	struct logtap_rates rates; /* of now */
	uint64_t before_ns;	   /* monotonic */
	uint64_t now_ns;
	bool on_screen;
	bool waited; /* for a status that was about to be written */
};

/* What is wider than the screen would make a second row. */
static void put_line(const char *line, int columns)
{
	printf("%.*s\n", columns, line);
}

static const char *rounded(double rate, char scratch[32])
{
	return logtap_summary_number((long long)(rate + 0.5), scratch);
}

static long long sum(const struct logtap_captured *captured, const char *key)
{
	const json_t *destination;
	long long total = 0;
	size_t i;

	for (size_t place = 0; place < captured->place_count; place++)
		json_array_foreach(
			json_object_get(captured->places[place].status,
					"destinations"),
			i, destination) total +=
			json_integer_value(json_object_get(destination, key));
	return total;
}

static void put_head(const struct top *top, int columns)
{
	char line[LINE_BYTES], a[32], b[32], c[32], date[32];
	time_t when = time(NULL);
	struct tm local;

	localtime_r(&when, &local);
	strftime(date, sizeof(date), "%H:%M:%S", &local);
	snprintf(line, sizeof(line),
		 "logtap %s: %zu collector%s, %s process%s captured", date,
		 top->now.place_count, top->now.place_count == 1 ? "" : "s",
		 logtap_summary_number((long long)top->rates.count, a),
		 top->rates.count == 1 ? "" : "es");
	put_line(line, columns);
	snprintf(line, sizeof(line),
		 "%s chunks/s, %s bytes/s, %s dropped/s; destinations: %s "
		 "records delivered, ",
		 rounded(top->rates.chunks, a), rounded(top->rates.bytes, b),
		 rounded(top->rates.dropped, c),
		 logtap_summary_number(sum(&top->now, "delivered"), date));
	snprintf(line + strlen(line), sizeof(line) - strlen(line),
		 "%s queued, %s dropped",
		 logtap_summary_number(sum(&top->now, "queued"), a),
		 logtap_summary_number(sum(&top->now, "dropped"), b));
	put_line(line, columns);
	put_line(top->now.notice, columns);
	snprintf(line, sizeof(line), "%7s  %-10s%12s%14s%12s%14s%12s  %s",
		 "PID", "USER", "CHUNKS/S", "BYTES/S", "DROPPED/S", "CHUNKS",
		 "DROPPED", "NAME");
	put_line(line, columns);
}

static void put_row(const struct logtap_rates_row *row, int columns)
{
	const struct logtap_captured_process *process = &row->process;
	char line[LINE_BYTES], user[LOGTAP_NAME_BYTES], name[LOGTAP_NAME_BYTES];
	char chunks[32], bytes[32], dropped[32], all[32], lost[32];

	snprintf(line, sizeof(line), "%7lld  %-10s%12s%14s%12s%14s%12s  %s",
		 process->pid, logtap_user_shown((uid_t)process->uid, user),
		 rounded(row->chunks, chunks), rounded(row->bytes, bytes),
		 rounded(row->dropped, dropped),
		 logtap_summary_number(process->chunks, all),
		 logtap_summary_number(process->dropped, lost),
		 logtap_name_shown(process->name, name));
	put_line(line, columns);
}

static int draw(const struct top *top)
{
	int rows = INT_MAX, columns = LINE_BYTES;

	if (top->on_screen) {
		logtap_screen_size(&rows, &columns);
		logtap_screen_begin();
	}
	put_head(top, columns);
	for (size_t i = 0; i < top->rates.count &&
			   (long long)i < (long long)rows - HEAD_ROWS - 1;
	     i++)
		put_row(&top->rates.rows[i], columns);
	return fflush(stdout) ? -EIO : 0;
}

static bool is_news(const struct top *top, const struct logtap_captured *later)
{
	if (later->place_count != top->now.place_count)
		return true;
	for (size_t i = 0; i < later->place_count; i++)
		if (!json_equal(json_object_get(later->places[i].status,
						"updated_ns"),
				json_object_get(top->now.places[i].status,
						"updated_ns")))
			return true;
	return false;
}

/* Looks again.  A status is written once a second or so: who looks as often will
 * sometimes come just before.  On a screen, collectors may end and come. */
static int look(struct top *top)
{
	struct logtap_captured later;
	int error = logtap_captured_look("top", top->options.directory, &later);

	if (error && !top->on_screen) {
		logtap_error_say("%s", later.notice);
		logtap_captured_deinit(&later);
		return error;
	}
	if (top->options.delay_s < 2 && !top->waited && top->before_ns &&
	    !is_news(top, &later)) {
		logtap_captured_deinit(&later);
		top->waited = true;
		return 0;
	}
	top->waited = false;
	free(top->rates.rows);
	top->rates.rows = NULL;
	logtap_captured_deinit(&top->before);
	top->before = top->now;
	top->before_ns = top->now_ns;
	top->now = later;
	top->now_ns = logtap_clock_monotonic_ns();
	return logtap_rates_between(&top->before, &top->now,
				    top->now_ns - top->before_ns, &top->rates);
}

/* Return: false: it is to end. */
static bool wait_for_next(struct top *top, uint64_t until_ns)
{
	if (!top->on_screen) {
		struct timespec until = {
			.tv_sec = (time_t)(until_ns / SECOND_NS),
			.tv_nsec = (long)(until_ns % SECOND_NS),
		};
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
				       NULL) == EINTR)
			;
		return true;
	}
	for (;;)
		switch (logtap_screen_wait(until_ns)) {
		case LOGTAP_SCREEN_TIME:
			return true;
		case LOGTAP_SCREEN_LEAVE:
			return false;
		case LOGTAP_SCREEN_DRAW:
			draw(top);
		}
}

/* The first look is there to be compared with. */
static int work(struct top *top)
{
	uint64_t step_ns = (uint64_t)top->options.delay_s * SECOND_NS;
	int error = look(top);

	if (!error && top->on_screen)
		error = draw(top);
	for (long i = 0;
	     !error && (!top->options.times || i < top->options.times); i++) {
		if (!wait_for_next(top, logtap_clock_monotonic_ns() + step_ns))
			break;
		error = look(top);
		if (!error)
			error = draw(top);
	}
	return error;
}

static void die_by(int signal)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};

	sigaction(signal, &usual, NULL);
	raise(signal);
}

int logtap_cmd_top(int argc, char **argv)
{
	struct top top = {.options = {.delay_s = DELAY_S}};
	int first;
	int error =
		logtap_options_parse(&usage, argc, argv, &top.options, &first);

	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (top.options.delay_s < 1 || top.options.delay_s > 3600) {
		logtap_error_print("top", "--delay", "is 1 to 3600 seconds",
				   logtap_options_hint(&usage));
		return LOGTAP_EXIT_USAGE;
	}
	top.on_screen = logtap_screen_open();
	if (!top.on_screen && !top.options.times)
		top.options.times = 1;
	error = work(&top);
	if (top.on_screen)
		logtap_screen_close();
	free(top.rates.rows);
	logtap_captured_deinit(&top.before);
	logtap_captured_deinit(&top.now);
	if (top.on_screen && logtap_screen_signal())
		die_by(logtap_screen_signal());
	return error ? LOGTAP_EXIT_BAD : LOGTAP_EXIT_GOOD;
}
