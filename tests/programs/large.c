/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lines that may be larger than a ring, each in one call:
 *
 *     large WHERE HOW BYTES COUNT
 *
 * WHERE: plain, or where no file can grow (fsize, by a limit) and no memory is
 * asked for (filter, by seccomp).  HOW: write, writev, stdio, syslog, event.
 * Lines are "line N " and characters of three bytes, with their line feed BYTES
 * long; syslog and events have none.  Begins at the end of standard input.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <logtap/logtap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

static void restrict_to(const char *where)
{
	struct rlimit none = {0, 0};
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	if (!strcmp(where, "fsize") && setrlimit(RLIMIT_FSIZE, &none))
		_exit(77);
	if (!strcmp(where, "filter") &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)))
		_exit(77);
}

static void make_line(char *line, size_t bytes, int number)
{
	size_t at = (size_t)sprintf(line, "line %d ", number);

	for (; at + 4 <= bytes; at += 3)
		memcpy(line + at, "\xe2\x82\xac", 3);
	while (at + 1 < bytes)
		line[at++] = 'x';
	line[at++] = '\n';
	line[at] = '\0';
}

static void write_all(const char *line, size_t bytes)
{
	while (bytes) {
		ssize_t put = write(2, line, bytes);
		if (put <= 0)
			_exit(3);
		line += put;
		bytes -= (size_t)put;
	}
}

static void say(const char *how, char *line, size_t bytes)
{
	struct iovec parts[] = {{line, 3}, {line + 3, bytes - 3}};

	if (!strcmp(how, "write"))
		write_all(line, bytes);
	else if (!strcmp(how, "writev") &&
		 writev(2, parts, 2) != (ssize_t)bytes)
		_exit(3);
	else if (!strcmp(how, "stdio"))
		fwrite(line, 1, bytes, stderr), fflush(stderr);
	line[bytes - 1] = '\0';
	if (!strcmp(how, "syslog"))
		syslog(LOG_NOTICE, "%s", line);
	else if (!strcmp(how, "event"))
		logtap_event(9, "large", "name", LOGTAP_INT("n", 42),
			     LOGTAP_BODY(line), LOGTAP_INT("behind", 1),
			     LOGTAP_END);
}

int main(int argc, char **argv)
{
	size_t bytes = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	char *line = malloc(bytes + 2);

	if (bytes < 64 || !line)
		return 2;
	setvbuf(stderr, malloc(bytes + 1), _IOFBF, bytes + 1);
	openlog("large", 0, LOG_USER);
	while (read(0, line, bytes) > 0)
		;
	restrict_to(argv[1]);
	for (int i = 0; i < atoi(argv[4]); i++) {
		make_line(line, bytes, i);
		say(argv[2], line, bytes);
	}
	free(line);
	return 0;
}
