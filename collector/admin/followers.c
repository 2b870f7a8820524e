/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who follows the stream, and their waker: see the header.  Any thread of the
 * endpoint. */
#include "followers.h"

#include "../base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { WAKE_MS = 1000, END_MS = 1000, END_STEP_MS = 5 };

bool logtap_followers_join(struct logtap_followers *all, struct stream *stream)
{
	pthread_mutex_lock(&all->lock);
	bool fits = all->count < all->max && !all->ending;
	if (fits) {
		stream->link = &all->first;
		stream->next = all->first;
		if (stream->next)
			stream->next->link = &stream->next;
		all->first = stream;
		all->count++;
	}
	pthread_mutex_unlock(&all->lock);
	return fits;
}

void logtap_followers_leave(struct stream *stream)
{
	struct logtap_followers *all = stream->all;

	pthread_mutex_lock(&all->lock);
	*stream->link = stream->next;
	if (stream->next)
		stream->next->link = stream->link;
	all->count--;
	pthread_mutex_unlock(&all->lock);
}

/* @all: even those that have nothing new to hear. */
static void wake(struct logtap_followers *streams, uint64_t newest, bool all)
{
	uint64_t now = logtap_clock_monotonic_ns();

	pthread_mutex_lock(&streams->lock);
	for (struct stream *at = streams->first; at; at = at->next) {
		if (!at->waiting ||
		    (!all && at->cursor >= newest && now < at->due_ns))
			continue;
		at->waiting = false;
		MHD_resume_connection(at->connection);
	}
	pthread_mutex_unlock(&streams->lock);
}

static void *work(void *context)
{
	struct logtap_followers *streams = context;
	uint64_t seen = 0;
	bool stopped, ending;

	do {
		seen = logtap_logs_wait(streams->admin->options.logs, seen,
					WAKE_MS);
		pthread_mutex_lock(&streams->lock);
		stopped = streams->stopped;
		ending = streams->ending;
		pthread_mutex_unlock(&streams->lock);
		wake(streams, seen, ending);
	} while (!stopped);
	return NULL;
}

struct logtap_followers *logtap_followers_new(struct logtap_admin *admin,
					      size_t max)
{
	struct logtap_followers *streams = calloc(1, sizeof(*streams));
	sigset_t everything, before;

	if (!streams)
		return NULL;
	streams->admin = admin;
	streams->max = max;
	pthread_mutex_init(&streams->lock, NULL);
	/* signals are the main thread's */
	sigfillset(&everything);
	pthread_sigmask(SIG_SETMASK, &everything, &before);
	int failed = pthread_create(&streams->waker, NULL, work, streams);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!failed)
		return streams;
	pthread_mutex_destroy(&streams->lock);
	free(streams);
	return NULL;
}

static size_t count(struct logtap_followers *streams)
{
	pthread_mutex_lock(&streams->lock);
	size_t found = streams->count;
	pthread_mutex_unlock(&streams->lock);
	return found;
}

void logtap_followers_end(struct logtap_followers *streams)
{
	const struct timespec step = {.tv_nsec = END_STEP_MS * 1000000};

	if (!streams)
		return;
	pthread_mutex_lock(&streams->lock);
	streams->ending = true;
	pthread_mutex_unlock(&streams->lock);
	logtap_logs_interrupt(streams->admin->options.logs);
	for (int left = END_MS / END_STEP_MS; left && count(streams); left--)
		nanosleep(&step, NULL);
	pthread_mutex_lock(&streams->lock);
	streams->stopped = true;
	pthread_mutex_unlock(&streams->lock);
	logtap_logs_interrupt(streams->admin->options.logs);
	pthread_join(streams->waker, NULL);
	/* one that was suspended meanwhile would be so for ever */
	wake(streams, 0, true);
}

void logtap_followers_free(struct logtap_followers *streams)
{
	if (!streams)
		return;
	pthread_mutex_destroy(&streams->lock);
	free(streams);
}
