/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks into rings, the less common ways: see the header.  Runs under the
 * guard in any thread; system calls only where capture.h allows them. */
#include "put.h"

#include "../arch/syscall.h"
#include "../bytes.h"
#include "../ring/clock.h"
#include "../segment/claim.h"
#include "counters.h"
#include "message_items.h"

#define WAIT_STEP_NS 100000

/* Where gathering has come to. */
struct source {
	const struct iovec *part;
	const struct iovec *end;
	size_t left_in_part;
};

static void gather(struct source *source, unsigned char *to, size_t bytes)
{
	while (bytes) {
		if (!source->left_in_part) {
			if (++source->part >= source->end)
				break; /* changed by another thread */
			source->left_in_part = source->part->iov_len;
			continue;
		}
		size_t take = source->left_in_part < bytes
				      ? source->left_in_part
				      : bytes;
		const unsigned char *from = source->part->iov_base;
		from += source->part->iov_len - source->left_in_part;
		logtap_bytes_copy(to, from, take);
		to += take;
		bytes -= take;
		source->left_in_part -= take;
	}
	__builtin_memset(to, 0, bytes);
}

static bool keep_oldest(const struct logtap_tls *tls)
{
	/* What was diverted is nowhere else, unlike the newest, which is written
	 * when there is no room. */
	if (logtap_state.config.mode == LOGTAP_MODE_DIVERT)
		return true;
	switch (logtap_state.config.full) {
	case LOGTAP_FULL_DROP_OLDEST:
		return false;
	case LOGTAP_FULL_AUTO:
		return logtap_claim_has_collector(tls);
	default:
		return true;
	}
}

/* A while, without a system call if a filter may forbid it. */
static void pause_a_while(void)
{
	struct timespec step = {0, WAIT_STEP_NS};

	if (!logtap_filtered()) {
		logtap_sys2(SYS_nanosleep, (long)&step, 0);
		return;
	}
	for (int i = 0; i < 1000; i++)
#if defined(__x86_64__)
		__builtin_ia32_pause();
#else
		__asm__ volatile("yield");
#endif
}

void logtap_put_wait(struct logtap_tls *tls, uint64_t need)
{
	uint64_t start = logtap_clock_ns(CLOCK_MONOTONIC_COARSE), waited = 0;

	/* Without a clock there is no deadline: then it does not wait.  Nobody
	 * makes room in a child that was forked in the middle of this. */
	while (start && logtap_guard_kept(tls) &&
	       waited < logtap_state.config.block_ns &&
	       logtap_writer_free(&tls->rings->main) < need &&
	       logtap_claim_has_collector(tls)) {
		pause_a_while();
		waited = logtap_clock_ns(CLOCK_MONOTONIC_COARSE) - start;
	}
	logtap_count(tls, LOGTAP_COUNTER_BLOCKED_NS, waited);
}

unsigned char *logtap_put_make_room(struct logtap_tls *tls, bool nested,
				    uint64_t span, uint64_t *end)
{
	struct logtap_writer *writer =
		nested ? &tls->rings->nested : &tls->rings->main;

	if (span > writer->block)
		return NULL;
	if (logtap_state.config.full == LOGTAP_FULL_BLOCK && !nested) {
		logtap_put_wait(tls, logtap_writer_need(writer, span));
	} else if (!keep_oldest(tls)) {
		logtap_count(tls, LOGTAP_COUNTER_OVERWROTE, 1);
		logtap_writer_overwrite(writer, span);
	}
	return logtap_writer_reserve(writer, span, end);
}

/* The largest payload of the next chunk: what is left of the block if that is
 * worth a header, else a whole block. */
static size_t piece_of(const struct logtap_writer *writer, size_t left,
		       size_t extension)
{
	uint64_t room = writer->block - (writer->head & (writer->block - 1));
	uint64_t header = LOGTAP_CHUNK_HEADER_BYTES + extension;
	uint64_t most = writer->block - header;

	if (left > most && room >= 4 * header)
		most = room - header;
	return left < most ? left : (size_t)most;
}

/* The rest of a call is lost: one chunk that takes a sequence number. */
static void drop(struct logtap_tls *tls, size_t left, bool nested, bool began)
{
	logtap_put_number(tls, tls->rings->slot, left);
	logtap_count(tls,
		     nested ? LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS
			    : LOGTAP_COUNTER_DROPPED_CHUNKS,
		     1);
	logtap_count(tls,
		     nested ? LOGTAP_COUNTER_NESTED_DROPPED_BYTES
			    : LOGTAP_COUNTER_DROPPED_BYTES,
		     left);
	if (began)
		logtap_count(tls, LOGTAP_COUNTER_TRUNCATED, 1);
}

/* How much is kept of a call: what can never fit shall not fill the ring, for
 * then the lines behind it would be lost, too. */
