/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Counts the user instructions of a worker's loop, exactly, by single steps:
 * hardware counters are rarely there in a virtual machine.
 *
 *     steps NAME COUNT PROGRAM...
 *
 * Starts the worker and prints its pid; after a line on standard input tells it
 * `step NAME COUNT`, counts between the pairs of SIGUSR1 that it sends itself, and
 * prints the numbers.  LD_PRELOAD is for the worker: give it
 * as STEPS_PRELOAD.
 */
#include "bench.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void become_worker(char **argv, const int *input)
{
	const char *preload = getenv("STEPS_PRELOAD");

	if (preload)
		setenv("LD_PRELOAD", preload, 1);
	unsetenv("STEPS_PRELOAD");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(input[0], 0) < 0 || close(input[0]) || close(input[1]) ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		bench_die("cannot be traced");
	execv(argv[0], argv);
	bench_die("cannot start the program");
	_exit(3);
}

/* It runs: until it stops with @wanted, whatever else it gets. */
static void until(pid_t pid, int wanted)
{
	int status, signal;

	for (;;) {
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			bench_die("the program ended early");
		signal = WSTOPSIG(status);
		if (signal == wanted)
			return;
		ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
	}
}

static long count_steps(pid_t pid)
{
	long steps = 0;
	int status;

	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0 ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			bench_die("the program ended while it was stepped");
		if (WSTOPSIG(status) == SIGUSR1)
			return steps;
		steps++;
	}
}

int main(int argc, char **argv)
{
	int input[2], status;
	char line[96];
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: steps NAME COUNT PROGRAM...\n");
		return 2;
	}
	if (pipe(input) != 0)
		bench_die("cannot make a pipe");
	pid = fork();
	if (pid == 0)
		become_worker(argv + 3, input);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		bench_die("cannot start the program");
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	printf("%d\n", (int)pid);
	fflush(stdout);
	if (!fgets(line, sizeof line, stdin))
		return 0;
	snprintf(line, sizeof line, "step %s %s\nquit\n", argv[1], argv[2]);
	if (write(input[1], line, strlen(line)) != (ssize_t)strlen(line))
		bench_die("cannot command the program");
	for (int i = 0; i < BENCH_WINDOWS; i++) {
		if (i)
			ptrace(PTRACE_CONT, pid, NULL, NULL);
		until(pid, SIGUSR1);
		printf("%ld ", count_steps(pid));
	}
	printf("\n");
	return 0; /* EXITKILL ends the worker */
}
