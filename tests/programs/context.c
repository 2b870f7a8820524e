/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* An instrumented program that knows nothing of logtap: publishes its trace
 * context in otel_thread_ctx_v1, as OTEP 4947 says.  With an argument: by a
 * plugin of that path, which is loaded when the program runs. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

struct context {
	uint8_t trace_id[16];
	uint8_t span_id[8];
	uint8_t valid;
	uint8_t flags;
	uint16_t attributes_bytes;
};

#ifndef PLUGIN
extern __thread void *otel_thread_ctx_v1;
__thread void *otel_thread_ctx_v1 __attribute__((visibility("default")));

static void set_own(void *context)
{
	otel_thread_ctx_v1 = context;
}

static void (*set)(void *context) = set_own;

static void fill(struct context *context, int number)
{
	memset(context, 0, sizeof *context);
	memset(context->trace_id, 0xa0 + number, sizeof context->trace_id);
	memset(context->span_id, 0xb0 + number, sizeof context->span_id);
	context->flags = 1;
	context->valid = 1;
}

static void on_signal(int number)
{
	(void)number;
	if (write(STDERR_FILENO, "in a handler 3\n", 15) < 0)
		abort();
}

static void *work(void *number_)
{
	int number = (int)(intptr_t)number_;
	struct context context;
	char line[40];

	fill(&context, number);
	fprintf(stderr, "before 0\n");
	set(&context);
	fprintf(stderr, "by stdio %d\n", number);
	snprintf(line, sizeof line, "by write %d\n", number);
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		abort();
	syslog(LOG_ERR, "by syslog %d", number);
	if (number == 3)
		raise(SIGUSR1);
	context.valid = 0;
	fprintf(stderr, "not valid 0\n");
	context.valid = 1;
	memset(context.trace_id, 0, sizeof context.trace_id);
	fprintf(stderr, "zeros 0\n");
	set(NULL);
	fprintf(stderr, "after 0\n");
	return NULL;
}

static void *nothing(void *unused)
{
	return unused;
}

int main(int argc, char **argv)
{
	struct context context;
	pthread_t thread;
	void *plugin;

	if (argc > 1) {
		plugin = dlopen(argv[1], RTLD_NOW);
		set = plugin ? (void (*)(void *))dlsym(plugin, "set_context")
			     : NULL;
		if (!set)
			return 2;
		/* Found by the first thread that begins, known from then on. */
		for (int i = 0; i < 2; i++) {
			pthread_create(&thread, NULL, nothing, NULL);
			pthread_join(thread, NULL);
		}
	}
	signal(SIGUSR1, on_signal);
	for (int i = 1; i <= 3; i++) {
		pthread_create(&thread, NULL, work, (void *)(intptr_t)i);
		pthread_join(thread, NULL);
	}
	work((void *)(intptr_t)4);
	fill(&context, 5);
	set(&context);
	if (fork() == 0) {
		fprintf(stderr, "in a child 5\n");
		_exit(0);
	}
	wait(NULL);
	return 0;
}
#else
extern __thread void *otel_thread_ctx_v1;
__thread void *otel_thread_ctx_v1 __attribute__((visibility("default")));
void set_context(void *context);

void set_context(void *context)
{
	otel_thread_ctx_v1 = context;
}
#endif
