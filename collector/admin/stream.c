/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /logs/stream: records as they come.  The endpoint's thread fills and sends; a
 * stream that has nothing to send is suspended until followers.c resumes it.
 */
#include "../base/clock.h"
#include "followers.h"
#include "request.h"
#include "stream_text.h"

#include <stdlib.h>
#include <string.h>

enum {
	FILL_RECORDS = 64,
	FILL_BYTES = 16 << 10,
	/* a larger buffer does not stay */
	KEEP_BYTES = 4 * FILL_BYTES,
	/* of a client that takes nothing */
	STALL_SECONDS = 60,
};

/* So often a client hears something, or it is found to be gone. */
#define ALIVE_NS UINT64_C(15000000000)

static int put_word(struct stream *stream, const char *word, uint64_t missed,
		    const struct logtap_logs_state *state)
{
	const struct logtap_stream_word said = {
		.word = word,
		.instance = stream->all->admin->instance,
		.next_seq = stream->cursor,
		.missed = missed,
		.state = state,
	};

	return logtap_stream_put_word(&stream->out, stream->query.format,
				      &said);
}

static int put_page(struct stream *stream, const struct logtap_logs_page *page)
{
	uint64_t before = stream->cursor;
	int error = 0;

	stream->cursor = page->next_seq;
	if (page->truncated_before_seq)
		error = put_word(stream, "missed",
				 page->truncated_before_seq - before - 1,
				 &page->state);
	for (size_t i = 0; !error && i < page->count; i++)
		error = logtap_stream_put_record(
			&stream->out, stream->query.format, page->entries[i]);
	return error;
}

/* Where to begin: so that the last ones asked for come first. */
static int begin(struct stream *stream)
{
	struct logtap_logs *logs = stream->all->admin->options.logs;
	struct logtap_logs_state state = logtap_logs_state(logs);
	struct logtap_logs_page page;

	stream->begun = true;
	if (stream->query.read.has_after) {
		stream->cursor = stream->query.read.after < state.newest_seq
					 ? stream->query.read.after
					 : state.newest_seq;
	} else if (!stream->query.read.limit) {
		stream->cursor = state.newest_seq;
	} else {
		int error = logtap_logs_read(logs, &stream->query.read, &page);
		if (error)
			return error;
		stream->cursor =
			page.count ? page.entries[0]->seq - 1 : page.next_seq;
		logtap_logs_page_deinit(&page);
	}
	stream->query.read.has_after = true;
	stream->query.read.limit = FILL_RECORDS;
	stream->query.read.max_bytes = FILL_BYTES;
	return put_word(stream, "begin", 0, &state);
}

/* Return: 0 or -ENOMEM; the buffer is empty when there is nothing to say. */
static int fill(struct stream *stream)
{
	struct logtap_logs *logs = stream->all->admin->options.logs;
	struct logtap_logs_page page;
	int error = stream->begun ? 0 : begin(stream);
	bool more = true;

	while (!error && more && stream->out.size < FILL_BYTES) {
		stream->query.read.after = stream->cursor;
		error = logtap_logs_read(logs, &stream->query.read, &page);
		if (error)
			break;
		error = put_page(stream, &page);
		more = stream->cursor < page.state.newest_seq;
		logtap_logs_page_deinit(&page);
	}
	return error;
}

/* Its buffer counts among the replies that wait for clients. */
static void charge(struct stream *stream)
{
	struct logtap_admin *admin = stream->all->admin;
	size_t capacity = stream->out.capacity;

	atomic_fetch_add(&admin->reply_bytes, capacity - stream->charged);
	stream->charged = capacity;
}

static ssize_t take(struct stream *stream, char *to, size_t max)
{
	size_t left = stream->out.size - stream->sent;
	size_t taken = left < max ? left : max;

	memcpy(to, stream->out.data + stream->sent, taken);
	stream->sent += taken;
	if (stream->sent < stream->out.size)
		return (ssize_t)taken;
	stream->sent = stream->out.size = 0;
	if (stream->out.capacity > KEEP_BYTES)
		logtap_bytes_deinit(&stream->out);
	charge(stream);
	return (ssize_t)taken;
}

