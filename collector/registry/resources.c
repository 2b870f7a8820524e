/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Resources of processes: see the header.  Any thread, under one mutex. */
#include "resources.h"

#include <pthread.h>
#include <stdlib.h>

enum { RESOURCES_MAX = 1024 };

struct logtap_resources {
	pthread_mutex_t lock;
	size_t next; /* to be replaced */
	struct logtap_resource *kept[RESOURCES_MAX];
};

struct logtap_resources *logtap_resources_new(void)
{
	struct logtap_resources *resources = calloc(1, sizeof(*resources));

	if (resources)
		pthread_mutex_init(&resources->lock, NULL);
	return resources;
}

void logtap_resources_free(struct logtap_resources *resources)
{
	if (!resources)
		return;
	for (size_t i = 0; i < RESOURCES_MAX; i++)
		logtap_resource_unref(resources->kept[i]);
	pthread_mutex_destroy(&resources->lock);
	free(resources);
}

static struct logtap_resource **find(struct logtap_resources *resources,
				     uint32_t pid, uint64_t start_ticks)
{
	for (size_t i = 0; i < RESOURCES_MAX && resources->kept[i]; i++)
		if (resources->kept[i]->pid == pid &&
		    resources->kept[i]->start_ticks == start_ticks)
			return &resources->kept[i];
	return NULL;
}

/* A process that executed another program has another resource since. */
static void keep(struct logtap_resources *resources,
		 struct logtap_resource *resource)
{
	struct logtap_resource **at =
		find(resources, resource->pid, resource->start_ticks);

	if (!at) {
		at = &resources->kept[resources->next];
		resources->next = (resources->next + 1) % RESOURCES_MAX;
	}
	if (*at == resource)
		return;
	logtap_resource_unref(*at);
	*at = logtap_resource_ref(resource);
}

void logtap_resources_note(struct logtap_resources *resources,
			   const struct logtap_batch *batch)
{
	struct logtap_batch_view view = logtap_batch_view(batch);

	pthread_mutex_lock(&resources->lock);
	for (size_t i = 0; i < view.group_count; i++)
		if (view.groups[i].resource)
			keep(resources, view.groups[i].resource);
	pthread_mutex_unlock(&resources->lock);
}

struct logtap_resource *logtap_resources_find(
	struct logtap_resources *resources, uint32_t pid, uint64_t start_ticks)
{
	pthread_mutex_lock(&resources->lock);
	struct logtap_resource **at = find(resources, pid, start_ticks);
	struct logtap_resource *found = at ? logtap_resource_ref(*at) : NULL;
	pthread_mutex_unlock(&resources->lock);
	return found;
}
