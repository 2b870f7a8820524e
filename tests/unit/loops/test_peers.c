/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a connection. */
#include "../../../collector/loops/peers.h"
#include "holders.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

TestSuite(peers, .timeout = 60);

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int listener, client;
static struct logtap_connection connection;
static struct logtap_peers peers;

static void tell(const union address *address, char text[48], uint16_t *port)
{
	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, text, 48);
		*port = ntohs(address->v4.sin_port);
	} else {
		inet_ntop(AF_INET6, &address->v6.sin6_addr, text, 48);
		*port = ntohs(address->v6.sin6_port);
	}
}

/* Listens on @on and connects to @to, both addresses of that family. */
static void connect_to(int family, const char *on, const char *to)
{
	union address address = {.any.sa_family = (sa_family_t)family};
	socklen_t bytes = sizeof(address);
	void *where = family == AF_INET ? (void *)&address.v4.sin_addr
					: (void *)&address.v6.sin6_addr;

	listener = socket(family, SOCK_STREAM, 0);
	inet_pton(family, on, where);
	if (listener < 0 || bind(listener, &address.any, bytes))
		cr_skip_test("no %s here", on);
	cr_assert(!listen(listener, 4));
	cr_assert(!getsockname(listener, &address.any, &bytes));
	inet_pton(family, to, where);
	client = socket(family, SOCK_STREAM, 0);
	cr_assert(!connect(client, &address.any, bytes));
	tell(&address, connection.peer, &connection.peer_port);
	bytes = sizeof(address);
	cr_assert(!getsockname(client, &address.any, &bytes));
	tell(&address, connection.local, &connection.local_port);
}

static void is_taken_by_one(int family, const char *on, const char *to)
{
	connect_to(family, on, to);
	int taken = accept(listener, NULL, NULL);
	pid_t other = holder(listener, -1, -1, NULL);
	pid_t pid = holder(taken, -1, -1, NULL);
	close(taken);
	close(listener);
	logtap_peers_find(&connection, NULL, 0, &peers);
	cr_assert_eq(peers.count, 1);
	cr_assert_eq(peers.pids[0], (uint32_t)pid);
	cr_assert(logtap_peers_have(&peers, (uint32_t)pid));
	cr_assert_neq(peers.pids[0], (uint32_t)other);
}

Test(peers, the_process_that_took_the_connection_is_found)
{
	is_taken_by_one(AF_INET, "127.0.0.1", "127.0.0.1");
}

Test(peers, also_by_ipv6)
{
	is_taken_by_one(AF_INET6, "::1", "::1");
}

Test(peers, also_one_that_listens_to_both_families)
{
	union address address = {.any.sa_family = AF_INET6};
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET6, SOCK_STREAM, 0), no = 0;

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (fd < 0 || bind(fd, &address.any, bytes))
		cr_skip_test("no IPv6 here");
	cr_assert(!listen(fd, 4) && !getsockname(fd, &address.any, &bytes));
	union address to = {.v4 = {.sin_family = AF_INET,
				   .sin_port = address.v6.sin6_port}};
	to.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert(!connect(client, &to.any, sizeof(to.v4)));
	tell(&to, connection.peer, &connection.peer_port);
	bytes = sizeof(to);
	cr_assert(!getsockname(client, &to.any, &bytes));
	tell(&to, connection.local, &connection.local_port);
	int taken = accept(fd, NULL, NULL);
	pid_t pid = holder(taken, -1, -1, NULL);
	drop((int[]){taken, fd});
	logtap_peers_find(&connection, NULL, 0, &peers);
	cr_assert_eq(peers.count, 1);
	cr_assert_eq(peers.pids[0], (uint32_t)pid);
}

/* The kernel has taken it, and no process yet. */
Test(peers, where_nobody_took_it_those_who_listen_are_told)
{
	connect_to(AF_INET, "0.0.0.0", "127.0.0.1");
	pid_t one = holder(listener, -1, -1, NULL);
	pid_t two = holder(listener, -1, -1, NULL);
	close(listener);
	logtap_peers_find(&connection, NULL, 0, &peers);
	cr_assert_eq(peers.count, 2);
	cr_assert(logtap_peers_have(&peers, (uint32_t)one));
	cr_assert(logtap_peers_have(&peers, (uint32_t)two));
}

Test(peers, of_another_machine_s_address_a_local_listener_says_nothing)
{
	connect_to(AF_INET, "0.0.0.0", "127.0.0.1");
	strcpy(connection.peer, "192.0.2.1");
	logtap_peers_find(&connection, NULL, 0, &peers);
	cr_assert_eq(peers.count, 0);
	strcpy(connection.peer, "no address");
	logtap_peers_find(&connection, NULL, 0, &peers);
	cr_assert_eq(peers.count, 0);
}

/* A worker may have taken what is its master's, whose records count, too; a
 * shell that has started something else has nothing to do with it. */
Test(peers, parents_and_children_of_the_same_program_belong_to_it)
{
	char name[] = "/bin/sleep", time[] = "1000";
	char *const sleeping[] = {name, time, NULL};
	pid_t worker = holder(-1, -1, -1, NULL);
	pid_t another = holder(-1, -1, -1, sleeping);

	peers = (struct logtap_peers){.pids = {(uint32_t)getpid()}, .count = 1};
	cr_assert(logtap_peers_have(&peers, (uint32_t)worker));
	cr_assert_not(logtap_peers_have(&peers, (uint32_t)another));
	peers.pids[0] = (uint32_t)worker;
	cr_assert(logtap_peers_have(&peers, (uint32_t)getpid()));
	peers.pids[0] = (uint32_t)another;
	cr_assert_not(logtap_peers_have(&peers, (uint32_t)getpid()));
	cr_assert_not(logtap_peers_have(&peers, (uint32_t)worker));
	peers.count = 0;
	cr_assert_not(logtap_peers_have(&peers, (uint32_t)getpid()));
}

Test(peers, a_parent_is_found_whatever_its_child_is_called)
{
	prctl(PR_SET_NAME, "x) Z 1 (y");
	cr_assert_eq(logtap_peers_parent((uint32_t)getpid()),
		     (uint32_t)getppid());
	cr_assert_eq(logtap_peers_parent(4999999), 0);
}
