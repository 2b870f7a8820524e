/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "nowhere.h"

#include "../state.h"

#define MAIN_BYTES 8192u
#define NESTED_BYTES 4096u

/* No collector (its heartbeat is 0), no metric, no sink that takes a line at
 * once. */
static struct {
	_Alignas(64) unsigned char data[MAIN_BYTES + NESTED_BYTES];
	struct logtap_slot slot;
	struct logtap_control control;
	struct logtap_mapping mapping;
	_Atomic uint64_t metrics[LOGTAP_METRICS];
} nowhere;

void logtap_nowhere_enter(struct logtap_tls *tls)
{
	struct logtap_rings *rings = &tls->ring_pair[0];

	rings->slot = &nowhere.slot;
	rings->mapping = &nowhere.mapping;
	rings->control = &nowhere.control;
	rings->metrics = nowhere.metrics;
	logtap_writer_init(&rings->main, nowhere.data, MAIN_BYTES,
			   &nowhere.slot.main, &nowhere.slot.main_tail);
	logtap_writer_init(&rings->nested, nowhere.data + MAIN_BYTES,
			   NESTED_BYTES, &nowhere.slot.nested,
			   &nowhere.slot.nested_tail);
	tls->ring_pair[1] = *rings;
	tls->rings = &tls->ring_pair[1];
}
