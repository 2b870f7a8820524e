/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The consumer's side of a ring (logtap/abi/ring.h has the protocol).
 *
 * A window of at most 64 KiB is copied into private memory and checked there;
 * what is good in it is moved together, so that it can be journalled as it
 * stands.  The ring is released by the caller, after the journal has it.
 */
#ifndef LOGTAP_INTAKE_RING_H
#define LOGTAP_INTAKE_RING_H

#include "frame.h"

#include <logtap/abi/chunk.h>

#define LOGTAP_WINDOW_BYTES (UINT32_C(64) << 10)

/* Private memory that rings are copied into; grows for chunks that are larger
 * than a window. */
struct logtap_window {
	unsigned char *data;
	size_t room;
	uint64_t *ends; /* of each chunk taken: its end in the ring */
};

int logtap_window_init(struct logtap_window *window);
void logtap_window_deinit(struct logtap_window *window);

struct logtap_ring_map; /* ring_map.h */

struct logtap_ring_source {
	/* To copy from; NULL, or of a file that was cut short: with pread. */
	const struct logtap_ring_map *map;
	int fd;		 /* of the segment file */
	uint64_t offset; /* of the ring's data in it */
	uint64_t capacity;
	const struct logtap_ring_producer *producer; /* shared, hostile */
};

/* What one look took; the chunks stand at the start of the window's data. */
struct logtap_ring_taken {
	uint64_t from;
	uint64_t to;	/* release up to here */
	uint32_t bytes; /* in the window; 0: only padding was taken */
	uint32_t chunks;
	uint64_t payload_bytes;
	uint32_t last_sequence; /* of the last chunk; valid if chunks */
	uint32_t stale;		/* chunks that were seen before: left out */
	uint32_t unknown;	/* chunks of types we do not know: left out */
	uint64_t waiting;	/* bytes that were in the ring before */
};

enum logtap_ring_result {
	LOGTAP_RING_EMPTY = 1,	/* nothing to take */
	LOGTAP_RING_BROKEN = 2, /* no ring as a host of ours writes it: @why */
	LOGTAP_RING_ROLLED_BACK = 3, /* the head is below what we took */
};

/**
 * logtap_ring_take() - copy and check what a ring holds
 * @state: how far it was read; not changed
 * @taken: filled when the result is 0
 * @why:   a constant text when the result is LOGTAP_RING_BROKEN
 * Return: 0, a positive enum logtap_ring_result, or -ENOMEM.
 */
int logtap_ring_take(const struct logtap_ring_source *source,
		     const struct logtap_frame_ring *state,
		     struct logtap_window *window,
		     struct logtap_ring_taken *taken, const char **why);

#endif
