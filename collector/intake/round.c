/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One round of the reader: what is due is done, and when it is to come again.
 * Runs in the reader's thread. */
#include "disarm.h"
#include "ends.h"
#include "hosts.h"
#include "notes.h"
#include "reader_private.h"
#include "restore.h"

#define SWEEP_NS LOGTAP_SECOND_NS
#define SCAN_NS (5 * LOGTAP_SECOND_NS)
#define BLIND_SCAN_NS (100 * LOGTAP_MS_NS) /* without inotify */
/* To wake whoever reads the journal costs as much as some hundred chunks: not
 * more often than this, unless there is much for him. */
#define TELL_NS (20 * LOGTAP_MS_NS)
#define TELL_BYTES (UINT64_C(256) << 10)

/* What an earlier collector left is ended once the journal takes it. */
static void take_over(struct logtap_intake *intake)
{
	if (logtap_intake_rotate(intake, false, !intake->started))
		return;
	logtap_intake_end_vanished(intake);
	logtap_intake_forget_restored(intake);
}

bool logtap_reader_due(uint64_t *last_ns, uint64_t now_ns, uint64_t interval_ns)
{
	if (now_ns - *last_ns < interval_ns)
		return false;
	*last_ns = now_ns - now_ns % interval_ns;
	return true;
}

static void housekeeping(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t now_ns = intake->now_ns;
	if (logtap_reader_due(&reader->scan_ns, now_ns,
			      intake->inotify_fd >= 0 ? SCAN_NS
						      : BLIND_SCAN_NS))
		intake->rescan = true;
	logtap_discover_run(intake, false);
	if (!intake->started || intake->restored)
		take_over(intake);
	if (logtap_reader_due(&reader->beat_ns, now_ns, LOGTAP_BEAT_NS)) {
		logtap_disarm_look(intake);
		logtap_level_look(intake);
		logtap_beat_all(intake);
		logtap_schedule_refresh(intake, false);
	}
	if (logtap_reader_due(&reader->second_ns, now_ns, SWEEP_NS)) {
		logtap_clock_sample(&intake->clock);
		logtap_sweep(intake, false);
		logtap_strangers_look(intake);
		logtap_intake_rotate(intake, true, false);
		logtap_ring_maps_trim(&intake->ring_maps, now_ns);
		logtap_room_reserve(intake);
		logtap_directory_look(intake);
	}
}

void logtap_reader_tell(struct logtap_reader *reader, bool at_once)
{
	uint64_t end = logtap_journal_end(reader->intake.journal);
	uint64_t now_ns = reader->intake.now_ns;
	if (!at_once &&
	    (end == reader->told || (end - reader->told < TELL_BYTES &&
				     now_ns - reader->told_ns < TELL_NS)))
		return;
	reader->told = end;
	reader->told_ns = now_ns;
	logtap_reader_signal(reader->wake_fd);
}

static uint64_t next_due(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	uint64_t due_ns = logtap_discover_due(intake);
	uint64_t visit_ns = logtap_schedule_due(intake);
	if (visit_ns < due_ns)
		due_ns = visit_ns;
	if (reader->beat_ns + LOGTAP_BEAT_NS < due_ns)
		due_ns = reader->beat_ns + LOGTAP_BEAT_NS;
	if (logtap_journal_end(intake->journal) != reader->told &&
	    reader->told_ns + TELL_NS < due_ns)
		due_ns = reader->told_ns + TELL_NS;
	return due_ns;
}

uint64_t logtap_reader_round(struct logtap_reader *reader)
{
	struct logtap_intake *intake = &reader->intake;
	intake->now_ns = logtap_now_monotonic_ns();
	housekeeping(reader);
	logtap_beat_asks(intake);
	logtap_schedule_visit(intake, false);
	uint64_t wanted = atomic_load(&reader->drain_wanted);
	if (wanted != atomic_load(&reader->drain_done))
		logtap_reader_do_drain(reader, wanted);
	/* What waits for more may be all that it keeps. */
	logtap_reader_tell(reader, intake->full);
	uint64_t due_ns = next_due(reader);
	uint64_t now_ns = logtap_now_monotonic_ns();
	return due_ns > now_ns ? due_ns - now_ns : 0;
}
