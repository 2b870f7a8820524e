/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies a part of a ring and checks the copy: see ring_private.h.  Runs in the
 * reader's thread.
 *
 * From a mapping it is copied in pieces of a few KiB, and each is checked while
 * it is in the nearest cache: the way from one chunk to the next is through its
 * length, and each step of it waits for a load.
 */
#include "../base/chunk.h"
#include "ring_map.h"
#include "ring_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What a large block is a multiple of, so that its padding is at a piece's end. */
enum { PIECE_BYTES = 8 << 10 };

enum step {
	STEP_ON,
	STEP_CUT,    /* the copy ends inside a chunk */
	STEP_BROKEN, /* no chunk can be here */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Up to the end of the block. */
static uint64_t room_at(const struct logtap_ring_pass *pass, uint64_t position)
{
	uint64_t block = logtap_ring_block_bytes(pass->source->capacity);
	return block - (position & (block - 1));
}

/* Something is left out here: moves what was kept before it together with what
 * was kept before that. */
static void end_stretch(struct logtap_ring_pass *pass, uint64_t next)
{
	uint64_t bytes = pass->position - pass->stretch;
	unsigned char *data = pass->window->data;
	unsigned char *to = data + pass->taken->bytes;
	unsigned char *from = data + (pass->stretch - pass->shift);
	if (bytes && to != from)
		memmove(to, from, bytes);
	pass->taken->bytes += (uint32_t)bytes;
	pass->stretch = next;
}

static inline bool is_known(const struct logtap_chunk *chunk)
{
	return chunk->type < LOGTAP_CHUNK_TYPES &&
	       chunk->extension_bytes <= chunk->length &&
	       !(chunk->extension_bytes % 4);
}

/* A ring's sequence only rises; what does not was here before. */
static inline bool is_new(const struct logtap_chunk *chunk, uint32_t last)
{
	return (int32_t)(chunk->sequence - last) > 0;
}

/* Return: whether it is kept. */
static bool keep_chunk(struct logtap_ring_pass *pass,
		       const struct logtap_chunk *chunk, uint64_t span)
{
	struct logtap_ring_taken *taken = pass->taken;
	if (!is_known(chunk)) {
		taken->unknown++;
		return false;
	}
	if (pass->has_last && !is_new(chunk, pass->last_sequence)) {
		taken->stale++;
		return false;
	}
	pass->has_last = true;
	pass->last_sequence = taken->last_sequence = chunk->sequence;
	pass->window->ends[taken->chunks++] = pass->position + span;
	taken->payload_bytes += chunk->length - chunk->extension_bytes;
	return true;
}

/* The chunks from here on that are whole, captured bytes, and to be kept: all, as
 * a rule. */
static void keep_usual(struct logtap_ring_pass *pass)
{
	struct logtap_ring_taken *taken = pass->taken;
	const unsigned char *at =
		pass->window->data + (pass->position - pass->shift);
	uint64_t position = pass->position;
	uint64_t left = least(pass->copied - position, room_at(pass, position));
	uint64_t *ends = pass->window->ends + taken->chunks;
	uint32_t last = pass->last_sequence;
	if (!pass->has_last)
		return;
	while (left >= LOGTAP_CHUNK_HEADER_BYTES) {
		struct logtap_chunk chunk = logtap_chunk_load(at);
		uint64_t span = logtap_chunk_span(chunk.length);
		if (span > left || chunk.type != LOGTAP_CHUNK_DATA ||
		    !is_known(&chunk) || !is_new(&chunk, last))
			break;
		at += span;
		left -= span;
		*ends++ = position += span;
		last = chunk.sequence;
		taken->payload_bytes += chunk.length - chunk.extension_bytes;
	}
	if (position == pass->position)
		return;
	taken->chunks = (uint32_t)(ends - pass->window->ends);
	pass->last_sequence = taken->last_sequence = last;
	pass->position = position;
}

/* @cut: of a chunk of which only the beginning was copied, all its bytes. */
static enum step step_over(struct logtap_ring_pass *pass, uint64_t *cut)
{
	uint64_t capacity = pass->source->capacity;
	uint64_t room = room_at(pass, pass->position);
	uint64_t left = pass->copied - pass->position;
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
		pass->window->data + (pass->position - pass->shift));
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

/* Copies the next piece, or all if that is a system call.  Return: 0,
 * LOGTAP_RING_BROKEN, or LOGTAP_RING_EMPTY when the producer has overwritten some
 * of it meanwhile; of the first piece, all. */
static int fetch(struct logtap_ring_pass *pass, const char **why)
{
	const struct logtap_ring_source *source = pass->source;
	uint64_t from = pass->copied, bytes = pass->limit - from;
	if (source->map)
		bytes = least(bytes, PIECE_BYTES - from % PIECE_BYTES);
	if (!copy_out(source, pass->window->data + (from - pass->shift),
		      from & (source->capacity - 1), bytes)) {
		*why = "its file was cut short";
		return LOGTAP_RING_BROKEN;
	}
	/* pairs with the producer's fence between raising the floor and
	 * overwriting: bytes that changed under the copy lie below it */
	atomic_thread_fence(memory_order_acquire);
	uint64_t floor = atomic_load_explicit(&source->producer->floor,
					      memory_order_relaxed);
	if (floor >= from + bytes || (floor > from && from != pass->start))
		return LOGTAP_RING_EMPTY;
	if (floor > from)
		pass->position = pass->stretch = floor;
	pass->copied = from + bytes;
	return 0;
}

/* What is kept of a whole piece is moved together, and the next is copied to
 * behind it. */
static int fetch_next(struct logtap_ring_pass *pass, const char **why)
{
	if (pass->position >= pass->copied) {
		end_stretch(pass, pass->position);
		pass->shift = pass->position - pass->taken->bytes;
		pass->copied = pass->position;
	}
	return fetch(pass, why);
}

/* The pass is over.  @step: the last one; @cut: see step_over(). */
static int finish(struct logtap_ring_pass *pass, enum step step, uint64_t begin,
		  uint64_t cut, const char **why)
{
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
	int error = logtap_window_grow(pass->window, cut);
	return error ? error : -EAGAIN;
}

int logtap_ring_pass(struct logtap_ring_pass *pass, uint64_t limit,
		     const char **why)
{
	enum step step = STEP_ON;
	uint64_t cut = 0;
	pass->limit = limit;
	pass->copied = pass->position = pass->stretch = pass->start;
	pass->shift = pass->start;
	int result = fetch(pass, why);
	uint64_t begin = pass->position;
	while (!result && step != STEP_BROKEN && pass->position < limit) {
		if (step == STEP_CUT || pass->position >= pass->copied) {
			if (pass->copied >= limit)
				break;
			result = fetch_next(pass, why);
			if (result)
				break;
		}
		keep_usual(pass);
		step = pass->position < pass->copied ? step_over(pass, &cut)
						     : STEP_ON;
	}
	if (result == LOGTAP_RING_BROKEN || (result && pass->position == begin))
		return result;
	return finish(pass, step, begin, cut, why);
}
