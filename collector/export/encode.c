/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch as OTLP in protobuf, in a single pass: see the header.  Its records are
 * encode_run.c's.  Any thread.
 *
 * A length that is not known yet gets as many bytes as an upper bound of it
 * needs and is filled in afterwards (a varint may carry zero groups).
 * Field numbers: opentelemetry/proto/logs/v1/logs.proto.
 */
#include "encode.h"

#include "../shape/resource.h"
#include "wire.h"

enum {
	LOGS_RESOURCE_LOGS = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_LOGS_RESOURCE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_LOGS_SCOPE_LOGS = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	SCOPE_LOGS_SCOPE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_NAME = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_VERSION = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
};

enum {
	/* lengths of ResourceLogs and ScopeLogs, any size */
	GROUP_LENGTH_WIDTH = 5,
};

static int put_runs(struct logtap_bytes *out,
		    const struct logtap_batch_view *view,
		    const struct logtap_batch_group *group)
{
	int error = 0;

	for (uint32_t i = group->first, left = group->count; left && !error;
	     left--) {
		const struct logtap_batch_run *run = &view->runs[i];
		error = logtap_encode_run(run, &view->lines[run->first], out);
		i = run->next;
	}
	return error;
}

static unsigned char *put_scope(unsigned char *at, const char *logger)
{
	static const char name[] = "logtap", version[] = LOGTAP_VERSION;

	if (logger) { /* its version is not known */
		size_t bytes = strlen(logger);
		*at++ = SCOPE_LOGS_SCOPE;
		at = logtap_wire_varint(at, logtap_wire_bytes_size(bytes));
		return logtap_wire_bytes(at, SCOPE_NAME, logger, bytes);
	}

	*at++ = SCOPE_LOGS_SCOPE;
	at = logtap_wire_varint(
		at, logtap_wire_bytes_size(sizeof(name) - 1) +
			    logtap_wire_bytes_size(sizeof(version) - 1));
	at = logtap_wire_bytes(at, SCOPE_NAME, name, sizeof(name) - 1);
	return logtap_wire_bytes(at, SCOPE_VERSION, version,
				 sizeof(version) - 1);
}

static int put_group(struct logtap_bytes *out,
		     const struct logtap_batch_view *view,
		     const struct logtap_batch_group *group)
{
	const struct logtap_resource *resource = group->resource;
	size_t resource_bytes = resource ? resource->protobuf_bytes : 0;
	size_t scope_bytes = group->scope ? strlen(group->scope) : 0;
	int error =
		logtap_bytes_reserve(out, resource_bytes + scope_bytes + 128);

	if (error)
		return error;
	unsigned char *at = out->data + out->size;
	*at++ = LOGS_RESOURCE_LOGS;
	/* places are kept as offsets: the bytes move when they grow */
	size_t group_length = (size_t)(at - out->data);
	at = logtap_wire_bytes(at + GROUP_LENGTH_WIDTH, RESOURCE_LOGS_RESOURCE,
			       resource ? resource->protobuf : NULL,
			       resource_bytes);
	*at++ = RESOURCE_LOGS_SCOPE_LOGS;
	size_t scope_length = (size_t)(at - out->data);
	at = put_scope(at + GROUP_LENGTH_WIDTH, group->scope);
	out->size = (size_t)(at - out->data);
	error = put_runs(out, view, group);
	if (error)
		return error;
	logtap_wire_padded(out->data + scope_length,
			   out->size - scope_length - GROUP_LENGTH_WIDTH,
			   GROUP_LENGTH_WIDTH);
	logtap_wire_padded(out->data + group_length,
			   out->size - group_length - GROUP_LENGTH_WIDTH,
			   GROUP_LENGTH_WIDTH);
	return 0;
}

int logtap_encode_view(const struct logtap_batch_view *view,
		       struct logtap_bytes *out)
{
	size_t before = out->size;

	for (size_t i = 0; i < view->group_count; i++) {
		int error = put_group(out, view, &view->groups[i]);
		if (error) {
			out->size = before;
			return error;
		}
	}
	return 0;
}

int logtap_encode_logs(const struct logtap_batch *batch,
		       struct logtap_bytes *out)
{
	struct logtap_batch_view view = logtap_batch_view(batch);

	return logtap_encode_view(&view, out);
}
