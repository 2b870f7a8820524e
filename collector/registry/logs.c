/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The logs registry: see the header.  Any thread, under one mutex that is held
 * for moving pointers only. */
#include "logs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct logtap_logs {
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool interrupted;
	struct logtap_logs_limits limits;
	struct logtap_logs_state state;
	size_t first; /* where oldest_seq is */
	struct logtap_log_entry *entries[];
};

/* How many are taken under the lock at a time. */
enum { PIECE = 256 };

int logtap_logs_new(const struct logtap_logs_limits *limits,
		    struct logtap_logs **out)
{
	struct logtap_logs *logs;

	if (!limits->records || !limits->bytes)
		return -EINVAL;
	if (limits->records > (SIZE_MAX - sizeof(*logs)) / sizeof(void *))
		return -ENOMEM;
	logs = calloc(1, sizeof(*logs) + limits->records * sizeof(void *));
	if (!logs)
		return -ENOMEM;
	pthread_condattr_t attributes;
	pthread_mutex_init(&logs->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&logs->news, &attributes);
	pthread_condattr_destroy(&attributes);
	logs->limits = *limits;
	*out = logs;
	return 0;
}

static struct logtap_log_entry **at(struct logtap_logs *logs, uint64_t index)
{
	size_t place = logs->first + (size_t)index;

	if (place >= logs->limits.records)
		place -= logs->limits.records;
	return &logs->entries[place];
}

void logtap_logs_free(struct logtap_logs *logs)
{
	if (!logs)
		return;
	for (size_t i = 0; i < logs->state.retained_records; i++)
		logtap_log_entry_unref(*at(logs, i));
	pthread_cond_destroy(&logs->news);
	pthread_mutex_destroy(&logs->lock);
	free(logs);
}

static void evict(struct logtap_logs *logs)
{
	struct logtap_log_entry *entry = *at(logs, 0);

	logs->state.retained_bytes -= entry->bytes;
	logs->state.retained_records--;
	logs->state.dropped_on_retention++;
	logs->state.oldest_seq++;
	if (++logs->first == logs->limits.records)
		logs->first = 0;
	logtap_log_entry_unref(entry);
}

static void push(struct logtap_logs *logs, struct logtap_log_entry *entry)
{
	struct logtap_logs_state *state = &logs->state;

	while (state->retained_records == logs->limits.records ||
	       state->retained_bytes > logs->limits.bytes - entry->bytes)
		evict(logs);
	entry->seq = ++state->newest_seq;
	*at(logs, state->retained_records) = entry;
	if (!state->retained_records++)
		state->oldest_seq = entry->seq;
	state->retained_bytes += entry->bytes;
}

void logtap_logs_add(struct logtap_logs *logs, const struct logtap_batch *batch)
{
	size_t count = logtap_batch_records(batch);
	uint64_t serial = logtap_batch_serial(batch);
	struct logtap_log_entry *piece[PIECE];

	for (size_t done = 0; done < count;) {
		size_t n = 0,
		       taken = count - done < PIECE ? count - done : PIECE;
		for (size_t i = 0; i < taken; i++) {
			struct logtap_record record;
			logtap_batch_record(batch, done + i, &record);
			piece[n] = logtap_log_entry_new(&record);
			if (piece[n] && piece[n]->bytes > logs->limits.bytes)
				logtap_log_entry_unref(piece[n]);
			else if (piece[n])
				n++;
		}
		pthread_mutex_lock(&logs->lock);
		logs->state.dropped_on_ingest += taken - n;
		for (size_t i = 0; i < n; i++) {
			piece[i]->batch = serial;
			push(logs, piece[i]);
		}
		pthread_mutex_unlock(&logs->lock);
		done += taken;
	}
	pthread_cond_signal(&logs->news);
}

static struct logtap_logs_state state_of(const struct logtap_logs *logs)
{
	struct logtap_logs_state state = logs->state;

	if (!state.retained_records)
		state.oldest_seq = 0;
	return state;
}

struct logtap_logs_state logtap_logs_state(struct logtap_logs *logs)
{
	pthread_mutex_lock(&logs->lock);
	struct logtap_logs_state state = state_of(logs);
	pthread_mutex_unlock(&logs->lock);
	return state;
}

uint64_t logtap_logs_wait(struct logtap_logs *logs, uint64_t seq,
			  unsigned wait_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&logs->lock);
	while (logs->state.newest_seq <= seq && !logs->interrupted &&
	       !pthread_cond_timedwait(&logs->news, &logs->lock, &until))
		;
	uint64_t newest = logs->state.newest_seq;
	logs->interrupted = false;
	pthread_mutex_unlock(&logs->lock);
	return newest;
}

