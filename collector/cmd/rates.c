/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Rates of processes: see the header. */
#include "rates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS UINT64_C(1000000000)

static uint64_t updated_ns(const json_t *status)
{
	return (uint64_t)json_integer_value(
		json_object_get(status, "updated_ns"));
}

static const struct logtap_captured_place *place_of(
	const struct logtap_captured *captured, const char *directory)
{
	for (size_t i = 0; i < captured->place_count; i++)
		if (!strcmp(captured->places[i].directory, directory))
			return &captured->places[i];
	return NULL;
}

/* Seconds between two statuses; 0: nothing is new. */
static double seconds_of(const struct logtap_captured_place *before,
			 const struct logtap_captured_place *now,
			 uint64_t between_ns)
{
	uint64_t to = updated_ns(now->status);
	uint64_t from = updated_ns(before->status);
	uint64_t most = between_ns + SECOND_NS;

	if (to <= from)
		return 0;
	return (double)(to - from < most ? to - from : most) / SECOND_NS;
}

/* The part at *@at and all that follow it of the same process. */
static struct logtap_captured_process merge(
	const struct logtap_captured *captured, size_t *at)
{
	struct logtap_captured_process all = captured->processes[(*at)++];

	for (; *at < captured->process_count; ++*at) {
		const struct logtap_captured_process *part =
			&captured->processes[*at];
		if (logtap_captured_compare(part, &all) != 0)
			break;
		all.threads += part->threads;
		all.chunks += part->chunks;
		all.bytes += part->bytes;
		all.dropped += part->dropped;
		all.live |= part->live;
	}
	return all;
}

/* What @process was in @before, whose place had the index @place there. */
static struct logtap_captured_process earlier(
	const struct logtap_captured *before, size_t place,
	const struct logtap_captured_process *process)
{
	struct logtap_captured_process key = *process, none = {0};
	size_t low = 0, high = before->process_count;

	key.place = place;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (logtap_captured_compare(&before->processes[middle], &key) <
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < before->process_count &&
			       !logtap_captured_compare(&before->processes[low],
							&key)
		       ? merge(before, &low)
		       : none;
}

static double grown(long long from, long long to, double seconds)
{
	return to > from && seconds > 0 ? (double)(to - from) / seconds : 0;
}

static int compare(const void *a_, const void *b_)
{
	const struct logtap_rates_row *a = a_, *b = b_;

	if (a->chunks != b->chunks)
		return a->chunks > b->chunks ? -1 : 1;
	if (a->process.chunks != b->process.chunks)
		return a->process.chunks > b->process.chunks ? -1 : 1;
	return logtap_captured_compare(&a->process, &b->process);
}

static struct logtap_rates_row row_of(const struct logtap_captured *before,
				      const struct logtap_captured *now,
				      struct logtap_captured_process process,
				      uint64_t between_ns)
{
	const struct logtap_captured_place *place = &now->places[process.place];
	const struct logtap_captured_place *then =
		place_of(before, place->directory);
	struct logtap_captured_process from = {0};
	double seconds = then ? seconds_of(then, place, between_ns) : 0;

	if (then)
		from = earlier(before, (size_t)(then - before->places),
			       &process);
	return (struct logtap_rates_row){
		.process = process,
		.chunks = grown(from.chunks, process.chunks, seconds),
		.bytes = grown(from.bytes, process.bytes, seconds),
		.dropped = grown(from.dropped, process.dropped, seconds),
	};
}

int logtap_rates_between(const struct logtap_captured *before,
			 const struct logtap_captured *now, uint64_t between_ns,
			 struct logtap_rates *out)
{
	size_t at = 0;

	*out = (struct logtap_rates){0};
	out->rows = calloc(now->process_count + 1, sizeof(*out->rows));
	if (!out->rows)
		return -ENOMEM;
	while (at < now->process_count) {
		struct logtap_rates_row row =
			row_of(before, now, merge(now, &at), between_ns);
		out->chunks += row.chunks;
		out->bytes += row.bytes;
		out->dropped += row.dropped;
		if (row.process.live)
			out->rows[out->count++] = row;
	}
	qsort(out->rows, out->count, sizeof(*out->rows), compare);
	return 0;
}
