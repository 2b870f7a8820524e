/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * fd 2 is closed, moved and reused.  Lines that went to where stderr led at
 * the start say "log"; what went elsewhere through the same number says
 * "payload" and must never be captured.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static void put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(3);
}

static void reused_by_file(void)
{
	close(2);
	int fd = open("payload-file", O_CREAT | O_WRONLY | O_TRUNC, 0600);
	put(fd, "payload of a file\n");
	printf("reused fd %d\n", fd);
	close(fd);
}

static void reused_by_socket(void)
{
	int pair[2];
	char data[64];

	close(2);
	int first = open("/dev/null", O_RDONLY); /* takes 2 */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		_exit(3);
	dup2(pair[0], 2);
	put(2, "payload of a socket\n");
	(void)!send(2, "payload sent\n", 13, 0);
	ssize_t got = read(pair[1], data, sizeof(data));
	printf("first %d, peer got %zd\n", first, got);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	put(2, "log at the start\n");
	int high = fcntl(2, F_DUPFD, 100);
	put(high, "log through an alias\n");
	reused_by_file();
	put(high, "log while 2 is closed\n");
	dup2(high, 2);
	put(2, "log after dup2 back\n");
	reused_by_socket();
	dup3(high, 2, 0);
	put(2, "log after dup3 back\n");
	syscall(SYS_close_range, 3, 90, 0);
	put(2, "log after close_range(3, 90)\n");
	dup2(2, 70);
	closefrom(71);
	put(70, "log through 70 after closefrom(71)\n");
	put(2, "log through 2 after closefrom(71)\n");
	close_range(3, 60, 0);
	put(2, "log after close_range of others\n");
	/* What a daemon does: everything closed, then a log file opened. */
	int keep = dup2(1, 200);
	close_range(0, 199, 0);
	close_range(201, ~0U, 0);
	(void)!write(2, "never written\n", 14);
	open("/dev/null", O_RDWR);
	dup2(0, 1);
	int fd = open("payload-file", O_WRONLY | O_APPEND);
	put(2, "payload after everything was closed\n");
	dprintf(keep, "fd %d\n", fd);
	return 0;
}