/* With nothing to send: the last word, a sign of life, or to sleep.
 * Return: true: there is something to send after all. */
static bool rest(struct stream *stream, int *error)
{
	struct logtap_followers *all = stream->all;
	struct logtap_logs_state state =
		logtap_logs_state(all->admin->options.logs);
	bool more = true;

	pthread_mutex_lock(&all->lock);
	if (state.newest_seq > stream->cursor) {
		more = true;
	} else if (all->ending) {
		stream->ended = true;
		*error = put_word(stream, "end", 0, &state);
	} else if (logtap_clock_monotonic_ns() >= stream->due_ns) {
		*error = put_word(stream, "alive", 0, &state);
	} else {
		more = false;
		stream->waiting = true;
		MHD_suspend_connection(stream->connection);
	}
	pthread_mutex_unlock(&all->lock);
	return more;
}

/* libmicrohttpd wants more of the body. */
static ssize_t on_pull(void *context, uint64_t position, char *to, size_t max)
{
	struct stream *stream = context;
	int error = 0;

	(void)position;
	while (!stream->out.size && !error) {
		if (stream->ended)
			return MHD_CONTENT_READER_END_OF_STREAM;
		error = fill(stream);
		if (!error && !stream->out.size && !rest(stream, &error))
			return 0;
	}
	charge(stream);
	if (error)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	stream->due_ns = logtap_clock_monotonic_ns() + ALIVE_NS;
	return take(stream, to, max);
}

static void on_gone(void *context)
{
	struct stream *stream = context;

	logtap_followers_leave(stream);
	logtap_bytes_deinit(&stream->out);
	charge(stream);
	free(stream);
}

/* What a browser's EventSource says when it comes again. */
static void read_last_event(struct MHD_Connection *connection,
			    struct logtap_query *query)
{
	const char *last = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, "Last-Event-ID");
	struct logtap_query again = {.given = 0};

	if (last && !logtap_query_set(&again, "after", last)) {
		query->read.has_after = true;
		query->read.after = again.read.after;
	}
}

static const char *type_of(enum logtap_logs_format format)
{
	switch (format) {
	case LOGTAP_LOGS_EVENTS:
		return "text/event-stream";
	case LOGTAP_LOGS_TEXT:
		return "text/plain; charset=utf-8";
	default:
		return "application/x-ndjson";
	}
}

static void refuse(struct logtap_reply *reply, const char *why)
{
	logtap_reply_header(reply, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
			  "logtap: /logs/stream: %s", why);
}

void logtap_page_stream(struct logtap_admin *admin,
			struct MHD_Connection *connection,
			struct logtap_reply *reply)
{
	const char *accept = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		refuse(reply, "out of memory");
		return;
	}
	stream->all = admin->followers;
	stream->connection = connection;
	stream->due_ns = logtap_clock_monotonic_ns() + ALIVE_NS;
	logtap_query_init(&stream->query, true);
	if (accept && !strncmp(accept, "text/event-stream", 17))
		stream->query.format = LOGTAP_LOGS_EVENTS;
	if (!logtap_request_query(connection, "/logs/stream", &stream->query,
				  reply)) {
		free(stream);
		return;
	}
	read_last_event(connection, &stream->query);
	reply->type = type_of(stream->query.format);
	if (!logtap_followers_join(admin->followers, stream)) {
		free(stream);
		refuse(reply, "too many clients follow; try again");
		return;
	}
	reply->stream = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, FILL_BYTES, on_pull, stream, on_gone);
	if (!reply->stream) {
		on_gone(stream);
		refuse(reply, "out of memory");
		return;
	}
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  (unsigned)STALL_SECONDS);
}
