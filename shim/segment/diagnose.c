/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: kept in the first segment, because a host's streams are not
 * ours to print to.  Runs in any thread. */
#include "../bytes.h"
#include "create.h"

enum { DIAGNOSTIC_EMPTY, DIAGNOSTIC_WRITING, DIAGNOSTIC_READY };

/* What was said before there was a segment. */
static LOGTAP_BSS("4") struct {
	int error;
	char text[sizeof((struct logtap_diagnostic *)0)->text];
} early[8];
static unsigned early_count;

static void keep(struct logtap_segment *segment, int error, const char *text)
{
	unsigned most = error == LOGTAP_DIAGNOSTIC_PROGRAM
				? LOGTAP_DIAGNOSTICS / 2
				: LOGTAP_DIAGNOSTICS;

	for (unsigned i = 0; i < most; i++) {
		struct logtap_diagnostic *entry = &segment->diagnostics[i];
		uint32_t empty = DIAGNOSTIC_EMPTY;
		if (!atomic_compare_exchange_strong(&entry->state, &empty,
						    DIAGNOSTIC_WRITING)) {
			if (empty == DIAGNOSTIC_READY &&
			    entry->error == error &&
			    logtap_bytes_same(entry->text, text))
				return;
			continue;
		}
		entry->error = error;
		logtap_bytes_string(entry->text, sizeof entry->text, text);
		atomic_store_explicit(&entry->state, DIAGNOSTIC_READY,
				      memory_order_release);
		return;
	}
}

void logtap_segment_diagnose(int error, const char *text)
{
	struct logtap_mapping *mapping = logtap_mapping_at(0);

	if (!mapping) {
		if (early_count < sizeof early / sizeof early[0]) {
			early[early_count].error = error;
			logtap_bytes_string(early[early_count].text,
					    sizeof early[0].text, text);
			early_count++;
		}
		return;
	}
	while (early_count) {
		early_count--;
		keep(mapping->segment, early[early_count].error,
		     early[early_count].text);
	}
	if (text)
		keep(mapping->segment, error, text);
}
