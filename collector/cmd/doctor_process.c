/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap doctor PID: is a process that runs captured, how, and what of it is
 * not?  Main thread. */
#include "command.h"
#include "doctor.h"

#include "../base/clock.h"
#include "../base/error.h"
#include "../run/coverage.h"
#include "../run/running.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS_SHOWN = 20 };

static uint64_t load(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static void print_why_not(const struct logtap_running *running)
{
	char why[LOGTAP_RUNNING_WHY_BYTES];

	logtap_running_why_not(running, why);
	logtap_doctor_row("problem", "%s", why);
}

/* Return: whether somebody reads. */
static bool print_collector(const struct logtap_control *control)
{
	uint64_t beat = load(&control->heartbeat_ns);
	uint64_t now = logtap_clock_monotonic_ns();
	uint32_t pid = atomic_load(&control->collector_pid);
	bool fresh = beat && (now < beat ||
			      now - beat <= load(&control->stale_after_ns));

	if (!beat)
		logtap_doctor_row("collector", "none has been here yet");
	else
		logtap_doctor_row("collector", "pid %" PRIu32 "%s%s", pid,
				  fresh ? "" : ", not heard of for ",
				  fresh ? ", at work" : "more than a second");
	if (atomic_load(&control->disarm))
		logtap_doctor_row("disarmed",
				  "told to stand down until its end");
	return fresh && !atomic_load(&control->disarm);
}

static void print_coverage(const struct logtap_segment *header)
{
	const char *name;
	for (unsigned i = 0; (name = logtap_mechanism_name(i)); i++)
		logtap_doctor_row(i ? "" : "mechanisms", "%-35s %s", name,
				  logtap_coverage_text(header->coverage[i]));
	logtap_doctor_row("mode", "%s%s",
			  header->mode == LOGTAP_MODE_DIVERT ? "divert" : "tee",
			  header->seccomp
				  ? ", under a seccomp filter since its start"
				  : "");
}

static void print_diagnostics(const struct logtap_running *running)
{
	for (size_t i = 0; i < running->segment_count; i++) {
		const struct logtap_running_segment *segment =
			&running->segments[i];
		if (segment->bad)
			logtap_doctor_row("unreadable", "%s: %s", segment->path,
					  segment->bad);
		for (int j = 0; !segment->bad && j < LOGTAP_DIAGNOSTICS; j++) {
			const struct logtap_diagnostic *entry =
				&segment->header.diagnostics[j];
			int error = entry->error == LOGTAP_DIAGNOSTIC_PROGRAM
					    ? 0
					    : entry->error;
			if (atomic_load(&entry->state) != 2)
				continue;
			logtap_doctor_row("diagnostic", "%.*s%s%s",
					  (int)sizeof(entry->text), entry->text,
					  error ? ": " : "",
					  error ? strerror(error) : "");
		}
	}
}

struct sums {
	uint64_t value[LOGTAP_COUNTERS];
	uint64_t uncaptured_chunks, uncaptured_bytes;
	unsigned threads;
};

static bool is_ours(const struct logtap_running *running,
		    const struct logtap_segment *header,
		    const struct logtap_slot *slot)
{
	unsigned state =
		(unsigned)(load(&slot->state) & LOGTAP_SLOT_STATE_MASK);
	if (state != LOGTAP_SLOT_LIVE && state != LOGTAP_SLOT_MOVED)
		return false;
	/* In a namespace of its own it has another number. */
	return slot->pid == (uint32_t)running->pid ||
	       (running->segment_count == 1 && slot->pid == header->pid);
}

static uint64_t unread(const struct logtap_slot *slot)
{
	uint64_t head = load(&slot->main.head), tail = load(&slot->main_tail);
	return head > tail ? head - tail : 0;
}

static void print_slot(const struct logtap_slot *slot, struct sums *sums)
{
	for (int i = 0; i < LOGTAP_COUNTERS; i++)
		sums->value[i] += load(&slot->counters[i]);
	if (sums->threads++ >= THREADS_SHOWN)
		return;
	logtap_doctor_row(sums->threads == 1 ? "threads" : "",
			  "%-8" PRIu32 "%-16.*s%10" PRIu64
			  " messages %10" PRIu64 " bytes, %" PRIu64
			  " bytes of ring not yet read",
			  slot->tid, LOGTAP_SLOT_NAME_BYTES, slot->name,
			  load(&slot->counters[LOGTAP_COUNTER_CHUNKS]),
			  load(&slot->counters[LOGTAP_COUNTER_BYTES]),
			  unread(slot));
}

static void print_threads(const struct logtap_running *running,
			  struct sums *sums)
{
	for (size_t i = 0; i < running->segment_count; i++) {
		const struct logtap_running_segment *segment =
			&running->segments[i];
		const struct logtap_segment *header = &segment->header;
		if (segment->bad)
			continue;
		sums->uncaptured_chunks += load(&header->uncaptured_chunks);
		sums->uncaptured_bytes += load(&header->uncaptured_bytes);
		for (uint32_t j = 0; j < header->slot_count; j++)
			if (is_ours(running, header, &segment->slots[j]))
				print_slot(&segment->slots[j], sums);
	}
	if (sums->threads > THREADS_SHOWN)
		logtap_doctor_row("", "and %u more",
				  sums->threads - THREADS_SHOWN);
	if (!sums->threads)
		logtap_doctor_row("threads", "none has a place of its own");
}

static void print_losses(const struct sums *sums)
{
	const uint64_t *value = sums->value;
	uint64_t dropped = value[LOGTAP_COUNTER_DROPPED_CHUNKS] +
			   value[LOGTAP_COUNTER_NESTED_DROPPED_CHUNKS];

	if (dropped)
		logtap_doctor_row("dropped",
				  "%" PRIu64 " messages: rings were full",
				  dropped);
	if (sums->uncaptured_chunks)
		logtap_doctor_row("uncaptured",
				  "%" PRIu64 " messages, %" PRIu64
				  " bytes: no place for their threads",
				  sums->uncaptured_chunks,
				  sums->uncaptured_bytes);
	if (value[LOGTAP_COUNTER_GAP_BYTES])
		logtap_doctor_row("gap",
				  "%" PRIu64 " bytes by sendfile or splice, "
				  "which show them to nobody",
				  value[LOGTAP_COUNTER_GAP_BYTES]);
	if (value[LOGTAP_COUNTER_SUPPRESSED])
		logtap_doctor_row("suppressed",
				  "%" PRIu64 " messages of threads marked as "
				  "telemetry's own",
				  value[LOGTAP_COUNTER_SUPPRESSED]);
}

/* The kernel counts what a process writes to whatever: an upper limit of what
 * went past capture, and exact where nothing else is written. */
static void print_written(const struct logtap_running *running,
			  const struct sums *sums)
{
	char path[64], line[128];
	unsigned long long written = 0;
	uint64_t ours = 0, captured = sums->value[LOGTAP_COUNTER_BYTES];
	bool known = false;

	snprintf(path, sizeof(path), "/proc/%d/io", (int)running->pid);
	FILE *file = fopen(path, "re");
	while (file && !known && fgets(line, sizeof(line), file))
		known = sscanf(line, "wchar: %llu", &written) == 1;
	if (file)
		fclose(file);
	for (size_t i = 0; i < running->segment_count; i++) {
		const struct logtap_segment *header =
			&running->segments[i].header;
		/* The first one is reserved without writing, unless there is
		 * a filter. */
		if (!running->segments[i].bad &&
		    header->pid == (uint32_t)running->pid &&
		    (header->index || header->seccomp))
			ours += header->segment_bytes;
	}
	if (!known || written < ours)
		return;
	logtap_doctor_row("written",
			  "%" PRIu64 " bytes by write(2) and its like, and "
			  "%" PRIu64 " to logtap's own memory; %" PRIu64
			  " bytes captured%s",
			  (uint64_t)written - ours, ours, captured,
			  written - ours == captured ? ": the same, nothing "
						       "went past"
						     : "");
}

/* Of a file the kernel knows how far it was written. */
static void print_stderr(const struct logtap_running *running)
{
	char path[64], target[PATH_MAX], line[128];
	unsigned long long position = 0;
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%d/fd/2", (int)running->pid);
	ssize_t size = readlink(path, target, sizeof(target) - 1);
	if (size < 0) {
		logtap_doctor_row("stderr", "%s",
				  errno == ENOENT ? "closed" : strerror(errno));
		return;
	}
	target[size] = '\0';
	if (stat(path, &status) || !S_ISREG(status.st_mode)) {
		logtap_doctor_row("stderr", "%s", target);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/2", (int)running->pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "pos: %llu", &position) == 1)
			break;
	if (file)
		fclose(file);
	logtap_doctor_row("stderr",
			  "%s, written up to byte %llu by all that share it",
			  target, position);
}

static bool print_capture(const struct logtap_running *running)
{
	const struct logtap_running_segment *first = &running->segments[0];
	struct sums sums = {0};
	bool read = false;

	logtap_doctor_row("segments", "%zu, the first one %s",
			  running->segment_count, first->path);
	if (!first->bad) {
		read = print_collector(&first->control);
		print_coverage(&first->header);
	}
	print_threads(running, &sums);
	print_losses(&sums);
	print_written(running, &sums);
	print_diagnostics(running);
	return read;
}

int logtap_doctor_process(pid_t pid)
{
	static struct logtap_running running;
	char name[32];
	int error = logtap_running_read(pid, &running);
	if (error) {
		snprintf(name, sizeof(name), "%d", (int)pid);
		logtap_error_print("doctor", name, strerror(error),
				   error == EACCES || error == EPERM
					   ? "ask as its user, or as root"
					   : NULL);
		return LOGTAP_EXIT_BAD;
	}
	bool captured = running.segment_count > 0, read = false;
	logtap_doctor_row("program", "%s", running.executable);
	logtap_doctor_row("library", "%s",
			  running.library[0] ? running.library : "not loaded");
	if (captured)
		read = print_capture(&running);
	else
		print_why_not(&running);
	print_stderr(&running);
	logtap_doctor_row("verdict", "%s",
			  read	     ? "is captured"
			  : captured ? "keeps its last messages; nobody reads "
				       "them now"
				     : "is not captured");
	logtap_running_deinit(&running);
	return read ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_BAD;
}
