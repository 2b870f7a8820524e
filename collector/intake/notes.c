/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a segment's header tells of its process: calls that found no slot,
 * diagnostics of the library, mechanisms that are missing.  All of it becomes
 * records, so that whoever reads the records knows what is not among them.
 * Runs in the reader's thread.
 */
#include "notes.h"
#include "../run/coverage.h"
#include "../run/running.h"
#include "intake.h"
#include "liveness.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_BYTES = 512 };

/* Calls that found no slot are the process's, not a slot's. */
void logtap_uncaptured_count(struct logtap_intake *intake,
			     struct logtap_intake_segment *segment)
{
	const struct logtap_segment *shared = segment->file.mapping;
	uint64_t metrics = atomic_load_explicit(&shared->shared_metrics,
						memory_order_relaxed);
	struct logtap_frame_uncaptured now = {
		.chunks = atomic_load_explicit(&shared->uncaptured_chunks,
					       memory_order_relaxed),
		.bytes = atomic_load_explicit(&shared->uncaptured_bytes,
					      memory_order_relaxed),
	};
	/* What a lost page said is no host's. */
	if (logtap_segment_lost(&segment->file))
		return;
	logtap_metrics_read_shared(intake, segment, metrics);
	if (now.chunks <= segment->uncaptured.chunks ||
	    logtap_intake_introduce(intake, segment, LOGTAP_NO_SLOT))
		return;
	struct logtap_counts counts = {0}, none = {0};
	counts.value[LOGTAP_COUNT_UNCAPTURED_CHUNKS] =
		now.chunks - segment->uncaptured.chunks;
	if (now.bytes > segment->uncaptured.bytes)
		counts.value[LOGTAP_COUNT_UNCAPTURED_BYTES] =
			now.bytes - segment->uncaptured.bytes;
	logtap_accounting_fold(intake->accounting, segment->account, &none,
			       &counts);
	segment->uncaptured = now;
}

void logtap_start_tell(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	if (segment->start_told)
		return;
	struct logtap_frame_start start = {
		.input_device = header->input_device,
		.input_inode = header->input_inode,
		.output_device = header->output_device,
		.output_inode = header->output_inode,
	};
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_START,
		.observed_ns = logtap_now_realtime_ns(),
	};
	memcpy(start.comm, header->comm, sizeof(start.comm));
	segment->start_told =
		header->index || !header->input_inode ||
		!logtap_intake_append(intake, &frame, &start, sizeof(start));
}

/* Return: whether the journal has it. */
__attribute__((format(printf, 4, 5))) static bool note(
	struct logtap_intake *intake, struct logtap_intake_segment *segment,
	enum logtap_note kind, const char *format, ...)
{
	struct {
		struct logtap_frame_note head;
		char text[TEXT_BYTES];
	} payload = {.head.kind = kind};
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_NOTE,
		.segment = segment->key,
		.observed_ns = logtap_now_realtime_ns(),
	};
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(payload.text, sizeof(payload.text), format, arguments);
	va_end(arguments);
	uint32_t bytes =
		(uint32_t)(sizeof(payload.head) + strlen(payload.text));
	return !logtap_intake_introduce(intake, segment, LOGTAP_NO_SLOT) &&
	       !logtap_intake_append(intake, &frame, &payload, bytes);
}

/* Is there one that is complete and was not told?  They are filled in order. */
static bool has_news(const struct logtap_intake_segment *segment)
{
	const struct logtap_segment *shared = segment->file.mapping;
	for (unsigned i = 0; i < LOGTAP_DIAGNOSTICS; i++) {
		if (segment->diagnostics_told & 1u << i)
			continue;
		uint32_t state = atomic_load_explicit(
			&shared->diagnostics[i].state, memory_order_relaxed);
		if (state == 2)
			return true;
		if (!state)
			return false;
	}
	return false;
}

static void tell_diagnostics(struct logtap_intake *intake,
			     struct logtap_intake_segment *segment)
{
	struct logtap_diagnostic entries[LOGTAP_DIAGNOSTICS];
	if (pread(segment->file.fd, entries, sizeof(entries),
		  (off_t)offsetof(struct logtap_segment, diagnostics)) !=
	    (ssize_t)sizeof(entries))
		return;
	for (unsigned i = 0; i < LOGTAP_DIAGNOSTICS; i++) {
		struct logtap_diagnostic *entry = &entries[i];
		if (segment->diagnostics_told & 1u << i ||
		    atomic_load_explicit(&entry->state, memory_order_relaxed) !=
			    2)
			continue;
		entry->text[sizeof(entry->text) - 1] = 0;
		bool program = entry->error == LOGTAP_DIAGNOSTIC_PROGRAM;
		int error = program ? 0 : entry->error;
		if (!note(intake, segment, LOGTAP_NOTE_DIAGNOSTIC, "%s%s%s",
			  entry->text, error ? ": " : "",
			  error ? strerror(error) : ""))
			continue;
		segment->diagnostics_told |= 1u << i;
		intake->programs += program;
	}
}

