/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A signal handler at every instruction of a call that logs: the processor's
 * trap flag interrupts each one, and the handler does something.
 *
 *     step CALL handler    writes a line at each instruction
 *     step CALL longjmp    leaves at the first instruction, then, calling
 *                          again, at the second, and so on
 *     step CALL fork       forks there instead; the child goes on with the call
 *     step CALL crowded    the same, where a second thread has logged, and no
 *                          file may be opened (RLIMIT_NOFILE)
 *     step CALL stop       writes a line and stops the process there (SIGSTOP),
 *                          at every fourth instruction
 *
 * CALL: write, writev, stdio, dprintf, syslog.  Lines are "call N", "handler N", "after
 * N", and in children "child N" (from the handler) and "grown N" (at the end).
 * Exits 77 where the processor has no such flag.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <syslog.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)

#define TRAP_FLAG 0x100

static sigjmp_buf jump;
static volatile long steps, stop_at, stride = 1;
static volatile sig_atomic_t is_child;
static void (*way)(ucontext_t *context);
static void (*call)(const char *line, size_t bytes);

/* A handler may use little more than this. */
static size_t make_line(char *line, const char *who, long number)
{
	char digits[24];
	size_t bytes = strlen(who), count = 0;

	memcpy(line, who, bytes);
	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		line[bytes++] = digits[--count];
	line[bytes++] = '\n';
	return bytes;
}

static void put(const char *who, long number)
{
	char line[64];
	size_t bytes = make_line(line, who, number);

	if (write(2, line, bytes) != (ssize_t)bytes)
		_exit(3);
}

static void stop_stepping(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
}

static void way_handler(ucontext_t *context)
{
	(void)context;
	put("handler ", steps);
}

static void way_longjmp(ucontext_t *context)
{
	(void)context;
	if (steps == stop_at)
		siglongjmp(jump, 1);
}

static void way_fork(ucontext_t *context)
{
	int status;

	if (steps != stop_at)
		return;
	stop_stepping(context);
	pid_t child = fork();
	if (child == 0) {
		is_child = 1;
		put("child ", stop_at);
	} else if (child < 0 || waitpid(child, &status, 0) != child || status) {
		_exit(4);
	}
}

static void way_stop(ucontext_t *context)
{
	(void)context;
	if (steps != stop_at)
		return;
	put("handler ", stop_at);
	raise(SIGSTOP);
}

static void on_trap(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	steps++;
	way(context);
}

static void call_write(const char *line, size_t bytes)
{
	(void)!write(2, line, bytes);
}

static void call_writev(const char *line, size_t bytes)
{
	struct iovec parts[] = {{(void *)(size_t)line, 3},
				{(void *)(size_t)(line + 3), bytes - 3}};

	(void)!writev(2, parts, 2);
}

static void call_stdio(const char *line, size_t bytes)
{
	fwrite(line, 1, bytes, stderr);
}

static void call_dprintf(const char *line, size_t bytes)
{
	dprintf(2, "%.*s", (int)bytes, line);
}

static void call_syslog(const char *line, size_t bytes)
{
	syslog(LOG_INFO, "%.*s", (int)bytes - 1, line);
}

static void begin_stepping(void)
{
	__asm__ volatile("sub $128, %%rsp\n\t" /* the red zone */
			 "pushfq\n\t"
			 "orq $0x100, (%%rsp)\n\t"
			 "popfq\n\t"
			 "add $128, %%rsp"
			 :
			 :
			 : "memory", "cc");
}

static void end_stepping(void)
{
	__asm__ volatile("sub $128, %%rsp\n\t"
			 "pushfq\n\t"
			 "andq $~0x100, (%%rsp)\n\t"
			 "popfq\n\t"
			 "add $128, %%rsp"
			 :
			 :
			 : "memory", "cc");
}

/* One call.  Return: did it run to its end? */
static int step_through(long number)
{
	char line[64];
	size_t bytes = make_line(line, "call ", number);
	volatile int whole = 0;

	steps = 0;
	if (!sigsetjmp(jump, 1)) {
		begin_stepping();
		call(line, bytes);
		end_stepping();
		whole = 1;
	}
	if (is_child) {
		put("grown ", number);
		_exit(0);
	}
	/* From where the one was that was left: the guard is taken over. */
	if (way == way_longjmp)
		call(line, make_line(line, "after ", number));
	else
		put("after ", number);
	return whole;
}

static int choose(const char *name, const char *how)
{
	call = !strcmp(name, "write")	  ? call_write
	       : !strcmp(name, "writev")  ? call_writev
	       : !strcmp(name, "stdio")	  ? call_stdio
	       : !strcmp(name, "dprintf") ? call_dprintf
	       : !strcmp(name, "syslog")  ? call_syslog
					  : NULL;
	way = !strcmp(how, "handler")	? way_handler
	      : !strcmp(how, "longjmp") ? way_longjmp
	      : !strcmp(how, "fork")	? way_fork
	      : !strcmp(how, "crowded") ? way_fork
	      : !strcmp(how, "stop")	? way_stop
					: NULL;
	return call && way;
}

static _Noreturn void *log_and_stay(void *logged)
{
	put("second ", 0);
	pthread_barrier_wait(logged);
	for (;;)
		pause();
}

static void leave_no_room(void)
{
	const struct rlimit none = {0, 0};
	pthread_barrier_t logged;
	pthread_t thread;

	pthread_barrier_init(&logged, NULL, 2);
	if (pthread_create(&thread, NULL, log_and_stay, &logged))
		_exit(5);
	pthread_barrier_wait(&logged);
	if (setrlimit(RLIMIT_NOFILE, &none))
		_exit(5);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_trap,
				   .sa_flags = SA_SIGINFO};

	if (argc != 3 || !choose(argv[1], argv[2]))
		return 2;
	sigaction(SIGTRAP, &action, NULL);
	openlog("step", 0, LOG_USER);
	/* What is done once, such as binding, is done. */
	put("before ", 0);
	call("call 0\n", 7);
	if (!strcmp(argv[2], "crowded"))
		leave_no_room();
	if (way == way_handler)
		return !step_through(0);
	if (way == way_stop)
		stride = 4;
	do {
		stop_at += stride;
		step_through(stop_at);
	} while (steps >= stop_at);
	return 0;
}

#else

int main(void)
{
	return 77;
}

#endif
