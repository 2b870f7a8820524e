/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The sink table: one of the process, and one in each segment, which a forked
 * child shares with its parent.  Lock-free; runs in any thread. */
#include "sinks.h"

#include "../bytes.h"
#include "../sink/capture.h"
#include "create.h"
#include "entry.h"

#include <sys/stat.h>

struct process_sink {
	_Atomic uint32_t state; /* enum logtap_sink_state */
	uint32_t kind;
	uint32_t file_type;
	uint32_t flags;
	uint64_t device;
	uint64_t inode;
	char path[LOGTAP_SINK_PATH_BYTES];
};
static struct process_sink sinks[LOGTAP_SINKS];

uint8_t logtap_sink_formats[256]; /* zeros: LOGTAP_FORMAT_STREAM */
uint8_t logtap_sink_diverts[256];

static uint8_t format_of(enum logtap_sink_kind kind)
{
	if (kind == LOGTAP_SINK_SYSLOG)
		return LOGTAP_FORMAT_DATAGRAM;
	if (kind == LOGTAP_SINK_JOURNAL)
		return LOGTAP_FORMAT_JOURNAL;
	return LOGTAP_FORMAT_STREAM;
}

/* Index of @sink in the table of a segment; appends it if need be. */
static uint8_t index_in_segment(struct logtap_segment *segment,
				const struct process_sink *sink)
{
	for (unsigned i = 0; i < LOGTAP_SINKS; i++) {
		struct logtap_sink *entry = &segment->sinks[i];
		if (logtap_entry_take(&entry->state)) {
			entry->kind = sink->kind;
			entry->device = sink->device;
			entry->inode = sink->inode;
			entry->file_type = sink->file_type;
			entry->flags = sink->flags;
			logtap_bytes_string(entry->path, sizeof entry->path,
					    sink->path);
			logtap_entry_tell(&entry->state);
			return (uint8_t)i;
		}
		if (logtap_entry_ready(&entry->state) &&
		    entry->kind == sink->kind &&
		    entry->device == sink->device &&
		    entry->inode == sink->inode &&
		    (sink->kind != LOGTAP_SINK_FILE ||
		     logtap_entry_is(entry->path, sizeof entry->path,
				     sink->path)))
			return (uint8_t)i;
	}
	return LOGTAP_SINK_INDEX_UNKNOWN;
}

/* The part of a chunk that all of a sink's have in common. */
static uint32_t word_of(uint8_t index, unsigned sink, uint8_t flags)
{
	struct logtap_chunk chunk = {
		.type = LOGTAP_CHUNK_DATA,
		.flags = flags,
		.sink = index,
		.format = logtap_sink_formats[sink],
	};
	uint32_t word;

	__builtin_memcpy(&word, &chunk.type, sizeof word);
	return word;
}

void logtap_sinks_begin(struct logtap_mapping *mapping)
{
	for (unsigned i = 0; i < LOGTAP_SINKS; i++)
		mapping->sink_index[i] = LOGTAP_SINK_INDEX_UNKNOWN;
	for (unsigned i = LOGTAP_SINKS; i < LOGTAP_SINK_INDEXES; i++) {
		mapping->sink_index[i] = (uint8_t)i;
		mapping->tee_words[i + 1] = word_of((uint8_t)i, i, 0);
	}
}

static void publish_in(struct logtap_mapping *mapping, unsigned sink)
{
	uint8_t index = index_in_segment(mapping->segment, &sinks[sink]);

	mapping->sink_index[sink] = index;
	mapping->tee_words[sink + 1] = word_of(index, sink, 0);
	if (logtap_sink_diverts[sink])
		mapping->divert_words[sink + 1] =
			word_of(index, sink, LOGTAP_CHUNK_DIVERTED);
}

void logtap_sinks_publish(struct logtap_mapping *mapping)
{
	for (unsigned i = 0; i < LOGTAP_SINKS; i++)
		if (logtap_entry_ready(&sinks[i].state))
			publish_in(mapping, i);
}

