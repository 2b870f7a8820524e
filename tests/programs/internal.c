/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that write a line each; an ordinary program.  Built with -DPLUGIN it
 * is a library whose threads do; its path is the argument. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

void *library_worker(void *text);

#ifdef PLUGIN
static void *child(void *unused)
{
	fprintf(stderr, "the library's thread's thread\n");
	return unused;
}

void *library_worker(void *text)
{
	pthread_t thread;

	fprintf(stderr, "%s\n", (const char *)text);
	pthread_create(&thread, NULL, child, NULL);
	pthread_join(thread, NULL);
	return NULL;
}
#else
static pthread_barrier_t named;

static void *child(void *text)
{
	fprintf(stderr, "%s's child\n", (const char *)text);
	return NULL;
}

static void *by_itself(void *text)
{
	pthread_t thread;

	fprintf(stderr, "before %s\n", (const char *)text);
	prctl(PR_SET_NAME, text);
	fprintf(stderr, "%s\n", (const char *)text);
	syslog(LOG_INFO, "%s by syslog", (const char *)text);
	pthread_create(&thread, NULL, child, text);
	pthread_join(thread, NULL);
	pthread_setname_np(pthread_self(), "worker");
	fprintf(stderr, "after %s\n", (const char *)text);
	return NULL;
}

static void *by_another(void *text)
{
	pthread_barrier_wait(&named);
	fprintf(stderr, "%s\n", (const char *)text);
	return NULL;
}

static void run(void *(*start)(void *), const char *text)
{
	pthread_t thread;

	if (!start || pthread_create(&thread, NULL, start, (void *)text) != 0)
		abort();
	if (start == by_another) {
		pthread_setname_np(thread, text);
		pthread_barrier_wait(&named);
	}
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	void *plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;

	pthread_barrier_init(&named, NULL, 2);
	run(by_itself, "otel-one");
	run(by_another, "otel-two");
	run(by_another, "other");
	if (plugin)
		run((void *(*)(void *))dlsym(plugin, "library_worker"),
		    "of the library");
	return 0;
}
#endif
