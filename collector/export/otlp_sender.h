/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One attempt at a time: encodes a batch, sends it, and says what the answer
 * means.  No retries, no threads, no log: that is the exporter's.
 *
 * A sender belongs to one thread, except logtap_otlp_sender_stop_by().
 */
#ifndef LOGTAP_EXPORT_OTLP_SENDER_H
#define LOGTAP_EXPORT_OTLP_SENDER_H

#include "../base/bytes.h"
#include "batch.h"
#include "otlp_config.h"

struct logtap_otlp_sender;

enum logtap_otlp_verdict {
	LOGTAP_OTLP_TAKEN,   /* but @rejected of its records */
	LOGTAP_OTLP_REFUSED, /* for good: sending it again is no use */
	LOGTAP_OTLP_AGAIN,   /* later */
	LOGTAP_OTLP_STOPPED, /* the time of stop_by() has come */
};

struct logtap_otlp_attempt {
	enum logtap_otlp_verdict verdict;
	size_t rejected;
	size_t bytes;	  /* of the request's body, before compression */
	int64_t after_ms; /* what the receiver asked for; -1: nothing */
	/* Why it was not taken, or what the receiver said with it; one line of
	 * UTF-8, may be empty. */
	char message[320];
};

/* @config: borrowed, outlives the sender.  Return: 0, or a negative errno value
 * with @error. */
int logtap_otlp_sender_new(const struct logtap_otlp_config *config,
			   struct logtap_otlp_sender **out, char *error,
			   size_t error_bytes);
void logtap_otlp_sender_free(struct logtap_otlp_sender *sender);

/* Encodes (and compresses) @count batches as one request, to be sent as often as
 * needed; more than one in protobuf alone.  Return: 0 or -ENOMEM. */
int logtap_otlp_sender_load(struct logtap_otlp_sender *sender,
			    struct logtap_batch *const *batches, size_t count);
/* The same of what is encoded already, in protobuf; @items: how many a receiver
 * may reject of it. */
int logtap_otlp_sender_load_encoded(struct logtap_otlp_sender *sender,
				    const struct logtap_bytes *encoded,
				    size_t items);
/* Sends what was loaded; @batch and @destination (its number) are
 * for the tap. */
void logtap_otlp_sender_send(struct logtap_otlp_sender *sender,
			     const struct logtap_batch *batch,
			     unsigned destination,
			     struct logtap_otlp_attempt *out);
/* From any thread: no send goes on after @deadline_ns (CLOCK_MONOTONIC). */
void logtap_otlp_sender_stop_by(struct logtap_otlp_sender *sender,
				uint64_t deadline_ns);

#endif
