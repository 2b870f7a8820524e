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

/* Skips fields that end with a space. */
static const char *skip(const char *at, unsigned fields)
{
	for (; fields && *at; at++)
		fields -= *at == ' ';
	return at;
}

bool logtap_procfs_stat(struct logtap_procfs_stat *out)
{
	char text[512];
	size_t open = 0, close = 0;
	long size = logtap_procfs_read("/proc/self/stat", text, sizeof text);
	const char *at = text;

	*out = (struct logtap_procfs_stat){0};
	for (long i = 0; i < size; i++) {
		if (text[i] == '(' && !open)
			open = (size_t)i;
		if (text[i] == ')') /* the name may hold parentheses */
			close = (size_t)i;
	}
	if (!close || !logtap_bytes_number(&at, &out->pid))
		return false;
	text[close] = '\0';
	logtap_bytes_string(out->comm, sizeof out->comm, text + open + 1);
	/* A space and the state, then field 4. */
	at = skip(text + close + 1, 2);
	if (!logtap_bytes_number(&at, &out->parent_pid))
		return false;
	at = skip(at, 22 - 4);
	return logtap_bytes_number(&at, &out->start_ticks);
}

/* The byte behind @label in [@at, @end), 0 if it is not there.  @matched: how
 * much of the label has been seen, from one part of a text to the next. */
static int find_after(const char *at, const char *end, const char *label,
		      size_t *matched)
{
	for (; at < end; at++) {
		if (!*matched) /* most of it by far */
			while (*at != label[0])
				if (++at == end)
					return 0;
		if (!label[*matched])
			return (unsigned char)*at;
		if (*at == label[*matched])
			++*matched;
		else
			*matched = *at == label[0];
	}
	return 0;
}

/* The byte behind @label in a file of any length, 0 if it is not there,
 * -1 if the file cannot be read.  @label begins with its only LF. */
static int byte_after(const char *path, const char *label)
{
	char text[2048]; /* all of it, as a rule */
	size_t matched = 0;
	long got, fd = logtap_sys4(SYS_openat, AT_FDCWD, (long)path,
				   O_RDONLY | O_CLOEXEC, 0);
	int found = 0;

	if (fd < 0)
		return -1;
	while (!found &&
	       (got = logtap_sys3(SYS_read, fd, (long)text, sizeof text)) > 0)
		found = find_after(text, text + got, label, &matched);
	logtap_sys1(SYS_close, fd);
	return got < 0 ? -1 : found;
}

bool logtap_procfs_filtered(void)
{
	/* Behind a list of groups that has no limit; 0: a kernel without
	 * seccomp. */
	int mode = byte_after("/proc/self/status", "\nSeccomp:\t");

	return mode != 0 && mode != '0';
}

void logtap_procfs_link(const char *path, char *to, size_t room)
{
	long size = logtap_sys4(SYS_readlinkat, AT_FDCWD, (long)path, (long)to,
				(long)(room - 1));

	to[size > 0 ? size : 0] = '\0';
}

void logtap_procfs_descriptor(int fd, char *to, size_t room)
{
	char link[32] = "/proc/self/fd/";
	size_t at = logtap_bytes_length(link);

	logtap_bytes_put_number(link, sizeof link, &at, (uint64_t)fd);
	logtap_procfs_link(link, to, room);
}
