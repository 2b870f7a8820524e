/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to OTLP endpoints: see the header.  Runs in the host's threads,
 * around connect(2), the sending calls and close(2). */
#include "sending.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../fd/table.h"
#include "../guard/mark.h"
#include "../state.h"
#include "endpoint.h"
#include "evidence.h"
#include "hold.h"
#include "watch.h"

#include <errno.h>

#define LOOKED_AT_BYTES 512 /* for a path */

static uint16_t internal_flag(const struct logtap_tls *tls)
{
	return tls->mark & LOGTAP_MARK_INTERNAL ? LOGTAP_EVIDENCE_INTERNAL : 0;
}

static uint16_t known_by(int fd)
{
	switch (logtap_fd(fd)) {
	case LOGTAP_FD_BY_PORT:
		return LOGTAP_EVIDENCE_BY_PORT;
	case LOGTAP_FD_CONFIGURED:
		return LOGTAP_EVIDENCE_CONFIGURED;
	case LOGTAP_FD_BY_PATH:
		return LOGTAP_EVIDENCE_BY_PATH;
	default:
		return 0;
	}
}

static unsigned mark_of(const struct logtap_endpoint *endpoint)
{
	if (endpoint->known & LOGTAP_EVIDENCE_CONFIGURED)
		return LOGTAP_FD_CONFIGURED;
	if (endpoint->known)
		return LOGTAP_FD_BY_PORT;
	return endpoint->family != AF_UNIX && endpoint->port &&
			       (logtap_evidence_asked(&logtap_tls) &
				LOGTAP_ASK_PATHS)
		       ? LOGTAP_FD_MAYBE
		       : 0;
}

void logtap_sending_connected(int fd, const struct sockaddr *address,
			      socklen_t bytes, int error)
{
	struct logtap_endpoint endpoint;
	unsigned mark;
	bool lives = !error || error == EINPROGRESS || error == EINTR ||
		     error == EALREADY;

	/* Then the address may be no memory at all. */
	if (error == EFAULT || error == EINVAL || error == EBADF ||
	    error == ENOTSOCK || error == EISCONN)
		return;
	endpoint = logtap_endpoint_of(address, bytes);
	mark = mark_of(&endpoint);
	if (lives && (mark || logtap_fd_is_export(fd)))
		logtap_fd_marked(fd, mark);
	if (!endpoint.known)
		return;
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = endpoint.known | internal_flag(&logtap_tls),
		.fd = fd,
		.result = -error,
		.family = endpoint.family,
		.port = endpoint.port,
	};
	__builtin_memcpy(evidence.address, endpoint.address,
			 sizeof evidence.address);
	logtap_hold_prepare(&logtap_tls);
	logtap_evidence_put(&evidence, logtap_clock_now(), NULL, 0, false);
}

void logtap_sending_closing(int fd)
{
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_CLOSE,
		.flags = known_by(fd) | internal_flag(&logtap_tls),
		.fd = fd,
	};

	if (!logtap_fd_is_undecided(fd))
		logtap_evidence_put(&evidence, logtap_clock_now(), NULL, 0,
				    false);
}

/* Does nobody want to know of sends, nor to delay them? */
static bool is_quiet(const struct logtap_tls *tls)
{
	const uint32_t sends =
		LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS | LOGTAP_ASK_PATHS;

	return tls->life == LOGTAP_LIVE &&
	       !(logtap_evidence_asked(tls) & sends) &&
	       !atomic_load_explicit(&tls->rings->control->hold_count,
				     memory_order_relaxed);
}

struct logtap_sending logtap_sending_begin(void)
{
	struct logtap_sending sending = {.quiet = is_quiet(&logtap_tls)};

	if (sending.quiet)
		return sending;
	sending.held_us = logtap_hold(&logtap_tls);
	sending.now = logtap_clock_now();
	return sending;
}

/* The first of the bytes that were put. */
static size_t first_bytes(char head[LOOKED_AT_BYTES], const struct iovec *parts,
			  size_t count, size_t put)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < parts[i].iov_len && size < put &&
				   size < LOOKED_AT_BYTES;
		     j++)
			head[size++] = ((const char *)parts[i].iov_base)[j];
	return size;
}

