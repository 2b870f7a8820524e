/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The sidecar, as `logtap run' sees it: see the header.  Main thread. */
#include "sidecar.h"

#include "descriptors.h"
#include "library.h"
#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* SESSION_FD: the socket, in the sidecar.  MESSAGE_BYTES_MAX: no summary comes
 * near it. */
#define SESSION_FD_TEXT "3"
enum { SESSION_FD = 3, ARGUMENTS_MAX = 48, MESSAGE_BYTES_MAX = 1 << 20 };

static void default_signals(void)
{
	sigset_t none;
	struct sigaction action = {.sa_handler = SIG_DFL};
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Limits are meant for the program; they stay in force where they are hard. */
static void raise_limits(void)
{
	static const int limits[] = {RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_CPU,
				     RLIMIT_DATA, RLIMIT_AS};
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit;
		if (getrlimit(limits[i], &limit))
			continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(limits[i], &limit);
	}
}

/* Nothing of the program's is held: not its terminal, not its pipes.  Standard
 * output is kept if the records go there.  Return: -1 on failure. */
static int take_descriptors(const struct logtap_sidecar_options *options,
			    int session)
{
	char log[PATH_MAX];
	snprintf(log, sizeof(log), "%s/%s", options->directory,
		 LOGTAP_SIDECAR_LOG);
	int error_fd =
		open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool keep = options->output && !strcmp(options->output, "-");
	/* Above what is about to be overwritten. */
	int copy = fcntl(session, F_DUPFD_CLOEXEC, SESSION_FD + 1);
	if (error_fd < 0 || null < 0 || copy < 0)
		return -1;
	if (dup2(null, 0) < 0 || (!keep && dup2(null, 1) < 0) ||
	    dup2(error_fd, 2) < 0 || dup2(copy, SESSION_FD) < 0)
		return -1;
	logtap_descriptors_close_from(SESSION_FD + 1);
	return 0;
}

/* "unix:DIRECTORY/admin.sock" unless it was told where. */
static const char *admin_address(const struct logtap_sidecar_options *options)
{
	static char address[PATH_MAX];
	if (*options->admin)
		return options->admin;
	snprintf(address, sizeof(address), "unix:%s/" LOGTAP_SESSION_SOCKET,
		 options->directory);
	return address;
}

struct arguments {
	char **argv;
	size_t count;
};

static void add(struct arguments *to, const char *word)
{
	to->argv[to->count++] = (char *)word;
}

/* @value NULL: the option was not given. */
static void add_option(struct arguments *to, const char *name,
		       const char *value)
{
	if (!value)
		return;
	add(to, name);
	add(to, value);
}

static void make_arguments(const struct logtap_sidecar_options *options,
			   char **argv)
{
	struct arguments to = {.argv = argv};

	add(&to, "logtap");
	add(&to, "collect");
	add_option(&to, "--dir", options->directory);
	add_option(&to, "--session-fd", SESSION_FD_TEXT);
	add(&to, "--remove-dir");
	add_option(&to, "-o", options->output);
	if (options->overwrite)
		add(&to, "-f");
	if (options->resume)
		add(&to, "--resume");
	if (options->session_sinks) {
		add_option(&to, "--sinks", options->sinks);
		add_option(&to, "--session-sinks", options->session_sinks);
	}
	if (options->out)
		add(&to, "--stdout");
	if (options->admin)
		add_option(&to, "--admin", admin_address(options));
	add_option(&to, "--admin-token", options->admin_token);
	add_option(&to, "--otlp-metrics", options->otlp_metrics);
	add_option(&to, "--stacks", options->stacks);
	if (options->loops)
		add(&to, !strcmp(options->loops, "probe") ? "--loops=probe"
							  : "--loops");
	for (size_t i = 0; options->otlp && i < options->otlp->count; i++)
		add_option(&to, "--otlp", options->otlp->items[i]);
	add(&to, NULL);
}

static _Noreturn void be_sidecar(const struct logtap_sidecar_options *options,
				 int session)
{
	char *argv[ARGUMENTS_MAX];
	char program[PATH_MAX];

	setsid();
	if (take_descriptors(options, session)) {
		int error = errno;
		dprintf(session,
			"{\"error\":\"collect: %s: %s\","
			"\"uncaptured\":true}\n",
			options->directory, strerror(error));
		_exit(1);
	}
	raise_limits();
	default_signals();
	unsetenv("LOGTAP_DIR");
	/* What others preload is meant for the program: under a faked clock no
	 * time would be right. */
	unsetenv("LD_PRELOAD");
	make_arguments(options, argv);
	/* By its own name, as ps shows it; by the link where the file is gone
	 * or replaced. */
	if (!logtap_program_path(program, sizeof(program)))
		execv(program, argv);
	execv("/proc/self/exe", argv);
	dprintf(2, "logtap: run: %s: %s\n", program, strerror(errno));
	_exit(1);
}

int logtap_sidecar_start(struct logtap_sidecar *sidecar,
			 const struct logtap_sidecar_options *options)
{
	int pair[2];

	*sidecar = (struct logtap_sidecar){.pid = -1, .fd = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid_t pid = fork();
	int error = pid < 0 ? -errno : 0;
	if (!pid)
		be_sidecar(options, pair[1]);
	close(pair[1]);
	if (error) {
		close(pair[0]);
		return error;
	}
	sidecar->pid = pid;
	sidecar->fd = pair[0];
	return 0;
}

void logtap_sidecar_close(struct logtap_sidecar *sidecar)
{
	if (sidecar->fd >= 0)
		close(sidecar->fd);
	sidecar->fd = -1;
	logtap_bytes_deinit(&sidecar->input);
}

/* The first line of the input as JSON, taken out of it. */
static int take_line(struct logtap_bytes *input, json_t **message)
{
	const unsigned char *end =
		input->size ? memchr(input->data, '\n', input->size) : NULL;
	if (!end)
		return LOGTAP_SIDECAR_LATER;
	size_t size = (size_t)(end - input->data);
	*message = json_loadb((const char *)input->data, size, 0, NULL);
	input->size -= size + 1;
	memmove(input->data, end + 1, input->size);
	return *message ? 0 : LOGTAP_SIDECAR_END;
}

int logtap_sidecar_read(struct logtap_sidecar *sidecar, json_t **message)
{
	for (;;) {
		char buffer[4096];
		int result = take_line(&sidecar->input, message);
		if (result != LOGTAP_SIDECAR_LATER)
			return result;
		ssize_t size =
			recv(sidecar->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
			return LOGTAP_SIDECAR_LATER;
		if (size <= 0 ||
		    sidecar->input.size + (size_t)size > MESSAGE_BYTES_MAX ||
		    logtap_bytes_append(&sidecar->input, buffer, (size_t)size))
			return LOGTAP_SIDECAR_END;
	}
}

void logtap_sidecar_finish(struct logtap_sidecar *sidecar,
			   const json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t size = text ? strlen(text) : 0;
	/* A sidecar that is gone shows when its answer is read. */
	if (!text)
		return;
	text[size] = '\n'; /* instead of the NUL */
	while (send(sidecar->fd, text, size + 1, MSG_NOSIGNAL) < 0 &&
	       errno == EINTR)
		;
	free(text);
}

bool logtap_sidecar_reap(struct logtap_sidecar *sidecar, bool block)
{
	if (sidecar->pid > 0 && !sidecar->ended)
		sidecar->ended = waitpid(sidecar->pid, &sidecar->status,
					 block ? 0 : WNOHANG) == sidecar->pid;
	return sidecar->ended;
}
