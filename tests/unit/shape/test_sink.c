/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where output was going: which of it is left out, and what records say. */
#include "../../../collector/shape/sink.h"
#include "driver.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct logtap_sink_info of_session = {
	.kind = LOGTAP_SINK_STDERR,
	.file_type = S_IFIFO,
	.device = 1,
	.inode = 10,
	.flags = LOGTAP_SINK_FOUND,
};

static struct logtap_sink_policy session(void)
{
	struct logtap_sink_policy policy = {0};

	cr_assert(logtap_sink_policy_read(&policy, "1:10,1:11"));
	return policy;
}

static bool hidden(uint32_t file_type, uint32_t flags)
{
	struct logtap_sink_policy policy = session();
	struct logtap_sink_info sink = {.kind = LOGTAP_SINK_STDERR,
					.file_type = file_type,
					.device = 1,
					.inode = 12,
					.flags = flags};

	return logtap_sink_is_hidden(&policy, &sink);
}

Test(sink, what_goes_to_the_sessions_stderr_or_stdout_is_recorded)
{
	struct logtap_sink_policy policy = session();
	struct logtap_sink_info sink = of_session;

	cr_assert(!logtap_sink_is_hidden(&policy, &sink));
	sink.inode = 11;
	cr_assert(!logtap_sink_is_hidden(&policy, &sink));
	sink.device = 2;
	cr_assert(logtap_sink_is_hidden(&policy, &sink));
}

Test(sink, what_another_may_pass_on_or_drop_is_hidden)
{
	cr_assert(hidden(S_IFIFO, LOGTAP_SINK_FOUND));
	cr_assert(hidden(S_IFIFO, 0));
	cr_assert(hidden(S_IFSOCK, LOGTAP_SINK_FOUND));
	cr_assert(hidden(S_IFCHR, LOGTAP_SINK_NULL));
	cr_assert(hidden(S_IFREG, LOGTAP_SINK_FOUND));
}

Test(sink, what_a_program_chose_itself_is_recorded)
{
	cr_assert(!hidden(S_IFREG, 0));
	cr_assert(!hidden(S_IFCHR, 0));
	cr_assert(!hidden(S_IFCHR, LOGTAP_SINK_FOUND));
	cr_assert(!hidden(0, LOGTAP_SINK_FOUND), "closed, or unknown");
}

Test(sink, a_terminal_made_by_a_parent_is_hidden_when_stdout_is_recorded)
{
	struct logtap_sink_policy policy = session();
	struct logtap_sink_info sink = {.kind = LOGTAP_SINK_STDOUT,
					.file_type = S_IFCHR,
					.flags = LOGTAP_SINK_FOUND};

	policy.terminals_relay = true;
	cr_assert(logtap_sink_is_hidden(&policy, &sink));
	sink.flags = 0;
	cr_assert(!logtap_sink_is_hidden(&policy, &sink));
}

Test(sink, only_streams_can_be_hidden)
{
	struct logtap_sink_policy policy = session();

	for (uint32_t kind = 0; kind < 8; kind++) {
		struct logtap_sink_info sink = {.kind = kind,
						.file_type = S_IFIFO};
		bool stream = kind == LOGTAP_SINK_STDERR ||
			      kind == LOGTAP_SINK_STDOUT;
		cr_assert_eq(logtap_sink_is_hidden(&policy, &sink), stream);
	}
	cr_assert(!logtap_sink_is_hidden(&policy, NULL));
}

Test(sink, without_a_session_nothing_is_hidden)
{
	struct logtap_sink_policy policy = {0};
	struct logtap_sink_info sink = of_session;

	cr_assert(!logtap_sink_is_hidden(&policy, &sink));
	cr_assert(!logtap_sink_policy_read(&policy, "1:10"));
	cr_assert(!logtap_sink_policy_read(&policy, "1:10,1:11,"));
	cr_assert(!logtap_sink_policy_read(&policy, ""));
	cr_assert(!logtap_sink_is_hidden(&policy, &sink));
}

static void expect_text(const struct logtap_sink_info *sink, const char *text)
{
	char out[LOGTAP_SINK_TEXT_BYTES];
	size_t bytes = logtap_sink_text(sink, out);

	cr_assert_str_eq(out, text);
	cr_assert_eq(bytes, strlen(text));
}

