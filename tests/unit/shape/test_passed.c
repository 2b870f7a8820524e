/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of text in pipes: the session's stderr is 1:10, its stdout 1:11
 * (or the same). */
#include "../../../collector/shape/passed.h"
#include "driver.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct driver d;

static void start_session(const char *session, bool out)
{
	struct logtap_shaper_options options = {0};

	cr_assert(logtap_sink_policy_read(&options.sinks, session));
	options.sinks.terminals_relay = out;
	driver_init(&d, &options);
}

/* A line into pipe @inode. */
static void say(uint64_t inode, const char *text)
{
	struct logtap_sink_info sink = {.kind = LOGTAP_SINK_STDERR,
					.file_type = S_IFIFO,
					.flags = LOGTAP_SINK_FOUND,
					.device = 7,
					.inode = inode};

	d.chunk.sink = &sink;
	d.chunk.sink_kind = sink.kind;
	driver_text(&d, text);
}

static void reads(const char *comm, uint64_t input, uint64_t device,
		  uint64_t output)
{
	struct logtap_program_start start = {.input = {7, input},
					     .output = {device, output}};

	snprintf(start.comm, sizeof(start.comm), "%s", comm);
	cr_assert_eq(logtap_shaper_start(d.shaper, &start, d.now_ns), 0);
}

static uint64_t hidden(void)
{
	struct logtap_shaper_stats stats;

	logtap_shaper_stats(d.shaper, &stats);
	return stats.hidden_lines;
}

static void tick(bool final)
{
	cr_assert_eq(logtap_shaper_tick(d.shaper, d.now_ns, final), 0);
}

/* Nothing else keeps what is below @limit. */
static void relieve(uint64_t limit)
{
	cr_assert_eq(logtap_shaper_relieve(d.shaper, d.now_ns, limit), 0);
}

Test(passed, is_recorded_at_its_source_when_it_comes_out_uncaptured)
{
	start_session("1:10,1:11", false);
	reads("tee", 20, 1, 11);
	say(20, "seen\n");
	driver_expect(&d, 0, "seen");
	driver_deinit(&d);
}

Test(passed, is_hidden_when_it_comes_out_where_it_is_captured)
{
	start_session("1:10,1:11", false);
	reads("cat", 20, 1, 10);
	say(20, "again\n");
	cr_assert_eq(driver_count(&d), 0);
	cr_assert_eq(hidden(), 1);
	driver_deinit(&d);
}

Test(passed, who_is_not_captured_records_nothing_anywhere)
{
	struct logtap_program_start start = {
		.comm = "busybox-cat",
		.input = {7, 20},
		.output = {1, 10},
		.uncaptured = true,
	};

	start_session("1:10,1:11", true);
	say(20, "seen\n");
	cr_assert_eq(logtap_shaper_start(d.shaper, &start, d.now_ns), 0);
	driver_expect(&d, 0, "seen");
	driver_deinit(&d);
}

Test(passed, on_one_terminal_nothing_that_comes_out_is_captured)
{
	start_session("1:10,1:10", false);
	reads("cat", 20, 1, 10);
	say(20, "seen\n");
	cr_assert_eq(driver_count(&d), 1);
	driver_deinit(&d);
}

Test(passed, with_stdout_captured_everything_that_comes_out_is)
{
	start_session("1:10,1:10", true);
	reads("cat", 20, 1, 10);
	say(20, "again\n");
	cr_assert_eq(driver_count(&d), 0);
	driver_deinit(&d);
}

Test(passed, is_held_until_its_reader_starts_with_its_place_in_the_journal)
{
	start_session("1:10,1:11", false);
	uint64_t position = d.chunk.position;
	say(20, "early\n");
	say(20, "on time\n");
	cr_assert_eq(driver_count(&d), 0);
	cr_assert_eq(logtap_shaper_floor(d.shaper), position);
	reads("tee", 20, 1, 11);
	driver_expect(&d, 0, "early");
	driver_expect(&d, 1, "on time");
	cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
	driver_deinit(&d);
}

