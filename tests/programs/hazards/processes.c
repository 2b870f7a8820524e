/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Daemons, fork servers, storms of children, environments that are cleared. */
#include "hazard.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long number_at(char **arguments)
{
	return arguments[0] ? strtol(arguments[0], NULL, 10) : 100;
}

static void await_all(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

/* hazard daemon FILE: closes everything, then logs to FILE.  Ends when the
 * daemon has closed the pipe, so that all of its stderr is there by then. */
static int daemonize(char **arguments)
{
	int closed[2];
	char none;
	pid_t child;

	if (pipe(closed))
		fail("pipe");
	child = fork();
	if (child) {
		close(closed[1]);
		return waitpid(child, NULL, 0) < 0 ||
		       read(closed[0], &none, 1) != 0;
	}
	setsid();
	if (fork())
		_exit(0);
	say("before everything is closed", 0);
	close_range(0, ~0U, 0);
	for (int i = 0; i < 3; i++)
		if (open("/dev/null", O_RDWR) != i)
			_exit(5);
	int log = open(arguments[0], O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (dup2(log, 2) != 2)
		_exit(5);
	close(log);
	for (int i = 0; i < 100; i++)
		say("daemon", i);
	fprintf(stderr, "by stdio\n");
	for (int i = 0; i < 3; i++) {
		pid_t worker = fork();
		if (worker)
			continue;
		close_range(3, ~0U, 0);
		say("worker", i);
		_exit(0);
	}
	await_all();
	say("the daemon ends", 0);
	_exit(0);
}

/* As many workers as there are, each of which is replaced when it ends. */
static int server(char **arguments)
{
	long left = number_at(arguments);
	int running = 0;

	while (left || running) {
		while (left && running < 8) {
			pid_t child = fork();
			if (!child) {
				say("worker", left);
				fprintf(stderr, "worker %ld ends\n", left);
				_exit(0);
			}
			if (child < 0)
				fail("fork");
			left--;
			running++;
		}
		if (wait(NULL) > 0)
			running--;
	}
	say("all ended", 0);
	return 0;
}

static void one_vfork(long number)
{
	char text[24];
	char *const argv[] = {(char *)"/bin/sh", (char *)"-c",
			      (char *)"echo executed $0 >&2", text, NULL};

	snprintf(text, sizeof(text), "%ld", number);
	pid_t child = vfork();
	if (!child) {
		if (number % 2)
			_exit(0);
		execv(argv[0], argv);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

static int vforks(char **arguments)
{
	for (long left = number_at(arguments); left > 0; left--) {
		one_vfork(left);
		say("after", left);
	}
	return 0;
}

static volatile sig_atomic_t forked, wanted;

/* In whatever it interrupts: also in the middle of a copy. */
static void fork_and_say(int number)
{
	int saved = errno;
	(void)number;
	if (forked < wanted) {
		int mine = forked++;
		pid_t child = fork();
		if (!child) {
			say("child of a handler", mine);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		say("handler", mine);
	}
	errno = saved;
}

static int fork_in_handler(char **arguments)
{
	struct sigaction action = {.sa_handler = fork_and_say,
				   .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGRTMIN};
	struct itimerspec times = {.it_interval = {.tv_nsec = 1000000},
				   .it_value = {.tv_nsec = 1000000}};
	timer_t timer;

	wanted = (int)number_at(arguments);
	sigaction(SIGRTMIN, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
	    timer_settime(timer, 0, &times, NULL))
		fail("timer");
	long lines = 0;
	while (forked < wanted)
		say("main", lines++);
	timer_delete(timer);
	printf("%ld\n", lines);
	return 0;
}

static int clear_environment(char **arguments)
{
	say("before", 0);
	clearenv();
	setenv("KEPT", "1", 1);
	return execute(arguments);
}

static int spawn_without(char **arguments)
{
	char *const none[] = {NULL};
	int status;
	pid_t child;

	say("before", 0);
	if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, none))
		fail("posix_spawn");
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

/* hazard again N: executes itself until N is 0, now and then without an
 * environment. */
static int again(char **arguments)
{
	long left = number_at(arguments);
	char number[24];
	char *argv[] = {(char *)"hazard", (char *)"again", number, NULL};
	char *none[] = {NULL};

	say("again", left);
	if (left <= 0)
		return 0;
	snprintf(number, sizeof(number), "%ld", left - 1);
	execve("/proc/self/exe", argv, left % 5 ? environ : none);
	fail("execve");
	return 3;
}

/* The first of a pid namespace, by the system call: it does not know when it
 * began, and its pid is that of another process outside. */
static int first_pid(char **arguments)
{
	long flags = CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD;
	int status;

	(void)arguments;
	pid_t child = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (child < 0)
		return 77;
	if (!child) {
		say("child", getpid());
		_exit(3);
	}
	waitpid(child, &status, 0);
	say("parent", WEXITSTATUS(status));
	return 0;
}

/* hazard no-address: an address that has no length may be anything; the kernel
 * does not look at it. */
static int no_address(char **arguments)
{
	void *nowhere = (void *)~(uintptr_t)0xfff;
	char text[] = "x";
	struct iovec part = {text, 1};
	struct mmsghdr one = {.msg_hdr = {.msg_name = nowhere,
					  .msg_iov = &part,
					  .msg_iovlen = 1}};
	int pair[2];

	(void)arguments;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		fail("socketpair");
	say("sendto", sendto(pair[0], text, 1, 0, nowhere, 0));
	say("sendmsg", sendmsg(pair[0], &one.msg_hdr, 0));
	say("sendmmsg", sendmmsg(pair[0], &one, 1, 0));
	say("connect", connect(pair[0], nowhere, 0));
	return 0;
}

/* Does a program start with so many bytes of arguments, and no environment? */
static int takes(size_t bytes)
{
	static char filler[100000], rest[131072];
	char *const argv[] = {(char *)"/bin/true", filler, rest, NULL};
	char *const none[] = {NULL};
	pid_t child;

	memset(filler, 'x', sizeof(filler) - 1);
	memset(rest, 'x', bytes);
	rest[bytes] = '\0';
	int error = posix_spawn(&child, argv[0], NULL, NULL, argv, none);
	if (error && error != E2BIG)
		fail("posix_spawn");
	if (!error)
		waitpid(child, NULL, 0);
	return !error;
}

/* hazard arguments: says how many there may be where the stack is small. */
static int longest_arguments(char **arguments)
{
	struct rlimit limit = {512 << 10, 512 << 10};
	size_t low = 0, high = 131071;

	(void)arguments;
	if (setrlimit(RLIMIT_STACK, &limit))
		fail("setrlimit");
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;
		if (takes(middle))
			low = middle;
		else
			high = middle;
	}
	say("so many bytes start a program", (long)low);
	return 0;
}

const struct hazard processes[] = {
	{"daemon", daemonize},
	{"server", server},
	{"vforks", vforks},
	{"fork-in-handler", fork_in_handler},
	{"clear-environment", clear_environment},
	{"spawn-without", spawn_without},
	{"again", again},
	{"first-pid", first_pid},
	{"no-address", no_address},
	{"arguments", longest_arguments},
	{0},
};
