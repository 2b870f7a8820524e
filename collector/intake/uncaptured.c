/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that found no slot: counted in the segment's header by any thread of
 * its hosts.  Runs in the reader's thread. */
#include "intake.h"

void logtap_uncaptured_count(struct logtap_intake *intake,
			     struct logtap_intake_segment *segment)
{
	struct logtap_frame_uncaptured now;
	logtap_segment_uncaptured(&segment->file, &now.chunks, &now.bytes);
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
