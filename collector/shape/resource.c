/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OTLP resource of a process: see the header.  Made in the pipeline's
 * thread, released in any.  Attribute names: OpenTelemetry semantic
 * conventions.
 */
#include "resource.h"

#include "../export/attribute.h"
#include "../export/wire.h"
#include "attribute_set.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RESOURCE_ATTRIBUTES = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES) };

const char *logtap_environment_get(const char *block, size_t block_bytes,
				   const char *name)
{
	size_t name_bytes = strlen(name);

	while (block_bytes && *block) {
		size_t bytes = strnlen(block, block_bytes);
		if (bytes == block_bytes)
			return NULL;
		if (bytes > name_bytes + 1 && block[name_bytes] == '=' &&
		    !memcmp(block, name, name_bytes))
			return block + name_bytes + 1;
		block += bytes + 1;
		block_bytes -= bytes + 1;
	}
	return NULL;
}

static void put_text(struct logtap_attribute_set *set, const char *key,
		     const char *text)
{
	/* what a process is cannot be said better by its environment */
	enum logtap_set_rule rule = strncmp(key, "process.", 8)
					    ? LOGTAP_SET_KEEP
					    : LOGTAP_SET_REPLACE;
	if (text[0])
		logtap_attribute_set_string(set, key, text, strlen(text), rule);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The executable's path without what the kernel appends to a removed one. */
static void executable_path(const struct logtap_process *process, char *path,
			    size_t path_bytes)
{
	static const char removed[] = " (deleted)";
	size_t bytes = strnlen(process->executable, path_bytes - 1);

	memcpy(path, process->executable, bytes);
	path[bytes] = '\0';
	if (bytes >= sizeof(removed) &&
	    !strcmp(path + bytes - (sizeof(removed) - 1), removed))
		path[bytes - (sizeof(removed) - 1)] = '\0';
}

/* A run of exactly 64 hexadecimal digits is how container engines name a
 * container in its cgroup's path; the last one is the innermost. */
static const char *container_of(const char *cgroup)
{
	const char *found = NULL;

	while (*cgroup) {
		size_t digits = strspn(cgroup, "0123456789abcdef");
		if (digits == 64)
			found = cgroup;
		cgroup += digits ? digits : 1;
	}
	return found;
}

static void put_process(struct logtap_attribute_set *set,
			const struct logtap_process *process,
			struct logtap_host *host)
{
	char text[LOGTAP_EXECUTABLE_BYTES + 1];

	logtap_attribute_set_int(set, "process.pid", process->pid,
				 LOGTAP_SET_REPLACE);
	if (process->parent_pid)
		logtap_attribute_set_int(set, "process.parent_pid",
					 process->parent_pid,
					 LOGTAP_SET_REPLACE);
	executable_path(process, text, sizeof(text));
	put_text(set, "process.executable.name",
		 text[0] ? base_name(text) : process->comm);
	put_text(set, "process.executable.path", text);
	put_text(set, "process.owner",
		 logtap_host_owner(host, process->became ? process->owner
							 : process->uid));
	if (process->start_time_ns) {
		time_t seconds = (time_t)(process->start_time_ns / 1000000000);
		unsigned ms =
			(unsigned)(process->start_time_ns / 1000000 % 1000);
		struct tm utc;
		if (gmtime_r(&seconds, &utc)) {
			size_t end = strftime(text, sizeof(text),
					      "%Y-%m-%dT%H:%M:%S", &utc);
			snprintf(text + end, sizeof(text) - end, ".%03uZ", ms);
			put_text(set, "process.creation.time", text);
		}
	}
	put_text(set, "process.linux.cgroup", process->cgroup);
	const char *container = container_of(process->cgroup);
	if (container)
		logtap_attribute_set_string(set, "container.id", container, 64,
					    LOGTAP_SET_KEEP);
}

static void put_service(struct logtap_attribute_set *set,
			const struct logtap_process *process)
{
	char path[LOGTAP_EXECUTABLE_BYTES + 1];
	char text[LOGTAP_EXECUTABLE_BYTES + 32];
	const char *name = logtap_environment_get(process->environment,
						  sizeof(process->environment),
						  "OTEL_SERVICE_NAME");
	if (name) {
		logtap_attribute_set_string(set, "service.name", name,
					    strlen(name), LOGTAP_SET_REPLACE);
		return;
	}
	executable_path(process, path, sizeof(path));
	name = path[0] ? base_name(path) : process->comm;
	snprintf(text, sizeof(text), "unknown_service%s%s", name[0] ? ":" : "",
		 name);
	put_text(set, "service.name", text);
}

static int encode(struct logtap_resource *resource,
		  const struct logtap_attribute_set *set)
{
	struct logtap_bytes protobuf = {0}, json = {0};
	size_t bound = 0;

	for (size_t i = 0; i < set->count; i++)
		bound += logtap_attribute_bound(&set->items[i]);
	int error = logtap_bytes_reserve(&protobuf, bound + 1);
	if (!error)
		error = logtap_json_raw(&json, "{\"attributes\":[");
	unsigned char *at = protobuf.data;
	for (size_t i = 0; !error && i < set->count; i++) {
		at = logtap_attribute_put(at, RESOURCE_ATTRIBUTES,
					  &set->items[i]);
		if (i)
			error = logtap_json_raw(&json, ",");
		if (!error)
			error = logtap_attribute_json(&json, &set->items[i]);
	}
	if (!error)
		error = logtap_json_raw(&json, "]}");
	resource->protobuf = protobuf.data;
	resource->protobuf_bytes = (size_t)(at - protobuf.data);
	resource->json = (char *)json.data;
	resource->json_bytes = json.size;
	return error;
}

static int fill(struct logtap_resource *resource,
		struct logtap_attribute_set *set,
		const struct logtap_process *process, struct logtap_host *host)
{
	const char *user = logtap_environment_get(process->environment,
						  sizeof(process->environment),
						  "OTEL_RESOURCE_ATTRIBUTES");

	if (user && logtap_attribute_set_parse(set, user))
		resource->attributes_discarded = true;
	for (size_t i = 0; i < host->attribute_count; i++)
		put_text(set, host->attributes[i].name,
			 host->attributes[i].value);
	put_service(set, process);
	put_process(set, process, host);
	put_text(set, "host.name", host->name);
	put_text(set, "host.id", host->id);
	put_text(set, "host.arch", host->architecture);
	put_text(set, "os.type", "linux");
	put_text(set, "telemetry.distro.name", "logtap");
	put_text(set, "telemetry.distro.version", LOGTAP_VERSION);
	if (host->instance)
		put_text(set, "logtap.instance", host->instance);
	const struct logtap_attribute *service =
		logtap_attribute_set_find(set, "service.name");
	if (set->failed || !service)
		return -1;
	resource->service = strndup(service->value.string.data,
				    service->value.string.bytes);
	return resource->service ? encode(resource, set) : -1;
}

struct logtap_resource *logtap_resource_new(
	const struct logtap_process *process, struct logtap_host *host)
{
	struct logtap_attribute_set set = {0};
	struct logtap_resource *resource = calloc(1, sizeof(*resource));

	if (!resource)
		return NULL;
	atomic_init(&resource->references, 1);
	resource->pid = process->pid;
	resource->start_ticks = process->start_ticks;
	memcpy(resource->comm, process->comm, sizeof(resource->comm));
	logtap_traceparent_read(
		logtap_environment_get(process->environment,
				       sizeof(process->environment),
				       "TRACEPARENT"),
		&resource->start);
	int error = fill(resource, &set, process, host);
	logtap_attribute_set_deinit(&set);
	if (error) {
		logtap_resource_unref(resource);
		return NULL;
	}
	return resource;
}

struct logtap_resource *logtap_resource_ref(struct logtap_resource *resource)
{
	atomic_fetch_add_explicit(&resource->references, 1,
				  memory_order_relaxed);
	return resource;
}

void logtap_resource_unref(struct logtap_resource *resource)
{
	/* pairs with itself: the last one sees all that others did */
	if (!resource || atomic_fetch_sub_explicit(&resource->references, 1,
						   memory_order_acq_rel) != 1)
		return;
	free(resource->service);
	free(resource->protobuf);
	free(resource->json);
	free(resource);
}
