/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Other descriptors for the same thing, and fd 2 for another. */
#undef _FILE_OFFSET_BITS /* open() and open64() are to be two */
#include "way.h"

#include <sys/socket.h>
#include <sys/syscall.h>

static void put_and_close(int fd, const char *text)
{
	if (fd < 0)
		return;
	way_put(fd, text);
	close(fd);
}

WAY(dup, 0)
{
	put_and_close(dup(2), "dup\n");
}

WAY(dup_of_dup, 0)
{
	int first = dup(2);
	put_and_close(dup(first), "dup_of_dup\n");
	close(first);
}

WAY(dup2, 0)
{
	put_and_close(dup2(2, 40), "dup2\n");
}

WAY(dup3, 0)
{
	put_and_close(dup3(2, 42, O_CLOEXEC), "dup3\n");
}

WAY(f_dupfd, 0)
{
	put_and_close(fcntl(2, F_DUPFD, 50), "f_dupfd\n");
}

WAY(f_dupfd_cloexec, 0)
{
	put_and_close(fcntl(2, F_DUPFD_CLOEXEC, 60), "f_dupfd_cloexec\n");
}

WAY(syscall_dup, 0)
{
	put_and_close((int)syscall(SYS_dup, 2), "syscall_dup\n");
}

WAY(syscall_dup3, 0)
{
	put_and_close((int)syscall(SYS_dup3, 2, 43, 0), "syscall_dup3\n");
}

WAY(syscall_fcntl, 0)
{
	put_and_close((int)syscall(SYS_fcntl, 2, F_DUPFD, 80),
		      "syscall_fcntl\n");
}

WAY(dup_high, 0)
{
	put_and_close(fcntl(2, F_DUPFD, 900), "dup_high\n");
}

WAY(close_and_restore, WAY_MAIN)
{
	int saved = dup(2);
	close(2);
	way_put(2, "nowhere\n");
	dup2(saved, 2);
	close(saved);
	way_put(2, "close_and_restore\n");
}

/* By name.  A socket cannot be opened so; a pipe and a terminal can. */
WAY(dev_stderr, 0)
{
	put_and_close(open("/dev/stderr", O_WRONLY), "dev_stderr\n");
}

WAY(dev_stderr_append, 0)
{
	put_and_close(open("/dev/stderr", O_WRONLY | O_APPEND),
		      "dev_stderr_append\n");
}

WAY(dev_fd_2, 0)
{
	put_and_close(open("/dev/fd/2", O_WRONLY | O_APPEND), "dev_fd_2\n");
}

WAY(proc_self_fd_2, 0)
{
	put_and_close(open("/proc/self/fd/2", O_WRONLY | O_APPEND),
		      "proc_self_fd_2\n");
}

WAY(open64_dev_stderr, 0)
{
	put_and_close(open64("/dev/stderr", O_WRONLY | O_APPEND),
		      "open64_dev_stderr\n");
}

WAY(openat_dev_stderr, 0)
{
	put_and_close(openat(AT_FDCWD, "/dev/stderr", O_WRONLY | O_APPEND),
		      "openat_dev_stderr\n");
}

WAY(syscall_openat_dev_stderr, 0)
{
	put_and_close((int)syscall(SYS_openat, AT_FDCWD, "/dev/stderr",
				   O_WRONLY | O_APPEND),
		      "syscall_openat_dev_stderr\n");
}

WAY(creat_dev_stderr, WAY_MAIN)
{
	put_and_close(creat("/dev/stderr", 0600), "creat_dev_stderr\n");
}

WAY(fopen_dev_stderr, 0)
{
	FILE *file = fopen("/dev/stderr", "a");
	if (file) {
		fputs("fopen_dev_stderr\n", file);
		fclose(file);
	}
}

WAY(fopen64_dev_stderr, 0)
{
	FILE *file = fopen64("/dev/stderr", "a");
	if (file) {
		fputs("fopen64_dev_stderr\n", file);
		fclose(file);
	}
}

static const char *own_path(void)
{
	static char path[512];
	ssize_t size = readlink("/proc/self/fd/2", path, sizeof(path) - 1);

	/* of a pipe and a socket it is no path */
	path[size > 0 && path[0] == '/' ? size : 0] = '\0';
	return path;
}

WAY(same_file, 0)
{
	put_and_close(open(own_path(), O_WRONLY | O_APPEND), "same_file\n");
}

WAY(same_file_fopen, 0)
{
	FILE *file = fopen(own_path(), "a");
	if (file) {
		fputs("same_file_fopen\n", file);
		fclose(file);
	}
}

WAY(dev_tty, WAY_MAIN | WAY_UNSEEN)
{
	put_and_close(open("/dev/tty", O_WRONLY), "dev_tty\n");
}

/* What comes back over a socket is the same file, but nobody says so. */
static int passed(int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	IGNORE(sendmsg(pair[0], &message, 0));
	IGNORE(recvmsg(pair[1], &message, 0));
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	close(pair[0]);
	close(pair[1]);
	return fd;
}

WAY(scm_rights, WAY_UNSEEN)
{
	put_and_close(passed(2), "scm_rights\n");
}

/* fd 2 for something else: not a log. */
WAY(reused_by_file, WAY_MAIN | WAY_PAYLOAD)
{
	close(2);
	open("/dev/null", O_WRONLY);
	way_put(2, "reused_by_file\n");
}

WAY(reused_by_socket, WAY_MAIN | WAY_PAYLOAD)
{
	int pair[2];
	close(2);
	if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		way_put(2, "reused_by_socket\n");
}

WAY(reused_by_pipe, WAY_MAIN | WAY_PAYLOAD)
{
	int ends[2];
	close(2);
	if (!pipe(ends))
		way_put(ends[1], "reused_by_pipe\n");
}

WAY(socket_onto_2, WAY_MAIN | WAY_PAYLOAD)
{
	int pair[2];
	close(2);
	if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		dup2(pair[1], 2);
	way_put(2, "socket_onto_2\n");
}
