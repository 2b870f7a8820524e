/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The signals of a supervisor that wants to be invisible: what is sent to it
 * alone is meant for the program, what is sent to the whole process group has
 * reached the program already.
 */
#ifndef LOGTAP_RUN_SIGNALS_H
#define LOGTAP_RUN_SIGNALS_H

#include "witness.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct logtap_signals {
	sigset_t mask;		/* as it was before */
	struct sigaction child; /* SIGCHLD, as it was before */
	int fd;			/* signalfd; -1: not open */
	struct logtap_witness witness;
	/* The last one to the group of which another was pending here when the
	 * witness had answered: the answer may have been for both.
	 * ssi_signo 0: none. */
	struct signalfd_siginfo merged;
};

/* Blocks all signals, and makes children waitable.  Errors: none. */
void logtap_signals_take(struct logtap_signals *signals);
/* In a child that is to see what there was before. */
void logtap_signals_restore(const struct logtap_signals *signals);
/* Starts the witness and opens @signals->fd.  Return: 0 or -errno. */
int logtap_signals_open(struct logtap_signals *signals);
void logtap_signals_close(struct logtap_signals *signals);

/**
 * logtap_signals_next() - the next signal that has arrived
 * @forward: becomes true if it reached us alone
 * Return: its number; 0: none.
 */
int logtap_signals_next(struct logtap_signals *signals, bool *forward);
/* The second half of it: whether @info, which was read from @signals->fd, reached
 * us alone. */
bool logtap_signals_judge(struct logtap_signals *signals,
			  const struct signalfd_siginfo *info);

/* Waits until every sending to the group that has begun has ended. */
void logtap_signals_barrier(void);
/* Stops this process as @number (SIGTSTP, ...) would; returns after SIGCONT. */
void logtap_signals_stop(struct logtap_signals *signals, int number);
/* Ends this process by @number, without a core of its own.  Returns only where
 * that is impossible (the first process of a pid namespace). */
void logtap_signals_die(int number);

#endif
