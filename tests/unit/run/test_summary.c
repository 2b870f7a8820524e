/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The line that a session ends with. */
#include "../../../collector/run/summary.h"

#include <criterion/criterion.h>
#include <stdint.h>

static json_t *summary;

static const char *line(const char *text)
{
	static char out[1024];
	json_decref(summary);
	summary = json_loads(text, 0, NULL);
	cr_assert_not_null(summary);
	logtap_summary_format(summary, 4712, out, sizeof(out));
	return out;
}

Test(summary, a_good_session_in_one_line)
{
	cr_assert_str_eq(
		line("{\"records\":1204,\"severities\":[7,1000,182,12,3,0],"
		     "\"processes\":4,\"dropped\":{\"newest_chunks\":0},"
		     "\"uncaptured_chunks\":0,\"live_processes\":0,"
		     "\"destinations\":[{\"name\":\"a.jsonl\",\"delivered\":"
		     "1204,\"queued\":0}]}"),
		"1,204 records (3 error, 12 warn) from 4 processes, 0 dropped "
		"-> a.jsonl");
	cr_assert_not(logtap_summary_failed(summary));
	cr_assert_eq(logtap_summary_living(summary), 0);
}

Test(summary, after_a_restart_says_what_is_counted)
{
	cr_assert_str_eq(
		line("{\"records\":12,\"severities\":[12,0,0,0,0,0],"
		     "\"processes\":4,\"chunks\":3021,\"restarts\":2,"
		     "\"destinations\":[{\"name\":\"a.jsonl\"}]}"),
		"12 records since the collector died and was restarted (2 "
		"times, 3,021 writes in all) from 4 processes, 0 dropped -> "
		"a.jsonl");
}

Test(summary, one_is_not_many_and_fatal_comes_first)
{
	cr_assert_str_eq(line("{\"records\":1,\"severities\":[0,0,0,0,0,1],"
			      "\"processes\":1,\"destinations\":"
			      "[{\"name\":\"-\"}]}"),
			 "1 record (1 fatal) from 1 process, 0 dropped -> "
			 "stdout");
}

Test(summary, an_empty_summary_counts_nothing)
{
	cr_assert_str_eq(line("{}"), "0 records from 0 processes, 0 dropped");
}

Test(summary, every_kind_of_loss_is_named)
{
	cr_assert_str_eq(
		line("{\"records\":5,\"processes\":2,\"dropped\":{"
		     "\"newest_chunks\":1000,\"oldest_chunks\":1,"
		     "\"nested_chunks\":1},\"uncaptured_chunks\":3,"
		     "\"uncaptured_bytes\":120,\"gap_bytes\":4096}"),
		"5 records from 2 processes, 1,002 chunks dropped (rings were "
		"full), 3 writes (120 bytes) not captured, 4,096 bytes went "
		"past capture");
}

Test(summary, what_was_left_out_and_what_was_not_seen_is_told)
{
	cr_assert_str_eq(line("{\"records\":5,\"processes\":2,"
			      "\"hidden_lines\":1,\"unseen_bytes\":1200}"),
			 "5 records from 2 processes, 0 dropped, 1 hidden line "
			 "left out (--sinks=all keeps them), 1,200 bytes on "
			 "standard error not seen");
}

Test(summary, a_destination_that_did_not_take_all_is_a_failure)
{
	cr_assert_str_eq(
		line("{\"records\":9,\"processes\":1,\"destinations\":["
		     "{\"name\":\"a.jsonl\"},{\"name\":\"http://h:4318\","
		     "\"refused\":2,\"dropped\":3,\"queued\":1,"
		     "\"last_error\":\"HTTP 503\"}]}"),
		"9 records from 1 process, 0 dropped -> a.jsonl, http://h:4318 "
		"(4 records undelivered, 2 records refused: HTTP 503)");
	cr_assert(logtap_summary_failed(summary));
}

Test(summary, processes_that_live_on_are_told_with_the_collector)
{
	cr_assert_str_eq(
		line("{\"records\":0,\"processes\":3,\"live_processes\":2}"),
		"0 records from 3 processes, 0 dropped; 2 processes live on, "
		"capture goes on (collector: pid 4712)");
	cr_assert_eq(logtap_summary_living(summary), 2);
}

Test(summary, wrong_types_count_as_nothing)
{
	cr_assert_str_eq(line("{\"records\":\"x\",\"severities\":{},"
			      "\"destinations\":[1,{}],\"dropped\":[3]}"),
			 "0 records from 0 processes, 0 dropped -> ?, ?");
}

Test(summary, a_line_that_is_too_long_is_cut)
{
	char out[16];
	line("{\"records\":123456789,\"processes\":2}");
	logtap_summary_format(summary, 1, out, sizeof(out));
	cr_assert_str_eq(out, "123,456,789 rec");
}

Test(summary, numbers_have_a_comma_every_three_digits)
{
	char scratch[32];
	cr_assert_str_eq(logtap_summary_number(0, scratch), "0");
	cr_assert_str_eq(logtap_summary_number(999, scratch), "999");
	cr_assert_str_eq(logtap_summary_number(1000, scratch), "1,000");
	cr_assert_str_eq(logtap_summary_number(-123456, scratch), "-123,456");
	cr_assert_str_eq(logtap_summary_number(INT64_MAX, scratch),
			 "9,223,372,036,854,775,807");
}
