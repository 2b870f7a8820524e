/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Numbered lines to stderr from many threads, each naming its thread.
 *
 *     lines WAY THREADS COUNT     COUNT 0: until killed
 *
 * WAY: write, writev, pwritev2, stdio, dprintf; mixed: each of them in turn;
 * pieces: a line in three writes; paced: write, with pauses; slow: write, some
 * thousand lines a second.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *way;
static unsigned long count;

static void write_pieces(const char *line, size_t bytes)
{
	size_t third = bytes / 3;

	if (write(2, line, third) < 0 || write(2, line + third, third) < 0 ||
	    write(2, line + 2 * third, bytes - 2 * third) < 0)
		exit(3);
}

static void write_vector(const char *line, size_t bytes, int flags)
{
	struct iovec parts[3] = {
		{.iov_base = (char *)line, .iov_len = bytes / 2},
		{.iov_base = NULL, .iov_len = 0},
		{.iov_base = (char *)line + bytes / 2,
		 .iov_len = bytes - bytes / 2},
	};

	if ((flags < 0 ? writev(2, parts, 3)
		       : pwritev2(2, parts, 3, -1, flags)) < 0)
		exit(3);
}

static void *write_lines(void *argument)
{
	static const char *const ways[] = {"write", "writev", "pwritev2",
					   "stdio", "dprintf"};
	char line[128];

	(void)argument;
	for (unsigned long n = 0; !count || n < count; n++) {
		const char *name = strcmp(way, "mixed") ? way : ways[n % 5];
		int bytes = snprintf(line, sizeof(line),
				     "way=%s tid=%d n=%lu end\n", name,
				     gettid(), n);
		if (!strcmp(name, "write")) {
			if (write(2, line, bytes) != bytes)
				exit(3);
		} else if (!strcmp(name, "paced") || !strcmp(name, "slow")) {
			if (write(2, line, bytes) != bytes)
				exit(3);
			if (n % 5 == 4)
				usleep(*name == 'p' ? 100 : 2000);
		} else if (!strcmp(name, "writev")) {
			write_vector(line, bytes, -1);
		} else if (!strcmp(name, "pwritev2")) {
			write_vector(line, bytes, 0);
		} else if (!strcmp(name, "stdio")) {
			fputs(line, stderr);
		} else if (!strcmp(name, "dprintf")) {
			dprintf(2, "way=%s tid=%d n=%lu end\n", name, gettid(),
				n);
		} else {
			write_pieces(line, bytes);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];

	if (argc != 4)
		return 2;
	way = argv[1];
	int thread_count = atoi(argv[2]);
	count = strtoul(argv[3], NULL, 10);
	if (thread_count < 1 || thread_count > 64)
		return 2;
	for (int i = 0; i < thread_count; i++)
		if (pthread_create(&threads[i], NULL, write_lines, NULL))
			return 3;
	for (int i = 0; i < thread_count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