Test(passed, keeps_no_place_in_a_journal_that_has_no_room_and_is_held_on)
{
	start_session("1:10,1:11", false);
	uint64_t position = d.chunk.position;
	say(20, "early\n");
	relieve(position);
	cr_assert_eq(logtap_shaper_floor(d.shaper), position);
	relieve(position + 1);
	cr_assert_eq(logtap_shaper_floor(d.shaper), UINT64_MAX);
	position = d.chunk.position;
	say(20, "on time\n");
	cr_assert_eq(logtap_shaper_floor(d.shaper), position);
	reads("tee", 20, 1, 11);
	driver_expect(&d, 0, "early");
	driver_expect(&d, 1, "on time");
	driver_deinit(&d);
}

Test(passed, is_hidden_when_nobody_starts_to_read_it_for_long)
{
	start_session("1:10,1:11", false);
	say(20, "kept by a parent\n");
	tick(false);
	cr_assert_eq(hidden(), 0);
	d.now_ns += 3000000000;
	tick(false);
	cr_assert_eq(hidden(), 1);
	say(20, "and this\n");
	cr_assert_eq(hidden(), 2);
	driver_deinit(&d);
}

Test(passed, a_reader_that_comes_later_still_changes_what_follows)
{
	start_session("1:10,1:11", false);
	say(20, "to nobody\n");
	tick(true);
	cr_assert_eq(hidden(), 1);
	reads("cat", 20, 1, 11);
	say(20, "to somebody\n");
	driver_expect(&d, 0, "to somebody");
	driver_deinit(&d);
}

Test(passed, a_chain_of_filters_is_followed_to_its_end)
{
	start_session("1:10,1:11", false);
	say(20, "through three\n");
	reads("grep", 20, 7, 21);
	reads("sed", 21, 7, 22);
	cr_assert_eq(driver_count(&d), 0);
	reads("tee", 22, 1, 11);
	driver_expect(&d, 0, "through three");
	driver_deinit(&d);
}

Test(passed, pipes_in_a_circle_come_to_an_end)
{
	start_session("1:10,1:11", false);
	reads("a", 20, 7, 21);
	reads("b", 21, 7, 20);
	say(20, "round and round\n");
	tick(true);
	cr_assert_eq(hidden(), 1);
	driver_deinit(&d);
}

/* One socket may be the standard input and output of many: no way is gone twice,
 * or there would be more of them than can be counted. */
Test(passed, many_that_read_what_they_write_come_to_an_end, .timeout = 60)
{
	start_session("1:10,1:11", false);
	for (int i = 0; i < 1000; i++)
		reads("worker", 20, 7, i % 2 ? 20 : 21);
	for (int i = 0; i < 20; i++)
		reads("other", 21, 7, 20);
	say(20, "round and round\n");
	reads("tee", 21, 1, 11);
	driver_expect(&d, 0, "round and round");
	driver_deinit(&d);
}

Test(passed, a_filter_into_a_file_hides_it)
{
	start_session("1:10,1:11", false);
	reads("cat", 20, 9, 99);
	say(20, "filed\n");
	tick(true);
	cr_assert_eq(hidden(), 1);
	driver_deinit(&d);
}

Test(passed, a_shell_reads_by_what_it_starts)
{
	start_session("1:10,1:11", false);
	reads("sh", 20, 1, 11);
	say(20, "for its child\n");
	cr_assert_eq(driver_count(&d), 0);
	reads("cat", 20, 1, 10);
	cr_assert_eq(hidden(), 1);
	driver_deinit(&d);
}

Test(passed, what_is_logged_is_recorded_there)
{
	start_session("1:10,1:10", false);
	reads("logger", 20, 1, 10);
	say(20, "to syslog\n");
	cr_assert_eq(hidden(), 1);
	driver_deinit(&d);
}

Test(passed, too_much_for_a_pipe_is_not_held)
{
	static char line[65536];

	start_session("1:10,1:11", false);
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	for (int i = 0; i < 70; i++)
		say(20, line);
	cr_assert_eq(hidden(), 70);
	driver_deinit(&d);
}

Test(passed, more_pipes_than_are_kept_in_mind_lose_no_count)
{
	start_session("1:10,1:11", false);
	for (uint64_t i = 0; i < 1000; i++)
		say(100 + i, "one each\n");
	tick(true);
	cr_assert_eq(hidden(), 1000);
	cr_assert_eq(driver_count(&d), 0);
	driver_deinit(&d);
}
