/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The signals of an invisible supervisor: see the header.  Main thread; the
 * only one there is. */
#include "signals.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

void logtap_signals_take(struct logtap_signals *signals)
{
	sigset_t all;
	struct sigaction wait = {.sa_handler = SIG_DFL};

	*signals = (struct logtap_signals){
		.fd = -1,
		.witness = {.pid = -1, .fd = -1},
	};
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

int logtap_signals_open(struct logtap_signals *signals)
{
	sigset_t all;
	sigfillset(&all);
	signals->fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0)
		return -errno;
	logtap_witness_start(&signals->witness);
	return 0;
}

void logtap_signals_close(struct logtap_signals *signals)
{
	logtap_witness_end(&signals->witness);
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

/* Stopping and going on undo each other, pending ones included, here as in the
 * witness: with the opposite behind it, this one's trace may be gone, and its
 * effect on the program is. */
static bool superseded(int number)
{
	sigset_t pending;
	sigpending(&pending);
	if (number == SIGCONT)
		return sigismember(&pending, SIGTSTP) ||
		       sigismember(&pending, SIGTTIN) ||
		       sigismember(&pending, SIGTTOU);
	return (number == SIGTSTP || number == SIGTTIN || number == SIGTTOU) &&
	       sigismember(&pending, SIGCONT);
}

/* One more that is sent to the group after we took the first, but before the
 * witness has told of that, is one with the first there, and two here. */
static bool was_merged(struct logtap_signals *signals,
		       const struct signalfd_siginfo *info)
{
	const struct signalfd_siginfo *merged = &signals->merged;
	if (merged->ssi_signo != info->ssi_signo)
		return false;
	bool same = merged->ssi_code == info->ssi_code &&
		    merged->ssi_pid == info->ssi_pid;
	signals->merged.ssi_signo = 0;
	return same;
}

static void note_merger(struct logtap_signals *signals,
			const struct signalfd_siginfo *info)
{
	sigset_t pending;
	/* Whom the witness has seen a part of is here when this returns. */
	logtap_signals_barrier();
	sigpending(&pending);
	if (sigismember(&pending, (int)info->ssi_signo) == 1)
		signals->merged = *info;
}

static bool is_for_program(struct logtap_signals *signals,
			   const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;
	bool group;
	logtap_signals_barrier();
	if (logtap_witness_saw(&signals->witness, number, &group))
		group = looks_like_a_terminal(number, info->ssi_code);
	bool merged = was_merged(signals, info);
	if (group)
		note_merger(signals, info);
	if (group || merged)
		return false;
	/* Only now: what came before the answer may have spoilt it. */
	logtap_signals_barrier();
	return !superseded(number);
}

bool logtap_signals_judge(struct logtap_signals *signals,
			  const struct signalfd_siginfo *info)
{
	return info->ssi_signo != SIGCHLD &&
	       info->ssi_pid != (uint32_t)getpid() &&
	       is_for_program(signals, info);
}

int logtap_signals_next(struct logtap_signals *signals, bool *forward)
{
	struct signalfd_siginfo info;
	ssize_t size = read(signals->fd, &info, sizeof(info));

	*forward = false;
	if (size != (ssize_t)sizeof(info))
		return 0;
	*forward = logtap_signals_judge(signals, &info);
	return (int)info.ssi_signo;
}

void logtap_signals_stop(struct logtap_signals *signals, int number)
{
	sigset_t set;
	struct sigaction before;
	struct sigaction stop = {.sa_handler = SIG_DFL};
	bool group;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigaction(number, &stop, &before);
	/* One that is pending already and this one become one stop. */
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(number, &before, NULL);
	/* The pending one was not taken by way of the descriptor. */
	logtap_witness_saw(&signals->witness, number, &group);
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