void logtap_logs_interrupt(struct logtap_logs *logs)
{
	pthread_mutex_lock(&logs->lock);
	logs->interrupted = true;
	pthread_mutex_unlock(&logs->lock);
	pthread_cond_signal(&logs->news);
}

/* Takes those numbered @from to @to that are there, PIECE at most: the first
 * ones, or with @last the last ones.  Return: how many. */
static size_t take(struct logtap_logs *logs, uint64_t from, uint64_t to,
		   bool last, struct logtap_log_entry **piece,
		   struct logtap_logs_state *state)
{
	size_t count = 0;

	pthread_mutex_lock(&logs->lock);
	*state = state_of(logs);
	if (from < state->oldest_seq)
		from = state->oldest_seq;
	if (to > state->newest_seq)
		to = state->newest_seq;
	if (state->retained_records && from <= to) {
		count = to - from < PIECE ? (size_t)(to - from) + 1 : PIECE;
		uint64_t first = last ? to - count + 1 : from;
		for (size_t i = 0; i < count; i++)
			piece[i] = logtap_log_entry_ref(
				*at(logs, first + i - state->oldest_seq));
	}
	pthread_mutex_unlock(&logs->lock);
	return count;
}

static bool is_full(const struct logtap_logs_query *query,
		    const struct logtap_logs_page *page)
{
	return page->count == query->limit ||
	       (query->max_bytes && page->bytes >= query->max_bytes);
}

static void keep(struct logtap_logs_page *page, struct logtap_log_entry *entry)
{
	page->entries[page->count++] = entry;
	page->bytes += entry->bytes;
}

static void drop_piece(struct logtap_log_entry **piece, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		logtap_log_entry_unref(piece[i]);
}

static void read_forward(struct logtap_logs *logs,
			 const struct logtap_logs_query *query,
			 struct logtap_logs_page *page)
{
	struct logtap_log_entry *piece[PIECE];
	struct logtap_logs_state now;
	uint64_t to = UINT64_MAX, cursor = query->after;
	size_t count;

	while (!is_full(query, page) &&
	       (count = take(logs, cursor + 1, to, false, piece, &now))) {
		if (to == UINT64_MAX) /* what comes meanwhile comes next time */
			to = now.newest_seq;
		if (piece[0]->seq > cursor + 1 && !page->truncated_before_seq)
			page->truncated_before_seq = piece[0]->seq;
		size_t i = 0;
		for (; i < count && !is_full(query, page); i++) {
			cursor = piece[i]->seq;
			if (logtap_logs_matches(&query->filter,
						&piece[i]->record))
				keep(page, piece[i]);
			else
				logtap_log_entry_unref(piece[i]);
		}
		drop_piece(piece, i, count);
	}
	page->next_seq = cursor;
}

static void read_backward(struct logtap_logs *logs,
			  const struct logtap_logs_query *query,
			  struct logtap_logs_page *page)
{
	struct logtap_log_entry *piece[PIECE];
	struct logtap_logs_state now;
	uint64_t to = page->state.newest_seq;
	size_t count;

	page->next_seq = to;
	while (!is_full(query, page) && to &&
	       (count = take(logs, 1, to, true, piece, &now))) {
		size_t left = count;
		to = piece[0]->seq - 1;
		while (left && !is_full(query, page)) {
			struct logtap_log_entry *entry = piece[--left];
			if (logtap_logs_matches(&query->filter, &entry->record))
				keep(page, entry);
			else
				logtap_log_entry_unref(entry);
		}
		drop_piece(piece, 0, left);
	}
	for (size_t i = 0; i < page->count / 2; i++) {
		struct logtap_log_entry *swap = page->entries[i];
		page->entries[i] = page->entries[page->count - 1 - i];
		page->entries[page->count - 1 - i] = swap;
	}
}

int logtap_logs_read(struct logtap_logs *logs,
		     const struct logtap_logs_query *query,
		     struct logtap_logs_page *page)
{
	*page = (struct logtap_logs_page){0};
	page->entries = calloc(query->limit + 1, sizeof(*page->entries));
	if (!page->entries)
		return -ENOMEM;
	page->state = logtap_logs_state(logs);
	if (!query->has_after)
		read_backward(logs, query, page);
	else if (query->after < page->state.newest_seq)
		read_forward(logs, query, page);
	else
		page->next_seq = page->state.newest_seq;
	/* as it was when the last of them was there */
	page->state = logtap_logs_state(logs);
	return 0;
}

void logtap_logs_page_deinit(struct logtap_logs_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		logtap_log_entry_unref(page->entries[i]);
	free(page->entries);
	*page = (struct logtap_logs_page){0};
}
