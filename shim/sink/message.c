/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted messages: see the header.  The reservation is invisible to the
 * collector until it is published, so libc formats right into the ring; the
 * guard sends a handler that interrupts this to the nested ring.  Runs in the
 * host's threads. */
#include "message.h"

#include "../api/captured.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../feedback/evidence.h"
#include "../feedback/stack.h"
#include "../guard/guard.h"
#include "../segment/claim.h"
#include "at_once.h"
#include "counters.h"
#include "format.h"
#include "message_items.h"
#include "put.h"

#include <errno.h>
#include <sys/mman.h>

#define TEXT_BYTES_FIRST 512

struct job {
	struct logtap_frame frame;
	struct logtap_tls *tls;
	const struct logtap_message *message;
	uint8_t flags; /* more of them */
	bool nested;
};

/* The item at @at that says of how long a text a chunk holds the beginning.
 * Return: its bytes. */
static uint16_t say_cut(unsigned char *at, struct logtap_stamp *stamp,
			size_t bytes)
{
	struct logtap_piece piece = {bytes, 0};

	stamp->flags |= LOGTAP_CHUNK_TRUNCATED;
	logtap_item_put(at, LOGTAP_EXTENSION_PIECE, &piece, sizeof piece);
	return LOGTAP_PIECE_ITEM_BYTES;
}

/* Formats into one chunk with room for @want bytes of text.  @cut: 0, or what
 * the text has and the chunk cannot hold: then its beginning is stored.
 * Return: bytes that the text has; it is stored if that is < @want... or less
 * than what the block had room for.  -1: the ring is full. */
static int one_chunk(const struct job *job, size_t want, size_t cut,
		     const char *format, va_list arguments, bool *stored)
{
	struct logtap_tls *tls = job->tls;
	struct logtap_writer *writer =
		job->nested ? &tls->rings->nested : &tls->rings->main;
	struct logtap_stamp stamp = job->message->stamp;
	size_t head = LOGTAP_CHUNK_HEADER_BYTES + LOGTAP_ITEMS_BYTES_MAX;

	if (want > writer->block - head) /* the smallest rings */
		want = writer->block - head;
	uint64_t span = logtap_chunk_span(LOGTAP_ITEMS_BYTES_MAX + want), end,
		 start;
	unsigned char *at = NULL;
	size_t room;

	*stored = false;
	if (span <= writer->block)
		at = logtap_writer_reserve(writer, span, &end);
	if (!at)
		at = logtap_put_make_room(tls, job->nested, span, &end);
	if (!at)
		return -1;
	start = end - span;
	/* All that is free up to the end of the block. */
	room = writer->block - (start & (writer->block - 1));
	if (room > writer->bound - start)
		room = writer->bound - start;
	stamp.flags |= job->flags;
	stamp.extension_bytes = logtap_items_put(
		tls, job->message, at + LOGTAP_CHUNK_HEADER_BYTES);
	if (cut)
		stamp.extension_bytes += say_cut(
			at + LOGTAP_CHUNK_HEADER_BYTES + stamp.extension_bytes,
			&stamp, cut);
	head = LOGTAP_CHUNK_HEADER_BYTES + stamp.extension_bytes;
	room -= head;
	int size =
		logtap_format((char *)at + head, room,
			      job->message->errno_at_call, format, arguments);
	if (size < 0 || ((size_t)size >= room && !cut))
		return size < 0 ? -1 : size;
	if ((size_t)size >= room) /* without its NUL */
		size = (int)room - 1;
	size_t length = stamp.extension_bytes + (size_t)size;
	logtap_put_header(tls, tls->rings, at, &stamp, length);
	if (job->nested)
		logtap_count(tls, LOGTAP_COUNTER_NESTED_CHUNKS, 1);
	logtap_writer_publish(writer, start + logtap_chunk_span(length));
	if (cut)
		logtap_put_cut(tls, cut - (size_t)size, job->nested);
	*stored = true;
	return size;
}

