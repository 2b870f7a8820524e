/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of proc(5) for the segment header.  Runs in the constructor. */
#include "procfs.h"

#include "../arch/syscall.h"
#include "../bytes.h"

#include <fcntl.h>

long logtap_procfs_read(const char *path, char *to, size_t room)
{
	long fd = logtap_sys4(SYS_openat, AT_FDCWD, (long)path,
			      O_RDONLY | O_CLOEXEC, 0);
	size_t size = 0;

	to[0] = '\0';
	if (fd < 0)
		return fd;
	/* One read: these files are made whole at the first. */
	long got = logtap_sys3(SYS_read, fd, (long)to, (long)(room - 1));
	if (got > 0)
		size = (size_t)got;
	to[size] = '\0';
	logtap_sys1(SYS_close, fd);
	return (long)size;
}

bool logtap_procfs_stat(uint64_t *start_ticks, char *comm)
{
	char text[512];
	size_t open = 0, close = 0;
	long size = logtap_procfs_read("/proc/self/stat", text, sizeof text);

	for (long i = 0; i < size; i++) {
		if (text[i] == '(' && !open)
			open = (size_t)i;
		if (text[i] == ')') /* the name may hold parentheses */
			close = (size_t)i;
	}
	if (!close)
		return false;
	text[close] = '\0';
	logtap_bytes_string(comm, 16, text + open + 1);
	/* Field 3 begins two bytes behind the name; 22 is 19 further on. */
	const char *at = text + close + 2;
	for (int field = 3; field < 22 && *at; at++)
		field += *at == ' ';
	return logtap_bytes_number(&at, start_ticks);
}

bool logtap_procfs_filtered(void)
{
	char text[2048];

	if (logtap_procfs_read("/proc/self/status", text, sizeof text) <= 0)
		return true;
	for (const char *line = text; *line; line++) {
		const char *value = logtap_bytes_after(line, "Seccomp:\t");
		if (value)
			return *value != '0';
		while (*line && *line != '\n')
			line++;
		if (!*line)
			break;
	}
	return false; /* a kernel without seccomp */
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool logtap_procfs_boot_id(unsigned char *to)
{
	char text[48];
	unsigned nibbles = 0;

	if (logtap_procfs_read("/proc/sys/kernel/random/boot_id", text,
			       sizeof text) <= 0)
		return false;
	for (const char *at = text; *at && nibbles < 32; at++) {
		int value = hex(*at);
		if (value < 0)
			continue;
		if (nibbles % 2 == 0)
			to[nibbles / 2] = (unsigned char)(value << 4);
		else
			to[nibbles / 2] |= (unsigned char)value;
		nibbles++;
	}
	return nibbles == 32;
}

void logtap_procfs_cgroup(char *to, size_t room)
{
	char text[1024];
	char *line = text;

	to[0] = '\0';
	if (logtap_procfs_read("/proc/self/cgroup", text, sizeof text) <= 0)
		return;
	while (*line) {
		char *end = line, *path = NULL;
		unsigned colons = 0;
		for (; *end && *end != '\n'; end++)
			if (*end == ':' && ++colons == 2)
				path = end + 1;
		bool last = !*end;
		*end = '\0';
		if (path && path[0] == '/' && path[1]) {
			logtap_bytes_string(to, room, path);
			return;
		}
		if (last)
			return;
		line = end + 1;
	}
}

void logtap_procfs_link(const char *path, char *to, size_t room)
{
	long size = logtap_sys4(SYS_readlinkat, AT_FDCWD, (long)path, (long)to,
				(long)(room - 1));

	to[size > 0 ? size : 0] = '\0';
}
