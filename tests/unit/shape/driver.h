/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Drives a shaper from a test: one process, one thread, chunks made of strings,
 * and the records that came out.
 */
#ifndef LOGTAP_TESTS_SHAPE_DRIVER_H
#define LOGTAP_TESTS_SHAPE_DRIVER_H

#include "../../../collector/export/batch.h"
#include "../../../collector/shape/shaper.h"

struct driver {
	struct logtap_batcher *batcher;
	struct logtap_shaper *shaper;
	struct logtap_process *process;
	struct logtap_thread thread;
	struct logtap_batch *batches[256];
	size_t batch_count;
	struct logtap_record shown[8]; /* those looked at last */
	size_t shown_count;
	struct logtap_chunk_view chunk; /* the next one, to be changed */
	uint64_t now_ns;
};

/* @options: NULL for the defaults. */
void driver_init(struct driver *driver,
		 const struct logtap_shaper_options *options);
/* The same with batches of another size. */
void driver_init_limited(struct driver *driver,
			 const struct logtap_shaper_options *options,
			 const struct logtap_batch_limits *limits);
/* Ends the thread and the process, checks that nothing is held. */
void driver_deinit(struct driver *driver);
/* Both: another one, with other options. */
void driver_renew(struct driver *driver,
		  const struct logtap_shaper_options *options);

/* Feeds driver->chunk with this payload, then counts its sequence, time and
 * position up and clears its flags. */
void driver_feed(struct driver *driver, const void *payload, size_t bytes);
void driver_text(struct driver *driver, const char *text);
void driver_end_thread(struct driver *driver);

/* Records so far, and the one at @index (must be there). */
size_t driver_count(struct driver *driver);
const struct logtap_record *driver_record(struct driver *driver, size_t index);
/* Asserts the record's body. */
void driver_expect(struct driver *driver, size_t index, const char *body);
void driver_expect_bytes(struct driver *driver, size_t index, const char *body,
			 size_t bytes);

const struct logtap_attribute *driver_attribute(
	const struct logtap_record *record, const char *key);
bool driver_flag(const struct logtap_record *record, const char *key);
/* INT64_MIN: absent. */
int64_t driver_int(const struct logtap_record *record, const char *key);
/* Asserts a string attribute; @text NULL: that it is absent. */
void driver_expect_text(const struct logtap_record *record, const char *key,
			const char *text);

#endif
