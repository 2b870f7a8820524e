/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* User metrics: see the header.  The tables work as those of sinks do. */
#include "metrics.h"

#include "../bytes.h"
#include "entry.h"

#define WRITER_TURNS 100000

struct process_metric {
	_Atomic uint32_t state; /* enum logtap_metric_state */
	enum logtap_metric_kind kind;
	char unit[LOGTAP_METRIC_UNIT_BYTES];
	char name[LOGTAP_METRIC_NAME_BYTES];
};
static LOGTAP_BSS("4") struct process_metric metrics[LOGTAP_METRICS];
static _Atomic bool has_any; /* set before the first is ready */

static uint8_t index_in_segment(const struct logtap_mapping *mapping,
				const struct process_metric *metric)
{
	for (unsigned i = 0; i < LOGTAP_METRICS; i++) {
		struct logtap_metric_definition *entry =
			&mapping->definitions[i];
		if (logtap_entry_take(&entry->state)) {
			entry->kind = metric->kind;
			__builtin_memcpy(entry->unit, metric->unit,
					 sizeof entry->unit);
			__builtin_memcpy(entry->name, metric->name,
					 sizeof entry->name);
			logtap_entry_tell(&entry->state);
			return (uint8_t)i;
		}
		if (logtap_entry_ready(&entry->state) &&
		    entry->kind == metric->kind &&
		    logtap_entry_is(entry->name, sizeof entry->name,
				    metric->name))
			return (uint8_t)i;
	}
	return LOGTAP_METRIC_INDEX_UNKNOWN;
}

void logtap_metrics_publish(struct logtap_mapping *mapping)
{
	if (!atomic_load_explicit(&has_any, memory_order_relaxed))
		return;
	for (unsigned i = 0; i < LOGTAP_METRICS; i++)
		if (logtap_entry_ready(&metrics[i].state))
			mapping->metric_index[i] =
				index_in_segment(mapping, &metrics[i]);
}

/* Metric @index of the process into the tables of all segments. */
static void publish(unsigned index)
{
	/* pairs with the fence where a mapping becomes usable */
	atomic_thread_fence(memory_order_seq_cst);
	uint32_t count = atomic_load_explicit(&logtap_state.mapping_count,
					      memory_order_acquire);
	for (uint32_t i = 0; i < count; i++) {
		struct logtap_mapping *mapping = logtap_mapping_at(i);
		if (mapping)
			mapping->metric_index[index] =
				index_in_segment(mapping, &metrics[index]);
	}
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The syntax of OpenTelemetry's instruments, and their bounds here. */
static bool is_good(const char *name, const char *unit)
{
	size_t at = 0;

	if (!is_letter(name[0]))
		return false;
	while (name[at] && at < LOGTAP_METRIC_NAME_BYTES) {
		char c = name[at++];
		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' &&
		    c != '.' && c != '-' && c != '/')
			return false;
	}
	if (at >= LOGTAP_METRIC_NAME_BYTES)
		return false;
	for (at = 0; unit[at]; at++)
		if (at + 1 >= LOGTAP_METRIC_UNIT_BYTES || unit[at] < ' ' ||
		    unit[at] > '~')
			return false;
	return true;
}

/* Another thread may be at the same name.  Not for long: if it was left behind
 * by a fork it never ends.  Return: is it ready? */
static bool await_writer(const struct process_metric *metric)
{
	for (int turn = 0; turn < WRITER_TURNS; turn++)
		if (atomic_load_explicit(&metric->state,
					 memory_order_acquire) !=
		    LOGTAP_METRIC_WRITING)
			break;
	return logtap_entry_ready(&metric->state);
}

uint8_t logtap_metrics_define(enum logtap_metric_kind kind, const char *name,
			      const char *unit)
{
	if (!name || !is_good(name, unit ? unit : ""))
		return LOGTAP_METRIC_INDEX_UNKNOWN;
	for (unsigned i = 0; i < LOGTAP_METRICS; i++) {
		struct process_metric *metric = &metrics[i];
		if (logtap_entry_take(&metric->state)) {
			atomic_store(&has_any, true);
			metric->kind = kind;
			logtap_bytes_string(metric->unit, sizeof metric->unit,
					    unit ? unit : "");
			logtap_bytes_string(metric->name, sizeof metric->name,
					    name);
			logtap_entry_tell(&metric->state);
			publish(i);
			return (uint8_t)i;
		}
		if (await_writer(metric) &&
		    logtap_bytes_same(metric->name, name))
			return metric->kind == kind
				       ? (uint8_t)i
				       : LOGTAP_METRIC_INDEX_UNKNOWN;
	}
	return LOGTAP_METRIC_INDEX_UNKNOWN;
}

enum logtap_metric_kind logtap_metrics_kind(uint8_t metric)
{
	return metrics[metric].kind;
}

static uint32_t place(const struct logtap_mapping *mapping,
		      const struct logtap_slot *slot)
{
	return (uint32_t)(slot - mapping->slots);
}

void logtap_metrics_reset(const struct logtap_mapping *mapping,
			  struct logtap_slot *slot)
{
	_Atomic uint64_t *row =
		logtap_metrics_row(mapping, place(mapping, slot));
	uint64_t used =
		atomic_load_explicit(&slot->metrics, memory_order_relaxed);

	for (; used; used &= used - 1)
		atomic_store_explicit(&row[__builtin_ctzll(used)], 0,
				      memory_order_relaxed);
	atomic_store_explicit(&slot->metrics, 0, memory_order_relaxed);
}

void logtap_metrics_move(const struct logtap_rings *from,
			 const struct logtap_rings *to)
{
	if (!atomic_load_explicit(&from->slot->metrics, memory_order_relaxed))
		return;
	for (uint8_t i = 0; i < LOGTAP_METRICS; i++) {
		uint8_t source = from->mapping->metric_index[i];
		uint8_t target = to->mapping->metric_index[i];
		if (!logtap_entry_ready(&metrics[i].state) ||
		    metrics[i].kind != LOGTAP_METRIC_GAUGE ||
		    source >= LOGTAP_METRICS || target >= LOGTAP_METRICS)
			continue;
		uint64_t value = atomic_exchange(&from->metrics[source], 0);
		atomic_store_explicit(&to->metrics[target], value,
				      memory_order_relaxed);
		atomic_fetch_or(&to->slot->metrics, UINT64_C(1) << target);
	}
}

static bool is_own(const struct logtap_mapping *mapping)
{
	return mapping->segment->pid == logtap_state.identity.pid;
}

void logtap_metrics_add_shared(const struct logtap_mapping *mapping,
			       uint8_t index, uint64_t amount)
{
	if (!is_own(mapping))
		return;
	atomic_fetch_add_explicit(
		&logtap_metrics_row(mapping, mapping->slot_count)[index],
		amount, memory_order_relaxed);
	atomic_fetch_or(&mapping->segment->shared_metrics, UINT64_C(1)
								   << index);
}

void logtap_metrics_keep(const struct logtap_mapping *mapping,
			 const struct logtap_slot *slot)
{
	const _Atomic uint64_t *row =
		logtap_metrics_row(mapping, place(mapping, slot));
	uint64_t used =
		atomic_load_explicit(&slot->metrics, memory_order_relaxed);

	if (slot->pid != logtap_state.identity.pid)
		return;
	for (; used; used &= used - 1) {
		uint8_t index = (uint8_t)__builtin_ctzll(used);
		if (mapping->definitions[index].kind == LOGTAP_METRIC_COUNTER)
			logtap_metrics_add_shared(
				mapping, index,
				atomic_load_explicit(&row[index],
						     memory_order_relaxed));
	}
}
