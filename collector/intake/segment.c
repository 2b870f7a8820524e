/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a segment file: see the header.  Runs in the reader's thread.
 * Nothing that a host wrote is used before it was copied and checked here.
 */
#include "segment.h"

#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is mapped lies together; how far apart its parts may be. */
#define CONTROL_OFFSET_MAX (UINT64_C(64) << 10)
#define CONTROL_TO_SLOTS_MAX (UINT64_C(64) << 10)
#define SLOTS_TO_METRICS_MAX (UINT64_C(64) << 10)

static bool power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static const char *check_prefix(const struct logtap_segment_prefix *prefix)
{
	if (memcmp(prefix->magic, LOGTAP_ABI_MAGIC, LOGTAP_ABI_MAGIC_BYTES))
		return "it does not begin as a segment does";
	if (prefix->byte_order != LOGTAP_ABI_BYTE_ORDER)
		return "its byte order is not this machine's";
	if (prefix->major != LOGTAP_ABI_MAJOR)
		return "its format version is not one we read";
	if (prefix->incompatible)
		return "it uses features that this version does not know";
	if (prefix->header_bytes < sizeof(struct logtap_segment))
		return "its header is too short";
	return NULL;
}

bool logtap_segment_is_foreign(const struct logtap_segment_prefix *prefix)
{
	return !memcmp(prefix->magic, LOGTAP_ABI_MAGIC,
		       LOGTAP_ABI_MAGIC_BYTES) &&
	       prefix->byte_order == LOGTAP_ABI_BYTE_ORDER &&
	       (prefix->major != LOGTAP_ABI_MAJOR ||
		prefix->minor > LOGTAP_ABI_MINOR || prefix->incompatible);
}

static bool ring_size_good(uint32_t bytes)
{
	return power_of_two(bytes) && bytes >= LOGTAP_RING_BYTES_MIN &&
	       bytes <= LOGTAP_RING_BYTES_MAX;
}

static const char *check_slots(const struct logtap_segment *header)
{
	if (header->slot_bytes != LOGTAP_SLOT_BYTES)
		return "its slots have an unknown size";
	if (!header->slot_count || header->slot_count > LOGTAP_SLOTS_MAX)
		return "its number of slots is out of bounds";
	if (!ring_size_good(header->ring_bytes))
		return "its ring size is out of bounds";
	if (!ring_size_good(header->nested_bytes))
		return "its nested ring size is out of bounds";
	if (header->ring_blocks != LOGTAP_RING_BLOCKS)
		return "its rings have an unknown number of blocks";
	if (header->death_offset < offsetof(struct logtap_slot, death) ||
	    header->death_offset > LOGTAP_SLOT_BYTES - sizeof(uint32_t) ||
	    header->death_offset % sizeof(uint32_t))
		return "its death word lies outside its slot's line";
	return NULL;
}

const char *logtap_segment_check(const struct logtap_segment *header,
				 uint64_t file_bytes)
{
	const char *why = check_prefix(&header->prefix);
	if (!why)
		why = check_slots(header);
	if (why)
		return why;
	/* The counts are bounded, so that no product below can overflow. */
	uint64_t slots = (uint64_t)header->slot_count * LOGTAP_SLOT_BYTES;
	uint64_t data = (uint64_t)header->slot_count *
			((uint64_t)header->ring_bytes + header->nested_bytes);
	uint64_t control_offset = header->control_offset;
	uint64_t slots_offset = header->slots_offset;
	uint64_t data_offset = header->data_offset;
	if (header->segment_bytes > file_bytes)
		return "the file is shorter than its header says";
	if (control_offset % LOGTAP_PAGE_BYTES ||
	    slots_offset % LOGTAP_CACHE_LINE_BYTES || data_offset % 8)
		return "a part of it is not aligned";
	if (control_offset < header->prefix.header_bytes ||
	    control_offset > CONTROL_OFFSET_MAX ||
	    slots_offset < control_offset ||
	    slots_offset - control_offset < LOGTAP_PAGE_BYTES ||
	    slots_offset - control_offset > CONTROL_TO_SLOTS_MAX ||
	    data_offset < slots_offset || data_offset - slots_offset < slots)
		return "its parts overlap";
	if (header->counters_offset &&
	    (header->counters_offset % 8 ||
	     header->counters_bytes <
		     logtap_metric_area_bytes(header->slot_count) ||
	     header->counters_offset < slots_offset + slots ||
	     header->counters_offset - slots_offset - slots >
		     SLOTS_TO_METRICS_MAX ||
	     data_offset < header->counters_offset ||
	     data_offset - header->counters_offset < header->counters_bytes))
		return "its user metrics overlap another part";
	if (data_offset > header->segment_bytes ||
	    header->segment_bytes - data_offset < data)
		return "its rings reach past its end";
	return NULL;
}

