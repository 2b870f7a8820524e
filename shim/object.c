/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by address: see the header.  Read in any thread. */
#include "object.h"

#include "bytes.h"
#include "state.h"
#include "symbols.h"

#include <link.h>

/* struct dl_find_object (<dlfcn.h> since glibc 2.35), as far as it is used. */
struct found {
	unsigned long long flags;
	void *start;
	void *end;
	struct link_map *map;
	void *unwind;
	unsigned long long reserved[7];
};

static int (*find_object)(void *address, struct found *out);

#define INITIAL_OBJECTS 128
static struct initial {
	uintptr_t start, end;
	const char *name; /* of the loader, which never unloads these */
} initial[INITIAL_OBJECTS];
static size_t initial_count;

static int note(struct dl_phdr_info *info, size_t size, void *data)
{
	struct initial *object = &initial[initial_count];

	(void)size;
	(void)data;
	*object = (struct initial){UINTPTR_MAX, 0, info->dlpi_name};
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		if (start < object->start)
			object->start = start;
		if (start + header->p_memsz > object->end)
			object->end = start + header->p_memsz;
	}
	return ++initial_count == INITIAL_OBJECTS;
}

void logtap_object_init(void)
{
	struct logtap_symbol symbol;

	if (logtap_symbol_next("_dl_find_object", &symbol))
		find_object = (int (*)(void *, struct found *))symbol.address;
	else
		dl_iterate_phdr(note, NULL);
}

static const char *path_of(uintptr_t address)
{
	struct found found;

	if (find_object)
		return find_object((void *)address, &found) == 0 && found.map
			       ? found.map->l_name
			       : NULL;
	for (size_t i = 0; i < initial_count; i++)
		if (address >= initial[i].start && address < initial[i].end)
			return initial[i].name;
	return NULL;
}

void logtap_object_name(uintptr_t address, char *name, size_t room)
{
	const char *path = address ? path_of(address) : NULL;
	const char *base;

	name[0] = '\0';
	if (!path)
		return;
	if (!*path) /* the program */
		path = logtap_state.identity.executable;
	base = path;
	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	logtap_bytes_string(name, room, base);
}
