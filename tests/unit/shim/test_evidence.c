/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to OTLP endpoints and what is sent on them. */
#include "evidence_scene.h"

#include <errno.h>

TestSuite(evidence, .init = begin, .fini = end, .timeout = 20);

Test(evidence, a_connection_is_told_with_its_address)
{
	int fd = connect_it();

	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_CONFIGURED);
	cr_assert_eq(evidence.fd, fd);
	cr_assert_eq(evidence.result, 0);
	cr_assert_eq(evidence.family, AF_INET);
	cr_assert_eq(evidence.port, ntohs(address.sin_port));
	cr_assert_eq(memcmp(evidence.address, "\x7f\0\0\1", 4), 0);
	cr_assert(silent());
}

Test(evidence, a_refused_connection_is_told_with_its_error)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	close(listener);
	cr_assert_eq(logtap_on_connect(fd, (void *)&address, sizeof address),
		     -1);
	cr_assert_eq(errno, ECONNREFUSED);
	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert_eq(evidence.result, -ECONNREFUSED);
	cr_assert_eq(logtap_fd(fd), 0);
}

Test(evidence, sends_are_told_only_when_asked_for)
{
	int fd = connect_it();
	struct iovec parts[2] = {{(void *)(uintptr_t) "POST ", 5},
				 {(void *)(uintptr_t) "/v1/logs", 8}};

	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert_eq(logtap_on_send(fd, "quiet", 5, 0), 5);
	cr_assert(silent());
	control->ask = LOGTAP_ASK_SENDS;
	cr_assert_eq(logtap_on_write(fd, "seven..", 7), 7);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_eq(evidence.bytes, 7);
	cr_assert_eq(evidence.fd, fd);
	cr_assert_eq(evidence.head_bytes, 0);
	control->ask = LOGTAP_ASK_HEADS;
	cr_assert_eq(logtap_on_writev(fd, parts, 2), 13);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_str_eq(head(), "POST /v1/logs");
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	cr_assert_eq(logtap_on_sendmsg(fd, &message, 0), 13);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_str_eq(head(), "POST /v1/logs");
	cr_assert(silent());
	cr_assert_eq(counter(LOGTAP_COUNTER_CHUNKS), 4);
}

Test(evidence, a_head_is_as_long_as_a_chunk_may_be)
{
	static char bytes[8192];
	int fd = connect_it();
	uint64_t room = logtap_tls.rings->main.block -
			sizeof(struct logtap_chunk) -
			sizeof(struct logtap_evidence);

	memset(bytes, 'x', sizeof bytes);
	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS;
	cr_assert_eq(logtap_on_send(fd, bytes, sizeof bytes, 0),
		     (ssize_t)sizeof bytes);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_eq(evidence.bytes, sizeof bytes);
	cr_assert_eq(evidence.head_bytes, room < LOGTAP_EVIDENCE_HEAD_BYTES
						  ? room
						  : LOGTAP_EVIDENCE_HEAD_BYTES);
}

/* What a request carries lies at its end, in whichever part of it. */
Test(evidence, where_not_all_has_room_the_end_is_there_too)
{
	static char first[3000], last[5000];
	struct iovec parts[3] = {
		{first, sizeof first}, {first, 0}, {last, sizeof last}};
	int fd = connect_it();

	memset(first, 'x', sizeof first);
	memset(last, 'y', sizeof last);
	memcpy(first, "POST", 4);
	memcpy(last + sizeof last - 4, "last", 4);
	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS;
	cr_assert_eq(logtap_on_writev(fd, parts, 3), 8000);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	size_t tail = evidence.tail_bytes;
	size_t begin = evidence.head_bytes - tail;
	cr_assert_eq(tail, evidence.head_bytes / 3u);
	cr_assert_eq(memcmp(head(), "POST", 4), 0);
	cr_assert_eq(head()[begin - 1], 'x');
	for (size_t i = 0; i < tail - 4; i++)
		cr_assert_eq(head()[begin + i], 'y');
	cr_assert_eq(memcmp(head() + begin + tail - 4, "last", 4), 0);
}

/* Of what a socket did not take, nothing is told; the tail may lie in an earlier
 * part then. */
Test(evidence, the_end_is_that_of_what_was_taken)
{
	static char first[1 << 22], last[1 << 22];
	struct iovec parts[2] = {{first, sizeof first}, {last, sizeof last}};
	int fd = connect_it();

	memset(first, 'x', sizeof first);
	memset(last, 'y', sizeof last);
	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS;
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	ssize_t put = logtap_on_sendmsg(fd, &message, MSG_DONTWAIT);
	cr_assert(put > 8192 && put < (ssize_t)(sizeof first + sizeof last));
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_eq(evidence.bytes, (uint64_t)put);
	cr_assert_gt(evidence.tail_bytes, 0);
	char wanted = (size_t)put > sizeof first ? 'y' : 'x';
	cr_assert_eq(head()[evidence.head_bytes - 1], wanted);
}

Test(evidence, a_failed_send_is_told_with_its_error)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS;
	cr_assert_eq(shutdown(fd, SHUT_WR), 0);
	cr_assert_eq(logtap_on_send(fd, "lost", 4, MSG_NOSIGNAL), -1);
	cr_assert_eq(errno, EPIPE);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_eq(evidence.result, -EPIPE);
	cr_assert_eq(evidence.bytes, 0);
}

