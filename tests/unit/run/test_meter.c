/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The meter on standard error; each test is a process of its own. */
#include "../../../collector/run/meter.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int saved;

/* Standard error becomes a file with three bytes in it, opened anew. */
static void begin(int flags)
{
	char path[] = "/tmp/logtap-meter-XXXXXX";
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "old", 3), 3);
	close(fd);
	saved = dup(STDERR_FILENO);
	fd = open(path, O_WRONLY | flags);
	unlink(path);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static void end(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

TestSuite(meter, .fini = end);

#define UNKNOWN UINT64_MAX

static uint64_t after_with(const char *text, size_t bytes, bool out)
{
	struct logtap_meter meter;

	logtap_meter_start(&meter, out);
	cr_assert_eq(write(STDERR_FILENO, text, bytes), (ssize_t)bytes);
	logtap_meter_stop(&meter);
	return meter.known ? meter.bytes : UNKNOWN;
}

static uint64_t after(const char *text, size_t bytes)
{
	return after_with(text, bytes, false);
}

Test(meter, counts_what_is_written)
{
	begin(0);
	cr_assert_eq(after("12345", 5), 5);
	cr_assert_eq(after("", 0), 0);
	cr_assert_eq(after("678", 3), 3);
}

Test(meter, does_not_count_what_was_there_before_an_append)
{
	begin(O_APPEND);
	cr_assert_eq(after("12345", 5), 5);
	cr_assert_eq(after("", 0), 0);
}

Test(meter, nothing_is_known_when_stdout_is_the_same_file)
{
	begin(0);
	int out = dup(STDOUT_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	uint64_t bytes = after("12345", 5);
	uint64_t both = after_with("12345", 5, true);
	dup2(out, STDOUT_FILENO);
	cr_assert_eq(bytes, UNKNOWN);
	cr_assert_eq(both, 5, "unless that is captured, too");
}

Test(meter, nothing_is_known_of_a_pipe)
{
	int ends[2];

	begin(0);
	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	cr_assert_eq(after("12345", 5), UNKNOWN);
}

Test(meter, a_position_that_went_back_is_nothing)
{
	struct logtap_meter meter;

	begin(0);
	cr_assert_eq(write(STDERR_FILENO, "12345", 5), 5);
	logtap_meter_start(&meter, false);
	lseek(STDERR_FILENO, 0, SEEK_SET);
	logtap_meter_stop(&meter);
	cr_assert(!meter.known);
}

Test(meter, what_comes_next_goes_behind_what_was_written_past_the_position)
{
	begin(0);
	cr_assert_eq(after("1", 1), 1);
	cr_assert_eq(lseek(STDERR_FILENO, 0, SEEK_CUR), 3, "not over the old");
	cr_assert_eq(lseek(STDERR_FILENO, 9, SEEK_SET), 9);
	cr_assert_eq(after("", 0), 0);
	cr_assert_eq(lseek(STDERR_FILENO, 0, SEEK_CUR), 3, "no hole");
}
