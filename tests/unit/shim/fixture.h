/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A process that captures, without the hooks: what the constructor does, and a
 * reader of rings that follows the protocol.
 */
#ifndef LOGTAP_TEST_SHIM_FIXTURE_H
#define LOGTAP_TEST_SHIM_FIXTURE_H

#include "../../../shim/guard/tls.h"
#include "../../../shim/state.h"

/* What shim_begin() configures; zeros are the defaults of LOGTAP_*. */
struct shim_options {
	uint64_t ring_bytes_max; /* 0: the first ring does not grow */
	enum logtap_full full;
	enum logtap_mode mode;
	bool no_slot; /* leave the calling thread unborn */
};

/* In a new directory: segment, sinks, and the calling thread's slot. */
void shim_begin(struct shim_options options);
/* Removes the directory. */
void shim_end(void);
/* The directory of the segments. */
const char *shim_directory(void);
unsigned shim_files(void);

/* A collector that beats, or has stopped. */
void shim_set_collector(bool alive);

/* One ring, read from @position on. */
struct ring_reader {
	const unsigned char *data;
	uint64_t capacity;
	const struct logtap_ring_producer *shared;
	_Atomic uint64_t *tail;
	uint64_t position;
	uint64_t overwritten; /* bytes that were gone before they were read */
	/* Not the protocol: leaves out the second look at the floor, and counts
	 * what then makes no sense. */
	bool no_second_look;
	uint64_t torn;
};
struct ring_reader reader_of_main(const struct logtap_rings *rings);
struct ring_reader reader_of_nested(const struct logtap_rings *rings);

/* What a chunk held; @payload ends with a NUL. */
struct chunk {
	struct logtap_chunk header;
	unsigned char extension[128];
	size_t payload_bytes;
	char *payload; /* until the next call */
};

/* The next chunk but PAD.  Return: false if there is none.  A chunk that
 * breaks the rules of the format ends the program. */
bool reader_next(struct ring_reader *reader, struct chunk *out);
/* Tells the producer how far it came. */
void reader_release(struct ring_reader *reader);

/* Of the calling thread's slot. */
uint64_t counter(enum logtap_counter which);

/* Captures a string as a line of stderr.  Return: was it stored? */
bool say(const char *text);

#endif
