/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* owners UID: root, whose children and who itself become UID in the ways that
 * daemons have; each line ends with whose it is. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static uid_t user;
static pthread_barrier_t turn;

static void say(const char *what, uid_t whose)
{
	fprintf(stderr, "%s %u\n", what, (unsigned)whose);
}

static void check(int result, const char *what)
{
	if (result != 0) {
		perror(what);
		_exit(1);
	}
}

/* A child that says something before and after it has become @user by @way. */
static void worker(const char *name, void (*way)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		say(name, 0);
		way();
		say(name, user);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
}

static void by_setuid(void)
{
	check(setuid(user), "setuid");
}

static void by_setreuid(void)
{
	check(setreuid(user, user), "setreuid");
}

static void by_setresuid(void)
{
	check(setresuid(user, user, user), "setresuid");
}

/* With a child of its own, which is @user's from its first line on. */
static void with_a_child(void)
{
	check(setuid(user), "setuid");
	if (fork() == 0) {
		say("grandchild", user);
		_exit(0);
	}
	wait(NULL);
}

/* vfork(2): the child has its parent's memory, but is another process. */
static void borrower(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(setuid(user) ? 1 : 0);
	waitpid(pid, NULL, 0);
	say("lender", 0);
}

static void visitor(void)
{
	check(seteuid(user), "seteuid");
	check(seteuid(0), "seteuid");
	say("visitor", 0);
}

static void *wait_for_all(void *unused)
{
	pthread_barrier_wait(&turn);
	return unused;
}

/* So many threads at a time that there is room for all that come later, when
 * nothing can be made for them. */
static void make_room(void)
{
	pthread_t threads[10];

	pthread_barrier_init(&turn, NULL, 10);
	for (int i = 0; i < 10; i++)
		pthread_create(&threads[i], NULL, wait_for_all, NULL);
	for (int i = 0; i < 10; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&turn);
}

static void *before_and_after(void *name)
{
	say(name, 0);
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	say(name, user);
	return NULL;
}

static void *after(void *name)
{
	say(name, user);
	return NULL;
}

int main(int argc, char **argv)
{
	static char names[][8] = {"second", "third", "fourth"};
	pthread_t threads[3];

	user = argc > 1 ? (uid_t)atoi(argv[1]) : 0;
	make_room();
	worker("setuid", by_setuid);
	worker("setreuid", by_setreuid);
	worker("setresuid", by_setresuid);
	worker("parent", with_a_child);
	borrower();
	visitor();
	pthread_barrier_init(&turn, NULL, 3);
	pthread_create(&threads[0], NULL, before_and_after, names[0]);
	pthread_create(&threads[1], NULL, before_and_after, names[1]);
	pthread_barrier_wait(&turn);
	by_setresuid();
	say("first", user);
	pthread_barrier_wait(&turn);
	pthread_create(&threads[2], NULL, after, names[2]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	if (setuid(0) == 0)
		return 1; /* it must not be root's any more */
	say("last", user);
	return 0;
}
