/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Those who follow /logs/stream.
 *
 * A stream is a cursor over the logs registry and the few lines that are on
 * their way.  It has no queue: a client that is slow, or that pauses by not
 * reading, costs nothing and delays nobody.  The registry goes on, and when the
 * client reads again it is told how many records were gone by then.
 *
 * The endpoint's thread fills and sends (stream.c).  A stream that has nothing
 * to send is suspended; the waker, a thread of its own, waits for the registry
 * and resumes those.  @lock covers the list and each stream's waiting and due_ns.
 */
#ifndef LOGTAP_ADMIN_FOLLOWERS_H
#define LOGTAP_ADMIN_FOLLOWERS_H

#include "../base/bytes.h"
#include "request.h"

#include <pthread.h>

struct stream {
	struct stream *next, **link;
	struct logtap_followers *all;
	struct MHD_Connection *connection;
	struct logtap_query query;
	uint64_t cursor; /* all up to it was sent or left out */
	uint64_t due_ns; /* of the next sign of life */
	bool begun;
	bool ended;
	bool waiting; /* its connection is suspended */
	struct logtap_bytes out;
	size_t sent; /* of it */
	size_t charged;
};

struct logtap_followers {
	struct logtap_admin *admin;
	size_t max;
	pthread_t waker;
	pthread_mutex_t lock;
	struct stream *first;
	size_t count;
	bool ending;
	bool stopped; /* the waker is to end */
};

/* Return: false: there are too many. */
bool logtap_followers_join(struct logtap_followers *streams,
			   struct stream *stream);
void logtap_followers_leave(struct stream *stream);

#endif