/* Without one of these messages are missed; the others have a fall-back. */
static bool captures(unsigned mechanism)
{
	return mechanism == LOGTAP_MECHANISM_STDIO ||
	       mechanism == LOGTAP_MECHANISM_WRITE ||
	       mechanism == LOGTAP_MECHANISM_SYSLOG ||
	       mechanism == LOGTAP_MECHANISM_SOCKET ||
	       mechanism == LOGTAP_MECHANISM_WRITERS ||
	       mechanism == LOGTAP_MECHANISM_OPEN;
}

static bool is_gap(const struct logtap_segment *header, unsigned mechanism)
{
	unsigned char how = header->coverage[mechanism];
	return captures(mechanism) && how != LOGTAP_COVERAGE_ABSENT &&
	       how != LOGTAP_COVERAGE_INSTALLED &&
	       how != LOGTAP_COVERAGE_NOT_ASKED;
}

bool logtap_notes_are_none(const struct logtap_intake_segment *segment)
{
	const struct logtap_segment *shared = segment->file.mapping;
	for (unsigned i = 0; i < LOGTAP_MECHANISMS_MAX; i++)
		if (is_gap(&segment->file.header, i))
			return false;
	return !atomic_load(&shared->diagnostics[0].state) &&
	       !atomic_load(&shared->uncaptured_chunks) &&
	       !atomic_load(&shared->shared_metrics);
}

static void tell_coverage(struct logtap_intake *intake,
			  struct logtap_intake_segment *segment)
{
	const struct logtap_segment *header = &segment->file.header;
	char text[TEXT_BYTES] = "";
	for (unsigned i = 0; i < LOGTAP_MECHANISMS_MAX; i++) {
		if (!is_gap(header, i))
			continue;
		size_t size = strlen(text);
		snprintf(text + size, sizeof(text) - size, "%s%s: %s",
			 size ? "; " : "", logtap_mechanism_name(i),
			 logtap_coverage_text(header->coverage[i]));
	}
	segment->coverage_told =
		!*text || note(intake, segment, LOGTAP_NOTE_COVERAGE,
			       "not all is captured: %s", text);
	intake->incomplete += *text && segment->coverage_told;
}

void logtap_notes_take(struct logtap_intake *intake,
		       struct logtap_intake_segment *segment)
{
	/* The library keeps them in the first segment of an image. */
	if (segment->file.header.index || logtap_segment_lost(&segment->file))
		return;
	if (!segment->coverage_told)
		tell_coverage(intake, segment);
	if (has_news(segment))
		tell_diagnostics(intake, segment);
}

void logtap_notes_end(struct logtap_intake *intake,
		      struct logtap_intake_segment *segment)
{
	logtap_uncaptured_count(intake, segment);
	logtap_notes_take(intake, segment);
	if (segment->uncaptured.chunks && !segment->uncaptured_told)
		segment->uncaptured_told = note(
			intake, segment, LOGTAP_NOTE_UNCAPTURED,
			"%" PRIu64 " messages (%" PRIu64
			" bytes) were not captured: there was no place for "
			"their threads",
			segment->uncaptured.chunks, segment->uncaptured.bytes);
}

/* It has no segment: one stands in for it, in the journal alone. */
bool logtap_stranger_tell(struct logtap_intake *intake,
			  const struct logtap_running *running, const char *why)
{
	struct logtap_intake_segment *segment = calloc(1, sizeof(*segment));
	if (!segment)
		return false;
	struct logtap_segment *header = &segment->file.header;
	const char *slash = strrchr(running->executable, '/');
	char path[64];
	struct stat status;
	segment->key = intake->next_key++;
	header->pid = (uint32_t)running->pid;
	header->start_ticks = logtap_process_start(header->pid);
	snprintf(path, sizeof(path), "/proc/%d", (int)running->pid);
	if (!stat(path, &status))
		header->uid = status.st_uid;
	/* Or its name alone. */
	if (slash)
		snprintf(header->executable, sizeof(header->executable),
			 "%.511s", running->executable);
	snprintf(header->comm, sizeof(header->comm), "%.15s",
		 slash ? slash + 1 : running->executable);
	bool told = note(intake, segment, LOGTAP_NOTE_STRANGER,
			 "this process is not captured: %s", why);
	struct logtap_frame frame = {
		.type = LOGTAP_FRAME_SEGMENT_END,
		.segment = segment->key,
		.observed_ns = logtap_now_realtime_ns(),
	};
	if (segment->introduced)
		logtap_intake_append(intake, &frame, &segment->uncaptured,
				     sizeof(segment->uncaptured));
	free(segment);
	return told;
}
