/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A young segment's heartbeat: see the header.  Runs in any thread, when a
 * segment is made. */
#include "beat.h"

#include "../arch/syscall.h"
#include "../auxv.h"
#include "../bytes.h"
#include "../guard/tls.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Anybody may leave a file in a directory for all; only root and this process's
 * own user may tell it to write its messages nowhere else. */
static bool is_trusted(long fd)
{
	struct stat status;

	return logtap_sys2(SYS_fstat, fd, (long)&status) == 0 &&
	       S_ISREG(status.st_mode) &&
	       (status.st_uid == 0 || status.st_uid == logtap_auxv(AT_EUID));
}

/* What is missing at its end is zero.  Return: false if there is none. */
static bool read_file(struct logtap_beat *beat)
{
	char path[LOGTAP_DIRECTORY_BYTES + sizeof "/" LOGTAP_BEAT_NAME];
	size_t at = 0;
	long fd, got = -1;

	*beat = (struct logtap_beat){0};
	logtap_bytes_put(path, sizeof path, &at, logtap_state.config.directory);
	logtap_bytes_put(path, sizeof path, &at, "/" LOGTAP_BEAT_NAME);
	fd = logtap_sys4(SYS_openat, AT_FDCWD, (long)path,
			 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (is_trusted(fd))
		got = logtap_sys3(SYS_read, fd, (long)beat, sizeof *beat);
	logtap_sys1(SYS_close, fd);
	return got >= LOGTAP_BEAT_BYTES_MIN;
}

bool logtap_beat_has_counter(void)
{
	struct logtap_beat beat;

	return !logtap_filtered() && read_file(&beat) &&
	       beat.counter_is_clock == 1;
}

/* Of the segments that a collector has opened, the latest. */
static bool find_known(struct logtap_beat *beat)
{
	uint32_t count = atomic_load(&logtap_state.mapping_count);
	bool found = false;

	for (uint32_t i = 0; i < count; i++) {
		const struct logtap_mapping *mapping = logtap_mapping_at(i);
		uint64_t ns =
			mapping ? atomic_load(&mapping->control->heartbeat_ns)
				: 0;
		if (!ns || (found && ns <= beat->heartbeat_ns))
			continue;
		*beat = (struct logtap_beat){
			.heartbeat_tsc =
				atomic_load(&mapping->control->heartbeat_tsc),
			.heartbeat_ns = ns,
			.stale_after_tsc =
				atomic_load(&mapping->control->stale_after_tsc),
			.stale_after_ns =
				atomic_load(&mapping->control->stale_after_ns),
		};
		found = true;
	}
	return found;
}

/* In tee mode a ring would have to be filled before the collector comes. */
static bool is_worth_a_look(void)
{
	return !logtap_filtered() &&
	       (logtap_state.config.mode == LOGTAP_MODE_DIVERT ||
		logtap_state.config.full == LOGTAP_FULL_BLOCK);
}

void logtap_beat_adopt(struct logtap_mapping *mapping)
{
	struct logtap_control *control = mapping->control;
	struct logtap_beat beat;

	if (!find_known(&beat) && !(is_worth_a_look() && read_file(&beat)))
		return;
	atomic_store_explicit(&control->stale_after_tsc, beat.stale_after_tsc,
			      memory_order_relaxed);
	atomic_store_explicit(&control->stale_after_ns, beat.stale_after_ns,
			      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_tsc, beat.heartbeat_tsc,
			      memory_order_relaxed);
	atomic_store_explicit(&control->heartbeat_ns, beat.heartbeat_ns,
			      memory_order_relaxed);
}

void logtap_beat_adopt_asks(struct logtap_mapping *mapping)
{
	const struct logtap_rings *rings = logtap_tls.rings;
	struct logtap_control *to = mapping->control;
	const struct logtap_control *from = rings ? rings->control : NULL;

	if (!from) {
		/* Not to touch the page where it says what zeros do. */
		if (!logtap_state.config.stack_level)
			return;
		to->stack_level = logtap_state.config.stack_level;
		to->look = 1;
		return;
	}
	/* Each word is whole, and a request that changes meanwhile is made
	 * anew when the collector finds this segment. */
	to->stack_level = atomic_load(&from->stack_level);
	to->stack_interval_us = atomic_load(&from->stack_interval_us);
	to->ask = atomic_load(&from->ask);
	for (unsigned i = 0; i < LOGTAP_CONTROL_WATCHES; i++) {
		to->watches[i].until_ns =
			atomic_load(&from->watches[i].until_ns);
		to->memory_ends[i] = atomic_load(&from->memory_ends[i]);
		to->watches[i].tid = atomic_load(&from->watches[i].tid);
	}
	for (unsigned i = 0; i < LOGTAP_CONTROL_HOLDS; i++) {
		to->holds[i].until_ns = atomic_load(&from->holds[i].until_ns);
		to->holds[i].tid = atomic_load(&from->holds[i].tid);
	}
	to->watch_count = atomic_load(&from->watch_count);
	to->hold_count = atomic_load(&from->hold_count);
	to->look = atomic_load(&from->look);
}
