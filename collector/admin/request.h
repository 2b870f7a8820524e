/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One request to the admin endpoint and its reply: what the files of this
 * folder share.  Not for others.  The endpoint's thread.
 */
#ifndef LOGTAP_ADMIN_REQUEST_H
#define LOGTAP_ADMIN_REQUEST_H

#include "../base/bytes.h"
#include "address.h"
#include "admin.h"
#include "query.h"

#include <microhttpd.h>
#include <pthread.h>

struct logtap_followers; /* stream.c */

struct logtap_admin {
	struct logtap_admin_options options;
	struct logtap_address address;
	char *token; /* NULL: none is asked for */
	struct MHD_Daemon *daemon;
	char instance[40];	   /* tells collectors apart */
	atomic_size_t reply_bytes; /* that clients have not taken yet */
	_Atomic uint64_t beat_ns;  /* CLOCK_MONOTONIC */
	struct logtap_followers *followers;
	pthread_mutex_t lock;
	char *status; /* under the lock; NULL: none yet */
};

enum { LOGTAP_REPLY_HEADERS = 12 };

struct logtap_reply {
	unsigned status;
	const char *type; /* a constant */
	struct logtap_bytes body;
	struct {
		const char *name; /* a constant */
		char value[48];
	} headers[LOGTAP_REPLY_HEADERS];
	size_t header_count;
	struct MHD_Response *stream; /* in place of the body; or NULL */
};

__attribute__((format(printf, 3, 4))) void logtap_reply_header(
	struct logtap_reply *reply, const char *name, const char *format, ...);
/* A line of text for a person, in place of what was in the body. */
__attribute__((format(printf, 3, 4))) void logtap_reply_text(
	struct logtap_reply *reply, unsigned status, const char *format, ...);
/* Appends to the body.  Return: 0 or -ENOMEM. */
__attribute__((format(printf, 2, 3))) int logtap_reply_print(
	struct logtap_bytes *body, const char *format, ...);

/* May the client ask?  Return: true, or false with the reply that says why. */
bool logtap_admin_allows(const struct logtap_admin *admin,
			 struct MHD_Connection *connection, const char *path,
			 struct logtap_reply *reply);

/* The parameters of the page @path.  Return: true, or false with the reply that
 * says what is wrong. */
bool logtap_request_query(struct MHD_Connection *connection, const char *path,
			  struct logtap_query *query,
			  struct logtap_reply *reply);

/* The reply of /logs to a query that is in order. */
void logtap_logs_answer(const struct logtap_admin *admin,
			struct logtap_query *query, struct logtap_reply *reply);

/* Clients that follow: an own thread wakes them when there are records, so that
 * whoever adds records does not.  Return: NULL without memory or a thread. */
struct logtap_followers *logtap_followers_new(struct logtap_admin *admin,
					      size_t max);
/* Lets them take what there is, for a moment, and ends them.  Before the server
 * is stopped. */
void logtap_followers_end(struct logtap_followers *streams);
void logtap_followers_free(struct logtap_followers *streams);

/* The pages. */
typedef void logtap_page_fn(struct logtap_admin *admin,
			    struct MHD_Connection *connection,
			    struct logtap_reply *reply);
logtap_page_fn logtap_page_index, logtap_page_style, logtap_page_script,
	logtap_page_logs, logtap_page_stream, logtap_page_metrics,
	logtap_page_status, logtap_page_livez, logtap_page_readyz,
	logtap_page_loops, logtap_action_loops;

#endif
