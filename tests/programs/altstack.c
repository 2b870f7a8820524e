/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Logs in a signal handler on the smallest alternate stack that the kernel allows,
 * with nothing mapped below it:
 *
 *     altstack BYTES COUNT     as many lines, by write(2)
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif

enum { AREA = 65536, SMALLEST = 2048 };

static char *line;
static size_t bytes;
static int count;

static void on_signal(int number)
{
	(void)number;
	for (int i = 0; i < count; i++)
		if (write(2, line, bytes) != (ssize_t)bytes)
			_exit(3);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal,
				   .sa_flags = SA_ONSTACK};
	size_t least = getauxval(AT_MINSIGSTKSZ);
	char *area = mmap(NULL, 2 * AREA, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = {.ss_sp = area + AREA,
			 .ss_size = least > SMALLEST ? least : SMALLEST};

	if (argc != 3 || area == MAP_FAILED || mprotect(area, AREA, PROT_NONE))
		return 2;
	bytes = strtoul(argv[1], NULL, 10);
	count = atoi(argv[2]);
	line = malloc(bytes);
	memset(line, 'x', bytes);
	line[bytes - 1] = '\n';
	/* What is done once, such as binding, is done. */
	if (write(2, "before\n", 7) != 7 || sigaltstack(&stack, NULL) ||
	    sigaction(SIGUSR1, &action, NULL))
		return 3;
	raise(SIGUSR1);
	return write(2, "after\n", 6) != 6;
}
