/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by address: see the header.  Read in any thread. */
#include "object.h"

#include "bytes.h"
#include "libc/libc.h"
#include "state.h"
#include "symbols.h"

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
static LOGTAP_BSS("4") struct initial {
	struct logtap_object_span span;
	const char *name; /* of the loader, which never unloads these */
} initial[INITIAL_OBJECTS];
static size_t initial_count;

struct logtap_object_span logtap_object_span(const struct dl_phdr_info *info)
{
	struct logtap_object_span span = {UINTPTR_MAX, 0};

	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		if (start < span.start)
			span.start = start;
		if (start + header->p_memsz > span.end)
			span.end = start + header->p_memsz;
	}
	return span;
}

static int note(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	initial[initial_count] =
		(struct initial){logtap_object_span(info), info->dlpi_name};
	return ++initial_count == INITIAL_OBJECTS;
}

void logtap_object_init(void)
{
	struct logtap_symbol symbol;

	if (logtap_symbol_next("_dl_find_object", &symbol))
		find_object = (int (*)(void *, struct found *))symbol.address;
	else
		logtap_libc_objects(note, NULL);
}

static const char *path_of(uintptr_t address)
{
	struct found found;

	if (find_object)
		return find_object((void *)address, &found) == 0 && found.map
			       ? found.map->l_name
			       : NULL;
	for (size_t i = 0; i < initial_count; i++)
		if (address >= initial[i].span.start &&
		    address < initial[i].span.end)
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
