/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The file and the console, on real files, pipes and limits. */
#include "../../../collector/export/exporter.h"

#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct place {
	char folder[64];
	char path[96];
};

static void place_init(struct place *place)
{
	strcpy(place->folder, "/tmp/logtap-test-file-XXXXXX");
	cr_assert_not_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/out.jsonl",
		 place->folder);
}

static void place_deinit(struct place *place)
{
	unlink(place->path);
	rmdir(place->folder);
}

static uint64_t seconds_from_now(unsigned seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec + seconds) * 1000000000 +
	       (uint64_t)now.tv_nsec;
}

static struct logtap_batch *batch_of(const char *body)
{
	struct logtap_record record = {
		.time_ns = UINT64_C(1767225600123456789),
		.observed_ns = 1,
		.severity = 17,
		.body = body,
		.body_bytes = strlen(body),
	};
	return fixture_batch(&record, 1);
}

static int open_place(const struct place *place, bool overwrite, bool append,
		      struct logtap_exporter **out, char *error)
{
	struct logtap_file_options options = {
		.path = place->path,
		.overwrite = overwrite,
		.append = append,
	};
	return logtap_file_exporter_new(&options, out, error, 256);
}

/* Writes one batch for each body and stops. */
static void write_bodies(const struct place *place, bool overwrite, bool append,
			 const char *const *bodies, size_t count)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter;
	struct logtap_exporter_stats stats;
	char error[256] = "";

	cr_assert_eq(open_place(place, overwrite, append, &exporter, error), 0,
		     "%s", error);
	logtap_dispatcher_add(dispatcher, exporter);
	for (size_t i = 0; i < count; i++)
		logtap_dispatcher_submit(dispatcher, batch_of(bodies[i]));
	logtap_dispatcher_stop(dispatcher, seconds_from_now(20));
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.delivered, count);
	logtap_dispatcher_free(dispatcher);
}

/* The bodies of a file, one record a line, must be these. */
static void check_bodies(const struct place *place, const char *const *bodies,
			 size_t count)
{
	FILE *file = fopen(place->path, "r");
	char *line = NULL;
	size_t size = 0, seen = 0;

	cr_assert_not_null(file);
	for (ssize_t bytes; (bytes = getline(&line, &size, file)) > 0; seen++) {
		const char *body;
		json_error_t error;
		cr_assert_eq(line[bytes - 1], '\n', "a line is torn");
		json_t *data = json_loads(line, 0, &error);
		cr_assert_not_null(data, "%s", error.text);
		cr_assert_eq(json_unpack(data, "{s:[{s:[{s:[{s:{s:s}}]}]}]}",
					 "resourceLogs", "scopeLogs",
					 "logRecords", "body", "stringValue",
					 &body),
			     0);
		cr_assert_lt(seen, count);
		cr_assert_str_eq(body, bodies[seen]);
		json_decref(data);
	}
	cr_assert_eq(seen, count);
	free(line);
	fclose(file);
}

