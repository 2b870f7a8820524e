/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A segment file as the collector opens it.
 *
 * The header is copied once and checked in the copy.  It, the control page and
 * the slot table are mapped (guarded: see guard.h), for what hosts count and the
 * states of what they add; texts are read with pread, data also through mappings
 * of single rings (ring_map.h).
 * Not thread-safe: a segment belongs to the reader's thread.
 */
#ifndef LOGTAP_INTAKE_SEGMENT_H
#define LOGTAP_INTAKE_SEGMENT_H

#include <logtap/abi/segment.h>
#include <stdbool.h>
#include <sys/types.h>

struct logtap_guard;

struct logtap_segment_file {
	int fd; /* locked with flock while it is open */
	dev_t device;
	ino_t inode;
	uid_t owner;
	uint64_t file_bytes; /* when it was ready */
	struct logtap_guard *guard;
	struct logtap_segment *mapping; /* the file's beginning, as it is now */
	size_t mapping_bytes;
	bool unmappable; /* no ring of it is mapped: ring_map.h */
	struct logtap_control *control; /* in the mapping */
	unsigned char *slots;		/* in the mapping */
	unsigned char *metrics; /* user metrics, in the mapping; NULL: none */
	struct logtap_segment header; /* the checked copy; text is ended */
};

/* Positive results of logtap_segment_open(). */
enum logtap_segment_result {
	LOGTAP_SEGMENT_NOT_READY = 1, /* its host still writes it: come again */
	LOGTAP_SEGMENT_IN_USE = 2,    /* another collector reads it */
	LOGTAP_SEGMENT_GONE = 3,      /* the file has vanished */
	LOGTAP_SEGMENT_BAD = 4,	      /* never readable; @why says what is */
	LOGTAP_SEGMENT_FOREIGN = 5,   /* not by this version; @why says so */
};

/**
 * logtap_segment_open() - open, check and map a segment file
 * @dir_fd: directory that holds it
 * @name:   in the directory; a symbolic link is not followed
 * @out:    filled on success; close with logtap_segment_close()
 * @why:    set to a text when the result is LOGTAP_SEGMENT_BAD or FOREIGN: a
 *          constant, or strerror(3)'s
 * Return: 0, a positive enum logtap_segment_result, or -errno when the
 * collector itself lacks something (-EMFILE, -ENOMEM).
 */
int logtap_segment_open(int dir_fd, const char *name,
			struct logtap_segment_file *out, const char **why);
void logtap_segment_close(struct logtap_segment_file *segment);

/* Checks a header against the size of its file.  Return: NULL when it is good,
 * else what is wrong with it.  Called by logtap_segment_open(). */
const char *logtap_segment_check(const struct logtap_segment *header,
				 uint64_t file_bytes);

/* Of a header that is not good, or of which only the frozen prefix is there: may
 * another version of logtap read it? */
bool logtap_segment_is_foreign(const struct logtap_segment_prefix *prefix);

/* Is a file of that name in a collector's directory a segment? */
bool logtap_segment_is_name(const char *name);

/* True once the file was cut short under us. */
bool logtap_segment_lost(const struct logtap_segment_file *segment);

/* Slot @index, inside the mapping; index < header.slot_count. */
struct logtap_slot *logtap_segment_slot(
	const struct logtap_segment_file *segment, uint32_t index);
/* The death word of a slot. */
_Atomic uint32_t *logtap_segment_death(
	const struct logtap_segment_file *segment, uint32_t index);
/* The row of user metrics of a slot, or (slot_count) the shared one; and a
 * definition.  Only if there are user metrics. */
const _Atomic uint64_t *logtap_segment_metric_row(
	const struct logtap_segment_file *segment, uint32_t index);
struct logtap_metric_definition *logtap_segment_metric(
	const struct logtap_segment_file *segment, uint32_t index);
/* Place in the file of the data of one ring; @nested 0 or 1. */
uint64_t logtap_segment_ring_offset(const struct logtap_segment_file *segment,
				    uint32_t index, unsigned nested);

/* Reads the sink table anew: hosts append to it.  Return: 0 or -errno. */
int logtap_segment_read_sinks(struct logtap_segment_file *segment);

#endif
