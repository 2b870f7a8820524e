/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Making a segment file: see the header for the calls that are allowed. */
#include "create.h"

#include "../arch/signals.h"
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../libc/libc.h"
#include "../random.h"
#include "../ring/clock.h"
#include "beat.h"
#include "claim.h"
#include "metrics.h"
#include "sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* For fifty lines of handlers that find one copy interrupted again and again;
 * for a hundred where a thread logs much. */
#define NESTED_BYTES_FIRST 4096u
#define NESTED_BYTES 8192u
#define ZEROS_BYTES 16384u

/* Read-only and file-backed: one fault brings all of it in. */
static const unsigned char zeros[ZEROS_BYTES] = {0};

static uint64_t page_up(uint64_t bytes)
{
	return (bytes + LOGTAP_PAGE_BYTES - 1) &
	       ~(uint64_t)(LOGTAP_PAGE_BYTES - 1);
}

static void put_path(char *path, size_t room, uint64_t random)
{
	const struct logtap_identity *identity = &logtap_state.identity;
	size_t at = 0;

	logtap_bytes_put(path, room, &at, logtap_state.config.directory);
	logtap_bytes_put(path, room, &at, "/");
	logtap_bytes_put_number(path, room, &at, identity->pid);
	logtap_bytes_put(path, room, &at, "-");
	logtap_bytes_put_number(path, room, &at, identity->start_ticks);
	logtap_bytes_put(path, room, &at, "-");
	logtap_bytes_put_hex(path, room, &at, random);
	logtap_bytes_put(path, room, &at, LOGTAP_SEGMENT_SUFFIX);
}

/* Growing past RLIMIT_FSIZE would raise SIGXFSZ. */
bool logtap_segment_within_limit(uint64_t bytes)
{
	struct rlimit limit;

	return logtap_sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) ==
		       0 &&
	       (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= bytes);
}

/* @light: for threads that may never log, which begin in less time so, and of
 * whose rings most is never touched.  The zeros are then made when pages are,
 * which a ring that grows should not have to wait for while it is written. */
static long reserve(long fd, uint64_t bytes, bool light)
{
	if (!logtap_filtered() && light) {
		long error = logtap_sys4(SYS_fallocate, fd, 0, 0, (long)bytes);
		if (!error || error == -ENOSPC)
			return error;
	}
	while (bytes) {
		uint64_t part = bytes < ZEROS_BYTES ? bytes : ZEROS_BYTES;
		long put = logtap_sys3(SYS_write, fd, (long)zeros, (long)part);
		if (put == -EINTR)
			continue;
		if (put <= 0)
			return put ? put : -ENOSPC;
		bytes -= (uint64_t)put;
	}
	return 0;
}