static void put_file(const struct place *place, const char *text)
{
	FILE *file = fopen(place->path, "w");

	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

Test(file, each_batch_is_one_line_of_json)
{
	static const char *const bodies[] = {"first", "second\nline", ""};
	struct place place;

	place_init(&place);
	write_bodies(&place, false, false, bodies, 3);
	check_bodies(&place, bodies, 3);
	place_deinit(&place);
}

Test(file, an_existing_file_is_overwritten_only_when_asked)
{
	static const char *const bodies[] = {"new"};
	struct logtap_exporter *exporter;
	struct place place;
	char error[256] = "";

	place_init(&place);
	put_file(&place, "precious\n");
	cr_assert_eq(open_place(&place, false, false, &exporter, error),
		     -EEXIST);
	cr_assert_not_null(strstr(error, place.path));
	cr_assert_not_null(strstr(error, "it exists"));
	write_bodies(&place, true, false, bodies, 1);
	check_bodies(&place, bodies, 1);
	place_deinit(&place);
}

Test(file, append_goes_on_behind_what_is_there)
{
	static const char *const bodies[] = {"one", "two", "three"};
	struct place place;

	place_init(&place);
	write_bodies(&place, false, true, bodies, 1);
	write_bodies(&place, false, true, bodies + 1, 2);
	check_bodies(&place, bodies, 3);
	place_deinit(&place);
}

Test(file, append_removes_a_line_that_a_crash_left_torn)
{
	static const char *const bodies[] = {"whole", "after"};
	struct place place;

	place_init(&place);
	write_bodies(&place, false, true, bodies, 1);
	FILE *file = fopen(place.path, "a");
	fputs("{\"resourceLogs\":[{\"resource\":{\"attri", file);
	/* longer than what is read at a time */
	for (unsigned i = 0; i < 9000; i++)
		fputc('x', file);
	fclose(file);
	write_bodies(&place, false, true, bodies + 1, 1);
	check_bodies(&place, bodies, 2);
	place_deinit(&place);
}

Test(file, append_does_not_touch_a_file_that_is_not_ours)
{
	struct logtap_exporter *exporter;
	struct place place;
	char error[256] = "", text[32] = "";

	place_init(&place);
	put_file(&place, "a list\nwithout an end");
	cr_assert_eq(open_place(&place, false, true, &exporter, error),
		     -EINVAL);
	FILE *file = fopen(place.path, "r");
	cr_assert_eq(fread(text, 1, sizeof(text), file), 21);
	cr_assert_str_eq(text, "a list\nwithout an end");
	fclose(file);
	place_deinit(&place);
}

Test(file, two_writers_cannot_share_a_file)
{
	struct logtap_exporter *exporter, *second;
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct place place;
	char error[256] = "";

	place_init(&place);
	cr_assert_eq(open_place(&place, false, true, &exporter, error), 0);
	logtap_dispatcher_add(dispatcher, exporter);
	cr_assert_eq(open_place(&place, false, true, &second, error), -EBUSY);
	logtap_dispatcher_free(dispatcher);
	place_deinit(&place);
}

Test(file, a_missing_folder_is_named_in_the_error)
{
	struct place place = {.path = "/nonexistent-logtap/x.jsonl"};
	struct logtap_exporter *exporter;
	char error[256] = "";

	cr_assert_eq(open_place(&place, false, false, &exporter, error),
		     -ENOENT);
	cr_assert_not_null(strstr(error, place.path));
}

Test(file, a_device_may_be_written_to_without_asking)
{
	struct place place = {.path = "/dev/null"};
	static const char *const bodies[] = {"gone"};

	write_bodies(&place, false, false, bodies, 1);
}

/* RLIMIT_FSIZE fails like a full disk does, after a short write, and can be
 * lifted again. */
Test(file, a_batch_is_kept_while_the_disk_is_full_and_no_half_line_is_left)
{
	static const char *const bodies[] = {"fits", "does not fit at first",
					     "comes last"};
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter;
	struct logtap_exporter_stats stats = {0};
	struct rlimit none, limit;
	struct place place;
	char error[256] = "";

	place_init(&place);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &none), 0);
	limit = none;
	limit.rlim_cur = 250; /* one line and a half */
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(open_place(&place, false, false, &exporter, error), 0);
	logtap_dispatcher_add(dispatcher, exporter);
	for (size_t i = 0; i < 3; i++)
		logtap_dispatcher_submit(dispatcher, batch_of(bodies[i]));
	/* the third pause is long enough to look at the file meanwhile */
	while (stats.retries < 3) {
		usleep(1000);
		logtap_dispatcher_stats(dispatcher, 0, &stats);
	}
	cr_assert_eq(stats.delivered, 1);
	cr_assert_eq(stats.queued, 2);
	cr_assert_str_eq(stats.last_error, strerror(EFBIG));
	check_bodies(&place, bodies, 1);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	logtap_dispatcher_stop(dispatcher, seconds_from_now(30));
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.delivered, 3);
	cr_assert_eq(stats.queued, 0);
	check_bodies(&place, bodies, 3);
	logtap_dispatcher_free(dispatcher);
	place_deinit(&place);
}

Test(console, a_stopped_reader_costs_the_records_but_not_the_exit)
{
	enum { BODY = 200000 };
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter;
	struct logtap_exporter_stats stats;
	char *body = malloc(BODY + 1);
	int ends[2];

	memset(body, 'x', BODY);
	body[BODY] = '\0';
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(logtap_console_exporter_new(ends[1], &exporter), 0);
	logtap_dispatcher_add(dispatcher, exporter);
	logtap_dispatcher_submit(dispatcher, batch_of(body));
	logtap_dispatcher_stop(dispatcher, seconds_from_now(0));
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.dropped, 1);
	logtap_dispatcher_free(dispatcher);
	close(ends[0]);
	close(ends[1]);
	free(body);
}

Test(console, a_reader_that_has_gone_is_a_refusal)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter;
	struct logtap_exporter_stats stats;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	cr_assert_eq(logtap_console_exporter_new(ends[1], &exporter), 0);
	logtap_dispatcher_add(dispatcher, exporter);
	logtap_dispatcher_submit(dispatcher, batch_of("x"));
	logtap_dispatcher_stop(dispatcher, seconds_from_now(20));
	logtap_dispatcher_stats(dispatcher, 0, &stats);
	cr_assert_eq(stats.refused, 1);
	logtap_dispatcher_free(dispatcher);
	close(ends[1]);
}

Test(console, shows_control_characters_and_does_not_send_them)
{
	struct logtap_dispatcher *dispatcher = logtap_dispatcher_new();
	struct logtap_exporter *exporter;
	struct logtap_resource *resource = fixture_resource(7);
	struct logtap_source *source = fixture_source(resource, 8);
	static const char body[] = "a\x1b[2Jb\nc\td\xc2\x9b"
				   "e\xc3\xa9\x7f";
	struct logtap_record record = {
		.time_ns = UINT64_C(1767225600123456789),
		.observed_ns = 1,
		.severity = 13,
		.body = body,
		.body_bytes = sizeof(body) - 1,
		.source = source,
	};
	char text[256] = "";
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(logtap_console_exporter_new(ends[1], &exporter), 0);
	logtap_dispatcher_add(dispatcher, exporter);
	logtap_dispatcher_submit(dispatcher, fixture_batch(&record, 1));
	logtap_dispatcher_stop(dispatcher, seconds_from_now(20));
	cr_assert_gt(read(ends[0], text, sizeof(text) - 1), 0);
	cr_assert_str_eq(text, "2026-01-01T00:00:00.123Z WARN  "
			       "unknown_service:app-7[7/8] "
			       "a\\x1b[2Jb\\nc\td\\x9be\xc3\xa9\\x7f\n");
	logtap_dispatcher_free(dispatcher);
	logtap_source_unref(source);
	logtap_resource_unref(resource);
	close(ends[0]);
	close(ends[1]);
}
