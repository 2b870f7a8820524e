/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A stream whose write function logs to stderr itself, and a line to stderr
 * around it: each line once, whatever is nested in what.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int depth;

static ssize_t write_cookie(void *cookie, const char *data, size_t bytes)
{
	(void)cookie;
	depth++;
	fprintf(stderr, "callback %d before %zu bytes\n", depth, bytes);
	if (write(2, data, bytes) != (ssize_t)bytes)
		return -1;
	fprintf(stderr, "callback %d after\n", depth);
	depth--;
	return (ssize_t)bytes;
}

int main(void)
{
	cookie_io_functions_t functions = {.write = write_cookie};
	FILE *stream = fopencookie(NULL, "w", functions);

	if (!stream)
		return 3;
	setvbuf(stream, NULL, _IONBF, 0);
	for (int i = 0; i < 50; i++) {
		fprintf(stderr, "outer %d before\n", i);
		fprintf(stream, "through the stream %d\n", i);
		fprintf(stderr, "outer %d after\n", i);
	}
	fclose(stream);
	/* The process's own stderr replaced by such a stream. */
	FILE *kept = stderr;
	stderr = fopencookie(kept, "w", functions);
	if (!stderr)
		return 3;
	FILE *replacement = stderr;
	stderr = kept;
	fputs("replaced\n", replacement);
	fclose(replacement);
	return 0;
}
