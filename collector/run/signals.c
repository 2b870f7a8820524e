/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The signals of an invisible supervisor: see the header.  Main thread; the
 * only one there is. */
#include "signals.h"

#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

void logtap_signals_take(struct logtap_signals *signals)
{
	sigset_t all;
	struct sigaction wait = {.sa_handler = SIG_DFL};

	*signals = (struct logtap_signals){.fd = -1, .witness = -1};
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &signals->mask);
	/* Ignored, as it may have been inherited, it would reap our children
	 * and their statuses. */
	sigaction(SIGCHLD, &wait, &signals->child);
}

void logtap_signals_restore(const struct logtap_signals *signals)
{
	sigaction(SIGCHLD, &signals->child, NULL);
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

static pid_t start_witness(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "logtap-witness");
	logtap_descriptors_close_from(0);
	while (getppid() == parent)
		pause();
	_exit(0);
}

static void end_witness(struct logtap_signals *signals)
{
	if (signals->witness > 0) {
		kill(signals->witness, SIGKILL);
		while (waitpid(signals->witness, NULL, 0) < 0 && errno == EINTR)
			;
	}
	signals->witness = -1;
}

int logtap_signals_open(struct logtap_signals *signals)
{
	sigset_t all;
	sigfillset(&all);
	signals->fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0)
		return -errno;
	signals->witness = start_witness();
	return 0;
}

void logtap_signals_witness_ended(struct logtap_signals *signals)
{
	end_witness(signals);
}

void logtap_signals_close(struct logtap_signals *signals)
{
	end_witness(signals);
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
}

void logtap_signals_barrier(void)
{
	/* Changes nothing, but takes the kernel's lock of the process list,
	 * which a sender to a group holds until it has reached everyone. */
	setpgid(0, getpgrp());
}

/* Return: the signals pending in @pid; false if that is not to be known. */
static bool pending_in(pid_t pid, uint64_t *pending)
{
	char path[64], line[128];
	bool known = false;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (!known && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "ShdPnd:", 7)) {
			*pending = strtoull(line + 7, NULL, 16);
			known = true;
		}
	}
	fclose(file);
	return known;
}

/* Without a witness: what the kernel itself sends to groups of a terminal. */
static bool looks_like_a_terminal(int number, int code)
{
	static const int sent[] = {SIGINT,  SIGQUIT, SIGTSTP,  SIGTTIN,
				   SIGTTOU, SIGHUP,  SIGWINCH, SIGCONT};
	for (size_t i = 0; code > 0 && i < sizeof(sent) / sizeof(sent[0]);
	     i++) {
		if (number == sent[i])
			return true;
	}
	return false;
}

static bool reached_the_group(struct logtap_signals *signals, int number,
			      int code)
{
	uint64_t pending;
	logtap_signals_barrier();
	if (signals->witness <= 0 || !pending_in(signals->witness, &pending))
		return looks_like_a_terminal(number, code);
	if (!(pending >> (number - 1) & 1))
		return false;
	/* A fresh one, so that the next of its kind is seen again. */
	end_witness(signals);
	signals->witness = start_witness();
	return true;
}

int logtap_signals_next(struct logtap_signals *signals, bool *forward)
{
	struct signalfd_siginfo info;
	ssize_t size = read(signals->fd, &info, sizeof(info));

	*forward = false;
	if (size != (ssize_t)sizeof(info))
		return 0;
	int number = (int)info.ssi_signo;
	if (number != SIGCHLD && info.ssi_pid != (uint32_t)getpid())
		*forward = !reached_the_group(signals, number, info.ssi_code);
	return number;
}

void logtap_signals_stop(int number)
{
	sigset_t set;
	struct sigaction before;
	struct sigaction stop = {.sa_handler = SIG_DFL};

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &stop, &before);
	/* One that is pending already and this one become one stop. */
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(number, &before, NULL);
}

void logtap_signals_die(int number)
{
	sigset_t set;
	struct sigaction die = {.sa_handler = SIG_DFL};
	struct rlimit none = {0};

	/* A core of the supervisor would hide the program's.  Where cores are
	 * piped the limit does not count, the flag does. */
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(number, &die, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
