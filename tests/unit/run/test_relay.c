/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The relay: copies all, answers when all is copied, ends with the pipe. */
#include "../../../collector/run/relay.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int input[2], output[2], question[2];
static pid_t relay;

static void begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(input), 0);
	cr_assert_eq(pipe(output), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, question), 0);
	relay = fork();
	if (!relay) {
		close(input[1]);
		close(output[0]);
		close(question[0]);
		logtap_relay_copy(input[0], output[1], question[1]);
		_exit(0);
	}
	close(input[0]);
	close(output[1]);
	close(question[1]);
}

static void say(const char *text)
{
	cr_assert_eq(write(input[1], text, strlen(text)),
		     (ssize_t)strlen(text));
}

static void assert_copied(const char *text)
{
	char got[64] = "";
	cr_assert_eq(read(output[0], got, sizeof(got) - 1),
		     (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
}

static char ask(void)
{
	char answer = 'f';
	cr_assert_eq(send(question[0], &answer, 1, 0), 1);
	return recv(question[0], &answer, 1, 0) == 1 ? answer : '0';
}

static void assert_ends(void)
{
	int status;
	cr_assert_eq(waitpid(relay, &status, 0), relay);
	cr_assert_eq(status, 0);
}

TestSuite(relay, .init = begin, .timeout = 30);

Test(relay, what_was_written_before_the_question_is_copied_before_the_answer)
{
	say("one\n");
	cr_assert_eq(ask(), 'c');
	assert_copied("one\n");
	say("two\n");
	say("three");
	cr_assert_eq(ask(), 'c');
	assert_copied("two\nthree");
	close(input[1]);
	assert_ends();
}

Test(relay, the_end_of_the_pipe_is_its_own_answer)
{
	say("last");
	/* Stopped, so that it finds both at once (or nearly). */
	kill(relay, SIGSTOP);
	cr_assert_eq(waitpid(relay, NULL, WUNTRACED), relay);
	close(input[1]);
	char message = 'f';
	cr_assert_eq(send(question[0], &message, 1, 0), 1);
	kill(relay, SIGCONT);
	/* It may have seen the end before the question; then it is gone. */
	if (recv(question[0], &message, 1, 0) == 1)
		cr_assert_eq(message, 'e');
	assert_copied("last");
	assert_ends();
}

Test(relay, it_goes_on_when_nobody_asks_any_more)
{
	cr_assert_eq(ask(), 'c');
	close(question[0]);
	say("still there");
	assert_copied("still there");
	close(input[1]);
	assert_ends();
}

Test(relay, it_ends_when_nobody_reads_it)
{
	close(output[0]);
	say("to nobody");
	assert_ends();
	/* So the program gets what it would have got: a broken pipe. */
	cr_assert_eq(write(input[1], "x", 1), -1);
}
