/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The OTLP resource of one process: what it is, once for all its records, in
 * protobuf and in JSON.
 *
 * Immutable and counted; members may be read from any thread that holds a
 * reference, except @batch and @group.
 */
#ifndef LOGTAP_SHAPE_RESOURCE_H
#define LOGTAP_SHAPE_RESOURCE_H

#include "host.h"
#include "source.h"
#include "traceparent.h"

struct logtap_resource {
	atomic_uint references;
	char *service; /* service.name, NUL-terminated for people to read */
	uint32_t pid;
	uint64_t start_ticks;		   /* of the process; 0: unknown */
	char comm[LOGTAP_COMM_BYTES + 1];  /* as its host wrote it */
	struct logtap_trace_context start; /* that it was started with */
	unsigned char
		*protobuf; /* a Resource message, without tag and length */
	size_t protobuf_bytes;
	char *json; /* {"attributes":[...]} */
	size_t json_bytes;
	/* OTEL_RESOURCE_ATTRIBUTES could not be read and was left out */
	bool attributes_discarded;
	/* The batch being filled and this resource's group in it.  Belongs to
	 * the thread that appends to batches. */
	uint64_t batch;
	uint32_t group;
};

/* @host: borrowed for the call.  Return: NULL without memory. */
struct logtap_resource *logtap_resource_new(
	const struct logtap_process *process, struct logtap_host *host);
struct logtap_resource *logtap_resource_ref(struct logtap_resource *resource);
void logtap_resource_unref(struct logtap_resource *resource);

/* The value of @name in a block of NUL-terminated NAME=VALUE strings that ends
 * with an empty one, or NULL; an empty value means unset. */
const char *logtap_environment_get(const char *block, size_t block_bytes,
				   const char *name);

#endif
