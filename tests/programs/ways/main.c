/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs ways to stderr, in a context:
 *
 *     matrix list                 every way and its flags, one a line
 *     matrix CONTEXT WAY...       main, constructor, handler, fork or thread
 *     matrix say TEXT             writes TEXT to stderr; the child of others
 *
 * After each way its errno goes to stdout, so that a changed errno is a
 * changed output.
 */
#include "way.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { MARK = 4711 };

extern const struct way *const __start_ways[];
extern const struct way *const __stop_ways[];

const char *way_program;
static char **names;
static bool done;

void way_put(int fd, const char *text)
{
	IGNORE(write(fd, text, strlen(text)));
}

void way_await(int pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(98);
	if (status)
		_exit(97);
}

static const struct way *find(const char *name)
{
	for (const struct way *const *at = __start_ways; at < __stop_ways; at++)
		if (!strcmp((*at)->name, name))
			return *at;
	_exit(99);
}

static void report(const char *name)
{
	char line[128];
	int size = snprintf(line, sizeof(line), "%s: errno %d\n", name, errno);

	IGNORE(write(1, line, (size_t)size));
}

static void run_all(void)
{
	for (char **name = names; *name; name++) {
		const struct way *way = find(*name);
		errno = MARK;
		way->run();
		report(*name);
	}
	done = true;
}

static void on_signal(int number)
{
	(void)number;
	run_all();
}

static void *in_thread(void *unused)
{
	run_all();
	return unused;
}

static void run_in(const char *context)
{
	pthread_t thread;

	if (!strcmp(context, "main")) {
		run_all();
	} else if (!strcmp(context, "handler")) {
		signal(SIGUSR1, on_signal);
		raise(SIGUSR1);
	} else if (!strcmp(context, "thread")) {
		if (pthread_create(&thread, NULL, in_thread, NULL))
			_exit(96);
		pthread_join(thread, NULL);
	} else if (!strcmp(context, "fork")) {
		pid_t pid = fork();
		if (!pid) {
			run_all();
			exit(0);
		}
		way_await(pid);
	} else if (!done) {
		_exit(95);
	}
}

static void init(int argc, char **argv)
{
	struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	way_program = argv[0];
	if (argc > 2)
		names = argv + 2;
}

__attribute__((constructor)) static void construct(int argc, char **argv)
{
	way_arguments(&argc, &argv);
	init(argc, argv);
	if (argc > 2 && !strcmp(argv[1], "constructor"))
		run_all();
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (const struct way *const *at = __start_ways;
		     at < __stop_ways; at++)
			printf("%s %u\n", (*at)->name, (*at)->flags);
		return 0;
	}
	if (argc < 3)
		return 2;
	if (!strcmp(argv[1], "say")) {
		way_put(2, argv[2]);
		return 0;
	}
	run_in(argv[1]);
	return 0;
}
