/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The consumer's side of a ring: see the header.  Runs in the reader's thread.
 *
 * The producer may be anything, so positions that it stores are only compared
 * with ours, and no byte is looked at but in the private copy.
 */
#include "ring_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OVERTAKEN_TRIES = 4 };

static int window_resize(struct logtap_window *window, uint64_t bytes)
{
	unsigned char *data = realloc(window->data, bytes);
	if (!data)
		return -ENOMEM;
	window->data = data;
	size_t chunks = bytes / LOGTAP_CHUNK_HEADER_BYTES + 1;
	uint64_t *ends = realloc(window->ends, chunks * sizeof(*ends));
	if (!ends)
		return -ENOMEM;
	window->ends = ends;
	window->room = bytes;
	return 0;
}

int logtap_window_init(struct logtap_window *window)
{
	memset(window, 0, sizeof(*window));
	return window_resize(window, LOGTAP_WINDOW_BYTES);
}

void logtap_window_deinit(struct logtap_window *window)
{
	free(window->data);
	free(window->ends);
	memset(window, 0, sizeof(*window));
}

int logtap_window_grow(struct logtap_window *window, uint64_t bytes)
{
	return bytes <= window->room ? 0 : window_resize(window, bytes);
}

/* Head and floor as one look finds them.  The producer may run on between the
 * two loads, so that they do not belong together: then the next look finds
 * others. */
struct positions {
	uint64_t head;
	uint64_t floor;
};

static struct positions look(const struct logtap_ring_producer *producer)
{
	struct positions found;
	/* pairs with the producer's release: the chunks before the head, and
	 * the floor that was raised for them */
	found.head =
		atomic_load_explicit(&producer->head, memory_order_acquire);
	found.floor =
		atomic_load_explicit(&producer->floor, memory_order_acquire);
	return found;
}

/* What is wrong with them; NULL: nothing. */
static const char *wrong_with(const struct positions *at, uint64_t start,
			      uint64_t capacity)
{
	if (start > at->head)
		return "its floor is above its head";
	if (at->head % LOGTAP_CHUNK_ALIGN || start % LOGTAP_CHUNK_ALIGN)
		return "its positions are not aligned";
	if (at->head - start > capacity)
		return "its head is more than a ring ahead";
	return NULL;
}

/* Where to begin.  Return: 0, or a positive enum logtap_ring_result. */
static int find_start(struct logtap_ring_pass *pass, uint64_t tail,
		      const char **why)
{
	const struct logtap_ring_source *source = pass->source;
	struct positions at = look(source->producer), before;
	if (at.head == tail)
		return LOGTAP_RING_EMPTY;
	if (at.head < tail)
		return LOGTAP_RING_ROLLED_BACK;
	for (int try = 0; try < OVERTAKEN_TRIES; try++) {
		pass->head = at.head;
		pass->start = at.floor > tail ? at.floor : tail;
		*why = wrong_with(&at, pass->start, source->capacity);
		if (!*why)
			return pass->start == at.head ? LOGTAP_RING_EMPTY : 0;
		before = at;
		at = look(source->producer);
		if (at.head == before.head && at.floor == before.floor)
			return LOGTAP_RING_BROKEN; /* and stays so */
	}
	return LOGTAP_RING_EMPTY; /* later */
}

int logtap_ring_take(const struct logtap_ring_source *source,
		     const struct logtap_frame_ring *state,
		     struct logtap_window *window,
		     struct logtap_ring_taken *taken, const char **why)
{
	struct logtap_ring_pass pass = {
		.source = source, .window = window, .taken = taken};
	for (int try = 0; try < OVERTAKEN_TRIES; try++) {
		memset(taken, 0, sizeof(*taken));
		pass.has_last = state->has_last;
		pass.last_sequence = state->last_sequence;
		int result = find_start(&pass, state->to, why);
		if (result)
			return result;
		taken->from = pass.start;
		taken->waiting = pass.head - pass.start;
		uint64_t bytes = taken->waiting;
		uint64_t to_end = source->capacity -
				  (pass.start & (source->capacity - 1));
		if (bytes > to_end)
			bytes = to_end;
		if (bytes > window->room)
			bytes = window->room;
		result = logtap_ring_pass(&pass, pass.start + bytes, why);
		if (result != -EAGAIN && result != LOGTAP_RING_EMPTY)
			return result;
	}
	return LOGTAP_RING_EMPTY;
}
