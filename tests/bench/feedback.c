/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that makes the calls which tell of feedback: on sockets, on those of
 * OTLP endpoints among them, and records inside of the handling of records.
 * The driver preloads the library or not. */
#include "bench.h"

#include <arpa/inet.h>
#include <logtap/logtap.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An endpoint by its port, at an address where nobody else listens. */
#define ENDPOINT "127.86.79.1"
#define ENDPOINT_PORT 4318
#define REQUEST_BYTES 2048

static int unrelated, endpoint;
static struct sockaddr_in unrelated_address, endpoint_address;
static char request[REQUEST_BYTES];
static struct logtap_sink_object *sink;

/* Datagrams: what nobody reads is dropped, and a call always costs the same. */
static int connected(struct sockaddr_in *to, const char *address, int port)
{
	int listener = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t bytes = sizeof *to;

	*to = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_port = htons((uint16_t)port)};
	inet_pton(AF_INET, address, &to->sin_addr);
	/* several workers, one address */
	setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
	if (listener < 0 || bind(listener, (void *)to, sizeof *to) != 0 ||
	    getsockname(listener, (void *)to, &bytes) != 0 ||
	    connect(fd, (void *)to, sizeof *to) != 0)
		bench_die("cannot make a socket");
	return fd;
}

static void run_send(long count)
{
	for (long i = 0; i < count; i++)
		if (send(unrelated, bench_line, BENCH_LINE_BYTES, 0) < 0)
			bench_die("send fails");
}

static void run_export(long count)
{
	for (long i = 0; i < count; i++)
		if (send(endpoint, bench_line, BENCH_LINE_BYTES, 0) < 0)
			bench_die("send fails");
}

static void run_export_large(long count)
{
	for (long i = 0; i < count; i++)
		if (send(endpoint, request, sizeof request, 0) < 0)
			bench_die("send fails");
}

static void connect_again(int fd, const struct sockaddr_in *to, long count)
{
	for (long i = 0; i < count; i++)
		if (connect(fd, (const void *)to, sizeof *to) != 0)
			bench_die("connect fails");
}

static void run_connect(long count)
{
	connect_again(unrelated, &unrelated_address, count);
}

static void run_connect_export(long count)
{
	connect_again(endpoint, &endpoint_address, count);
}

static void run_write(long count)
{
	for (long i = 0; i < count; i++)
		if (write(2, bench_line, BENCH_LINE_BYTES) != BENCH_LINE_BYTES)
			bench_die("write fails");
}

static void write_inside(void *unused, const struct logtap_event_view *event)
{
	(void)unused;
	(void)event;
	run_write(1);
}

static void nothing_inside(void *unused, const struct logtap_event_view *event)
{
	(void)unused;
	(void)event;
}

static void emit(logtap_sink_function *function, long count)
{
	sink = logtap_sink_callback_new(function, NULL);
	uint64_t token = logtap_sink_push(sink);

	for (long i = 0; i < count; i++)
		logtap_event(LOGTAP_INFO, "bench", "step", LOGTAP_END);
	(void)logtap_sink_pop(token);
	(void)logtap_sink_free(sink);
}

static void run_handled(long count)
{
	emit(nothing_inside, count);
}

static void run_reentered(long count)
{
	emit(write_inside, count);
}

const struct bench_operation bench_operations[] = {
	{"send", run_send, NULL},
	{"export", run_export, NULL},
	{"export_large", run_export_large, NULL},
	{"connect", run_connect, NULL},
	{"connect_export", run_connect_export, NULL},
	{"write", run_write, NULL},
	{"handled", run_handled, NULL},
	{"reentered", run_reentered, NULL},
	{NULL, NULL, NULL},
};

int main(void)
{
	memset(request, 'x', sizeof request);
	unrelated = connected(&unrelated_address, "127.0.0.1", 0);
	endpoint = connected(&endpoint_address, ENDPOINT, ENDPOINT_PORT);
	return bench_serve();
}
