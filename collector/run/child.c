/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The program, from fork to exec: see the header.  Main thread. */
#include "child.h"

#include "../base/error.h"
#include "deep.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

int logtap_child_exec(char **argv, char **environment)
{
	logtap_limits_restore();
	execvpe(argv[0], argv, environment);
	return errno;
}

int logtap_child_complain(const char *command, int error)
{
	logtap_error_print("run", command, strerror(error), NULL);
	return error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
}

/* As root it is not likely to fail. */
static void enter(const char *log)
{
	int error = logtap_deep_enter(log);
	if (error)
		logtap_error_print("run --deep", "/dev/log", strerror(-error),
				   "syslog is not captured");
}

static _Noreturn void be_child(const struct logtap_child_image *image,
			       const struct logtap_signals *signals,
			       pid_t parent, int hold, int error_fd)
{
	char start = 0;
	while (read(hold, &start, 1) < 0 && errno == EINTR)
		;
	if (!start)
		_exit(0);
	/* Killing what looks like the program must kill the program. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	logtap_signals_restore(signals);

	bool captured = start == LOGTAP_CHILD_CAPTURED;
	if (captured && image->log)
		enter(image->log);
	if (captured && image->error_fd >= 0)
		dup2(image->error_fd, STDERR_FILENO);
	if (captured && image->output_fd >= 0)
		dup2(image->output_fd, STDOUT_FILENO);
	int error = logtap_child_exec(
		image->argv, captured ? image->captured : image->uncaptured);
	while (write(error_fd, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(NOT_FOUND);
}

int logtap_child_fork(struct logtap_child *child,
		      const struct logtap_child_image *image,
		      const struct logtap_signals *signals)
{
	int hold[2], error[2];
	pid_t parent = getpid();

	if (pipe2(hold, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC | O_NONBLOCK)) {
		int saved = -errno;
		close(hold[0]);
		close(hold[1]);
		return saved;
	}
	pid_t pid = fork();
	int saved = pid < 0 ? -errno : 0;
	if (!pid) {
		close(hold[1]);
		be_child(image, signals, parent, hold[0], error[1]);
	}
	close(hold[0]);
	close(error[1]);
	*child = (struct logtap_child){
		.pid = pid,
		.hold = hold[1],
		.error = error[0],
	};
	if (saved) {
		close(hold[1]);
		close(error[0]);
	}
	return saved;
}

void logtap_child_release(struct logtap_child *child,
			  enum logtap_child_start start)
{
	char byte = (char)start;
	while (write(child->hold, &byte, 1) < 0 && errno == EINTR)
		;
	close(child->hold);
	child->hold = -1;
}

void logtap_child_abandon(struct logtap_child *child)
{
	close(child->hold);
	close(child->error);
	child->hold = -1;
	child->error = -1;
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int logtap_child_exec_error(struct logtap_child *child)
{
	int error = 0;
	if (read(child->error, &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(child->error);
	child->error = -1;
	return error;
}