static bool put_text(const struct job *job, const struct iovec *text)
{
	unsigned char items[LOGTAP_ITEMS_BYTES_MAX];
	struct logtap_stamp stamp = job->message->stamp;

	stamp.flags |= job->flags;
	stamp.extension = items;
	stamp.extension_bytes = logtap_items_put(job->tls, job->message, items);
	return job->nested
		       ? logtap_put_nested(job->tls, &stamp, text, 1,
					   text->iov_len)
		       : logtap_put(job->tls, &stamp, text, 1, text->iov_len);
}

/* No memory to format it in: what a block holds, half of one at least. */
static bool beginning(const struct job *job, size_t size, const char *format,
		      va_list arguments)
{
	const struct logtap_rings *rings = job->tls->rings;
	size_t block = job->nested ? rings->nested.block : rings->main.block;
	bool whole = size + LOGTAP_CHUNK_HEADER_BYTES + LOGTAP_ITEMS_BYTES_MAX <
		     block;
	bool stored;

	one_chunk(job, whole ? size + 1 : block / 2, whole ? 0 : size, format,
		  arguments, &stored);
	if (!stored)
		logtap_put_lost(job->tls, size, job->nested);
	return stored && whole;
}

/* Larger than a block: formatted aside, then stored in pieces. */
static bool large(struct job *job, size_t size, const char *format,
		  va_list arguments)
{
	int error = job->message->errno_at_call;
	long memory = -ENOSYS;
	struct iovec text;
	bool stored;

	if (!job->nested) { /* nobody holds the guard but we */
		logtap_guard_open(job->tls);
		logtap_put_open_room(job->tls, size);
		logtap_guard_enter(job->tls, &job->frame, LOGTAP_PHASE_COPY);
	}
	if (!logtap_sealed())
		memory = logtap_sys6(SYS_mmap, 0, (long)size + 1,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory < 0 && memory > -4096)
		return beginning(job, size, format, arguments);
	text = (struct iovec){(void *)memory, size};
	logtap_format(text.iov_base, size + 1, error, format, arguments);
	stored = put_text(job, &text);
	logtap_sys2(SYS_munmap, memory, (long)size + 1);
	return stored;
}

/* The blocks of a thread's first ring are small: who has a text that fits in
 * none moves on.  Return: false if not, or to where is no more room either. */
static bool widen(struct job *job)
{
	struct logtap_tls *tls = job->tls;
	bool wide;

	if (job->nested ||
	    tls->rings->main.capacity >= LOGTAP_RING_BYTES_SECOND)
		return false;
	/* this may have done it already */
	logtap_put_leave(tls, &job->frame);
	wide = tls->rings->main.capacity >= LOGTAP_RING_BYTES_SECOND ||
	       logtap_claim_grow(tls, 0, LOGTAP_STACK_POINTER());
	logtap_guard_close(tls, &job->frame, LOGTAP_PHASE_COPY);
	return wide;
}

/* one_chunk(), of a ring that may be exchanged for it. */
static int one_chunk_at_last(struct job *job, size_t want, const char *format,
			     va_list arguments, bool *stored)
{
	int size = one_chunk(job, want, 0, format, arguments, stored);

	if (*stored || size < 0 || !widen(job))
		return size;
	return one_chunk(job, want, 0, format, arguments, stored);
}

static bool format_job(struct job *job, const char *format, va_list arguments)
{
	size_t want = job->nested ? 64 : TEXT_BYTES_FIRST;
	bool stored;
	char none;
	int size = one_chunk_at_last(job, want, format, arguments, &stored);

	if (stored)
		return true;
	if (size >= 0)
		return large(job, (size_t)size, format, arguments);
	/* No room, or libc cannot format it: one chunk lost. */
	size = logtap_format(&none, sizeof none, job->message->errno_at_call,
			     format, arguments);
	logtap_put_lost(job->tls, size > 0 ? (size_t)size : 0, job->nested);
	return false;
}