Test(evidence, a_connection_ends_however_it_is_closed)
{
	int fd = connect_it(), copy = logtap_on_dup(fd);

	next(LOGTAP_EVIDENCE_CONNECT);
	cr_assert_eq(logtap_fd(copy), logtap_fd(fd));
	logtap_on_close(fd);
	cr_assert(next(LOGTAP_EVIDENCE_CLOSE));
	cr_assert_eq(evidence.fd, fd);
	cr_assert_eq(logtap_fd(fd), 0);
	logtap_on_close_range((unsigned)copy, (unsigned)copy, 0);
	cr_assert(next(LOGTAP_EVIDENCE_CLOSE));
	cr_assert_eq(evidence.fd, copy);
	cr_assert(silent());
}

Test(evidence, a_descriptor_connected_elsewhere_is_forgotten)
{
	int other = socket(AF_INET, SOCK_STREAM, 0), fd = connect_it();
	struct sockaddr_in elsewhere = {.sin_family = AF_INET,
					.sin_addr.s_addr =
						htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof elsewhere;

	cr_assert_eq(bind(other, (void *)&elsewhere, sizeof elsewhere), 0);
	cr_assert_eq(listen(other, 1), 0);
	getsockname(other, (void *)&elsewhere, &bytes);
	close(fd); /* unseen */
	cr_assert_eq(socket(AF_INET, SOCK_STREAM, 0), fd);
	cr_assert_eq(
		logtap_on_connect(fd, (void *)&elsewhere, sizeof elsewhere), 0);
	cr_assert_eq(logtap_fd(fd), 0);
}

Test(evidence, the_path_is_looked_for_only_when_asked_and_only_first)
{
	static const char request[] = "POST /v1/logs HTTP/1.1\r\n";
	char *none[] = {NULL};

	logtap_endpoint_init(none);
	int before = connect_it();
	control->ask = LOGTAP_ASK_PATHS | LOGTAP_ASK_SENDS;
	send_text(before, request);
	cr_assert(silent());
	int other = connect_it();
	cr_assert_eq(logtap_fd(other), LOGTAP_FD_MAYBE);
	send_text(other, "GET / HTTP/1.1\r\nX: /v1/logs\r\n");
	send_text(other, request);
	cr_assert(silent());
	cr_assert_eq(logtap_fd(other), 0);
	int fd = connect_it();
	send_text(fd, request);
	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_BY_PATH);
	cr_assert_eq(evidence.fd, fd);
	cr_assert_eq(evidence.family, AF_INET);
	cr_assert_eq(evidence.port, ntohs(address.sin_port));
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	logtap_on_close(fd);
	cr_assert(next(LOGTAP_EVIDENCE_CLOSE));
}

Test(evidence, the_path_of_grpc_comes_behind_the_first_bytes)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	char *none[] = {NULL};

	logtap_endpoint_init(none);
	control->ask = LOGTAP_ASK_PATHS | LOGTAP_ASK_SENDS;
	int fd = connect_it(), other = connect_it();
	send_text(fd, preface);
	send_text(fd, "settings");
	cr_assert(silent());
	send_text(fd, ":path9/opentelemetry.proto.collector.logs.v1."
		      "LogsService/Export");
	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_BY_PATH);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	logtap_on_close(fd);
	cr_assert(next(LOGTAP_EVIDENCE_CLOSE));
	/* not for ever */
	send_text(other, preface);
	for (int i = 0; i < 8; i++)
		send_text(other, "something else");
	cr_assert_eq(logtap_fd(other), 0);
	send_text(other, "LogsService/Export");
	logtap_on_close(other);
	cr_assert(silent());
}

Test(evidence, a_marked_thread_s_exports_are_told_as_internal)
{
	logtap_tls.mark = 1;
	int fd = connect_it();
	cr_assert(next(LOGTAP_EVIDENCE_CONNECT));
	cr_assert(evidence.flags & LOGTAP_EVIDENCE_INTERNAL);
	control->ask = LOGTAP_ASK_SENDS;
	logtap_on_send(fd, "x", 1, 0);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert(evidence.flags & LOGTAP_EVIDENCE_INTERNAL);
	logtap_tls.mark = 0;
}

Test(evidence, no_record_is_lost_for_its_sake)
{
	unsigned told = 0, said = 0;
	int fd = connect_it();

	control->ask = LOGTAP_ASK_SENDS;
	logtap_state.config.ring_bytes_max = logtap_tls.rings->main.capacity;
	logtap_state.config.full = LOGTAP_FULL_DROP_NEWEST;
	while (logtap_on_send(fd, "x", 1, MSG_DONTWAIT) == 1 && told < 1000)
		told++;
	uint64_t used = logtap_tls.rings->main.head;
	cr_assert_leq(used, logtap_tls.rings->main.capacity / 2);
	cr_assert_eq(counter(LOGTAP_COUNTER_DROPPED_CHUNKS), 0);
	while (say("a line\n"))
		said++;
	cr_assert_gt(said, 100);
}
