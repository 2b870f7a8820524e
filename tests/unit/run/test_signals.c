/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Signals of the supervisor: to it alone, or to its group. */
#include "../../../collector/run/signals.h"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that sends from outside, as its own signals are nobody's.
 * @pid: of kill(2). */
static void send_to(pid_t pid, int number)
{
	int status;
	pid_t sender = fork();
	if (!sender)
		_exit(kill(pid, number) != 0);
	cr_assert_eq(waitpid(sender, &status, 0), sender);
	cr_assert_eq(status, 0);
}

/* One process that sends when it is asked, so that the sender is the same. */
struct sender {
	pid_t pid;
	int ask, done;
};

static struct sender start_sender(pid_t to, int number)
{
	int ask[2], done[2];
	char byte;
	cr_assert_eq(pipe(ask), 0);
	cr_assert_eq(pipe(done), 0);
	pid_t pid = fork();
	if (!pid) {
		close(ask[1]);
		while (read(ask[0], &byte, 1) == 1) {
			if (kill(to, number) || write(done[1], "", 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	close(ask[0]);
	close(done[1]);
	return (struct sender){.pid = pid, .ask = ask[1], .done = done[0]};
}

static void make_send(const struct sender *sender)
{
	char byte;
	cr_assert_eq(write(sender->ask, "", 1), 1);
	cr_assert_eq(read(sender->done, &byte, 1), 1);
}

static void end_sender(const struct sender *sender)
{
	close(sender->ask);
	close(sender->done);
	cr_assert_eq(waitpid(sender->pid, NULL, 0), sender->pid);
}

static struct logtap_signals open_signals(void)
{
	struct logtap_signals signals;
	/* Refused to the leader of a session, which has its own group. */
	setpgid(0, 0);
	cr_assert_eq(getpgrp(), getpid());
	logtap_signals_take(&signals);
	cr_assert_eq(logtap_signals_open(&signals), 0);
	return signals;
}

static int next(struct logtap_signals *signals, bool *forward)
{
	int number;
	do
		number = logtap_signals_next(signals, forward);
	while (number == SIGCHLD);
	return number;
}

static struct signalfd_siginfo take(struct logtap_signals *signals, int number)
{
	struct signalfd_siginfo info;
	cr_assert_eq(read(signals->fd, &info, sizeof(info)),
		     (ssize_t)sizeof(info));
	cr_assert_eq(info.ssi_signo, (uint32_t)number);
	return info;
}

Test(signals, to_one_and_to_the_group)
{
	bool forward;
	struct logtap_signals signals = open_signals();

	send_to(getpid(), SIGTERM);
	cr_assert_eq(next(&signals, &forward), SIGTERM);
	cr_assert(forward);
	send_to(-getpid(), SIGTERM);
	cr_assert_eq(next(&signals, &forward), SIGTERM);
	cr_assert_not(forward);
	cr_assert_eq(next(&signals, &forward), 0);
	logtap_signals_close(&signals);
}

/* The second one comes between our taking of the first and the answer. */
Test(signals, twice_to_the_group_is_once_to_the_witness)
{
	bool forward;
	struct logtap_signals signals = open_signals();
	struct sender group = start_sender(-getpid(), SIGHUP);
	struct sender alone = start_sender(getpid(), SIGHUP);

	make_send(&group);
	struct signalfd_siginfo info = take(&signals, SIGHUP);
	make_send(&group);
	cr_assert_not(logtap_signals_judge(&signals, &info));
	cr_assert_eq(next(&signals, &forward), SIGHUP);
	cr_assert_not(forward, "the second one was sent again");

	/* That is over: the next one to us alone is for the program. */
	make_send(&alone);
	cr_assert_eq(next(&signals, &forward), SIGHUP);
	cr_assert(forward);
	/* By somebody else, it is no second one of the same sending. */
	make_send(&group);
	info = take(&signals, SIGHUP);
	make_send(&alone);
	cr_assert_not(logtap_signals_judge(&signals, &info));
	cr_assert_eq(next(&signals, &forward), SIGHUP);
	cr_assert(forward);

	logtap_signals_close(&signals);
	/* The last one first: it holds the other's pipe as well. */
	end_sender(&alone);
	end_sender(&group);
}
