/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One line to stderr in each way that C offers, each followed by its errno on
 * stdout, so that a changed errno is a changed output.
 */
#include <err.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MARK = 4711 };

#define WAY(name, statement)                           \
	do {                                           \
		errno = MARK;                          \
		statement;                             \
		printf("%s: errno %d\n", name, errno); \
	} while (0)

static void variadic_fd(int fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(fd, format, arguments);
	va_end(arguments);
}

static void through_stdio(void)
{
	char byte = 'x';

	WAY("fprintf", fprintf(stderr, "fprintf %d\n", 1));
	WAY("fputs", fputs("fputs\n", stderr));
	WAY("fputc", (fputc('c', stderr), fputc('\n', stderr)));
	WAY("putc", (putc('d', stderr), putc('\n', stderr)));
	WAY("fwrite", fwrite("fwrite\n", 1, 7, stderr));
	WAY("unlocked", fwrite_unlocked("unlocked\n", 1, 9, stderr));
	WAY("buffered", {
		FILE *file = fdopen(dup(2), "w");
		fprintf(file, "buffered one\nbuffered %c two\n", byte);
		fclose(file);
	});
	errno = ENOENT;
	perror("perror");
	errno = MARK;
	WAY("warn", warnx("warnx %d", 2));
	errno = EACCES;
	warn("warn");
	WAY("error", error(0, ENOENT, "error"));
	WAY("psignal", psignal(SIGINT, "psignal"));
}

static void through_fds(void)
{
	char text[] = "writev parts\n";
	struct iovec parts[2] = {{text, 7}, {text + 7, 6}};
	int copy;

	WAY("write", (void)!write(2, "write\n", 6));
	WAY("writev", (void)!writev(2, parts, 2));
	WAY("dprintf", dprintf(2, "dprintf %s\n", "text"));
	WAY("vdprintf", variadic_fd(2, "vdprintf %d\n", 3));
	WAY("syscall", syscall(SYS_write, 2, "syscall\n", 8));
	WAY("dup",
	    (copy = dup(2), (void)!write(copy, "dup\n", 4), close(copy)));
	WAY("dup2", (dup2(2, 40), (void)!write(40, "dup2\n", 5), close(40)));
	WAY("dup3",
	    (dup3(2, 41, O_CLOEXEC), (void)!write(41, "dup3\n", 5), close(41)));
	WAY("fcntl", (copy = fcntl(2, F_DUPFD, 50),
		      (void)!write(copy, "fcntl\n", 6), close(copy)));
	WAY("fcntl cloexec", (copy = fcntl(2, F_DUPFD_CLOEXEC, 60),
			      (void)!write(copy, "cloexec\n", 8), close(copy)));
	WAY("empty", (void)!write(2, "", 0));
}

static void failing(void)
{
	void *volatile nowhere = (void *)8;
	volatile int minus_one = -1;
	int copy = open("/dev/null", O_RDONLY);

	WAY("bad pointer", (void)!write(2, nowhere, 10));
	WAY("bad fd", (void)!write(999, "x\n", 2));
	WAY("read only", (void)!write(copy, "x\n", 2));
	WAY("bad count", (void)!writev(2, NULL, minus_one));
	WAY("not a socket", (void)!send(2, "x\n", 2, 0));
	WAY("bad close", close(999));
	WAY("bad dup", dup2(999, 2));
	close(copy);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	through_stdio();
	through_fds();
	failing();
	if (isatty(2) || ftell(stderr) < -1)
		return 3;
	fputs("no line feed at the end", stderr);
	return 0;
}
