/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which run and which group of a batch records belong to: see batch_private.h.
 * The pipeline's thread. */
#include "../shape/resource.h"
#include "batch_private.h"

#include <string.h>

/* The resource remembers its group in the batch that is being filled, so that
 * no search is needed however many processes write. */
static struct logtap_batch_group *find_group(
	struct logtap_batch *batch, const struct logtap_resource *resource,
	const char *scope)
{
	if (resource && !scope)
		return resource->batch == batch->serial
			       ? &batch->groups[resource->group]
			       : NULL;
	for (size_t i = 0; i < batch->group_count; i++) {
		struct logtap_batch_group *group = &batch->groups[i];
		if (group->resource == resource && !group->scope == !scope &&
		    (!scope || !strcmp(group->scope, scope)))
			return group;
	}
	return NULL;
}

/* The group that the run at @index joins, and the way to it. */
static struct logtap_batch_group *join_group(struct logtap_batch *batch,
					     uint32_t index)
{
	const struct logtap_record *like = &batch->runs[index].like;
	struct logtap_resource *resource =
		like->source ? like->source->resource : NULL;
	struct logtap_batch_group *group =
		find_group(batch, resource, like->scope);

	if (group) {
		batch->runs[group->last].next = index;
		return group;
	}
	group = &batch->groups[batch->group_count];
	*group = (struct logtap_batch_group){
		.resource = resource, .scope = like->scope, .first = index};
	if (resource && !like->scope) {
		resource->batch = batch->serial;
		resource->group = (uint32_t)batch->group_count;
	}
	batch->group_count++;
	return group;
}

static void hold_source(struct logtap_batch *batch,
			struct logtap_source *source)
{
	if (source && (!batch->source_count ||
		       batch->sources[batch->source_count - 1] != source))
		batch->sources[batch->source_count++] =
			logtap_source_ref(source);
}

static unsigned severity_class(uint32_t severity)
{
	if (severity == 0 || severity > 24)
		return 0;
	return severity < 9 ? 1 : 2 + (severity - 9) / 4;
}

void logtap_batch_join(struct logtap_batch *batch)
{
	uint32_t index = (uint32_t)batch->run_count++;
	struct logtap_batch_run *run = &batch->runs[index];
	struct logtap_batch_group *group = join_group(batch, index);

	group->last = index;
	group->count++;
	run->next = index;
	batch->count += run->count;
	hold_source(batch, run->like.source);
	if (run->like.position < batch->floor)
		batch->floor = run->like.position;
	batch->severities[severity_class(run->like.severity)] += run->count;
}

/* Has it nothing that most records have not? */
static inline bool is_plain(const struct logtap_record *record)
{
	return !(record->attribute_count | record->dropped_attributes |
		 record->has_trace | (uintptr_t)record->event_name |
		 (uintptr_t)record->scope);
}

static bool goes_on(const struct logtap_batch *batch,
		    const struct logtap_record *record)
{
	if (!batch->run_count || !is_plain(record))
		return false;
	const struct logtap_record *like =
		&batch->runs[batch->run_count - 1].like;
	return like->source == record->source &&
	       like->observed_ns == record->observed_ns &&
	       like->severity == record->severity &&
	       like->severity_text == record->severity_text &&
	       like->flags == record->flags && is_plain(like);
}

bool logtap_batch_prolong(struct logtap_batch *batch,
			  const struct logtap_record *record)
{
	uint64_t position = record->position;

	if (!goes_on(batch, record))
		return false;
	struct logtap_batch_run *run = &batch->runs[batch->run_count - 1];
	run->count++;
	batch->count++;
	batch->severities[severity_class(run->like.severity)]++;
	if (position < run->like.position)
		run->like.position = position;
	if (position < batch->floor)
		batch->floor = position;
	return true;
}
