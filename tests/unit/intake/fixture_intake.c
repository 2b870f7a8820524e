/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A reader without a thread, and what its journal holds: see fixture.h. */
#include "fixture.h"

#include "../../../collector/base/grow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void intake_init(struct intake *intake, const struct directory *directory,
		 uint64_t journal_bytes)
{
	char why[256] = "";
	struct logtap_journal_options journal = {
		.dir_fd = directory->fd,
		.cap_bytes = journal_bytes,
	};
	cr_assert_eq(logtap_journal_open(&journal, &intake->journal, why,
					 sizeof(why)),
		     0, "%s", why);
	intake->accounting = logtap_accounting_new();
	struct logtap_reader_options options = {
		.dir_fd = directory->fd,
		.journal = intake->journal,
		.accounting = intake->accounting,
		.wake_fd = -1,
		.descendants = true,
		.no_thread = true,
	};
	cr_assert_eq(logtap_reader_start(&options, &intake->reader, why,
					 sizeof(why)),
		     0, "%s", why);
}

void intake_deinit(struct intake *intake)
{
	logtap_reader_free(intake->reader);
	logtap_journal_close(intake->journal);
	logtap_accounting_free(intake->accounting);
}

uint64_t intake_drain(struct intake *intake)
{
	uint64_t live = UINT64_MAX;
	uint64_t number = logtap_reader_drain(intake->reader, 0);
	logtap_reader_round(intake->reader);
	cr_assert(logtap_reader_drained(intake->reader, number, &live),
		  "the drain ended in one round");
	return live;
}

unsigned mappings_of(const char *text)
{
	char line[512];
	unsigned count = 0;
	FILE *list = fopen("/proc/self/maps", "re");
	cr_assert_not_null(list);
	while (fgets(line, sizeof(line), list))
		count += strstr(line, text) != NULL;
	fclose(list);
	return count;
}

struct logtap_counts intake_total(struct intake *intake)
{
	struct logtap_account_snapshot snapshot;
	cr_assert_eq(logtap_accounting_snapshot(intake->accounting, &snapshot),
		     0);
	struct logtap_counts total = snapshot.total;
	logtap_account_snapshot_deinit(&snapshot);
	return total;
}

static void add_found(struct harvest *harvest, const struct logtap_frame *frame,
		      const unsigned char *at, uint64_t position)
{
	harvest->items = logtap_grown(harvest->items, harvest->count,
				      &harvest->room, sizeof(struct found), 64);
	cr_assert_not_null(harvest->items);
	struct found *found = &harvest->items[harvest->count++];
	memset(found, 0, sizeof(*found));
	found->frame = *frame;
	found->position = position;
	memcpy(&found->chunk, at, sizeof(found->chunk));
	uint32_t bytes = found->chunk.length - found->chunk.extension_bytes;
	if (bytes >= sizeof(found->text))
		bytes = sizeof(found->text) - 1;
	memcpy(found->text,
	       at + sizeof(found->chunk) + found->chunk.extension_bytes, bytes);
}

void harvest_init(struct harvest *harvest, struct logtap_journal *journal)
{
	struct logtap_journal_cursor *cursor;
	struct logtap_frame frame;
	const unsigned char *payload;
	uint64_t position;
	memset(harvest, 0, sizeof(*harvest));
	cr_assert_eq(logtap_journal_cursor_new(journal, 0, &cursor), 0);
	while (!logtap_journal_next(cursor, &frame, &payload, &position)) {
		harvest->threads_ended += frame.type == LOGTAP_FRAME_THREAD_END;
		harvest->threads_moved +=
			frame.type == LOGTAP_FRAME_THREAD_END && frame.ring;
		harvest->segments_ended +=
			frame.type == LOGTAP_FRAME_SEGMENT_END;
		for (uint64_t at = 0;
		     frame.type == LOGTAP_FRAME_DATA && at < frame.length;) {
			struct logtap_chunk chunk;
			memcpy(&chunk, payload + at, sizeof(chunk));
			add_found(harvest, &frame, payload + at,
				  position + sizeof(frame) + at);
			at += logtap_chunk_span(chunk.length);
		}
	}
	logtap_journal_cursor_free(cursor);
}

void harvest_deinit(struct harvest *harvest)
{
	free(harvest->items);
}

size_t harvest_count(const struct harvest *harvest, const char *text)
{
	size_t count = 0;
	for (size_t i = 0; i < harvest->count; i++)
		count += !strcmp(harvest->items[i].text, text);
	return count;
}

struct logtap_intake *intake_parts(struct intake *intake)
{
	return (struct logtap_intake *)intake->reader; /* its first member */
}

void intake_map_soon(struct intake *intake)
{
	struct logtap_intake *parts = intake_parts(intake);
	for (size_t i = 0; i < parts->segment_count; i++) {
		struct logtap_intake_segment *segment = parts->segments[i];
		for (uint32_t j = 0; j < segment->file.header.slot_count; j++)
			if (segment->slots[j])
				segment->slots[j]->use.bytes =
					LOGTAP_RING_MAP_AFTER_BYTES - 1;
	}
}
