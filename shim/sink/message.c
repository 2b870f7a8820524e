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
#include "../real.h"
#include "../segment/claim.h"
#include "../span/item.h"
#include "counters.h"
#include "format.h"
#include "put.h"

#include <errno.h>
#include <sys/mman.h>

#define IDENT_BYTES_MAX 64
#define TEXT_BYTES_FIRST 512

/* Extension items of a message. */
struct items {
	unsigned char
		bytes[4 + IDENT_BYTES_MAX + 8 + 12 + LOGTAP_TRACE_ITEM_BYTES];
	uint16_t size;
};

static void add_item(struct items *items, uint16_t type, const void *value,
		     size_t size)
{
	struct logtap_extension item = {type, (uint16_t)size};
	size_t padded = (size + 3) & ~(size_t)3;
	unsigned char *at = items->bytes + items->size;

	__builtin_memcpy(at, &item, sizeof item);
	at += sizeof item;
	if (padded)
		__builtin_memset(at + padded - 4, 0, 4);
	logtap_bytes_copy(at, value, size);
	items->size = (uint16_t)(items->size + sizeof item + padded);
}

static void items_init(struct items *items,
		       const struct logtap_message *message)
{
	const char *ident = message->ident;
	size_t size;

	items->size = logtap_span_item(&logtap_tls, items->bytes);
	if (message->stamp.format == LOGTAP_FORMAT_STREAM)
		return;
	if (!ident) /* libc then takes the program's name */
		ident = logtap_state.program;
	size = logtap_bytes_length_within(ident, IDENT_BYTES_MAX);
	add_item(items, LOGTAP_EXTENSION_IDENT, ident, size);
	add_item(items, LOGTAP_EXTENSION_SYSLOG_OPTIONS, &message->options,
		 sizeof message->options);
}

struct job {
	struct logtap_frame frame;
	struct logtap_tls *tls;
	struct logtap_stamp stamp;
	struct items items;
	bool nested;
	int errno_at_call;
};

/* Formats into one chunk with room for @want bytes of text.
 * Return: bytes that the text has; it is stored if that is < @want... or less
 * than what the block had room for.  -1: the ring is full. */
static int one_chunk(struct job *job, size_t want, const char *format,
		     va_list arguments, bool *stored)
{
	struct logtap_tls *tls = job->tls;
	struct logtap_writer *writer =
		job->nested ? &tls->rings->nested : &tls->rings->main;
	size_t head = LOGTAP_CHUNK_HEADER_BYTES + job->items.size;

	if (want > writer->block - head) /* the smallest rings */
		want = writer->block - head;
	uint64_t span = logtap_chunk_span(job->items.size + want), end, start;
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
	room -= head;
	int size = logtap_format((char *)at + head, room, job->errno_at_call,
				 format, arguments);
	if (size < 0 || (size_t)size >= room)
		return size < 0 ? -1 : size;
	logtap_put_header(tls, tls->rings, at, &job->stamp,
			  job->items.size + (size_t)size);
	logtap_bytes_copy(at + LOGTAP_CHUNK_HEADER_BYTES, job->items.bytes,
			  job->items.size);
	logtap_writer_publish(
		writer,
		start + logtap_chunk_span(job->items.size + (size_t)size));
	logtap_count(tls, LOGTAP_COUNTER_CHUNKS, 1);
	logtap_count(tls, LOGTAP_COUNTER_BYTES, (uint64_t)size);
	if (job->nested)
		logtap_count(tls, LOGTAP_COUNTER_NESTED_CHUNKS, 1);
	*stored = true;
	return size;
}

static bool put_text(struct job *job, const struct iovec *text)
{
	job->stamp.extension = job->items.bytes;
	job->stamp.extension_bytes = job->items.size;
	return job->nested ? logtap_put_nested(job->tls, &job->stamp, text, 1,
					       text->iov_len)
			   : logtap_put(job->tls, &job->stamp, text, 1,
					text->iov_len);
}

