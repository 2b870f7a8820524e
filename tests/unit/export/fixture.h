/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the tests of encoders and destinations share: processes, sources and
 * batches made of chosen or of random records.
 */
#ifndef LOGTAP_TESTS_EXPORT_FIXTURE_H
#define LOGTAP_TESTS_EXPORT_FIXTURE_H

#include "../../../collector/export/batch.h"
#include "../../../collector/shape/resource.h"

/* A generator that gives the same numbers everywhere. */
struct fixture_random {
	uint64_t state;
};
uint64_t fixture_random(struct fixture_random *random, uint64_t below);

/* @pid tells resources apart. */
struct logtap_resource *fixture_resource(uint32_t pid);
/* With stream, thread and uid; the resource's reference stays the caller's. */
struct logtap_source *fixture_source(struct logtap_resource *resource,
				     uint32_t tid);

/* Collects the batches that a batcher closes. */
struct fixture_batches {
	struct logtap_batch *list[64];
	size_t count;
};
void fixture_collect(void *context, struct logtap_batch *batch);
void fixture_batches_deinit(struct fixture_batches *batches);

/* One batch with the @count records. */
struct logtap_batch *fixture_batch(const struct logtap_record *records,
				   size_t count);

/* A record with random members; what it points to lives in @memory, which is
 * used up from the front. */
struct fixture_memory {
	_Alignas(16) char data[1 << 18]; /* 4 KiB for a record are enough */
	size_t used;
};
void fixture_random_record(struct fixture_random *random,
			   struct fixture_memory *memory,
			   struct logtap_source *source,
			   struct logtap_record *record);

/* Sixty batches of forty records each, of three resources and of none. */
typedef void fixture_check_fn(const struct logtap_batch *batch,
			      const struct logtap_record *records,
			      size_t count);
void fixture_check_random(uint64_t seed, fixture_check_fn *check);

/* log.record.uid as the record's source and numbers make it. */
void fixture_uid(const struct logtap_record *record, char *text, size_t bytes);

#endif