enum logtap_sink_kind logtap_segment_sink_kind(uint8_t sink)
{
	if (sink < LOGTAP_SINKS)
		return (enum logtap_sink_kind)sinks[sink].kind;
	if (sink >= LOGTAP_SINK_INDEXES)
		return LOGTAP_SINK_NONE;
	return (sink - LOGTAP_SINK_FURTHER) & LOGTAP_SINK_FURTHER_STDOUT
		       ? LOGTAP_SINK_STDOUT
		       : LOGTAP_SINK_STDERR;
}

bool logtap_segment_sink_is(uint8_t sink, uint64_t device, uint64_t inode)
{
	return sink < LOGTAP_SINKS && sinks[sink].device == device &&
	       sinks[sink].inode == inode;
}

/* The end of a long path says more than its start. */
static const char *cut(const char *path)
{
	size_t size = logtap_bytes_length(path);

	return size < LOGTAP_SINK_PATH_BYTES
		       ? path
		       : path + size - (LOGTAP_SINK_PATH_BYTES - 1);
}

/* A log file is the same one when it has been rotated, so that the table has
 * room for a long life. */
static bool is_same(const struct process_sink *sink,
		    const struct logtap_sink_description *other)
{
	if (sink->kind != other->kind)
		return false;
	if (sink->kind == LOGTAP_SINK_FILE)
		return logtap_bytes_same(sink->path, cut(other->path));
	return sink->device == other->device && sink->inode == other->inode;
}

uint8_t logtap_segment_sink_find(const struct logtap_sink_description *sink)
{
	for (unsigned i = 0; i < LOGTAP_SINKS; i++)
		if (logtap_entry_ready(&sinks[i].state) &&
		    is_same(&sinks[i], sink))
			return (uint8_t)i;
	return LOGTAP_SINK_INDEX_UNKNOWN;
}

/* Sink @index of the process into the tables of all segments. */
static void publish(unsigned index)
{
	/* pairs with the fence where a mapping becomes usable */
	atomic_thread_fence(memory_order_seq_cst);
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);
	for (uint32_t i = 0; i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (mapping)
			publish_in(mapping, index);
	}
}

static bool may_divert(const struct logtap_sink_description *sink)
{
	const struct logtap_file_id *session = logtap_state.config.session;

	if (sink->kind != LOGTAP_SINK_STDERR &&
	    sink->kind != LOGTAP_SINK_STDOUT)
		return false;
	return !session[0].inode ||
	       logtap_file_is(&session[0], sink->device, sink->inode) ||
	       logtap_file_is(&session[1], sink->device, sink->inode);
}

/* Of one that has no place in the table. */
static uint8_t further(const struct logtap_sink_description *sink)
{
	uint8_t index = LOGTAP_SINK_FURTHER;

	if (sink->kind == LOGTAP_SINK_STDOUT)
		index |= LOGTAP_SINK_FURTHER_STDOUT;
	else if (sink->kind != LOGTAP_SINK_STDERR)
		return LOGTAP_SINK_INDEX_UNKNOWN;
	if (S_ISFIFO(sink->file_type) || S_ISSOCK(sink->file_type) ||
	    sink->flags & (LOGTAP_SINK_NULL | LOGTAP_SINK_FOUND))
		index |= LOGTAP_SINK_FURTHER_HIDDEN;
	return index;
}

uint8_t logtap_segment_sink(const struct logtap_sink_description *new)
{
	for (unsigned i = 0; i < LOGTAP_SINKS; i++) {
		struct process_sink *sink = &sinks[i];
		if (logtap_entry_ready(&sink->state) && is_same(sink, new))
			return (uint8_t)i;
		if (!logtap_entry_take(&sink->state))
			continue;
		sink->kind = new->kind;
		sink->device = new->device;
		sink->inode = new->inode;
		sink->file_type = new->file_type;
		sink->flags = new->flags;
		logtap_bytes_string(sink->path, sizeof sink->path,
				    cut(new->path));
		logtap_sink_formats[i] = format_of(new->kind);
		logtap_sink_diverts[i] = may_divert(new);
		logtap_entry_tell(&sink->state);
		publish(i);
		return (uint8_t)i;
	}
	return further(new);
}