static bool has(const char *head, size_t size, const char *text)
{
	size_t length = logtap_bytes_length(text);

	for (size_t at = 0; at + length <= size; at++) {
		size_t same = 0;
		while (same < length && head[at + same] == text[same])
			same++;
		if (same == length)
			return true;
	}
	return false;
}

/* In a request's first line, or in the headers of a call by gRPC, which its
 * implementation in C does not compress. */
static bool names_path(const char *head, size_t size, bool http2)
{
	size_t line = 0;

	if (http2)
		return has(head, size, "LogsService/Export");
	while (line < size && head[line] != '\n')
		line++;
	return has(head, line, "/v1/logs");
}

/* Whom it is connected to: one call of the kernel for such a connection. */
static void take_peer(int fd, struct logtap_evidence *evidence)
{
	struct sockaddr_storage peer;
	socklen_t bytes = sizeof peer;

	if (logtap_filtered() ||
	    logtap_sys3(SYS_getpeername, fd, (long)&peer, (long)&bytes) != 0 ||
	    bytes > sizeof peer)
		return;
	struct logtap_endpoint endpoint =
		logtap_endpoint_of((const void *)&peer, bytes);
	evidence->family = endpoint.family;
	evidence->port = endpoint.port;
	__builtin_memcpy(evidence->address, endpoint.address,
			 sizeof evidence->address);
}

/* The first bytes of a connection decide what it is; of HTTP/2, where others
 * come before those of a request, the first calls. */
static void decide(const struct logtap_sending *sending, int fd,
		   const struct iovec *parts, size_t count, size_t put)
{
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_CONNECT,
		.flags = LOGTAP_EVIDENCE_BY_PATH | internal_flag(&logtap_tls),
		.fd = fd,
	};
	static const char preface[] = "PRI * HTTP/2.0";
	char head[LOOKED_AT_BYTES];
	size_t size = first_bytes(head, parts, count, put);
	unsigned mark = logtap_fd(fd);

	if (mark == LOGTAP_FD_MAYBE &&
	    has(head, size < sizeof preface ? size : sizeof preface, preface))
		mark = LOGTAP_FD_HTTP2 + 1;
	if (!names_path(head, size, mark != LOGTAP_FD_MAYBE)) {
		logtap_fd_marked(fd,
				 mark > LOGTAP_FD_HTTP2_LAST ? mark - 1 : 0);
		return;
	}
	logtap_fd_marked(fd, LOGTAP_FD_BY_PATH);
	take_peer(fd, &evidence);
	logtap_hold_prepare(&logtap_tls);
	logtap_evidence_put(&evidence, sending->now, NULL, 0, false);
}

void logtap_sending_tell(const struct logtap_sending *sending, int fd,
			 const struct iovec *parts, size_t count, ssize_t put)
{
	struct logtap_tls *tls = &logtap_tls;
	int error = put < 0 ? errno : 0;
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_SEND,
		.fd = fd,
		.bytes = put > 0 ? (uint64_t)put : 0,
		.result = -error,
		.held_us = sending->held_us,
	};
	uint32_t asked;

	if (logtap_fd_is_undecided(fd) && put > 0)
		decide(sending, fd, parts, count, (size_t)put);
	if (!logtap_fd_is_export(fd) || logtap_fd_is_undecided(fd) ||
	    !logtap_aside_ready(tls))
		return;
	asked = logtap_evidence_asked(tls);
	if (!(asked & (LOGTAP_ASK_SENDS | LOGTAP_ASK_HEADS)) &&
	    !sending->held_us)
		return;
	evidence.flags = known_by(fd) | internal_flag(tls);
	if (sending->held_us)
		evidence.flags |= LOGTAP_EVIDENCE_HELD;
	if (asked & LOGTAP_ASK_HEADS)
		evidence.head_bytes = put < LOGTAP_EVIDENCE_HEAD_BYTES
					      ? (uint16_t)evidence.bytes
					      : LOGTAP_EVIDENCE_HEAD_BYTES;
	logtap_evidence_put(&evidence, sending->now, parts, count,
			    logtap_watch_is_on(tls));
}
