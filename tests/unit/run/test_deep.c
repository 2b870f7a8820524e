/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A /dev/log of one's own, and the relay of what comes there.  The machine's is
 * another one here: each test has a mount namespace, and a logger in it. */
#include "../../../collector/run/deep.h"
#include "../../../collector/run/relay.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64], path[128];
static int logger;

/* False: not here, for want of rights. */
static bool begin(void)
{
	if (geteuid() || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/dev", "tmpfs", 0, NULL))
		return false;
	strcpy(directory, "/tmp/logtap-test-deep-XXXXXX");
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/" LOGTAP_DEEP_SOCKET, directory);
	cr_assert_eq(setenv("LOGTAP_DIR", directory, 1), 0);
	logger = logtap_deep_socket("/dev/log");
	cr_assert_geq(logger, 0);
	return true;
}

static void end(void)
{
	unlink(path);
	rmdir(directory);
}

static void say(const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX,
				      .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    send(fd, text, strlen(text), 0) < 0)
		_exit(2);
	close(fd);
}

/* The pid of who sent the next datagram, which is to be @text. */
static pid_t sender_of(int fd, const char *text)
{
	char got[64] = "";
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec part = {got, sizeof(got) - 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	cr_assert_geq(recvmsg(fd, &message, 0), 0);
	cr_assert_str_eq(got, text);
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	cr_assert(head && head->cmsg_type == SCM_CREDENTIALS);
	struct ucred who;
	memcpy(&who, CMSG_DATA(head), sizeof(who));
	return who.pid;
}

/* A program in the namespace that says @text, and stays until @stay ends. */
static pid_t start_program(const char *text, int stay[2])
{
	char byte;
	pid_t pid = fork();
	if (pid)
		return pid;
	close(stay[1]);
	if (logtap_deep_enter(path))
		_exit(1);
	say(text);
	_exit(read(stay[0], &byte, 1) != 0);
}

static void assert_ends_well(pid_t pid)
{
	int status;
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

static char ask(int fd)
{
	char answer = '?';
	cr_assert_eq(send(fd, &answer, 1, 0), 1);
	return recv(fd, &answer, 1, 0) == 1 ? answer : '0';
}

Test(deep, anybody_may_write_to_the_socket_and_is_known)
{
	if (!begin())
		cr_skip_test("takes root and a mount namespace");
	struct stat status;
	cr_assert_eq(stat("/dev/log", &status), 0);
	cr_assert_eq(status.st_mode & 07777, 0666);
	say("hello");
	cr_assert_eq(sender_of(logger, "hello"), getpid());
	end();
}

Test(deep, a_socket_that_cannot_be_made_says_why)
{
	char long_path[300];
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = 0;
	errno = EINTR; /* of something before */
	cr_assert_eq(logtap_deep_socket(long_path), -ENAMETOOLONG);
	cr_assert_eq(logtap_deep_socket("/nowhere/log.sock"), -ENOENT);
}

Test(deep, the_obstacle_is_named)
{
	if (!begin())
		cr_skip_test("takes root and a mount namespace");
	cr_assert_null(logtap_deep_obstacle());
	close(logger);
	cr_assert_str_eq(logtap_deep_obstacle(), "nobody listens at /dev/log");
	cr_assert_eq(seteuid(65534), 0);
	cr_assert_str_eq(logtap_deep_obstacle(), "it takes root");
	cr_assert_eq(seteuid(0), 0);
	end();
}

Test(deep, the_relay_sends_on_in_the_senders_name_until_nobody_is_left,
     .timeout = 60)
{
	int stay[2], question[2];
	static _Atomic bool closed;
	if (!begin())
		cr_skip_test("takes root and a mount namespace");
	int input = logtap_deep_socket(path);
	cr_assert_geq(input, 0);
	cr_assert_not(logtap_deep_is_used(directory));
	cr_assert_eq(pipe(stay), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, question), 0);
	pid_t program = start_program("from inside", stay);
	pid_t relay = fork();
	if (!relay) {
		close(stay[1]);
		close(question[0]);
		logtap_relay_copy_log(input, question[1], &closed);
		_exit(0);
	}
	close(question[1]);
	cr_assert_eq(sender_of(logger, "from inside"), program);
	cr_assert(logtap_deep_is_used(directory));
	cr_assert_eq(ask(question[0]), 'c');
	close(stay[1]);
	assert_ends_well(program);
	cr_assert_not(logtap_deep_is_used(directory));
	cr_assert_eq(ask(question[0]), 'e');
	assert_ends_well(relay);
	end();
}

/* The session's supervisor may be gone: nobody asks any more. */
Test(deep, a_relay_that_nobody_asks_ends_when_the_streams_have, .timeout = 60)
{
	int question[2];
	static _Atomic bool closed = true;
	if (!begin())
		cr_skip_test("takes root and a mount namespace");
	int input = logtap_deep_socket(path);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, question), 0);
	close(question[0]);
	logtap_relay_copy_log(input, question[1], &closed);
	end();
}
