/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The ring sink: a hook's bytes become chunks of the calling thread's ring.
 *
 * Makes no system call (but for a thread's first chunk without a slot, a move
 * to a larger ring, and the wait that LOGTAP_FULL=block asks for), takes no
 * lock, allocates nothing, leaves errno alone, and nests safely in signal
 * handlers.
 */
#ifndef LOGTAP_SINK_CAPTURE_H
#define LOGTAP_SINK_CAPTURE_H

#include "../guard/tls.h"
#include "../ring/clock.h"
#include "../state.h"

#include <sys/uio.h>

struct logtap_frame;

/* What a chunk says besides its bytes. */
struct logtap_stamp {
	uint64_t time;
	uint16_t priority;
	uint8_t flags;		  /* enum logtap_chunk_flag */
	uint8_t sink;		  /* of the process: logtap_segment_sink() */
	uint8_t format;		  /* enum logtap_chunk_format */
	uint8_t type;		  /* enum logtap_chunk_type */
	uint16_t extension_bytes; /* multiple of 4 */
	const void *extension;	  /* items for the first chunk; not copied by
	                        * logtap_capture_bytes() */
	uint64_t missing; /* bytes of the call behind those that are given */
};

/* enum logtap_chunk_format of what is written to a sink of the process. */
extern uint8_t logtap_sink_formats[256] LOGTAP_HIDDEN;

/* Of each sink of the process: 1 if what is written there may be diverted.  In
 * a session only its own stderr and stdout are: a pipe has a reader who waits
 * for what it carries. */
extern uint8_t logtap_sink_diverts[256] LOGTAP_HIDDEN;

/* A stamp for bytes written to @sink. */
static inline struct logtap_stamp logtap_stamp_at(struct logtap_now now,
						  uint8_t sink)
{
	return (struct logtap_stamp){
		.time = now.time,
		.priority = LOGTAP_PRIORITY_NONE,
		.flags = (uint8_t)now.flags,
		.sink = sink,
		.format = logtap_sink_formats[sink],
		.type = LOGTAP_CHUNK_DATA,
	};
}

static inline struct logtap_stamp logtap_stamp_for(uint8_t sink)
{
	return logtap_stamp_at(logtap_clock_now(), sink);
}

/* logtap_capture_bytes() with logtap_stamp_at(@now, @sink), in registers: for
 * write(2) and stdio. */
bool logtap_capture_stream(struct logtap_now now, uint8_t sink,
			   const void *bytes, size_t length);

/* Its less common half.  @frame: of the caller, where the common one may have
 * left the guard to a siglongjmp. */
bool logtap_capture_stream_slowly(struct logtap_frame *frame,
				  struct logtap_now now, uint8_t sink,
				  const void *bytes, size_t length);

/* Stores @length bytes.  Return: false if any of it was dropped. */
bool logtap_capture_bytes(const struct logtap_stamp *stamp, const void *bytes,
			  size_t length);

/* The same, gathered; at most @length bytes of @parts. */
bool logtap_capture_parts(const struct logtap_stamp *stamp,
			  const struct iovec *parts, size_t count,
			  size_t length);

/* @bytes reached the sink without passing memory that we can read. */
void logtap_capture_gap(const struct logtap_stamp *stamp, uint64_t bytes);

/* For sinks that write into the ring themselves: may this thread record now?
 * Claims a slot if it has none. */
bool logtap_capture_ready(struct logtap_tls *tls, uint64_t bytes);

#endif
