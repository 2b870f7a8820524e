/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which descriptor is what: the bodies of the hooks, called by name. */
#include "../../../shim/fd/socket.h"
#include "../../../shim/fd/table.h"
#include "../../../shim/real.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int file; /* none of ours */

static const struct logtap_sink *sink_of(int fd)
{
	const struct logtap_mapping *mapping = &logtap_state.mappings[0];

	return &mapping->segment
			->sinks[mapping->sink_index[logtap_fd_sink(fd)]];
}

static void begin(void)
{
	shim_begin((struct shim_options){0});
	/* stderr as the fixture calls it is no file of this process */
	logtap_fd_init();
	int ends[2];
	cr_assert_eq(pipe(ends), 0);
	file = ends[1];
}

TestSuite(fds, .init = begin, .fini = shim_end);

Test(fds, two_is_stderr_and_nothing_else_is)
{
	struct stat status;

	cr_assert_neq(logtap_fd(2), 0);
	fstat(2, &status);
	cr_assert_eq(sink_of(2)->kind, LOGTAP_SINK_STDERR);
	cr_assert_eq(sink_of(2)->device, status.st_dev);
	cr_assert_eq(sink_of(2)->inode, status.st_ino);
	for (int fd = 0; fd < LOGTAP_FDS; fd++)
		cr_assert(fd == 2 || !logtap_fd(fd));
	cr_assert_eq(logtap_fd(-1), 0);
	cr_assert_eq(logtap_fd(LOGTAP_FDS), 0);
	cr_assert_eq(logtap_fd(INT32_MAX), 0);
}

Test(fds, a_copy_is_stderr_until_it_is_closed)
{
	int copy = logtap_on_dup(2);

	cr_assert_eq(logtap_fd(copy), logtap_fd(2));
	logtap_on_close(copy);
	cr_assert_eq(logtap_fd(copy), 0);
	cr_assert_neq(logtap_fd(2), 0);
	/* the number comes back as something else */
	cr_assert_eq(open("/dev/null", O_WRONLY), copy);
	cr_assert_eq(logtap_fd(copy), 0);
}

Test(fds, every_way_of_copying_is_known)
{
	cr_assert_eq(logtap_on_dup2(2, 50), 50);
	cr_assert_eq(logtap_on_dup3(2, 51, O_CLOEXEC), 51);
	cr_assert_eq(logtap_on_fcntl(2, F_DUPFD, 52), 52);
	cr_assert_eq(logtap_on_fcntl(2, F_DUPFD_CLOEXEC, 53), 53);
	cr_assert_eq(logtap_on_fcntl64(2, F_DUPFD, 54), 54);
	cr_assert_eq(logtap_on_syscall(SYS_dup3, 2, 55, 0, 0, 0, 0), 55);
	for (int fd = 50; fd < 56; fd++)
		cr_assert_eq(logtap_fd(fd), logtap_fd(2), "%d", fd);
	/* and of a copy */
	cr_assert_eq(logtap_on_dup2(50, 60), 60);
	cr_assert_eq(logtap_fd(60), logtap_fd(2));
}

Test(fds, what_replaces_a_copy_is_none)
{
	logtap_on_dup2(2, 50);
	cr_assert_eq(logtap_on_dup2(file, 50), 50);
	cr_assert_eq(logtap_fd(50), 0);
}

Test(fds, what_is_put_onto_2_is_a_new_sink)
{
	unsigned before = logtap_fd(2);
	int saved = logtap_on_dup(2);

	cr_assert_eq(logtap_on_dup2(file, 2), 2);
	unsigned now = logtap_fd(2);
	struct stat status;
	fstat(file, &status);
	/* before the comparison: its message would go to the pipe */
	logtap_on_dup2(saved, 2);
	cr_assert_neq(now, 0);
	cr_assert_neq(now, before);
	cr_assert_eq(logtap_fd(2), before, "restored");
	cr_assert_eq(
		logtap_state.mappings[0]
			.segment
			->sinks[logtap_state.mappings[0].sink_index[now - 1]]
			.inode,
		status.st_ino);
}

Test(fds, a_socket_where_stderr_was_not_is_a_peer_s)
{
	int pair[2], saved = dup(2);

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	logtap_on_close(2);
	int result = logtap_on_dup2(pair[0], 2);
	unsigned now = logtap_fd(2);
	dup2(saved, 2);
	cr_assert_eq(result, 2);
	cr_assert_eq(now, 0);
}

Test(fds, a_copy_that_fails_changes_nothing)
{
	unsigned before = logtap_fd(2);

	cr_assert_eq(logtap_on_dup2(-1, 2), -1);
	cr_assert_eq(errno, EBADF);
	cr_assert_eq(logtap_on_dup2(999, 2), -1);
	cr_assert_eq(logtap_on_dup3(2, 2, 0), -1);
	cr_assert_eq(logtap_on_dup2(2, 2), 2);
	cr_assert_eq(logtap_fd(2), before);
	cr_assert_eq(logtap_on_fcntl(2, F_GETFD), fcntl(2, F_GETFD));
	cr_assert_eq(logtap_fd(2), before);
}

