/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A flight recorder that is read while it overwrites: one thread writes as fast
 * as it can, this one reads.  The reader that takes no second look at the floor
 * shows that the test can fail. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#define CAPACITY 32768
#define PAYLOAD_BYTES 1000
/* By far more than it takes; then the machine is one that cannot show it. */
#define READS_MOST 500000000u

static _Alignas(64) unsigned char data[CAPACITY];
static struct logtap_ring_producer shared;
static _Atomic uint64_t tail;
static _Atomic bool enough;

static void put(struct logtap_writer *writer, uint32_t number)
{
	uint64_t span = logtap_chunk_span(PAYLOAD_BYTES), end;
	unsigned char *at = logtap_writer_reserve(writer, span, &end);

	if (!at) {
		logtap_writer_overwrite(writer, span);
		at = logtap_writer_reserve(writer, span, &end);
	}
	*(struct logtap_chunk *)(void *)at =
		(struct logtap_chunk){.length = PAYLOAD_BYTES,
				      .type = LOGTAP_CHUNK_DATA,
				      .sequence = number};
	for (size_t i = 0; i < PAYLOAD_BYTES; i += sizeof number)
		memcpy(at + LOGTAP_CHUNK_HEADER_BYTES + i, &number,
		       sizeof number);
	logtap_writer_publish(writer, end);
}

static void *write_for_ever(void *argument)
{
	struct logtap_writer *writer = argument;

	for (uint32_t number = 0; !atomic_load(&enough); number++)
		put(writer, number);
	return NULL;
}

static bool is_whole(const struct chunk *chunk)
{
	uint32_t number = chunk->header.sequence;

	if (chunk->payload_bytes != PAYLOAD_BYTES)
		return false;
	for (size_t i = 0; i < PAYLOAD_BYTES; i += sizeof number)
		if (memcmp(chunk->payload + i, &number, sizeof number))
			return false;
	return true;
}

struct result {
	uint64_t whole;
	uint64_t torn;
	uint64_t overwritten;
};

/* Until @whole whole chunks or @torn torn ones were seen. */
static struct result read_until(bool no_second_look, uint64_t whole,
				uint64_t torn)
{
	static struct logtap_writer writer;
	struct logtap_rings rings;
	struct result result = {0, 0, 0};
	struct chunk chunk;
	pthread_t thread;

	logtap_writer_init(&writer, data, CAPACITY, &shared, &tail);
	rings.main = writer;
	struct ring_reader reader = reader_of_main(&rings);
	reader.no_second_look = no_second_look;
	cr_assert_eq(pthread_create(&thread, NULL, write_for_ever, &writer), 0);
	for (uint64_t reads = 0; reads < READS_MOST; reads++) {
		if (result.whole >= whole || result.torn + reader.torn >= torn)
			break;
		if (!reader_next(&reader, &chunk)) {
			reader.position = 0; /* all of it once more */
			continue;
		}
		if (is_whole(&chunk))
			result.whole++;
		else
			result.torn++;
	}
	atomic_store(&enough, true);
	pthread_join(thread, NULL);
	result.torn += reader.torn;
	result.overwritten = reader.overwritten;
	return result;
}

Test(torn, a_reader_that_looks_twice_at_the_floor_sees_no_torn_chunk)
{
	struct result result = read_until(false, 50000, 1);

	cr_assert_eq(result.torn, 0);
	cr_assert_eq(result.whole, 50000);
	cr_assert_gt(result.overwritten, 0, "the writer was never ahead");
}

Test(torn, a_reader_that_looks_once_sees_torn_chunks)
{
	struct result result = read_until(true, UINT64_MAX, 1);

	cr_assert_gt(result.torn, 0);
}
