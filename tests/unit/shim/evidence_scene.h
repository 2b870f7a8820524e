/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* An OTLP endpoint, a thread that may connect to it by the bodies of the hooks, on
 * sockets of this process, and the evidence that it leaves: for files whose every
 * test has one of each. */
#ifndef LOGTAP_TESTS_SHIM_EVIDENCE_SCENE_H
#define LOGTAP_TESTS_SHIM_EVIDENCE_SCENE_H

#include "../../../shim/fd/table.h"
#include "../../../shim/feedback/endpoint.h"
#include "../../../shim/feedback/evidence.h"
#include "../../../shim/real.h"
#include "fixture.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

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

/* Return: the connection. */
static inline int connect_it(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(logtap_on_connect(fd, (void *)&address, sizeof address),
		     0);
	return fd;
}

/* The next piece of evidence, head included in chunk.payload. */
static inline bool next(enum logtap_evidence_kind kind)
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

static inline const char *head(void)
{
	return chunk.payload + sizeof evidence;
}

/* As the exported function does. */
static inline void send_text(int fd, const char *text)
{
	size_t size = strlen(text);
	ssize_t put = logtap_fd(fd) ? logtap_on_send(fd, text, size, 0)
				    : send(fd, text, size, 0);

	cr_assert_eq(put, (ssize_t)size);
}

static inline bool silent(void)
{
	return !reader_next(&reader, &chunk);
}

#endif
