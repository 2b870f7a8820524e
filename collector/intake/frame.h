/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A frame: one entry of the journal.
 *
 * A frame is a 64-byte header, a payload padded to a multiple of 8, and eight
 * bytes that end it.  Header and end hold the position in the journal, so that
 * what an earlier use of the file left is not taken for a frame, nor one of
 * which only the beginning was written.  The journal is read by the collector
 * alone, by the version that wrote it or a later one on the same machine, so its
 * fields are plain and in native order; the magic changes when they do.
 *
 * What the journal holds is already checked and normalised: chunk times are
 * CLOCK_REALTIME in ns, PAD chunks are left out, a chunk's sink is known from a
 * SINKS frame before it or is LOGTAP_SINK_INDEX_UNKNOWN.
 */
#ifndef LOGTAP_INTAKE_FRAME_H
#define LOGTAP_INTAKE_FRAME_H

#include "../registry/accounting.h"

#include <logtap/abi/segment.h>
#include <stdbool.h>

#define LOGTAP_FRAME_MAGIC UINT32_C(0x3346544c) /* "LTF3" */

enum logtap_frame_type {
	LOGTAP_FRAME_SEGMENT = 1,     /* struct logtap_frame_segment */
	LOGTAP_FRAME_THREAD = 2,      /* struct logtap_frame_thread */
	LOGTAP_FRAME_DATA = 3,	      /* whole chunks, each 8-aligned */
	LOGTAP_FRAME_THREAD_END = 4,  /* struct logtap_counts */
	LOGTAP_FRAME_SEGMENT_END = 5, /* struct logtap_frame_uncaptured */
	LOGTAP_FRAME_ACCOUNT = 6,     /* struct logtap_frame_account */
	LOGTAP_FRAME_SINKS = 7,	      /* struct logtap_frame_sink, several */
	LOGTAP_FRAME_NOTE = 8,	      /* struct logtap_frame_note and text */
	LOGTAP_FRAME_START = 9,	      /* struct logtap_frame_start */
};

struct logtap_frame {
	uint32_t magic;
	uint16_t type;	 /* enum logtap_frame_type */
	uint16_t ring;	 /* DATA: 0 main, 1 nested; THREAD_END: 1 if the
			   * thread went on in another slot */
	uint32_t length; /* of the payload without its padding */
	uint32_t crc; /* of position and header, of the payload unless DATA */
	uint64_t segment; /* key: names a segment in this journal */
	uint64_t generation;
	uint32_t slot;
	uint32_t chunks; /* DATA: how many */
	uint64_t from;	 /* DATA: ring positions that it covers */
	uint64_t to;
	uint64_t observed_ns; /* CLOCK_REALTIME when it was read */
};
static_assert(sizeof(struct logtap_frame) == 64, "frame header");

#define LOGTAP_FRAME_END_BYTES 8

/* Of header, payload and end. */
static inline uint64_t logtap_frame_span(uint32_t length)
{
	return sizeof(struct logtap_frame) + (((uint64_t)length + 7) & ~7ull) +
	       LOGTAP_FRAME_END_BYTES;
}

struct logtap_frame_uncaptured {
	uint64_t chunks;
	uint64_t bytes;
};

/* What is to be said of a segment's process, in words. */
enum logtap_note {
	LOGTAP_NOTE_DIAGNOSTIC = 1, /* the library's own */
	LOGTAP_NOTE_COVERAGE = 2,   /* a mechanism is missing */
	LOGTAP_NOTE_UNCAPTURED = 3, /* messages that found no slot */
	LOGTAP_NOTE_STRANGER = 4,   /* a process that is not captured */
};

struct logtap_frame_note {
	uint32_t kind; /* enum logtap_note */
	uint32_t reserved;
};

/* A program that reads a pipe has started; its segment need not be known. */
struct logtap_frame_start {
	uint64_t input_device;
	uint64_t input_inode;
	uint64_t output_device;
	uint64_t output_inode;
	char comm[LOGTAP_COMM_BYTES];
	uint32_t uncaptured; /* 1: no library can be loaded into it */
	uint32_t reserved;
};

