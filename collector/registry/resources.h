/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The resources of processes whose records were seen, so that what is counted
 * of a process goes out with the resource that its records have.
 *
 * Thread-safe.  The latest 1,024 are kept.
 */
#ifndef LOGTAP_REGISTRY_RESOURCES_H
#define LOGTAP_REGISTRY_RESOURCES_H

#include "../export/batch.h"
#include "../shape/resource.h"

struct logtap_resources;

/* Return: NULL without memory. */
struct logtap_resources *logtap_resources_new(void);
void logtap_resources_free(struct logtap_resources *resources);

/* Keeps those of the batch's records. */
void logtap_resources_note(struct logtap_resources *resources,
			   const struct logtap_batch *batch);
/* Return: a reference for the caller, or NULL. */
struct logtap_resource *logtap_resources_find(
	struct logtap_resources *resources, uint32_t pid, uint64_t start_ticks);

#endif
