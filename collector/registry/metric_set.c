/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A set of metrics: see the header.  One thread a set. */
#include "metric_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more.  Return: the place, zeroed, or NULL. */
static void *grow(struct logtap_metric_set *set, void *array, size_t *count,
		  size_t *room, size_t bytes)
{
	void **at = array;

	if (set->error)
		return NULL;
	if (*count == *room) {
		size_t more = *room ? 2 * *room : 64;
		void *grown = reallocarray(*at, more, bytes);
		if (!grown) {
			set->error = -ENOMEM;
			return NULL;
		}
		*at = grown;
		*room = more;
	}
	return memset((char *)*at + (*count)++ * bytes, 0, bytes);
}

static const char *keep(struct logtap_metric_set *set, const char *text)
{
	char **place = grow(set, &set->texts, &set->text_count, &set->text_room,
			    sizeof(*place));

	if (place)
		*place = strdup(text);
	if (place && !*place)
		set->error = -ENOMEM;
	return place ? *place : NULL;
}

void logtap_metric_set_deinit(struct logtap_metric_set *set)
{
	for (size_t i = 0; i < set->text_count; i++)
		free(set->texts[i]);
	free(set->texts);
	free(set->families);
	free(set->owners);
	free(set->points);
	memset(set, 0, sizeof(*set));
}

void logtap_metric_set_family(struct logtap_metric_set *set,
			      const struct logtap_metric_family *family)
{
	struct logtap_metric_family copy = *family;

	copy.name = keep(set, family->name);
	copy.help = keep(set, family->help);
	copy.unit = keep(set, family->unit);
	struct logtap_metric_family *place =
		grow(set, &set->families, &set->family_count, &set->family_room,
		     sizeof(*place));
	if (place)
		*place = copy;
}

size_t logtap_metric_set_owner(struct logtap_metric_set *set,
			       const struct logtap_metric_owner *owner)
{
	for (size_t i = 0; i < set->owner_count; i++)
		if (set->owners[i].pid == owner->pid &&
		    set->owners[i].start_ticks == owner->start_ticks)
			return i + 1;
	struct logtap_metric_owner *place =
		grow(set, &set->owners, &set->owner_count, &set->owner_room,
		     sizeof(*place));
	if (place)
		*place = *owner;
	return set->owner_count;
}

void logtap_metric_set_point(struct logtap_metric_set *set, size_t owner,
			     const struct logtap_label *labels, size_t count,
			     uint64_t value)
{
	struct logtap_metric_point point = {
		.family = set->family_count - 1,
		.owner = owner,
		.value = value,
	};

	for (size_t i = 0; i < count; i++) {
		if (!labels[i].name ||
		    point.label_count == LOGTAP_METRIC_LABELS)
			continue;
		point.labels[point.label_count++] = (struct logtap_label){
			labels[i].name, keep(set, labels[i].value)};
	}
	struct logtap_metric_point *place =
		grow(set, &set->points, &set->point_count, &set->point_room,
		     sizeof(*place));
	if (place)
		*place = point;
}