/* Who a segment belongs to; the texts follow, none with a NUL. */
struct logtap_frame_segment {
	unsigned char uuid[16];
	unsigned char boot_id[16];
	uint64_t device;
	uint64_t inode;
	uint64_t start_ticks;
	uint64_t
		start_time_ns; /* of its creator, since the epoch; 0: unknown */
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t uid;
	uint32_t index;
	char comm[LOGTAP_COMM_BYTES];
	uint16_t executable_bytes;
	uint16_t cgroup_bytes;
	uint16_t environment_bytes; /* NAME=VALUE, each with its NUL */
	uint16_t reserved;
	/* of it: already in the accounts at the head of this file */
	struct logtap_frame_uncaptured uncaptured;
};

/* One sink of a segment; those of kind NONE are not (or not yet) used. */
struct logtap_frame_sink {
	uint64_t device;
	uint64_t inode;
	uint32_t kind;	    /* enum logtap_sink_kind */
	uint32_t file_type; /* st_mode & S_IFMT */
	uint32_t flags;	    /* enum logtap_sink_flag */
	uint32_t reserved;
	char path[LOGTAP_SINK_PATH_BYTES]; /* ends with a NUL */
};

/* How far one ring was read. */
struct logtap_frame_ring {
	uint64_t to; /* consumed up to here */
	uint64_t last_time_ns;
	uint32_t last_sequence;
	uint32_t has_last; /* 0: no chunk yet */
};

/* One slot of one generation: who, and how far it was read.  Written before
 * the slot's first chunk, when its name or owner changes, and at the head of
 * each journal file. */
struct logtap_frame_thread {
	uint32_t pid;
	uint32_t parent_pid;
	uint32_t uid;
	uint32_t tid;
	uint32_t parent_tid;
	uint32_t flags; /* enum logtap_slot_flag, and one of ours */
	uint64_t start;
	uint64_t start_ticks;
	uint64_t start_time_ns;
	char name[LOGTAP_SLOT_NAME_BYTES];
	uint32_t first_sequence;
	uint32_t next_sequence;		  /* one above the highest seen */
	uint64_t seen_chunks;		  /* journalled so far */
	uint64_t seen_bytes;		  /* their payload */
	struct logtap_frame_ring ring[2]; /* main and nested */
	/* what holds its start routine; frames of before end here */
	char library[LOGTAP_SLOT_LIBRARY_BYTES];
	/* whose the chunks behind this are: as in a slot, for those that the
	 * word names; the frames of before 1.7 end here */
	uint64_t owner;
};
/* In @flags: an earlier collector took chunks of which no journal tells. */
#define LOGTAP_FRAME_THREAD_FORGOTTEN (UINT32_C(1) << 31)
#define LOGTAP_FRAME_THREAD_BYTES_LEAST \
	offsetof(struct logtap_frame_thread, library)

/* What the ended slots of a process add up to; the first account frame of a
 * journal file has @rest set and stands for all processes not named after. */
struct logtap_frame_account {
	uint64_t start_ticks;
	uint32_t pid;
	uint32_t uid;
	uint32_t rest;
	uint32_t reserved;
	char comm[LOGTAP_COMM_BYTES];
	struct logtap_counts counts;
};

/* Computes the checksum of a frame at @position whose other fields are set. */
uint32_t logtap_frame_crc(const struct logtap_frame *frame, const void *payload,
			  uint64_t position);
/* The bytes that end it. */
uint64_t logtap_frame_end(uint64_t position);
/* True if the header is one that logtap_frame_crc() could have signed, and @end
 * what belongs to it; @payload may be NULL for DATA frames. */
bool logtap_frame_good(const struct logtap_frame *frame, const void *payload,
		       uint64_t end, uint64_t position);

/* Largest payload: a chunk that fills a block of the largest ring, or a window
 * of small ones. */
#define LOGTAP_FRAME_LENGTH_MAX \
	(LOGTAP_RING_BYTES_MAX / LOGTAP_RING_BLOCKS + (UINT32_C(64) << 10))

#endif