/* Ends every text of the copy, so that no reader runs past it. */
static void end_texts(struct logtap_segment *header)
{
	header->comm[LOGTAP_COMM_BYTES - 1] = 0;
	header->executable[LOGTAP_EXECUTABLE_BYTES - 1] = 0;
	header->cgroup[LOGTAP_CGROUP_BYTES - 1] = 0;
	if (header->environment_bytes > LOGTAP_ENVIRONMENT_BYTES)
		header->environment_bytes = LOGTAP_ENVIRONMENT_BYTES;
	header->environment[LOGTAP_ENVIRONMENT_BYTES - 1] = 0;
}

static int read_header(struct logtap_segment_file *segment, const char **why)
{
	struct logtap_segment *header = &segment->header;
	ssize_t got = pread(segment->fd, header, sizeof(*header), 0);
	if (got < 0)
		return -errno;
	if (got < (ssize_t)sizeof(header->prefix) ||
	    atomic_load_explicit(&header->prefix.ready, memory_order_relaxed) !=
		    1)
		return LOGTAP_SEGMENT_NOT_READY;
	/* The first copy may be older than its ready word; this one is not. */
	atomic_thread_fence(memory_order_acquire);
	got = pread(segment->fd, header, sizeof(*header), 0);
	struct stat status;
	if (got < 0 || fstat(segment->fd, &status))
		return -errno;
	/* Its size also counts from now on only: hosts grow a file first. */
	segment->file_bytes = (uint64_t)status.st_size;
	*why = got < (ssize_t)sizeof(*header)
		       ? "the file is shorter than a header"
		       : logtap_segment_check(header, segment->file_bytes);
	if (*why)
		return logtap_segment_is_foreign(&header->prefix)
			       ? LOGTAP_SEGMENT_FOREIGN
			       : LOGTAP_SEGMENT_BAD;
	end_texts(header);
	return 0;
}

static int map_tables(struct logtap_segment_file *segment)
{
	const struct logtap_segment *header = &segment->header;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t end = header->slots_offset +
		       (uint64_t)header->slot_count * LOGTAP_SLOT_BYTES;
	if (header->counters_offset)
		end = header->counters_offset +
		      logtap_metric_area_bytes(header->slot_count);
	end = (end + page - 1) & ~(page - 1);
	void *mapping = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_SHARED,
			     segment->fd, 0);
	if (mapping == MAP_FAILED)
		return -errno;
	segment->guard = logtap_guard_add(mapping, end);
	if (!segment->guard) {
		munmap(mapping, end);
		return -ENOMEM;
	}
	segment->mapping = mapping;
	segment->mapping_bytes = end;
	unsigned char *base = mapping;
	segment->control =
		(struct logtap_control *)(base + header->control_offset);
	segment->slots = base + header->slots_offset;
	if (header->counters_offset)
		segment->metrics = base + header->counters_offset;
	return 0;
}

