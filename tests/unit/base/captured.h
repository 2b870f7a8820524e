/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Standard output or error of the calling test, into a string.
 */
#ifndef LOGTAP_TESTS_UNIT_BASE_CAPTURED_H
#define LOGTAP_TESTS_UNIT_BASE_CAPTURED_H

#include <stdio.h>
#include <unistd.h>

struct captured {
	int fd;
	int saved;
	FILE *file;
	char text[16384];
};

static inline void captured_begin(struct captured *captured, int fd)
{
	fflush(NULL);
	captured->fd = fd;
	captured->saved = dup(fd);
	captured->file = tmpfile();
	dup2(fileno(captured->file), fd);
}

static inline const char *captured_end(struct captured *captured)
{
	fflush(NULL);
	dup2(captured->saved, captured->fd);
	close(captured->saved);
	rewind(captured->file);
	size_t size = fread(captured->text, 1, sizeof(captured->text) - 1,
			    captured->file);
	captured->text[size] = '\0';
	fclose(captured->file);
	return captured->text;
}

#endif
