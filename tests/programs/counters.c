/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Counts by logtap.h in threads that end in every way, and in children; says
 * on stdout what each process counted, "PID COUNT", and waits for stdin to end,
 * with a gauge of 4 in the main thread. */
#include <logtap/logtap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 6
#define ROUNDS 20000

static logtap_metric sent, level;

static void *count(void *way)
{
	char *line = malloc(300);

	memset(line, 'x', 300);
	line[299] = '\n';
	logtap_gauge_set(level, 1000); /* gone with the thread */
	for (int i = 0; i < ROUNDS; i++) {
		logtap_counter_add(sent, 1);
		/* Some need a larger ring meanwhile. */
		if (*(char *)way == 'g' && i % 100 == 0 &&
		    write(STDERR_FILENO, line, 300) < 0)
			break;
	}
	free(line);
	if (*(char *)way == 'e')
		pthread_exit(NULL);
	while (*(char *)way == 'c')
		pause(); /* to be cancelled */
	return NULL;
}

static void count_in_threads(void)
{
	static char ways[] = "rgecrg";
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, &ways[i]);
	for (int i = 0; i < THREADS; i++) {
		if (ways[i] == 'c')
			pthread_cancel(threads[i]);
		pthread_join(threads[i], NULL);
	}
}

static void in_a_child(int how)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		logtap_metric own = logtap_counter_new("test.child", NULL);
		logtap_counter_add(sent, 7);
		logtap_counter_add(own, 3);
		printf("%d 7\n", (int)getpid());
		fflush(stdout);
		if (how == 0)
			_exit(0);
		abort();
	}
	waitpid(pid, &status, 0);
}

int main(void)
{
	char rest[16];

	setvbuf(stdout, NULL, _IOLBF, 0);
	sent = logtap_counter_new("test.sent", "{item}");
	level = logtap_gauge_new("test.level", "By");
	count_in_threads();
	in_a_child(0);
	in_a_child(1);
	logtap_counter_add(sent, 1);
	logtap_gauge_set(level, -6);
	logtap_gauge_add(level, 10);
	printf("%d %d\n", (int)getpid(), sent ? THREADS * ROUNDS + 1 : 0);
	while (read(STDIN_FILENO, rest, sizeof rest) > 0)
		;
	return 0;
}