static size_t worth_keeping(const struct logtap_tls *tls,
			    const struct logtap_writer *writer, size_t length)
{
	if (length <= writer->capacity - writer->block ||
	    logtap_state.config.full == LOGTAP_FULL_BLOCK || !keep_oldest(tls))
		return length;
	return writer->capacity / 2;
}

/* The extension of a chunk that holds what is at @offset in a call of @bytes. */
static void put_extension(unsigned char *at, const struct logtap_stamp *stamp,
			  uint16_t own, uint64_t bytes, uint64_t offset)
{
	struct logtap_piece piece = {bytes, offset};

	logtap_bytes_copy(at, stamp->extension, own);
	if (own < stamp->extension_bytes)
		logtap_item_put(at + own, LOGTAP_EXTENSION_PIECE, &piece,
				sizeof piece);
}

static bool put(struct logtap_tls *tls, struct logtap_stamp stamp,
		const struct iovec *parts, size_t count, size_t given,
		bool nested)
{
	struct source source = {parts, parts + count, parts->iov_len};
	struct logtap_writer *writer =
		nested ? &tls->rings->nested : &tls->rings->main;
	uint64_t length = given + stamp.missing;
	size_t keep = worth_keeping(tls, writer, given);
	size_t left = keep;
	uint16_t own = stamp.extension_bytes;
	uint16_t item = piece_of(writer, left, own) < length
				? LOGTAP_PIECE_ITEM_BYTES
				: 0;

	do {
		stamp.extension_bytes = (uint16_t)(own + item);
		size_t extension = stamp.extension_bytes;
		size_t piece = piece_of(writer, left, extension);
		uint64_t span = logtap_chunk_span(extension + piece), end;
		unsigned char *at = logtap_writer_reserve(writer, span, &end);

		if (!at)
			at = logtap_put_make_room(tls, nested, span, &end);
		if (!at) {
			drop(tls, length - keep + left, nested, left < keep);
			return false;
		}
		stamp.flags &= (uint8_t)~LOGTAP_CHUNK_PARTIAL;
		if (piece < left)
			stamp.flags |= LOGTAP_CHUNK_PARTIAL;
		else if (keep < length)
			stamp.flags |= LOGTAP_CHUNK_TRUNCATED;
		logtap_put_header(tls, tls->rings, at, &stamp,
				  extension + piece);
		at += LOGTAP_CHUNK_HEADER_BYTES;
		put_extension(at, &stamp, own, length, keep - left);
		gather(&source, at + extension, piece);
		if (nested)
			logtap_count(tls, LOGTAP_COUNTER_NESTED_CHUNKS, 1);
		logtap_writer_publish(writer, end);
		logtap_writer_settle(writer);
		left -= piece;
		stamp.flags |= LOGTAP_CHUNK_CONTINUED;
		own = 0;
	} while (left);
	if (keep == length)
		return true;
	drop(tls, length - keep, nested, true);
	return false;
}

bool logtap_put(struct logtap_tls *tls, const struct logtap_stamp *stamp,
		const struct iovec *parts, size_t count, size_t length)
{
	return count && put(tls, *stamp, parts, count, length, false);
}

bool logtap_put_nested(struct logtap_tls *tls, const struct logtap_stamp *stamp,
		       const struct iovec *parts, size_t count, size_t length)
{
	struct logtap_stamp nested = *stamp;

	nested.flags |= LOGTAP_CHUNK_NESTED;
	return count && put(tls, nested, parts, count, length, true);
}

void logtap_put_cut(struct logtap_tls *tls, size_t left, bool nested)
{
	drop(tls, left, nested, true);
}

void logtap_put_lost(struct logtap_tls *tls, size_t length, bool nested)
{
	drop(tls, length, nested, false);
}

void logtap_put_refused(struct logtap_tls *tls, size_t length)
{
	drop(tls, length, true, false);
}

void logtap_put_open_room_slowly(struct logtap_tls *tls, size_t length)
{
	struct logtap_writer *writer = &tls->rings->main;
	uintptr_t frame = LOGTAP_STACK_POINTER();

	if (logtap_guard_is_held(tls, frame))
		return;
	if (length + length / 4 + writer->block > logtap_writer_free(writer))
		logtap_claim_grow(tls, 2 * length + writer->block, frame);
}

void logtap_put_attend(struct logtap_tls *tls)
{
	struct logtap_writer *writer = &tls->rings->main;

	if (tls->guard || tls->life != LOGTAP_LIVE)
		return;
	writer->pressed = false; /* until the next look at the tail */
	if (logtap_writer_free(writer) <= writer->capacity / 2)
		logtap_claim_grow(tls, 0, LOGTAP_STACK_POINTER());
	tls->rings->main.pressed = false;
}
