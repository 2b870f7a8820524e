/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Children of every kind, each of which writes a line that names its pid and
 * thread: fork, fork in a thread, fork and exec, vfork and exec, posix_spawn,
 * system, popen, a child that outlives its parent's thread, a raw clone.
 */
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void say(const char *text)
{
	char line[128];
	int bytes = snprintf(line, sizeof(line), "%s pid=%d tid=%d\n", text,
			     getpid(), (int)syscall(SYS_gettid));

	if (write(2, line, bytes) != bytes)
		_exit(3);
}

static void await(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		exit(4);
}

static void *in_thread(void *unused)
{
	say("thread before its fork");
	pid_t pid = fork();
	if (!pid) {
		say("child of a thread");
		_exit(0);
	}
	await(pid);
	say("thread after its fork");
	return unused;
}

static void *of_child(void *unused)
{
	say("thread of a forked child");
	return unused;
}

static void plain_fork(void)
{
	pid_t pid = fork();

	if (!pid) {
		pthread_t thread;
		say("forked child");
		if (pthread_create(&thread, NULL, of_child, NULL))
			_exit(5);
		pthread_join(thread, NULL);
		pid_t inner = fork();
		if (!inner) {
			say("grandchild");
			_exit(0);
		}
		await(inner);
		say("forked child after its own");
		_exit(0);
	}
	await(pid);
}

static void executed(void)
{
	char self[] = "/proc/self/exe", what[] = "executed by fork ";
	char *arguments[] = {self, what, NULL};
	pid_t pid = fork();

	if (!pid) {
		execv(self, arguments);
		_exit(127);
	}
	await(pid);
	strcpy(what, "executed by vfork");
	pid = vfork();
	if (!pid) {
		execve(self, arguments, environ);
		_exit(127);
	}
	await(pid);
	strcpy(what, "spawned");
	if (posix_spawn(&pid, self, NULL, NULL, arguments, environ))
		exit(4);
	await(pid);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc > 1) {
		say(argv[1]);
		return 0;
	}
	say("parent");
	plain_fork();
	if (pthread_create(&thread, NULL, in_thread, NULL))
		return 3;
	pthread_join(thread, NULL);
	executed();
	if (system("echo shell pid=$$ tid=$$ >&2"))
		return 4;
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid) {
		say("raw clone");
		syscall(SYS_exit_group, 0);
	}
	await(pid);
	say("parent at the end");
	return 9;
}
