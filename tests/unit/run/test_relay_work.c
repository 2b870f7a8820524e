/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay as a process: its streams do not depend on each other. */
#include "../../../collector/run/relay.h"
#include "../../../collector/run/relay_private.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERROR, OUTPUT, STREAMS };

static int input[STREAMS][2], output[STREAMS][2], question[STREAMS][2];
static pid_t relay;

/* Where the relay finds them: pipe, what it writes to, socket. */
static const int places[STREAMS][3] = {
	[ERROR] = {STDIN_FILENO, STDERR_FILENO, LOGTAP_RELAY_SOCKET_FD},
	[OUTPUT] = {LOGTAP_RELAY_OUT_FD, STDOUT_FILENO,
		    LOGTAP_RELAY_OUT_SOCKET_FD},
};

/* Above all places. */
static int lift(int fd)
{
	int high = fcntl(fd, F_DUPFD, 100);
	close(fd);
	return high;
}

static void make(int pair[2], bool sockets)
{
	cr_assert_eq(sockets ? socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)
			     : pipe(pair),
		     0);
	pair[0] = lift(pair[0]);
	pair[1] = lift(pair[1]);
}

static void begin(void)
{
	for (int i = 0; i < STREAMS; i++) {
		make(input[i], false);
		make(output[i], false);
		make(question[i], true);
	}
	relay = fork();
	if (!relay) {
		for (int i = 0; i < STREAMS; i++) {
			dup2(input[i][0], places[i][0]);
			dup2(output[i][1], places[i][1]);
			dup2(question[i][1], places[i][2]);
		}
		for (int fd = LOGTAP_RELAY_LOG_FD; fd < 200; fd++)
			close(fd);
		logtap_relay_work();
		_exit(0);
	}
	for (int i = 0; i < STREAMS; i++) {
		close(input[i][0]);
		close(output[i][1]);
		close(question[i][1]);
	}
}

static void assert_copies(int stream, const char *text)
{
	char got[64] = "";
	ssize_t size = (ssize_t)strlen(text);
	cr_assert_eq(write(input[stream][1], text, strlen(text)), size);
	cr_assert_eq(read(output[stream][0], got, sizeof(got) - 1), size);
	cr_assert_str_eq(got, text);
}

static char ask(int stream)
{
	char answer = '?';
	if (send(question[stream][0], &answer, 1, MSG_NOSIGNAL) != 1)
		return '0';
	return recv(question[stream][0], &answer, 1, 0) == 1 ? answer : '0';
}

static void assert_ends(void)
{
	int status;
	cr_assert_eq(waitpid(relay, &status, 0), relay);
	cr_assert_eq(status, 0);
}

TestSuite(relay_work, .init = begin, .timeout = 60);

Test(relay_work, copies_both_and_ends_with_both)
{
	assert_copies(ERROR, "an error");
	assert_copies(OUTPUT, "a result");
	cr_assert_eq(ask(ERROR), LOGTAP_RELAY_COPIED);
	close(input[ERROR][1]);
	assert_copies(OUTPUT, "goes on");
	cr_assert_eq(ask(OUTPUT), LOGTAP_RELAY_COPIED);
	close(input[OUTPUT][1]);
	assert_ends();
}

Test(relay_work, a_reader_who_leaves_ends_his_stream_alone)
{
	char byte;
	signal(SIGPIPE, SIG_IGN);
	close(output[OUTPUT][0]);
	cr_assert_eq(write(input[OUTPUT][1], "x", 1), 1);
	/* The broken pipe reaches the program. */
	while (write(input[OUTPUT][1], "x", 1) == 1)
		;
	assert_copies(ERROR, "an error");
	close(input[ERROR][1]);
	cr_assert_eq(read(output[ERROR][0], &byte, 1), 0);
	assert_ends();
}
