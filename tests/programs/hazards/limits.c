/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits, and other identities and roots. */
#include "hazard.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void *in_thread(void *number)
{
	say("thread", (long)number);
	return NULL;
}

/* Lines of four threads, one at a time, and of a child. */
static void log_everywhere(void)
{
	for (long i = 0; i < 4; i++) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, in_thread, (void *)i)) {
			say("no thread", i);
			continue;
		}
		pthread_join(thread, NULL);
	}
	fflush(NULL);
	pid_t child = fork();
	if (!child) {
		say("child", 0);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	for (int i = 0; i < 100; i++)
		say("main", i);
}

/* hazard limit NAME VALUE [CMD] */
static int limit(char **arguments)
{
	static const struct {
		const char *name;
		int resource;
	} names[] = {
		{"fsize", RLIMIT_FSIZE},   {"as", RLIMIT_AS},
		{"nofile", RLIMIT_NOFILE}, {"memlock", RLIMIT_MEMLOCK},
		{"nproc", RLIMIT_NPROC},   {"stack", RLIMIT_STACK},
		{"data", RLIMIT_DATA},
	};
	rlim_t value = strtoul(arguments[1], NULL, 10);
	struct rlimit both = {value, value};

	say("before", 0);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].name, arguments[0]) &&
		    setrlimit(names[i].resource, &both))
			fail("setrlimit");
	log_everywhere();
	return execute(arguments + 2);
}

static int locked(char **arguments)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return 77;
	log_everywhere();
	return execute(arguments);
}

/* hazard user UID [CMD]: another user from now on */
static int user(char **arguments)
{
	unsigned id = (unsigned)strtoul(arguments[0], NULL, 10);

	say("before", 0);
	if (setgroups(0, NULL) || setresgid(id, id, id) ||
	    setresuid(id, id, id))
		fail("setresuid");
	log_everywhere();
	return execute(arguments + 1);
}

static int root(char **arguments)
{
	say("before", 0);
	if (chroot(arguments[0]) || chdir("/"))
		fail(arguments[0]);
	log_everywhere();
	return 0;
}

/* hazard namespaces [hide]: new ones of every kind but the user's; hide: and
 * nothing in /dev/shm. */
static int namespaces(char **arguments)
{
	int status;

	say("before", 0);
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET |
		    CLONE_NEWUTS))
		return 77;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (arguments[0] && mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL)))
		fail("mount");
	pid_t child = fork();
	if (!child) {
		log_everywhere();
		exit(0);
	}
	/* No thread: they would be of another pid namespace. */
	say("parent", 0);
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

const struct hazard limits[] = {
	{"limit", limit}, {"locked", locked},	      {"user", user},
	{"root", root},	  {"namespaces", namespaces}, {0},
};