Test(fds, a_range_that_is_closed_ends_what_is_in_it)
{
	logtap_on_dup2(2, 50);
	logtap_on_dup2(2, 60);
	cr_assert_eq(logtap_on_close_range(40, 55, 0), 0);
	cr_assert_eq(logtap_fd(50), 0);
	cr_assert_neq(logtap_fd(60), 0);
	logtap_on_closefrom(56);
	cr_assert_eq(logtap_fd(60), 0);
	cr_assert_neq(logtap_fd(2), 0);
}

Test(fds, a_range_that_is_not_closed_stays)
{
	logtap_on_dup2(2, 50);
	cr_assert_eq(logtap_on_close_range(40, 60, CLOSE_RANGE_CLOEXEC), 0);
	cr_assert_neq(logtap_fd(50), 0);
	cr_assert_eq(logtap_on_close_range(60, 40, 0), -1);
	cr_assert_eq(errno, EINVAL);
	cr_assert_eq(logtap_on_close_range(0, ~0u, 1 << 20), -1);
	cr_assert_eq(errno, EINVAL);
	cr_assert_neq(logtap_fd(50), 0);
	cr_assert_neq(logtap_fd(2), 0);
}

Test(fds, what_a_vfork_child_does_is_its_own)
{
	int status;
	unsigned before = logtap_fd(2);
	pid_t child = vfork();

	if (!child) {
		logtap_on_dup2(file, 2);
		logtap_on_close(file);
		_exit(0);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(logtap_fd(2), before);
}

Test(fds, what_a_forked_child_does_is_seen_there)
{
	int status;
	pid_t child = fork();

	if (!child) {
		logtap_on_close(2);
		_exit(logtap_fd(2) == 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_neq(logtap_fd(2), 0);
}

Test(fds, what_libc_puts_onto_2_by_itself_is_a_new_sink)
{
	int terminal, status;
	pid_t child = logtap_on_forkpty(&terminal, NULL, NULL, NULL);

	if (!child) {
		struct stat now;
		fstat(2, &now);
		_exit(logtap_fd(2) && sink_of(2)->inode == now.st_ino &&
				      sink_of(2)->device == now.st_dev
			      ? 0
			      : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	close(terminal);
	/* daemon(3) ends its caller */
	child = fork();
	if (!child) {
		int ends[2], result = pipe(ends);
		pid_t middle = fork();
		if (!middle) {
			char good;
			result = logtap_on_daemon(1, 0);
			good = !result && logtap_fd(2) &&
			       sink_of(2)->file_type == S_IFCHR;
			_exit(write(ends[1], &good, 1) == 1 ? 0 : 1);
		}
		char good = 0;
		if (read(ends[0], &good, 1) != 1)
			good = 0;
		_exit(good ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
}

Test(fds, a_copy_beyond_the_table_is_said)
{
	const struct logtap_diagnostic *said =
		logtap_state.mappings[0].segment->diagnostics;

	cr_assert_eq(said->state, 0);
	logtap_fd_duplicated(2, LOGTAP_FDS + 1);
	cr_assert_eq(said->state, 2);
	cr_assert_eq(said->error, LOGTAP_FDS + 1);
}

Test(fds, only_a_logger_s_socket_is_marked)
{
	struct sockaddr_un other = {AF_UNIX, "/tmp/not-a-logger"};
	struct sockaddr_un logger = {AF_UNIX, "/dev/log"};
	struct sockaddr_un abstract = {AF_UNIX, "\0/dev/log"};
	socklen_t head = offsetof(struct sockaddr_un, sun_path);

	logtap_fd_opened(70, LOGTAP_SINK_INDEX_SYSLOG);
	cr_assert_eq(logtap_fd_sink(70), LOGTAP_SINK_INDEX_SYSLOG);
	cr_assert_eq(logtap_socket_sink((void *)&other, sizeof other),
		     LOGTAP_SINK_INDEX_UNKNOWN);
	cr_assert_eq(logtap_socket_sink((void *)&abstract, sizeof abstract),
		     LOGTAP_SINK_INDEX_UNKNOWN);
	cr_assert_eq(logtap_socket_sink((void *)&logger, head),
		     LOGTAP_SINK_INDEX_UNKNOWN);
	cr_assert_eq(logtap_socket_sink((void *)&logger, head + 4),
		     LOGTAP_SINK_INDEX_UNKNOWN);
	cr_assert_eq(logtap_socket_sink(NULL, 0), LOGTAP_SINK_INDEX_UNKNOWN);
	uint8_t sink = logtap_socket_sink((void *)&logger, head + 8);
	cr_assert_eq(logtap_socket_sink((void *)&logger, sizeof logger), sink);
	cr_assert_lt(sink, LOGTAP_SINKS);
}