/* For a thread that may record.  Return: false if not this deep. */
static bool job_begin(struct job *job, const struct logtap_message *message)
{
	uint32_t reason;

	job->tls = &logtap_tls;
	logtap_put_open_room(job->tls, 2 * TEXT_BYTES_FIRST);
	reason = logtap_stack_prepare(job->tls, &message->stamp, NULL);
	switch (logtap_guard_enter(job->tls, &job->frame, LOGTAP_PHASE_COPY)) {
	case LOGTAP_ENTER_MAIN:
		if (reason)
			logtap_stack_put(job->tls, &message->stamp, reason);
		job->nested = false;
		break;
	case LOGTAP_ENTER_NESTED:
		job->nested = true;
		break;
	case LOGTAP_ENTER_DEEP:
		logtap_put_refused(job->tls, 0);
		logtap_put_leave(job->tls, &job->frame);
		return false;
	case LOGTAP_ENTER_CALLBACK:
		logtap_count(job->tls, LOGTAP_COUNTER_REENTRANT, 1);
		logtap_evidence_reentry(job->tls, LOGTAP_EVIDENCE_IN_CALLBACK,
					0);
		return false;
	}
	job->message = message;
	job->flags = job->nested ? LOGTAP_CHUNK_NESTED : 0;
	return true;
}

static inline bool is_ready(struct logtap_tls *tls)
{
	return logtap_at_once_may(tls) || logtap_capture_ready(tls, 0);
}

void logtap_message_format(const struct logtap_message *message,
			   const char *format, va_list arguments)
{
	struct job job;

	if (logtap_captured_wanted(&logtap_tls)) {
		if (logtap_capture_ready(&logtap_tls, 0))
			logtap_captured_format(&message->stamp,
					       message->errno_at_call, format,
					       arguments);
		return;
	}
	if (!is_ready(&logtap_tls) || !job_begin(&job, message))
		return;
	format_job(&job, format, arguments);
	logtap_put_leave(job.tls, &job.frame);
}

void logtap_message_print(const struct logtap_message *message,
			  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	logtap_message_format(message, format, arguments);
	va_end(arguments);
}

void logtap_message_text(const struct logtap_message *message,
			 const struct iovec *text)
{
	struct job job;

	if (logtap_captured_wanted(&logtap_tls)) {
		if (logtap_capture_ready(&logtap_tls, text->iov_len))
			logtap_captured_emit(&message->stamp, text, 1,
					     text->iov_len);
		return;
	}
	if (!is_ready(&logtap_tls) || !job_begin(&job, message))
		return;
	put_text(&job, text);
	logtap_put_leave(job.tls, &job.frame);
}

/* @time: of the chunk. */
static inline bool has_collector(struct logtap_tls *tls, uint64_t time)
{
	/* The heartbeat is fresh, but may have been taken back. */
	return (logtap_diverts_at_once && time < tls->collected_until &&
		atomic_load_explicit(&tls->rings->control->heartbeat_tsc,
				     memory_order_relaxed)) ||
	       logtap_claim_sees_collector(tls);
}

enum logtap_diverted logtap_message_divert(const struct logtap_message *message,
					   const char *format,
					   va_list arguments, int *size)
{
	struct logtap_tls *tls = &logtap_tls;
	struct job job;
	bool stored;

	if (logtap_state.config.mode == LOGTAP_MODE_TEE || message->masked ||
	    logtap_captured_wanted(tls) || !is_ready(tls))
		return LOGTAP_DIVERT_TEE;
	if (!has_collector(tls, message->stamp.time)) {
		logtap_count(tls, LOGTAP_COUNTER_FALLBACK, 1);
		return LOGTAP_DIVERT_TEE;
	}
	if (tls->guard)
		return logtap_divert_refuse(tls);
	if (!job_begin(&job, message))
		return LOGTAP_DIVERT_TEE;
	job.flags |= LOGTAP_CHUNK_DIVERTED;
	*size = one_chunk_at_last(&job, TEXT_BYTES_FIRST, format, arguments,
				  &stored);
	stored = stored && logtap_guard_kept(tls);
	logtap_put_leave(tls, &job.frame);
	errno = message->errno_at_call;
	if (!stored)
		return logtap_divert_refuse(tls);
	tls->syslog_sp = 0;
	return LOGTAP_DIVERT_TAKEN;
}
