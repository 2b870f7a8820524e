/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The modules of a process: see the header.  The pipeline's thread. */
#include "private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODULES_MOST = 4096, LINES_MOST = 65536 };

void logtap_modules_deinit(struct logtap_modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		free(modules->items[i]);
	free(modules->items);
	*modules = (struct logtap_modules){0};
}

static bool make_room(struct logtap_modules *modules)
{
	if (modules->count < modules->room)
		return true;
	size_t room = modules->room ? modules->room * 2 : 64;
	void *grown = room <= MODULES_MOST
			      ? realloc(modules->items,
					room * sizeof(*modules->items))
			      : NULL;
	if (!grown)
		return false;
	modules->items = grown;
	modules->room = room;
	return true;
}

bool logtap_modules_add(struct logtap_modules *modules,
			const struct logtap_module *like, const char *path,
			size_t path_bytes)
{
	struct logtap_module *module;
	size_t at = modules->count;

	if (!make_room(modules))
		return false;
	module = malloc(sizeof(*module) + path_bytes + 1);
	if (!module)
		return false;
	*module = *like;
	memcpy(module->path, path, path_bytes);
	module->path[path_bytes] = '\0';
	for (; at && modules->items[at - 1]->start > module->start; at--)
		modules->items[at] = modules->items[at - 1];
	modules->items[at] = module;
	modules->count++;
	return true;
}

const struct logtap_module *logtap_modules_find(
	const struct logtap_modules *modules, uint64_t address)
{
	size_t low = 0, high = modules->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (modules->items[middle]->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < modules->items[low - 1]->end
		       ? modules->items[low - 1]
		       : NULL;
}

const char *logtap_module_name(const struct logtap_module *module)
{
	const char *slash = strrchr(module->path, '/');

	return slash ? slash + 1 : module->path;
}

/* One line; the parts of a file follow each other. */
static void take_line(struct logtap_modules *modules, uint32_t pid, char *line)
{
	struct logtap_module module = {.root = (pid_t)pid};
	struct logtap_module *last =
		modules->count ? modules->items[modules->count - 1] : NULL;
	int path = 0;

	if (sscanf(line,
		   "%" SCNx64 "-%" SCNx64 " %*s %*x %*x:%*x %" SCNu64 " %n",
		   &module.start, &module.end, &module.inode, &path) != 3 ||
	    !path || line[path] != '/' || !module.inode)
		return;
	line[strcspn(line, "\n")] = '\0';
	if (last && last->inode == module.inode &&
	    !strcmp(last->path, line + path) && module.start >= last->end)
		last->end = module.end;
	else
		logtap_modules_add(modules, &module, line + path,
				   strlen(line + path));
}

bool logtap_modules_read(struct logtap_modules *modules, uint32_t pid)
{
	char path[64], *line = NULL;
	size_t room = 0;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	FILE *maps = fopen(path, "re");
	if (!maps)
		return false;
	for (int i = 0; i < LINES_MOST && getline(&line, &room, maps) > 0; i++)
		take_line(modules, pid, line);
	free(line);
	fclose(maps);
	if (!modules->count)
		errno = ENOENT;
	return modules->count > 0;
}

/* Does nothing that is there overlap it? */
static bool is_free(const struct logtap_modules *modules,
		    const struct logtap_object *object)
{
	for (size_t i = 0; i < modules->count; i++)
		if (modules->items[i]->start < object->end &&
		    object->start < modules->items[i]->end)
			return false;
	return true;
}

void logtap_modules_told(struct logtap_modules *modules,
			 const unsigned char *data, size_t bytes)
{
	struct logtap_object object;

	while (bytes >= sizeof(object)) {
		memcpy(&object, data, sizeof(object));
		data += sizeof(object);
		bytes -= sizeof(object);
		size_t span = (object.path_bytes + 7u) & ~7u;
		if (span > bytes)
			return;
		const char *path = (const char *)data;
		data += span;
		bytes -= span;
		if (!object.path_bytes || path[0] != '/' ||
		    object.path_bytes >= PATH_MAX ||
		    memchr(path, '\0', object.path_bytes) ||
		    object.start >= object.end || !object.build_id_bytes ||
		    object.build_id_bytes > sizeof(object.build_id) ||
		    !is_free(modules, &object))
			continue;
		struct logtap_module module = {
			.start = object.start,
			.end = object.end,
			.build_id_bytes = object.build_id_bytes,
		};
		memcpy(module.build_id, object.build_id,
		       sizeof(module.build_id));
		if (!logtap_modules_add(modules, &module, path,
					object.path_bytes))
			return;
	}
}
