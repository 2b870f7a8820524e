/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Numbered lines of different lengths to stderr until it is killed, and a count
 * that outlives it.
 *
 *     counted FILE [early]
 *
 * FILE holds, as 8 bytes, how many calls have returned: those lines must have
 * been captured.  early: it counts before the call, so that a kill between the
 * two must be noticed by whoever compares.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SPIN = 3000, LONGEST = 220 };

static size_t line_of(uint64_t number, char *line)
{
	size_t bytes = (size_t)snprintf(line, LONGEST, "n=%08llu ",
					(unsigned long long)number);
	size_t more = number * 37 % 170;

	memset(line + bytes, 'a' + (int)(number % 26), more);
	memcpy(line + bytes + more, " end\n", 5);
	return bytes + more + 5;
}

int main(int argc, char **argv)
{
	char line[LONGEST];
	int early = argc == 3 && !strcmp(argv[2], "early");
	int fd = argc > 1 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;

	if (fd < 0 || ftruncate(fd, sizeof(uint64_t)) != 0)
		return 2;
	_Atomic uint64_t *count = mmap(
		NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (count == MAP_FAILED)
		return 2;
	for (uint64_t number = 1;; number++) {
		size_t bytes = line_of(number, line);
		if (early)
			atomic_store(count, number);
		if (write(2, line, bytes) != (ssize_t)bytes)
			return 3;
		if (!early)
			atomic_store(count, number);
		for (int i = 0; i < SPIN; i++)
			__asm__ volatile("");
	}
}
