/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a process that runs, and of segments that it may have written
 * anything into. */
#include "../../../collector/run/running.h"

#include "../intake/fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct logtap_running running;
static struct directory directory;
static struct host host;

static void begin(void)
{
	directory_init(&directory);
	host_init(&host, &directory, NULL);
}

static void end(void)
{
	logtap_running_deinit(&running);
	host_deinit(&host);
	directory_deinit(&directory);
}

TestSuite(running, .init = begin, .fini = end, .timeout = 30);

/* A program that waits; it is executed when this returns. */
static pid_t start(const char *const *argv, const char *const *environment,
		   int *input)
{
	int hold[2], executed[2];
	char byte;

	cr_assert_eq(pipe2(hold, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(executed, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (!pid) {
		dup2(hold[0], STDIN_FILENO);
		execve("/bin/cat", (char *const *)argv,
		       (char *const *)environment);
		_exit(1);
	}
	close(hold[0]);
	close(executed[1]);
	cr_assert_eq(read(executed[0], &byte, 1), 0);
	close(executed[0]);
	*input = hold[1];
	return pid;
}

static void finish(pid_t pid, int input)
{
	int status;

	close(input);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

static const struct logtap_running_segment *read_ourselves(void)
{
	cr_assert_eq(logtap_running_read(getpid(), &running), 0);
	cr_assert_eq(running.segment_count, 1);
	return &running.segments[0];
}

Test(running, one_that_is_not_there_is_no_process)
{
	cr_assert_eq(logtap_running_read(HOST_PID, &running), ESRCH);
	cr_assert_null(running.environment);
	cr_assert_null(running.argv);
}

Test(running, its_words_and_variables_are_those_it_was_executed_with)
{
	/* more than is read at once */
	size_t bytes = 100000;
	char *large = malloc(bytes + 1);
	int input;

	memset(large, 'x', bytes);
	memcpy(large, "LARGE=", 6);
	large[bytes] = 0;
	const char *const argv[] = {"other name", "-u", "-", "-", NULL};
	const char *const environment[] = {"EMPTY=", "A=B=C", large,
					   "LAST=here", NULL};
	pid_t pid = start(argv, environment, &input);

	cr_assert_eq(logtap_running_read(pid, &running), 0);
	cr_assert_str_eq(running.argv[0], "other name");
	cr_assert_str_eq(running.argv[1], "-u");
	cr_assert_str_eq(running.argv[3], "-");
	cr_assert_null(running.argv[4]);
	cr_assert_str_eq(logtap_running_variable(&running, "A"), "B=C");
	cr_assert_str_eq(logtap_running_variable(&running, "LAST"), "here");
	cr_assert_eq(strlen(logtap_running_variable(&running, "LARGE")),
		     bytes - 6);
	cr_assert_null(logtap_running_variable(&running, "EMPTY"));
	cr_assert_null(logtap_running_variable(&running, "LAS"));
	cr_assert_null(logtap_running_variable(&running, "B"));
	cr_assert_eq(running.segment_count, 0);
	cr_assert_str_eq(running.library, "");
	finish(pid, input);
	free(large);
}

Test(running, a_segment_is_copied_with_its_slots)
{
	host_claim(&host, 1, 77, 0);
	const struct logtap_running_segment *segment = read_ourselves();

	cr_assert_null(segment->bad, "%s", segment->bad);
	cr_assert_str_eq(segment->path, host.path);
	cr_assert_eq(segment->header.pid, (uint32_t)getpid());
	cr_assert_eq(segment->slots[1].tid, 77);
	host.slots[1].tid = 78;
	cr_assert_eq(segment->slots[1].tid, 77, "it is a copy");
}

Test(running, a_file_that_is_mapped_twice_is_one_segment)
{
	int fd = open(host.path, O_RDONLY | O_CLOEXEC);
	void *again = mmap(NULL, host.bytes, PROT_READ, MAP_SHARED, fd, 0);

	cr_assert_neq(again, MAP_FAILED);
	close(fd);
	read_ourselves();
	munmap(again, host.bytes);
}

Test(running, a_segment_is_told_from_one_that_cannot_be_one)
{
	host.header->slot_bytes = 17;
	cr_assert_not_null(read_ourselves()->bad);
	cr_assert_null(running.segments[0].slots);
}

Test(running, a_file_that_was_cut_short_is_not_read_beyond_its_end)
{
	cr_assert_eq(truncate(host.path, 100), 0);
	cr_assert_str_eq(read_ourselves()->bad, "it is shorter than a header");
}

Test(running, slots_that_are_not_there_are_not_read)
{
	cr_assert_eq(truncate(host.path, LOGTAP_HEADER_BYTES), 0);
	cr_assert_not_null(read_ourselves()->bad);
	cr_assert_null(running.segments[0].slots);
}

Test(running, a_file_without_a_name_any_more_is_found_all_the_same)
{
	cr_assert_eq(unlink(host.path), 0);
	const struct logtap_running_segment *segment = read_ourselves();

	cr_assert_str_eq(segment->path, host.path);
}
