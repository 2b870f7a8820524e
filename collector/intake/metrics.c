/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User metrics of a segment.  Rows are mapped, as counters are, so that no
 * value is read in halves; of definitions a copy is made, checked and kept.
 * Runs in the reader's thread.
 */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

struct logtap_metric_table {
	struct logtap_metric_definition definitions[LOGTAP_METRICS];
	bool known[LOGTAP_METRICS]; /* a good copy is there */
};

struct logtap_metric_row {
	struct logtap_user_cell cells[LOGTAP_METRICS];
	uint64_t used; /* a bit each */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Ends its texts; false if it is not one that the library would make. */
static bool check(struct logtap_metric_definition *definition)
{
	char *name = definition->name, *unit = definition->unit;
	if (definition->kind != LOGTAP_METRIC_COUNTER &&
	    definition->kind != LOGTAP_METRIC_GAUGE)
		return false;
	name[LOGTAP_METRIC_NAME_BYTES - 1] = 0;
	unit[LOGTAP_METRIC_UNIT_BYTES - 1] = 0;
	if (!is_letter(name[0]))
		return false;
	for (size_t i = 0; name[i]; i++)
		if (!is_letter(name[i]) &&
		    !(name[i] >= '0' && name[i] <= '9') &&
		    !strchr("_.-/", name[i]))
			return false;
	for (size_t i = 0; unit[i]; i++)
		if (unit[i] < ' ' || unit[i] > '~')
			return false;
	return true;
}

/* Makes sure of a copy.  What was copied once is kept. */
static bool is_known(struct logtap_intake_segment *segment, unsigned index)
{
	struct logtap_metric_table *table = segment->metric_table;
	if (!table)
		table = segment->metric_table = calloc(1, sizeof(*table));
	if (!table || table->known[index])
		return table != NULL;
	struct logtap_metric_definition *shared =
		logtap_segment_metric(&segment->file, index);
	if (atomic_load_explicit(&shared->state, memory_order_acquire) !=
	    LOGTAP_METRIC_READY)
		return false;
	memcpy(&table->definitions[index], shared, sizeof(*shared));
	table->known[index] = check(&table->definitions[index]);
	return table->known[index];
}

/* Return: false when it was cut short: what was copied may be zeros. */
static bool copy_row(const struct logtap_intake_segment *segment,
		     uint32_t index, uint64_t values[LOGTAP_METRICS])
{
	const _Atomic uint64_t *row =
		logtap_segment_metric_row(&segment->file, index);
	for (int i = 0; i < LOGTAP_METRICS; i++)
		values[i] = atomic_load_explicit(&row[i], memory_order_relaxed);
	return !logtap_segment_lost(&segment->file);
}

static void update(struct logtap_intake *intake,
		   struct logtap_intake_segment *segment,
		   const struct logtap_account *process,
		   struct logtap_metric_row **at, uint64_t used,
		   const uint64_t values[LOGTAP_METRICS])
{
	if (!*at)
		*at = calloc(1, sizeof(**at));
	struct logtap_metric_row *row = *at;
	if (!row)
		return;
	row->used |= used;
	for (used = row->used; used; used &= used - 1) {
		unsigned i = (unsigned)__builtin_ctzll(used);
		if (is_known(segment, i))
			logtap_user_metrics_update(
				intake->metrics, &row->cells[i], process,
				&segment->metric_table->definitions[i],
				values[i]);
	}
}

static bool has_area(const struct logtap_intake *intake,
		     const struct logtap_intake_segment *segment)
{
	return intake->metrics && segment->file.metrics;
}

void logtap_metrics_read_slot(struct logtap_intake *intake,
			      struct logtap_intake_segment *segment,
			      uint32_t index)
{
	struct logtap_slot_reader *slot = segment->slots[index];
	const struct logtap_slot *shared =
		logtap_segment_slot(&segment->file, index);
	uint64_t values[LOGTAP_METRICS];
	if (!has_area(intake, segment))
		return;
	uint64_t used =
		atomic_load_explicit(&shared->metrics, memory_order_acquire);
	if (!used || !copy_row(segment, index, values))
		return;
	/* The copy is of this generation if it is still there. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t word =
		atomic_load_explicit(&shared->state, memory_order_relaxed);
	if (word >> LOGTAP_SLOT_GENERATION_SHIFT == slot->generation)
		update(intake, segment, slot->account, &slot->metrics, used,
		       values);
}

void logtap_metrics_read_shared(struct logtap_intake *intake,
				struct logtap_intake_segment *segment,
				uint64_t used)
{
	uint64_t values[LOGTAP_METRICS];
	if (!used || !has_area(intake, segment) || !segment->account)
		return;
	if (!copy_row(segment, segment->file.header.slot_count, values))
		return;
	update(intake, segment, segment->account, &segment->shared_metrics,
	       used, values);
}

void logtap_metrics_end_row(struct logtap_intake *intake,
			    struct logtap_metric_row **at)
{
	struct logtap_metric_row *row = *at;
	for (int i = 0; row && i < LOGTAP_METRICS; i++)
		logtap_user_metrics_end(intake->metrics, &row->cells[i]);
	free(row);
	*at = NULL;
}

void logtap_metrics_end_segment(struct logtap_intake *intake,
				struct logtap_intake_segment *segment)
{
	logtap_metrics_end_row(intake, &segment->shared_metrics);
	free(segment->metric_table);
	segment->metric_table = NULL;
}