Test(sink, its_text_is_the_path_or_what_it_is)
{
	struct logtap_sink_info sink = of_session;

	expect_text(&sink, "pipe:[10]");
	sink.file_type = S_IFSOCK;
	expect_text(&sink, "socket:[10]");
	sink.file_type = S_IFREG;
	sink.device = 0x0801;
	expect_text(&sink, "file:8:1:10");
	strcpy(sink.path, "/dev/pts/3");
	expect_text(&sink, "/dev/pts/3");
	/* a long path is cut, perhaps within a character */
	strcpy(sink.path, "\xa9/caf\xc3\xa9");
	expect_text(&sink, "\xef\xbf\xbd/caf\xc3\xa9");
	memset(sink.path, '\xff', LOGTAP_SINK_PATH_BYTES);
	char out[LOGTAP_SINK_TEXT_BYTES];
	cr_assert_leq(logtap_sink_text(&sink, out), sizeof(out) - 1);
}

/* What all records of the source have, and do not have. */
static void expect_shared(struct driver *d, size_t index, const char *json,
			  const char *absent)
{
	const struct logtap_source *source = driver_record(d, index)->source;
	char text[1024];

	snprintf(text, sizeof(text), "%.*s", (int)source->json_bytes,
		 source->json);
	if (json)
		cr_assert_not_null(strstr(text, json), "%s: %s", json, text);
	cr_assert_null(strstr(text, absent), "%s: %s", absent, text);
}

Test(sink, records_say_where_their_line_went)
{
	struct logtap_sink_info file = {.kind = LOGTAP_SINK_FILE,
					.file_type = S_IFREG,
					.path = "/var/log/a.log"};
	struct logtap_sink_info log = {.kind = LOGTAP_SINK_SYSLOG};
	struct driver d;

	driver_init(&d, NULL);
	d.chunk.sink = &of_session;
	driver_text(&d, "to stderr\n");
	d.chunk.sink = &file;
	d.chunk.sink_kind = LOGTAP_SINK_FILE;
	driver_text(&d, "to a file\n");
	d.chunk.sink = &log;
	d.chunk.sink_kind = LOGTAP_SINK_SYSLOG;
	d.chunk.format = LOGTAP_FORMAT_SYSLOG;
	driver_text(&d, "to syslog");
	expect_shared(
		&d, 0,
		"\"logtap.sink\",\"value\":{\"stringValue\":\"pipe:[10]\"}",
		"log.file.path");
	expect_shared(&d, 1,
		      "\"log.file.path\",\"value\":{\"stringValue\":\"/var/log/"
		      "a.log\"}",
		      "logtap.sink");
	expect_shared(&d, 2, NULL, "logtap.sink");
	expect_shared(&d, 2, NULL, "log.file.path");
	driver_deinit(&d);
}

Test(sink, lines_to_different_files_are_not_joined)
{
	struct logtap_sink_info other = of_session;
	struct driver d;

	other.inode = 77;
	driver_init(&d, NULL);
	d.chunk.sink = &of_session;
	driver_text(&d, "half ");
	d.chunk.sink = &other;
	driver_text(&d, "another\n");
	d.chunk.sink = &of_session;
	driver_text(&d, "a line\n");
	cr_assert_eq(driver_count(&d), 2);
	driver_expect(&d, 0, "another");
	driver_expect(&d, 1, "half a line");
	driver_deinit(&d);
}

Test(sink, what_is_left_out_is_counted)
{
	struct logtap_shaper_options options = {.sinks = session()};
	struct logtap_sink_info other = of_session;
	struct logtap_shaper_stats stats;
	uint64_t gap = 100;
	struct driver d;

	other.inode = 77;
	other.file_type = S_IFREG;
	driver_init(&d, &options);
	d.chunk.sink = &of_session;
	driver_text(&d, "seen ");
	d.chunk.sink = &other;
	driver_text(&d, "one\ntwo\nthree");
	d.chunk.type = LOGTAP_CHUNK_GAP;
	driver_feed(&d, &gap, sizeof(gap));
	d.chunk.type = LOGTAP_CHUNK_DATA;
	d.chunk.sink = &of_session;
	driver_text(&d, "again\n");
	cr_assert_eq(driver_count(&d), 1);
	driver_expect(&d, 0, "seen again");
	cr_assert(!driver_flag(driver_record(&d, 0), "logtap.truncated"),
		  "what was left out is not lost");
	logtap_shaper_stats(d.shaper, &stats);
	cr_assert_eq(stats.hidden_chunks, 2);
	cr_assert_eq(stats.hidden_lines, 2);
	cr_assert_eq(stats.hidden_bytes, strlen("one\ntwo\nthree") + 100);
	driver_deinit(&d);
}
