/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Other processes, and other images of this one. */
#include "way.h"

#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

extern char **environ;

static char *const *say(const char *text)
{
	static char *argv[4];

	argv[0] = (char *)way_program;
	argv[1] = (char *)"say";
	argv[2] = (char *)text;
	return argv;
}

WAY(fork, 0)
{
	int pid = fork();
	if (!pid) {
		way_put(2, "fork child\n");
		_exit(0);
	}
	way_await(pid);
	way_put(2, "fork parent\n");
}

WAY(fork_exit, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	int pid = fork();
	if (!pid) {
		fputs("fork_exit child\n", stderr);
		exit(0);
	}
	way_await(pid);
}

WAY(fork_buffer, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("fork_buffer: twice\n", stderr);
	int pid = fork();
	if (!pid)
		exit(0);
	way_await(pid);
}

WAY(_Fork, 0)
{
	int pid = _Fork();
	if (!pid) {
		way_put(2, "_Fork child\n");
		_exit(0);
	}
	way_await(pid);
}

WAY(raw_fork, 0)
{
	int pid = (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		way_put(2, "raw_fork child\n");
		_exit(0);
	}
	way_await(pid);
	way_put(2, "raw_fork parent\n");
}

WAY(fork_twice, 0)
{
	int pid = fork();
	if (!pid) {
		int second = fork();
		if (second) {
			way_await(second);
			way_put(2, "fork_twice first\n");
			_exit(0);
		}
		way_put(2, "fork_twice second\n");
		_exit(0);
	}
	way_await(pid);
}

static int clone_child(void *text)
{
	way_put(2, text);
	return 0;
}

static char clone_stack[65536] __attribute__((aligned(16)));

WAY(clone, WAY_MAIN)
{
	way_await(clone(clone_child, clone_stack + sizeof(clone_stack), SIGCHLD,
			(char *)"clone child\n"));
}

WAY(clone_vm, WAY_MAIN)
{
	way_await(clone(clone_child, clone_stack + sizeof(clone_stack),
			CLONE_VM | CLONE_VFORK | SIGCHLD,
			(char *)"clone_vm child\n"));
}

static void vfork_and(char *const *argv, int from)
{
	int pid = vfork();

	if (!pid) {
		if (from >= 0)
			dup2(from, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	way_await(pid);
}

WAY(vfork_exec, 0)
{
	vfork_and(say("vfork_exec\n"), -1);
}

WAY(vfork_redirected, WAY_ELSEWHERE)
{
	int null = open("/dev/null", O_WRONLY);
	vfork_and(say("vfork_redirected: elsewhere\n"), null);
	close(null);
	way_put(2, "vfork_redirected parent\n");
}

WAY(vfork_write, 0)
{
	int pid = vfork();
	if (!pid) {
		way_put(2, "vfork_write child\n");
		_exit(0);
	}
	way_await(pid);
	way_put(2, "vfork_write parent\n");
}

static void spawn_and(const char *text, posix_spawn_file_actions_t *actions)
{
	char *const *argv = say(text);
	pid_t pid;

	if (posix_spawn(&pid, argv[0], actions, NULL, argv, environ))
		return;
	way_await(pid);
}

WAY(posix_spawn, 0)
{
	spawn_and("posix_spawn\n", NULL);
}

WAY(posix_spawn_dup2, WAY_MAIN)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, 2, 9);
	posix_spawn_file_actions_addclose(&actions, 2);
	posix_spawn_file_actions_adddup2(&actions, 9, 2);
	spawn_and("posix_spawn_dup2\n", &actions);
	posix_spawn_file_actions_destroy(&actions);
}

WAY(posix_spawn_null, WAY_MAIN | WAY_ELSEWHERE)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	spawn_and("posix_spawn_null: elsewhere\n", &actions);
	posix_spawn_file_actions_destroy(&actions);
	way_put(2, "posix_spawn_null parent\n");
}

WAY(system, WAY_MAIN)
{
	IGNORE(system("echo system >&2"));
}

WAY(popen, WAY_MAIN)
{
	FILE *file = popen("read line; echo $line >&2", "w");
	fputs("popen\n", file);
	pclose(file);
}

/* What cat finds as its fd 1 is stdout to it. */
WAY(popen_cat, WAY_MAIN | WAY_UNSEEN)
{
	FILE *file = popen("cat >&2", "w");
	fputs("popen_cat\n", file);
	pclose(file);
}

WAY(exec, WAY_MAIN)
{
	way_put(2, "exec before\n");
	execv(way_program, say("exec after\n"));
}

WAY(exec_buffered, WAY_MAIN)
{
	setvbuf(stderr, NULL, _IOFBF, 4096);
	fputs("exec_buffered: lost\n", stderr);
	execv(way_program, say("exec_buffered\n"));
}

WAY(exec_fails, 0)
{
	execl("/nowhere", "nowhere", NULL);
	way_put(2, "exec_fails\n");
}

WAY(killed, WAY_MAIN)
{
	way_put(2, "killed\n");
	kill(getpid(), SIGKILL);
}