/* Larger than a block: formatted aside, then stored in pieces. */
static bool large(struct job *job, size_t size, const char *format,
		  va_list arguments)
{
	char first[TEXT_BYTES_FIRST];
	struct iovec text = {first,
			     size < sizeof first ? size : sizeof first - 1};
	long memory = -ENOSYS;
	bool stored;

	if (!logtap_sealed())
		memory = logtap_sys6(SYS_mmap, 0, (long)size + 1,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory < 0 && memory > -4096) { /* keep the beginning */
		uint64_t original = size;
		logtap_format(first, sizeof first, job->errno_at_call, format,
			      arguments);
		if (text.iov_len == size)
			return put_text(job, &text);
		job->stamp.flags |= LOGTAP_CHUNK_TRUNCATED;
		add_item(&job->items, LOGTAP_EXTENSION_ORIGINAL_LENGTH,
			 &original, sizeof original);
		logtap_count(job->tls, LOGTAP_COUNTER_TRUNCATED, 1);
		return put_text(job, &text);
	}
	text = (struct iovec){(void *)memory, size};
	logtap_format(text.iov_base, size + 1, job->errno_at_call, format,
		      arguments);
	stored = put_text(job, &text);
	logtap_sys2(SYS_munmap, memory, (long)size + 1);
	return stored;
}

static bool format_job(struct job *job, const char *format, va_list arguments)
{
	size_t want = job->nested ? 64 : TEXT_BYTES_FIRST;
	bool stored;
	int size = one_chunk(job, want, format, arguments, &stored);

	if (stored)
		return true;
	if (size >= 0)
		return large(job, (size_t)size, format, arguments);
	/* No room, or libc cannot format it: one chunk lost. */
	logtap_put_lost(job->tls, 0, job->nested);
	return false;
}

/* Return: false if this thread may not record now, or not this deep. */
static bool job_begin(struct job *job, const struct logtap_message *message)
{
	uint32_t reason;

	job->tls = &logtap_tls;
	if (!logtap_capture_ready(job->tls, 0))
		return false;
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
		logtap_put_leave(job->tls);
		return false;
	case LOGTAP_ENTER_CALLBACK:
		logtap_count(job->tls, LOGTAP_COUNTER_REENTRANT, 1);
		logtap_evidence_reentry(job->tls, LOGTAP_EVIDENCE_IN_CALLBACK,
					0);
		return false;
	}
	job->stamp = message->stamp;
	if (job->nested)
		job->stamp.flags |= LOGTAP_CHUNK_NESTED;
	job->errno_at_call = message->errno_at_call;
	items_init(&job->items, message);
	job->stamp.extension_bytes = job->items.size;
	return true;
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
	if (!job_begin(&job, message))
		return;
	format_job(&job, format, arguments);
	logtap_put_leave(job.tls);
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
	if (!job_begin(&job, message))
		return;
	put_text(&job, text);
	logtap_put_leave(job.tls);
}

enum logtap_diverted logtap_message_divert(const struct logtap_message *message,
					   const char *format,
					   va_list arguments, int *size)
{
	struct logtap_tls *tls = &logtap_tls;
	struct job job;
	bool stored;

	if (logtap_state.config.mode == LOGTAP_MODE_TEE || message->masked ||
	    logtap_captured_wanted(tls) || !logtap_capture_ready(tls, 0))
		return LOGTAP_DIVERT_TEE;
	if (!logtap_claim_has_collector(tls)) {
		logtap_count(tls, LOGTAP_COUNTER_FALLBACK, 1);
		return LOGTAP_DIVERT_TEE;
	}
	if (tls->guard)
		return logtap_divert_refuse(tls);
	if (!job_begin(&job, message))
		return LOGTAP_DIVERT_TEE;
	job.stamp.flags |= LOGTAP_CHUNK_DIVERTED;
	*size = one_chunk(&job, TEXT_BYTES_FIRST, format, arguments, &stored);
	logtap_put_leave(tls);
	errno = message->errno_at_call;
	if (!stored)
		return logtap_divert_refuse(tls);
	tls->syslog_sp = 0;
	return LOGTAP_DIVERT_TAKEN;
}
