/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * POSTs bodies to one URL over connections that are kept, with libcurl.
 *
 * A client belongs to one thread, except logtap_http_client_stop_by().
 * Certificates of https are verified; redirects are not followed; a proxy is
 * used only where the usual variables (https_proxy, no_proxy, ...) say so.
 */
#ifndef LOGTAP_EXPORT_HTTP_CLIENT_H
#define LOGTAP_EXPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "otlp_config.h"

struct logtap_http_client;

enum {
	LOGTAP_HTTP_BODY_BYTES = 16 * 1024,	      /* of an answer, kept */
	LOGTAP_HTTP_BODY_MAX_BYTES = 4 * 1024 * 1024, /* of an answer, read */
};

enum logtap_http_result {
	LOGTAP_HTTP_ANSWERED,
	LOGTAP_HTTP_NO_ANSWER, /* @answer->error says why */
	LOGTAP_HTTP_STOPPED,   /* the time of stop_by() has come */
};

struct logtap_http_answer {
	long status;
	int64_t retry_after_ms; /* -1: the receiver did not say */
	char content_type[64];
	unsigned char body[LOGTAP_HTTP_BODY_BYTES];
	size_t body_bytes;
	char error[256];
	struct logtap_connection connection; /* that was used */
};

/**
 * logtap_http_client_new() - make a client for @config's URL
 * @config:       borrowed, outlives the client
 * @content_type: of what is POSTed; a constant
 * @gzip:         bodies come compressed by gzip
 * Return: 0, or a negative errno value with @error.
 */
int logtap_http_client_new(const struct logtap_otlp_config *config,
			   const char *content_type, bool gzip,
			   struct logtap_http_client **out, char *error,
			   size_t error_bytes);
void logtap_http_client_free(struct logtap_http_client *client);

/* Blocks until there is an answer, the configured time is over, or stop_by()'s
 * time has come.  @headers: for this one alone, "NAME: VALUE", @header_count of
 * them, at most LOGTAP_EXPORT_HEADERS. */
enum logtap_http_result logtap_http_client_post(
	struct logtap_http_client *client, const void *body, size_t bytes,
	char (*headers)[LOGTAP_EXPORT_HEADER_BYTES], size_t header_count,
	struct logtap_http_answer *answer);

/* From any thread: no post goes on after @deadline_ns (CLOCK_MONOTONIC). */
void logtap_http_client_stop_by(struct logtap_http_client *client,
				uint64_t deadline_ns);

#endif