static int open_file(int dir_fd, const char *name,
		     struct logtap_segment_file *out, const char **why)
{
	struct stat status;
	/* O_NONBLOCK: a FIFO with this name must not hold us. */
	out->fd =
		openat(dir_fd, name,
		       O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (out->fd < 0) {
		if (errno == ENOENT)
			return LOGTAP_SEGMENT_GONE;
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			return -errno;
		*why = errno == ELOOP	 ? "it is a symbolic link"
		       : errno == EACCES ? "permission denied; another user's "
					   "program made it"
					 : strerror(errno);
		return LOGTAP_SEGMENT_BAD;
	}
	if (fstat(out->fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode)) {
		*why = "it is not a regular file";
		return LOGTAP_SEGMENT_BAD;
	}
	if (flock(out->fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? LOGTAP_SEGMENT_IN_USE : -errno;
	out->device = status.st_dev;
	out->inode = status.st_ino;
	out->owner = status.st_uid;
	return read_header(out, why);
}

int logtap_segment_open(int dir_fd, const char *name,
			struct logtap_segment_file *out, const char **why)
{
	memset(out, 0, sizeof(*out));
	int result = open_file(dir_fd, name, out, why);
	if (!result)
		result = map_tables(out);
	if (result)
		logtap_segment_close(out);
	return result;
}

void logtap_segment_close(struct logtap_segment_file *segment)
{
	logtap_guard_remove(segment->guard);
	if (segment->mapping)
		munmap(segment->mapping, segment->mapping_bytes);
	if (segment->fd >= 0)
		close(segment->fd);
	memset(segment, 0, sizeof(*segment));
	segment->fd = -1;
}

bool logtap_segment_lost(const struct logtap_segment_file *segment)
{
	return logtap_guard_tripped(segment->guard);
}

struct logtap_slot *logtap_segment_slot(
	const struct logtap_segment_file *segment, uint32_t index)
{
	return (struct logtap_slot *)(segment->slots +
				      (size_t)index * LOGTAP_SLOT_BYTES);
}

_Atomic uint32_t *logtap_segment_death(
	const struct logtap_segment_file *segment, uint32_t index)
{
	return (_Atomic uint32_t *)(segment->slots +
				    (size_t)index * LOGTAP_SLOT_BYTES +
				    segment->header.death_offset);
}

const _Atomic uint64_t *logtap_segment_metric_row(
	const struct logtap_segment_file *segment, uint32_t index)
{
	return (const _Atomic uint64_t *)(segment->metrics +
					  (size_t)index *
						  LOGTAP_METRIC_ROW_BYTES);
}

struct logtap_metric_definition *logtap_segment_metric(
	const struct logtap_segment_file *segment, uint32_t index)
{
	size_t rows = (size_t)(segment->header.slot_count + 1) *
		      LOGTAP_METRIC_ROW_BYTES;
	return (struct logtap_metric_definition *)(segment->metrics + rows) +
	       index;
}

uint64_t logtap_segment_ring_offset(const struct logtap_segment_file *segment,
				    uint32_t index, unsigned nested)
{
	const struct logtap_segment *header = &segment->header;
	uint64_t stride = (uint64_t)header->ring_bytes + header->nested_bytes;
	return header->data_offset + index * stride +
	       (nested ? header->ring_bytes : 0);
}

int logtap_segment_read_sinks(struct logtap_segment_file *segment)
{
	struct logtap_sink sinks[LOGTAP_SINKS];
	ssize_t got = pread(segment->fd, sinks, sizeof(sinks),
			    offsetof(struct logtap_segment, sinks));
	if (got != (ssize_t)sizeof(sinks))
		return got < 0 ? -errno : -EIO;
	for (int i = 0; i < LOGTAP_SINKS; i++) {
		/* An entry never changes once it is ready: the first ready copy
		 * is kept, whatever the host writes over it later. */
		if (atomic_load(&segment->header.sinks[i].state) ==
		    LOGTAP_SINK_READY)
			continue;
		if (atomic_load(&sinks[i].state) == LOGTAP_SINK_READY)
			memcpy(&segment->header.sinks[i], &sinks[i],
			       sizeof(sinks[i]));
	}
	return 0;
}

bool logtap_segment_is_name(const char *name)
{
	size_t length = strlen(name);
	size_t suffix = strlen(LOGTAP_SEGMENT_SUFFIX);
	return length > suffix &&
	       !strcmp(name + length - suffix, LOGTAP_SEGMENT_SUFFIX);
}
