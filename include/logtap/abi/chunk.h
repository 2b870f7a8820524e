/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A chunk: one entry of a ring, the bytes of one captured call.
 *
 * A chunk is a 24-byte header, then @extension_bytes of extension items, then
 * the payload; the next chunk starts at the following multiple of 8.  Nothing
 * in a chunk is trusted by the collector: it copies first and checks the copy.
 */
#ifndef LOGTAP_ABI_CHUNK_H
#define LOGTAP_ABI_CHUNK_H

#include <logtap/abi/version.h>

enum logtap_chunk_type {
	LOGTAP_CHUNK_NONE = 0,	   /* never written: zeros are not a chunk */
	LOGTAP_CHUNK_DATA = 1,	   /* captured bytes of a stream or a message */
	LOGTAP_CHUNK_PAD = 2,	   /* filler; its length may span blocks */
	LOGTAP_CHUNK_GAP = 3,	   /* payload: u64 bytes that reached the sink
	                            * without passing memory we can read */
	LOGTAP_CHUNK_EVENT = 4,	   /* structured event (logtap_event) */
	LOGTAP_CHUNK_EVIDENCE = 5, /* re-entry, export activity: see format */
	LOGTAP_CHUNK_STACK = 6,	   /* registers and a slice of the stack */
	LOGTAP_CHUNK_HOLE = 7,	   /* payload: u64 chunks, u64 bytes dropped
	                            * just before this place */
	LOGTAP_CHUNK_TYPES
};

enum logtap_chunk_flag {
	LOGTAP_CHUNK_PARTIAL = 1u << 0, /* the call goes on in the next chunk */
	LOGTAP_CHUNK_TRUNCATED = 1u << 1, /* the rest of the call was dropped */
	LOGTAP_CHUNK_NESTED = 1u << 2,	  /* written while another copy was
	                                   * interrupted by a signal handler */
	LOGTAP_CHUNK_DIVERTED = 1u << 3,  /* captured instead of written */
	LOGTAP_CHUNK_COARSE = 1u << 4, /* @time is CLOCK_REALTIME_COARSE, ns */
	LOGTAP_CHUNK_CONTINUED =
		1u << 5, /* continues the call of the chunk before */
};

/* How the payload of a DATA chunk is to be read. */
enum logtap_chunk_format {
	LOGTAP_FORMAT_STREAM = 0,   /* bytes of a stream; records end at LF */
	LOGTAP_FORMAT_SYSLOG = 1,   /* one formatted message of syslog(3);
	                            * @priority is facility | severity */
	LOGTAP_FORMAT_DATAGRAM = 2, /* one datagram sent to a syslog socket */
	LOGTAP_FORMAT_JOURNAL = 3,  /* one datagram of journal fields */
	LOGTAP_FORMAT_EVENT = 4,    /* of EVENT chunks: see event.h */
	LOGTAP_FORMATS
};

/* @priority of a chunk that has none. */
#define LOGTAP_PRIORITY_NONE UINT16_C(0xffff)

struct logtap_chunk {
	uint32_t length; /* bytes after the header: extension and payload */
	uint8_t type;	 /* enum logtap_chunk_type */
	uint8_t flags;	 /* enum logtap_chunk_flag */
	uint8_t sink;	 /* index into the segment's sink table */
	uint8_t format;	 /* enum logtap_chunk_format */
	uint64_t time;	 /* in the segment's clock unit, see segment.h */
	uint32_t
		sequence; /* per slot and generation; dropped chunks take one */
	uint16_t priority;	  /* syslog priority, or LOGTAP_PRIORITY_NONE */
	uint16_t extension_bytes; /* multiple of 4; the first part of @length */
};
static_assert(offsetof(struct logtap_chunk, length) == 0, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, type) == 4, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, flags) == 5, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, sink) == 6, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, format) == 7, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, time) == 8, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, sequence) == 16, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, priority) == 20, "chunk ABI");
static_assert(offsetof(struct logtap_chunk, extension_bytes) == 22,
	      "chunk ABI");
static_assert(sizeof(struct logtap_chunk) == 24, "chunk ABI");

#define LOGTAP_CHUNK_ALIGN 8
#define LOGTAP_CHUNK_HEADER_BYTES 24

/* Bytes of ring that a chunk with @length bytes behind its header takes. */
static inline uint64_t logtap_chunk_span(uint64_t length)
{
	return (LOGTAP_CHUNK_HEADER_BYTES + length + LOGTAP_CHUNK_ALIGN - 1) &
	       ~(uint64_t)(LOGTAP_CHUNK_ALIGN - 1);
}

/* Items of the extension, each padded with zeros to a multiple of 4. */
enum logtap_extension_type {
	LOGTAP_EXTENSION_END = 0,
	LOGTAP_EXTENSION_IDENT = 1,	     /* syslog ident, no NUL */
	LOGTAP_EXTENSION_SYSLOG_OPTIONS = 2, /* u32: LOG_PID, LOG_PERROR, ... */
	LOGTAP_EXTENSION_ORIGINAL_LENGTH = 3, /* u64: bytes before truncation;
	                                       * until 1.3 */
	LOGTAP_EXTENSION_TRACE = 4, /* trace id 16, span id 8, flags 1 */
	LOGTAP_EXTENSION_ADDRESS =
		5,		    /* path of the socket a datagram went to */
	LOGTAP_EXTENSION_PIECE = 6, /* since 1.4: struct logtap_piece, in each
	                             * chunk of a call that is not in one */
};

struct logtap_extension {
	uint16_t
		type; /* enum logtap_extension_type; unknown ones are skipped */
	uint16_t bytes; /* of the value that follows, without padding */
};
static_assert(sizeof(struct logtap_extension) == 4, "extension ABI");

/* Where the payload of a chunk stands in its call.  So the reader knows what
 * belongs together, and how much never came, before, between or behind. */
struct logtap_piece {
	uint64_t bytes;	 /* that the call had */
	uint64_t offset; /* in it, of the payload's first byte */
};
static_assert(sizeof(struct logtap_piece) == 16, "extension ABI");

#define LOGTAP_PIECE_ITEM_BYTES 20

#endif
