/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt to send a batch over HTTP: see the header.  An exporter's worker
 * thread. */
#include "otlp_sender.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "encode.h"
#include "gzip.h"
#include "http_client.h"
#include "otlp_response.h"

struct logtap_otlp_sender {
	const struct logtap_otlp_config *config;
	struct logtap_http_client *client;
	struct logtap_gzip *gzip; /* NULL: none */
	struct logtap_bytes encoded;
	struct logtap_bytes compressed;
	size_t records; /* loaded */
	struct logtap_http_answer answer;
};

int logtap_otlp_sender_new(const struct logtap_otlp_config *config,
			   struct logtap_otlp_sender **out, char *error,
			   size_t error_bytes)
{
	const char *type = config->protocol == LOGTAP_OTLP_JSON
				   ? "application/json"
				   : "application/x-protobuf";
	struct logtap_otlp_sender *sender = calloc(1, sizeof(*sender));
	int failed = sender ? 0 : -ENOMEM;
	*out = NULL;
	error[0] = 0;
	if (!failed && config->gzip) {
		sender->gzip = logtap_gzip_new();
		failed = sender->gzip ? 0 : -ENOMEM;
	}
	if (!failed)
		failed = logtap_http_client_new(config, type, config->gzip,
						&sender->client, error,
						error_bytes);
	if (failed) {
		if (!error[0])
			snprintf(error, error_bytes,
				 "export by OTLP: %s: no memory; free some "
				 "and start again",
				 config->name);
		logtap_otlp_sender_free(sender);
		return failed;
	}
	sender->config = config;
	*out = sender;
	return 0;
}

void logtap_otlp_sender_free(struct logtap_otlp_sender *sender)
{
	if (!sender)
		return;
	logtap_http_client_free(sender->client);
	logtap_gzip_free(sender->gzip);
	logtap_bytes_deinit(&sender->encoded);
	logtap_bytes_deinit(&sender->compressed);
	free(sender);
}

static int encode(struct logtap_otlp_sender *sender,
		  const struct logtap_batch *batch)
{
	sender->records += logtap_batch_records(batch);
	return sender->config->protocol == LOGTAP_OTLP_JSON
		       ? logtap_encode_logs_json(batch, &sender->encoded)
		       : logtap_encode_logs(batch, &sender->encoded);
}

int logtap_otlp_sender_load(struct logtap_otlp_sender *sender,
			    struct logtap_batch *const *batches, size_t count)
{
	int failed = 0;
	sender->records = 0;
	sender->encoded.size = 0;
	/* Messages of repeated fields alone, one behind the other, are one. */
	for (size_t i = 0; !failed && i < count; i++)
		failed = encode(sender, batches[i]);
	if (!failed && sender->gzip)
		failed = logtap_gzip_compress(sender->gzip, &sender->encoded,
					      &sender->compressed);
	return failed;
}

int logtap_otlp_sender_load_encoded(struct logtap_otlp_sender *sender,
				    const struct logtap_bytes *encoded,
				    size_t items)
{
	sender->records = items;
	sender->encoded.size = 0;
	int failed = logtap_bytes_append(&sender->encoded, encoded->data,
					 encoded->size);
	if (!failed && sender->gzip)
		failed = logtap_gzip_compress(sender->gzip, &sender->encoded,
					      &sender->compressed);
	return failed;
}

static void judge_taken(const struct logtap_otlp_sender *sender,
			struct logtap_otlp_attempt *out)
{
	const struct logtap_http_answer *answer = &sender->answer;
	struct logtap_otlp_response response;
	/* A body that is not understood takes nothing back of the 2xx. */
	logtap_otlp_response_taken(&response, answer->content_type,
				   answer->body, answer->body_bytes);
	out->verdict = LOGTAP_OTLP_TAKEN;
	out->rejected = response.rejected < sender->records
				? (size_t)response.rejected
				: sender->records;
	snprintf(out->message, sizeof(out->message), "%s", response.message);
}

static void judge_not_taken(const struct logtap_otlp_sender *sender,
			    struct logtap_otlp_attempt *out)
{
	const struct logtap_http_answer *answer = &sender->answer;
	struct logtap_otlp_response response;
	logtap_otlp_response_refused(&response, answer->content_type,
				     answer->body, answer->body_bytes);
	snprintf(out->message, sizeof(out->message), "HTTP status %ld%s%s",
		 answer->status, response.message[0] ? ": " : "",
		 response.message);
	switch (answer->status) {
	case 429:
	case 502:
	case 503:
	case 504:
		out->verdict = LOGTAP_OTLP_AGAIN;
		out->after_ms = answer->retry_after_ms;
		break;
	default: /* redirects too: they are not followed */
		out->verdict = LOGTAP_OTLP_REFUSED;
	}
}

static enum logtap_http_result post(struct logtap_otlp_sender *sender,
				    const struct logtap_batch *batch,
				    unsigned destination)
{
	const struct logtap_export_tap *tap = sender->config->tap;
	const struct logtap_bytes *body =
		sender->gzip ? &sender->compressed : &sender->encoded;
	char headers[LOGTAP_EXPORT_HEADERS][LOGTAP_EXPORT_HEADER_BYTES];
	size_t count = 0;

	if (tap)
		count = tap->begin(tap->context, destination, batch, headers);
	enum logtap_http_result result =
		logtap_http_client_post(sender->client, body->data, body->size,
					headers, count, &sender->answer);
	if (!tap)
		return result;
	const struct logtap_export_end end = {
		.answered = result == LOGTAP_HTTP_ANSWERED,
		.taken = result == LOGTAP_HTTP_ANSWERED &&
			 sender->answer.status / 100 == 2,
		.status = sender->answer.status,
		.bytes = sender->encoded.size,
		.connection = sender->answer.connection,
	};
	tap->end(tap->context, destination, batch, &end);
	return result;
}

void logtap_otlp_sender_send(struct logtap_otlp_sender *sender,
			     const struct logtap_batch *batch,
			     unsigned destination,
			     struct logtap_otlp_attempt *out)
{
	*out = (struct logtap_otlp_attempt){.bytes = sender->encoded.size,
					    .after_ms = -1};
	switch (post(sender, batch, destination)) {
	case LOGTAP_HTTP_ANSWERED:
		if (sender->answer.status / 100 == 2)
			judge_taken(sender, out);
		else
			judge_not_taken(sender, out);
		break;
	case LOGTAP_HTTP_NO_ANSWER:
		out->verdict = LOGTAP_OTLP_AGAIN;
		snprintf(out->message, sizeof(out->message), "%s",
			 sender->answer.error);
		break;
	case LOGTAP_HTTP_STOPPED:
		out->verdict = LOGTAP_OTLP_STOPPED;
		snprintf(out->message, sizeof(out->message),
			 "no answer in the time left");
		break;
	}
}

void logtap_otlp_sender_stop_by(struct logtap_otlp_sender *sender,
				uint64_t deadline_ns)
{
	logtap_http_client_stop_by(sender->client, deadline_ns);
}
