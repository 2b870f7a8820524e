/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The collector's side of a session: lines of JSON on a socket (run/sidecar.h
 * has the protocol).  Main thread. */
#include "../../base/log.h"
#include "collector.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* No message to us is longer. */
enum { INPUT_BYTES_MAX = 65536, SEND_MS = 5000 };

static void end_session(struct logtap_collector *collector)
{
	close(collector->session_fd);
	collector->session_fd = -1;
	collector->finish = true;
}

static bool send_all(int fd, const char *data, size_t bytes)
{
	while (bytes) {
		ssize_t sent = send(fd, data, bytes, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			struct pollfd poller = {.fd = fd, .events = POLLOUT};
			if (poll(&poller, 1, SEND_MS) <= 0)
				return false;
			continue;
		}
		if (sent < 0)
			return false;
		data += sent;
		bytes -= (size_t)sent;
	}
	return true;
}

void logtap_session_send(struct logtap_collector *collector, json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	json_decref(message);
	if (collector->session_fd >= 0 &&
	    (!text || !send_all(collector->session_fd, text, strlen(text)) ||
	     !send_all(collector->session_fd, "\n", 1))) {
		logtap_log(LOGTAP_LOG_WARN, "session",
			   "the supervisor does not listen");
		end_session(collector);
	}
	free(text);
}

void logtap_session_summarize(struct logtap_collector *collector)
{
	json_t *summary = logtap_collector_summary(collector);
	logtap_session_send(collector,
			    summary ? json_pack("{s:o}", "summary", summary)
				    : NULL);
}

static void take_child(struct logtap_collector *collector,
		       const json_t *message)
{
	struct logtap_collect_child *child = &collector->child;
	const json_t *bytes = json_object_get(message, "error_bytes");
	const char *executable =
		json_string_value(json_object_get(message, "executable"));
	child->pid =
		(uint32_t)json_integer_value(json_object_get(message, "pid"));
	snprintf(child->executable, sizeof(child->executable), "%s",
		 executable ? executable : "");
	child->metered = bytes != NULL;
	child->error_bytes = (uint64_t)json_integer_value(bytes);
}

static void take_line(struct logtap_collector *collector, const char *line,
		      size_t bytes)
{
	json_t *message = json_loadb(line, bytes, 0, NULL);
	if (json_is_true(json_object_get(message, "finish"))) {
		take_child(collector, message);
		collector->finish = true;
	}
	json_decref(message);
}

void logtap_session_receive(struct logtap_collector *collector)
{
	struct logtap_bytes *input = &collector->input;
	if (collector->session_fd < 0)
		return;
	if (logtap_bytes_reserve(input, 512)) {
		end_session(collector);
		return;
	}
	ssize_t got = recv(collector->session_fd, input->data + input->size,
			   512, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		end_session(collector);
		return;
	}
	input->size += (size_t)got;
	unsigned char *end;
	while (input->size && (end = memchr(input->data, '\n', input->size))) {
		size_t line = (size_t)(end - input->data);
		take_line(collector, (const char *)input->data, line);
		input->size -= line + 1;
		memmove(input->data, end + 1, input->size);
	}
	if (input->size > INPUT_BYTES_MAX)
		end_session(collector);
}
