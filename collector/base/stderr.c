/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One line of text to standard error: see the header.  Any thread. */
#include "stderr.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* File names and texts of strangers end up in messages: no control byte of
 * theirs may reach a terminal, no line feed may forge a second line. */
static void clean(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte < ' ' || byte == 0x7f)
			text[i] = '?';
	}
}

static void write_all(const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(STDERR_FILENO, data, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		data += written;
		size -= (size_t)written;
	}
}

/* What was told ends nobody: its reader may have gone (SIGPIPE), or the file be
 * as large as it may become (SIGXFSZ).  Both are the writing thread's. */
static void write_unharmed(const char *data, size_t size)
{
	static const int signals[] = {SIGPIPE, SIGXFSZ};
	const struct timespec now = {0};
	sigset_t mask, before, pending, one;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	sigpending(&pending);
	write_all(data, size);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (sigismember(&pending, signals[i]))
			continue;
		sigemptyset(&one);
		sigaddset(&one, signals[i]);
		sigtimedwait(&one, NULL, &now);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void logtap_stderr_line(const char *prefix, const char *format,
			va_list arguments)
{
	static const char mark[] = "...";
	char line[LOGTAP_STDERR_LINE_BYTES];
	const size_t room = sizeof(line) - 1; /* of the line feed */
	int saved = errno;

	size_t size = strnlen(prefix, room / 2);
	memcpy(line, prefix, size);
	int length = vsnprintf(line + size, room - size, format, arguments);
	if (length < 0)
		length = 0;
	if ((size_t)length >= room - size) {
		size = room - sizeof(mark);
		memcpy(line + size, mark, sizeof(mark) - 1);
		size += sizeof(mark) - 1;
	} else {
		size += (size_t)length;
	}
	clean(line, size);
	line[size++] = '\n';
	write_unharmed(line, size);
	errno = saved;
}