/* Makes and reserves the file, maps it.  Return: 0 or -errno. */
static long make_file(uint64_t bytes, bool light, unsigned char **base)
{
	char path[LOGTAP_DIRECTORY_BYTES + 80];
	struct stat status;
	long fd = -EEXIST, error;

	if (!logtap_segment_within_limit(bytes))
		return -EFBIG;
	for (int i = 0; i < 4 && fd == -EEXIST; i++) {
		put_path(path, sizeof path, logtap_random());
		fd = logtap_sys4(SYS_openat, AT_FDCWD, (long)path,
				 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
					 O_NOFOLLOW,
				 0600);
	}
	if (fd < 0)
		return fd;
	error = reserve(fd, bytes, light);
	if (!error)
		error = logtap_sys2(SYS_fstat, fd, (long)&status);
	/* a harsh umask; its owner can mend it */
	if (!error && (status.st_mode & 0777) != 0600 && !logtap_filtered())
		error = logtap_sys2(SYS_fchmod, fd, 0600);
	if (!error) {
		long at =
			logtap_sys6(SYS_mmap, 0, (long)bytes,
				    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (at < 0 && at > -4096)
			error = at;
		*base = (unsigned char *)at;
	}
	logtap_sys1(SYS_close, fd);
	/* A part of a segment would only keep a full file system full. */
	if (error && !logtap_filtered())
		logtap_sys3(SYS_unlinkat, AT_FDCWD, (long)path, 0);
	return error;
}

/* A handler that leaves by siglongjmp, or forks, must not come between open
 * and close: the descriptor would stay. */
static long make_file_undisturbed(uint64_t bytes, bool light,
				  unsigned char **base)
{
	uint64_t saved;
	bool blocked = !logtap_filtered() && logtap_signals_block(&saved);
	long error = make_file(bytes, light, base);

	if (blocked)
		logtap_signals_restore(&saved);
	return error;
}

static void put_identity(struct logtap_segment *segment)
{
	const struct logtap_identity *identity = &logtap_state.identity;

	segment->pid = identity->pid;
	segment->parent_pid = identity->parent_pid;
	segment->uid = identity->uid;
	segment->gid = identity->gid;
	segment->start_ticks = identity->start_ticks;
	segment->pid_namespace = identity->pid_namespace;
	segment->seccomp = logtap_filtered();
	segment->index = atomic_fetch_add(&logtap_state.segment_index, 1);
	logtap_random_put(segment->uuid, sizeof segment->uuid);
	logtap_bytes_copy(segment->coverage, identity->coverage,
			  sizeof segment->coverage);
	logtap_bytes_copy(segment->comm, identity->comm, sizeof segment->comm);
	logtap_bytes_string(segment->executable, sizeof segment->executable,
			    identity->executable);
	logtap_bytes_copy(segment->environment, logtap_state.environment,
			  identity->environment_bytes);
	segment->environment_bytes = identity->environment_bytes;
	segment->input_device = identity->input.device;
	segment->input_inode = identity->input.inode;
	segment->output_device = identity->output.device;
	segment->output_inode = identity->output.inode;
	segment->error_bytes = identity->error_bytes;
	segment->clock = logtap_clock_unit();
	segment->clock_tsc = identity->tsc;
	segment->clock_realtime_ns = identity->realtime_ns;
	segment->clock_monotonic_ns = identity->monotonic_ns;
	segment->mode = logtap_state.config.mode;
	segment->full = logtap_state.config.full;
}

static void put_header(struct logtap_mapping *mapping)
{
	struct logtap_segment *segment = mapping->segment;

	logtap_bytes_copy(segment->prefix.magic, LOGTAP_ABI_MAGIC,
			  LOGTAP_ABI_MAGIC_BYTES);
	segment->prefix.major = LOGTAP_ABI_MAJOR;
	segment->prefix.minor = LOGTAP_ABI_MINOR;
	segment->prefix.header_bytes = LOGTAP_HEADER_BYTES;
	segment->prefix.byte_order = LOGTAP_ABI_BYTE_ORDER;
	segment->segment_bytes = mapping->bytes;
	segment->control_offset = LOGTAP_HEADER_BYTES;
	segment->slots_offset = LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES;
	segment->data_offset = (uint64_t)(mapping->data - mapping->base);
	segment->counters_offset =
		(uint64_t)((unsigned char *)mapping->metrics - mapping->base);
	segment->counters_bytes =
		(uint32_t)logtap_metric_area_bytes(mapping->slot_count);
	segment->slot_count = mapping->slot_count;
	segment->slot_bytes = LOGTAP_SLOT_BYTES;
	segment->ring_bytes = mapping->ring_bytes;
	segment->nested_bytes = mapping->nested_bytes;
	segment->ring_blocks = LOGTAP_RING_BLOCKS;
	segment->death_offset = (uint32_t)offsetof(struct logtap_slot, death) +
				logtap_libc_robust.word_offset;
	put_identity(segment);
}

static bool take_bytes(uint64_t bytes)
{
	if (atomic_load(&logtap_state.mapping_count) >= LOGTAP_MAPPINGS)
		return false;
	if (atomic_fetch_add(&logtap_state.mapped_bytes, bytes) + bytes <=
	    logtap_state.config.process_bytes_max)
		return true;
	atomic_fetch_sub(&logtap_state.mapped_bytes, bytes);
	return false;
}

/* A place in the table of mappings; NULL when the process has its fill. */
static struct logtap_mapping *take_mapping(void)
{
	uint32_t count = atomic_load(&logtap_state.mapping_count);

	do {
		if (count >= LOGTAP_MAPPINGS)
			return NULL;
	} while (!atomic_compare_exchange_weak(&logtap_state.mapping_count,
					       &count, count + 1));
	return &logtap_state.mappings[count];
}

static void publish(struct logtap_mapping *mapping)
{
	put_header(mapping);
	logtap_beat_adopt(mapping);
	logtap_beat_adopt_asks(mapping);
	logtap_sinks_publish(mapping);
	logtap_metrics_publish(mapping);
	atomic_store_explicit(&mapping->segment->prefix.ready, 1,
			      memory_order_release);
	/* pairs with the acquire in logtap_mapping_at() */
	atomic_store_explicit(&mapping->usable, 1, memory_order_release);
	/* Once more, for a sink or metric that came meanwhile: either it is
	 * seen here, or whoever adds it sees that this mapping is usable (the
	 * fence pairs with those where they are added). */
	atomic_thread_fence(memory_order_seq_cst);
	logtap_sinks_publish(mapping);
	logtap_metrics_publish(mapping);
}

struct logtap_mapping *logtap_segment_create(uint32_t slots,
					     uint32_t ring_bytes, long *error)
{
	uint64_t metrics = LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES +
			   (uint64_t)slots * LOGTAP_SLOT_BYTES;
	uint64_t head = page_up(metrics + logtap_metric_area_bytes(slots));
	uint32_t nested_bytes = ring_bytes < LOGTAP_RING_BYTES_SECOND
					? NESTED_BYTES_FIRST
					: NESTED_BYTES;
	uint64_t bytes = head + (uint64_t)slots * (ring_bytes + nested_bytes);
	unsigned char *base = NULL;
	struct logtap_mapping *mapping;

	*error = -EPERM;
	if (logtap_sealed())
		return NULL;
	*error = -ENOBUFS;
	if (!take_bytes(bytes))
		return NULL;
	if (!logtap_state.identity.pid) /* a forked child without a slot yet */
		logtap_state.identity.pid =
			(uint32_t)logtap_sys1(SYS_getpid, 0);
	*error = make_file_undisturbed(bytes, slots > 1, &base);
	mapping = *error ? NULL : take_mapping();
	if (!mapping) {
		if (!*error) {
			logtap_sys2(SYS_munmap, (long)base, (long)bytes);
			*error = -ENOBUFS;
		}
		atomic_fetch_sub(&logtap_state.mapped_bytes, bytes);
		return NULL;
	}
	mapping->base = base;
	mapping->segment = (void *)base;
	mapping->control = (void *)(base + LOGTAP_HEADER_BYTES);
	mapping->slots =
		(void *)(base + LOGTAP_HEADER_BYTES + LOGTAP_PAGE_BYTES);
	mapping->metrics = (void *)(base + metrics);
	mapping->definitions = (void *)logtap_metrics_row(mapping, slots + 1);
	mapping->data = base + head;
	mapping->bytes = bytes;
	mapping->slot_count = slots;
	mapping->ring_bytes = ring_bytes;
	mapping->nested_bytes = nested_bytes;
	/* The maker's, before anyone else can see it. */
	atomic_store_explicit(&mapping->slots[0].state,
			      logtap_slot_word(0, LOGTAP_SLOT_CLAIMED),
			      memory_order_relaxed);
	logtap_sinks_begin(mapping);
	for (unsigned i = 0; i < LOGTAP_METRICS; i++)
		mapping->metric_index[i] = LOGTAP_METRIC_INDEX_UNKNOWN;
	publish(mapping);
	return mapping;
}
