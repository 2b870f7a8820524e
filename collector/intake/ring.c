/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The consumer's side of a ring: see the header.  Runs in the reader's thread.
 *
 * The producer may be anything, so positions that it stores are only compared
 * with ours, and no byte is looked at but in the private copy.
 */
#include "ring.h"

#include "../base/chunk.h"
#include "ring_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int window_grow(struct logtap_window *window, uint64_t bytes)
{
	return bytes <= window->room ? 0 : window_resize(window, bytes);
}

/* One pass over a copied window. */
struct pass {
	const struct logtap_ring_source *source;
	struct logtap_window *window;
	uint64_t start; /* position of the window's first byte */
	uint64_t end;	/* of the copy */
	uint64_t head;
	uint64_t position;
	uint64_t stretch; /* since here all was kept and is not moved yet */
	uint32_t last_sequence;
	bool has_last;
	struct logtap_ring_taken *taken;
};

enum step {
	STEP_ON,
	STEP_CUT,    /* the copy ends inside a chunk */
	STEP_BROKEN, /* no chunk can be here */
};

/* Something is left out here: moves what was kept before it together with what
 * was kept before that. */
static void end_stretch(struct pass *pass, uint64_t next)
{
	uint64_t bytes = pass->position - pass->stretch;
	unsigned char *data = pass->window->data;
	unsigned char *to = data + pass->taken->bytes;
	unsigned char *from = data + (pass->stretch - pass->start);
	if (bytes && to != from)
		memmove(to, from, bytes);
	pass->taken->bytes += (uint32_t)bytes;
	pass->stretch = next;
}

/* Return: whether it is kept. */
static inline bool keep_chunk(struct pass *pass,
			      const struct logtap_chunk *chunk, uint64_t span)
{
	struct logtap_ring_taken *taken = pass->taken;
	if (chunk->type >= LOGTAP_CHUNK_TYPES ||
	    chunk->extension_bytes > chunk->length ||
	    chunk->extension_bytes % 4) {
		taken->unknown++;
		return false;
	}
	/* A ring's sequence only rises; what does not was here before. */
	if (pass->has_last &&
	    (int32_t)(chunk->sequence - pass->last_sequence) <= 0) {
		taken->stale++;
		return false;
	}
	pass->has_last = true;
	pass->last_sequence = taken->last_sequence = chunk->sequence;
	pass->window->ends[taken->chunks++] = pass->position + span;
	taken->payload_bytes += chunk->length - chunk->extension_bytes;
	return true;
}

/* @cut: of a chunk of which only the beginning was copied, all its bytes. */
static inline enum step step_over(struct pass *pass, uint64_t *cut)
{
	uint64_t capacity = pass->source->capacity;
	uint64_t block = logtap_ring_block_bytes(capacity);
	uint64_t room = block - (pass->position & (block - 1));
	uint64_t left = pass->end - pass->position;
	if (room < LOGTAP_CHUNK_HEADER_BYTES) {
		if (room > pass->head - pass->position)
			return STEP_BROKEN;
		end_stretch(pass, pass->position + room);
		pass->position += room;
		return STEP_ON;
	}
	if (pass->head - pass->position < LOGTAP_CHUNK_HEADER_BYTES)
		return STEP_BROKEN;
	if (left < LOGTAP_CHUNK_HEADER_BYTES)
		return STEP_CUT;
	struct logtap_chunk chunk = logtap_chunk_load(
		pass->window->data + (pass->position - pass->start));
	uint64_t span = logtap_chunk_span(chunk.length);
	bool pad = chunk.type == LOGTAP_CHUNK_PAD;
	if (pad)
		room = capacity - (pass->position & (capacity - 1));
	if (chunk.type == LOGTAP_CHUNK_NONE || span > room ||
	    span > pass->head - pass->position)
		return STEP_BROKEN;
	if (!pad && span > left) {
		*cut = span;
		return STEP_CUT;
	}
	if (pad || !keep_chunk(pass, &chunk, span))
		end_stretch(pass, pass->position + span);
	pass->position += span;
	return STEP_ON;
}

/* Copies [offset, offset + bytes) of a ring.  Return: false when its file does
 * not have them. */
static bool copy_out(const struct logtap_ring_source *source,
		     unsigned char *data, uint64_t offset, uint64_t bytes)
{
	if (source->map &&
	    logtap_ring_map_copy(source->map, data, offset, bytes))
		return true;
	uint64_t got = 0;
	while (got < bytes) {
		ssize_t part = pread(source->fd, data + got, bytes - got,
				     (off_t)(source->offset + offset + got));
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return false;
		got += (uint64_t)part;
	}
	return true;
}

/* Copies [start, start + bytes) and finds what of it is still whole.
 * Return: 0, LOGTAP_RING_BROKEN, or LOGTAP_RING_EMPTY when the producer has
 * overwritten all of it meanwhile. */
static int copy_window(struct pass *pass, uint64_t bytes, const char **why)
{
	const struct logtap_ring_source *source = pass->source;
	uint64_t offset = pass->start & (source->capacity - 1);
	if (!copy_out(source, pass->window->data, offset, bytes)) {
		*why = "its file was cut short";
		return LOGTAP_RING_BROKEN;
	}
	/* pairs with the producer's fence between raising the floor and
	 * overwriting: bytes that changed under the copy lie below it */
	atomic_thread_fence(memory_order_acquire);
	uint64_t floor = atomic_load_explicit(&source->producer->floor,
					      memory_order_relaxed);
	pass->end = pass->start + bytes;
	pass->position = floor > pass->start ? floor : pass->start;
	return pass->position >= pass->end ? LOGTAP_RING_EMPTY : 0;
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
static int find_start(struct pass *pass, uint64_t tail, const char **why)
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

static int parse(struct pass *pass, const char **why)
{
	uint64_t begin = pass->position, cut = 0;
	enum step step = STEP_ON;
	pass->stretch = begin;
	while (pass->position < pass->end && step == STEP_ON)
		step = step_over(pass, &cut);
	if (pass->position > pass->stretch)
		end_stretch(pass, pass->position);
	pass->taken->to = pass->position;
	if (step == STEP_ON || pass->position > begin)
		return 0;
	if (step == STEP_BROKEN) {
		*why = "a chunk in it is malformed";
		return LOGTAP_RING_BROKEN;
	}
	/* The first chunk alone is larger than the window. */
	int error = window_grow(pass->window, cut);
	return error ? error : -EAGAIN;
}

int logtap_ring_take(const struct logtap_ring_source *source,
		     const struct logtap_frame_ring *state,
		     struct logtap_window *window,
		     struct logtap_ring_taken *taken, const char **why)
{
	struct pass pass = {.source = source, .window = window, .taken = taken};
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
		result = copy_window(&pass, bytes, why);
		if (!result)
			result = parse(&pass, why);
		if (result != -EAGAIN && result != LOGTAP_RING_EMPTY)
			return result;
	}
	return LOGTAP_RING_EMPTY;
}
