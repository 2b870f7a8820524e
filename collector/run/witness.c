/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The witness of the process group: see the header.  Main thread, and a process
 * of its own. */
#include "witness.h"

#include "descriptors.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* It answers at once, unless somebody has stopped it. */
enum { ANSWER_MS = 1000 };

static _Noreturn void be_witness(int fd, pid_t parent)
{
	unsigned char message[2];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "logtap-witness");
	dup2(fd, 0);
	logtap_descriptors_close_from(1);
	while (getppid() == parent && recv(0, message, 1, 0) == 1) {
		const struct timespec now = {0};
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, message[0]);
		message[1] = sigtimedwait(&set, NULL, &now) == message[0];
		send(0, message, sizeof(message), MSG_NOSIGNAL);
	}
	_exit(0);
}

void logtap_witness_start(struct logtap_witness *witness)
{
	int pair[2];
	pid_t parent = getpid();

	*witness = (struct logtap_witness){.pid = -1, .fd = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return;
	witness->pid = fork();
	if (!witness->pid)
		be_witness(pair[1], parent);
	close(pair[1]);
	if (witness->pid > 0)
		witness->fd = pair[0];
	else
		close(pair[0]);
}

void logtap_witness_end(struct logtap_witness *witness)
{
	if (witness->pid > 0) {
		kill(witness->pid, SIGKILL);
		while (waitpid(witness->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(witness->fd);
	}
	*witness = (struct logtap_witness){.pid = -1, .fd = -1};
}

int logtap_witness_saw(struct logtap_witness *witness, int number, bool *group)
{
	unsigned char message[2] = {(unsigned char)number, 0};
	struct pollfd fd = {.fd = witness->fd, .events = POLLIN};

	if (witness->pid <= 0)
		return LOGTAP_WITNESS_UNKNOWN;
	if (send(witness->fd, message, 1, MSG_NOSIGNAL) != 1 ||
	    poll(&fd, 1, ANSWER_MS) != 1 ||
	    recv(witness->fd, message, sizeof(message), 0) !=
		    (ssize_t)sizeof(message)) {
		logtap_witness_end(witness);
		logtap_witness_start(witness);
		return LOGTAP_WITNESS_UNKNOWN;
	}
	*group = message[1];
	return 0;
}
