/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Ways on which what a process writes comes back to it. */
#include "../../../collector/loops/peers.h"
#include "holders.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(flow, .timeout = 60);

static char way[LOGTAP_PEERS_WAY_BYTES];

static bool comes_back(pid_t pid)
{
	memset(way, '?', sizeof(way));
	bool found = logtap_peers_cycle((uint32_t)pid, way);
	cr_assert(memchr(way, 0, sizeof(way)));
	cr_assert_eq(found, way[0] != 0);
	return found;
}

static int null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* In a folder of the test's own, which is removed with it. */
static char file[64];
static void make_file(void)
{
	strcpy(file, "/tmp/logtap-flow-XXXXXX");
	int fd = mkstemp(file);
	cr_assert_geq(fd, 0);
	close(fd);
}

static int to_file(int flags)
{
	return open(file, flags | O_CLOEXEC);
}

Test(flow, pipes_from_one_to_another_and_back_are_a_way)
{
	int there[2], on[2], back[2];

	cr_assert(!pipe(there) && !pipe(on) && !pipe(back));
	pid_t first = holder(back[0], there[1], null(), NULL);
	pid_t second = holder(there[0], on[1], null(), NULL);
	pid_t third = holder(on[0], back[1], null(), NULL);
	drop(there);
	drop(on);
	drop(back);
	cr_assert(comes_back(first));
	cr_assert_str_eq(way, "a pipe");
	cr_assert(comes_back(second));
	cr_assert(comes_back(third));
}

Test(flow, a_pipe_that_leads_elsewhere_is_none)
{
	int there[2], on[2];

	cr_assert(!pipe(there) && !pipe(on));
	pid_t first = holder(null(), there[1], null(), NULL);
	pid_t second = holder(there[0], on[1], null(), NULL);
	pid_t third = holder(on[0], null(), null(), NULL);
	drop(there);
	drop(on);
	cr_assert_not(comes_back(first));
	cr_assert_not(comes_back(second));
	cr_assert_not(comes_back(third));
}

Test(flow, a_pipe_by_which_one_wakes_itself_up_is_none)
{
	int own[2];

	cr_assert(!pipe(own));
	pid_t pid = holder(own[0], own[1], null(), NULL);
	drop(own);
	cr_assert_not(comes_back(pid));
}

Test(flow, a_file_that_one_reads_and_writes_apart_is_a_way)
{
	make_file();
	pid_t pid = holder(to_file(O_RDONLY), to_file(O_WRONLY | O_APPEND),
			   null(), NULL);
	bool found = comes_back(pid);
	unlink(file);
	cr_assert(found);
	cr_assert_str_eq(way, file);
}

Test(flow, a_file_that_is_opened_for_both_is_a_store)
{
	make_file();
	pid_t pid = holder(to_file(O_RDWR), to_file(O_RDWR), null(), NULL);
	bool found = comes_back(pid);
	unlink(file);
	cr_assert_not(found);
}

/* tail -F x | logger 2>>x: told by what it writes itself. */
Test(flow, a_way_is_named_by_where_it_begins)
{
	int lines[2];

	make_file();
	cr_assert(!pipe(lines));
	pid_t tail = holder(null(), lines[1], to_file(O_RDONLY), NULL);
	pid_t logger =
		holder(lines[0], null(), to_file(O_WRONLY | O_APPEND), NULL);
	drop(lines);
	bool found = comes_back(logger);
	bool same = !strcmp(way, file);
	bool other = comes_back(tail);
	unlink(file);
	cr_assert(found && same);
	cr_assert(other);
	cr_assert_str_eq(way, "a pipe");
}

/* A connection to itself, as of a daemon that forwards to its own port. */
static void connect_both(int ends[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t bytes = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert(!bind(listener, (struct sockaddr *)&address, bytes) &&
		  !listen(listener, 1) &&
		  !getsockname(listener, (struct sockaddr *)&address, &bytes));
	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert(!connect(ends[0], (struct sockaddr *)&address, bytes));
	ends[1] = accept(listener, NULL, NULL);
	cr_assert_geq(ends[1], 0);
	close(listener);
}

Test(flow, a_connection_to_itself_is_a_way)
{
	int ends[2];

	connect_both(ends);
	pid_t pid = holder(ends[0], ends[1], null(), NULL);
	drop(ends);
	cr_assert(comes_back(pid));
	cr_assert_str_eq(way, "a connection");
}

Test(flow, a_connection_whose_other_end_is_gone_is_none)
{
	int ends[2];

	connect_both(ends);
	close(ends[1]);
	pid_t pid = holder(ends[0], null(), null(), NULL);
	close(ends[0]);
	cr_assert_not(comes_back(pid));
}

Test(flow, of_a_process_that_is_not_there_nothing_comes_back)
{
	cr_assert_not(comes_back(4999999));
}
