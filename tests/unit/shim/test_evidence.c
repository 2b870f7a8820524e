/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to OTLP endpoints and what is done with them: the bodies of the
 * hooks, called by name, on sockets of this process. */
#include "../../../shim/api/level.h"
#include "../../../shim/fd/table.h"
#include "../../../shim/feedback/endpoint.h"
#include "../../../shim/feedback/evidence.h"
#include "../../../shim/feedback/hold.h"
#include "../../../shim/real.h"
#include "../../../shim/segment/claim.h"
#include "fixture.h"
#include "linked.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The guard of the shim, and not the one that hosts have. */
#undef logtap_guard_enter
#undef logtap_guard_leave

static struct ring_reader reader;
static struct chunk chunk;
static struct logtap_evidence evidence;
static struct logtap_control *control;
static int listener;
static struct sockaddr_in address;

/* A listener is the endpoint; its port is a free one. */
static void begin(void)
{
	static char variable[64];
	char *environment[] = {variable, NULL};
	socklen_t bytes = sizeof address;

	shim_begin((struct shim_options){.ring_bytes_max = 1 << 18});
	shim_set_collector(true);
	control = logtap_state.mappings[0].control;
	reader = reader_of_main(logtap_tls.rings);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address =
		(struct sockaddr_in){.sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	cr_assert_eq(bind(listener, (void *)&address, sizeof address), 0);
	cr_assert_eq(listen(listener, 8), 0);
	getsockname(listener, (void *)&address, &bytes);
	snprintf(variable, sizeof variable,
		 "LOGTAP_OTLP_ENDPOINTS=127.0.0.1:%u", ntohs(address.sin_port));
	logtap_endpoint_init(environment);
}

static void end(void)
{
	close(listener);
	shim_end();
}

TestSuite(evidence, .init = begin, .fini = end, .timeout = 20);

/* Return: the connection. */
static int connect_it(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(logtap_on_connect(fd, (void *)&address, sizeof address),
		     0);
	return fd;
}

/* The next piece of evidence, head included in chunk.payload. */
static bool next(enum logtap_evidence_kind kind)
{
	if (!reader_next(&reader, &chunk))
		return false;
	cr_assert_eq(chunk.header.type, LOGTAP_CHUNK_EVIDENCE);
	memcpy(&evidence, chunk.payload, sizeof evidence);
	cr_assert_eq(evidence.kind, kind);
	cr_assert_eq(chunk.payload_bytes,
		     sizeof evidence + evidence.head_bytes);
	return true;
}

static const char *head(void)
{
	return chunk.payload + sizeof evidence;
}

/* As the exported function does. */
static void send_text(int fd, const char *text)
{
	size_t size = strlen(text);
	ssize_t put = logtap_fd(fd) ? logtap_on_send(fd, text, size, 0)
				    : send(fd, text, size, 0);

	cr_assert_eq(put, (ssize_t)size);
}

static bool silent(void)
{
	return !reader_next(&reader, &chunk);
}

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

Test(evidence, a_call_inside_a_callback_is_told_with_its_depth)
{
	struct logtap_frame frame;

	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	uintptr_t word = logtap_tls.guard;
	cr_assert_not(say("inner\n"));
	cr_assert_eq(logtap_tls.guard, word, "still inside");
	logtap_guard_leave(&logtap_tls);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.depth, 2);
	cr_assert_eq(evidence.bytes, 6);
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_IN_CALLBACK);
	cr_assert_eq(evidence.fd, -1);
	cr_assert(say("outer\n"));
}

Test(evidence, an_event_inside_a_callback_or_a_dispatch_is_told)
{
	struct logtap_frame frame;

	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	logtap_guard_leave(&logtap_tls);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_IN_CALLBACK);
	cr_assert_eq(evidence.depth, 2);
	cr_assert((logtap_guard_enter_at)(&frame));
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	(logtap_guard_leave_at)(&frame);
	cr_assert(next(LOGTAP_EVIDENCE_REENTRY));
	cr_assert_eq(evidence.flags, LOGTAP_EVIDENCE_DISPATCHING);
	cr_assert(silent(), "once each, and no event");
}

Test(evidence, an_event_below_the_level_or_of_telemetry_s_own_is_not)
{
	struct logtap_frame frame;

	logtap_level_init("warn");
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_CALLBACK);
	logtap_event(LOGTAP_INFO, "t", "inner", LOGTAP_END);
	logtap_tls.mark = 1;
	logtap_event(LOGTAP_ERROR, "t", "inner", LOGTAP_END);
	logtap_tls.mark = 0;
	logtap_guard_leave(&logtap_tls);
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_COPY);
	logtap_event(LOGTAP_ERROR, "t", "inner", LOGTAP_END);
	logtap_guard_leave(&logtap_tls);
	logtap_level_init("trace");
	cr_assert(silent());
}

Test(evidence, a_handler_inside_a_copy_leaves_none)
{
	struct logtap_frame frame;
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	control->ask = LOGTAP_ASK_SENDS;
	logtap_guard_enter(&logtap_tls, &frame, LOGTAP_PHASE_COPY);
	logtap_on_send(fd, "x", 1, 0);
	logtap_guard_leave(&logtap_tls);
	cr_assert(silent());
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

static void hold(uint64_t ns)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	control->holds[2].until_ns =
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + ns;
	control->holds[2].tid = logtap_tls.tid;
	control->hold_count = 1;
}

#define MS 1000000ull

Test(evidence, a_held_send_waits_and_says_so)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(60 * MS);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert(evidence.flags & LOGTAP_EVIDENCE_HELD);
	cr_assert_geq(evidence.held_us, 30000);
	/* it has ended by itself */
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(silent());
}

Test(evidence, nothing_is_held_without_a_collector_or_for_another_thread)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(10000 * MS);
	control->holds[2].tid++;
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	control->holds[2].tid--;
	shim_set_collector(false);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	shim_set_collector(true);
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(silent());
}

static int handled_fd;

static void handler(int number)
{
	(void)number;
	handled_fd = logtap_on_send(handled_fd, "x", 1, 0) == 1 ? -2 : -1;
}

Test(evidence, nothing_is_held_in_a_signal_handler)
{
	handled_fd = connect_it();
	next(LOGTAP_EVIDENCE_CONNECT);
	signal(SIGUSR1, handler);
	hold(10000 * MS);
	raise(SIGUSR1);
	cr_assert_eq(handled_fd, -2);
	cr_assert(silent());
}

Test(evidence, a_hold_has_an_end)
{
	int fd = connect_it();

	next(LOGTAP_EVIDENCE_CONNECT);
	hold(3600000 * MS);
	cr_assert_eq(logtap_on_send(fd, "x", 1, 0), 1);
	cr_assert(next(LOGTAP_EVIDENCE_SEND));
	cr_assert_geq(evidence.held_us, LOGTAP_HOLD_MOST_NS / 1000 - 1);
}
