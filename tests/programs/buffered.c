/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Lines in stdout's buffer, and the ways in which a program ends:
 *
 *     buffered exit|exec|quick_exit|abort|_exit|overflow|fork|fclose|crash
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void end_by(const char *way)
{
	if (!strcmp(way, "exec"))
		execlp("/bin/echo", "echo", "from echo", NULL);
	if (!strcmp(way, "quick_exit"))
		quick_exit(3);
	if (!strcmp(way, "abort"))
		abort();
	if (!strcmp(way, "_exit"))
		_exit(4);
	if (!strcmp(way, "crash"))
		raise(SIGSEGV);
	if (!strcmp(way, "fclose"))
		fclose(stdout);
	if (!strcmp(way, "fork")) {
		pid_t pid = fork();
		if (!pid)
			exit(0);
		waitpid(pid, NULL, 0);
	}
	exit(5);
}

int main(int argc, char **argv)
{
	struct rlimit no_core = {0, 0};

	if (argc != 2)
		return 2;
	setrlimit(RLIMIT_CORE, &no_core);
	printf("a line of %s\n", argv[1]);
	fputs("and ", stdout);
	puts("another");
	if (!strcmp(argv[1], "overflow"))
		for (int i = 0; i < 3000; i++)
			printf("line %d\n", i);
	end_by(argv[1]);
}
