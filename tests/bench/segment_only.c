/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A library that, preloaded, makes a file of the size of a segment in
 * BENCH_SEGMENTS, maps it, marks its first page, and does nothing else: what a
 * start takes that is to leave something behind for another process. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEGMENT_BYTES 45056 /* of a process of one thread */

static __attribute__((constructor)) void make_segment(void)
{
	const char *folder = getenv("BENCH_SEGMENTS");
	char name[256];
	void *memory;
	int fd;

	if (!folder)
		return;
	snprintf(name, sizeof name, "%s/%ld", folder, (long)getpid());
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || fallocate(fd, 0, 0, SEGMENT_BYTES) != 0)
		abort();
	memory = mmap(NULL, SEGMENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
		      fd, 0);
	if (memory == MAP_FAILED)
		abort();
	close(fd);
	memset(memory, 1, 64);
	unlink(name);
}
