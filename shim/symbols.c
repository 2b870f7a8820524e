/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Symbol lookup in loaded objects: see the header.  Runs in the constructor and
 * in early stubs; reads memory only. */
#include "symbols.h"

#include "elf_symbols.h"
#include "libc/libc.h"

#include <link.h>
#include <stdint.h>

struct thread_local_search {
	const char *name;
	uint32_t hash;
	void *address;
};

static int visit_thread_local(struct dl_phdr_info *info, size_t size,
			      void *data)
{
	struct thread_local_search *search = data;
	struct logtap_elf object;
	const ElfW(Sym) * symbol;

	if (size < offsetof(struct dl_phdr_info, dlpi_tls_data) +
			    sizeof info->dlpi_tls_data ||
	    !info->dlpi_tls_modid ||
	    !logtap_elf_init(&object, info->dlpi_name, info->dlpi_addr,
			     info->dlpi_phdr, info->dlpi_phnum))
		return 0;
	object.thread_local_only = true;
	symbol = logtap_elf_find(&object, search->name, search->hash);
	if (symbol && info->dlpi_tls_data)
		search->address =
			(char *)info->dlpi_tls_data + symbol->st_value;
	return symbol != NULL;
}

void *logtap_symbol_thread_local(const char *name)
{
	struct thread_local_search search = {name, logtap_elf_hash(name), NULL};

	logtap_libc_objects(visit_thread_local, &search);
	return search.address;
}

/* libc's own objects, once they were seen: they are never unloaded.  The first
 * of them may be what comes next behind us, with nothing in between. */
static struct logtap_elf libc_objects[2];
static unsigned libc_count;
static unsigned libc_next;

static void remember_libc(const struct logtap_elf *object, unsigned place)
{
	if (libc_count == sizeof libc_objects / sizeof libc_objects[0])
		return;
	libc_next += libc_next == place;
	libc_objects[libc_count++] = *object;
}

/* @name in the first @count objects of libc. */
static bool find_in_libc(const char *name, uint32_t hash, unsigned count,
			 struct logtap_symbol *out)
{
	for (unsigned i = 0; i < count; i++) {
		const struct logtap_elf *object = &libc_objects[i];
		const ElfW(Sym) *symbol = logtap_elf_find(object, name, hash);
		if (!symbol)
			continue;
		out->address = (void *)(object->base + symbol->st_value);
		out->in_libc = true;
		return true;
	}
	return false;
}

struct search {
	const char *const *names;
	const uint32_t *hashes;
	struct logtap_symbol *out;
	size_t count;
	size_t missing;
	bool behind_us;
	bool libc_only;
};

bool logtap_symbol_holds_us(const struct dl_phdr_info *info)
{
	uintptr_t here = (uintptr_t)&logtap_symbol_holds_us;

	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		if (header->p_type == PT_LOAD && here >= start &&
		    here < start + header->p_memsz)
			return true;
	}
	return false;
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *search = data;
	struct logtap_elf object;

	(void)size;
	if (search->libc_only && !logtap_libc_is_at(info->dlpi_name))
		return 0;
	if (!search->behind_us && !search->libc_only) {
		search->behind_us = logtap_symbol_holds_us(info);
		return 0;
	}
	if (!logtap_elf_init(&object, info->dlpi_name, info->dlpi_addr,
			     info->dlpi_phdr, info->dlpi_phnum))
		return 0;
	for (size_t i = 0; i < search->count; i++) {
		if (search->out[i].address)
			continue;
		const char *name = search->names[i];
		const ElfW(Sym) *symbol =
			logtap_elf_find(&object, name, search->hashes[i]);
		if (!symbol)
			continue;
		search->out[i].address =
			(void *)(object.base + symbol->st_value);
		search->out[i].in_libc = logtap_libc_is_at(object.name);
		search->missing--;
	}
	return search->missing == 0;
}

struct libc_search {
	bool behind_us;
	unsigned seen; /* objects behind us */
};

static int visit_libc(struct dl_phdr_info *info, size_t size, void *data)
{
	struct libc_search *search = data;
	struct logtap_elf object;

	(void)size;
	if (!search->behind_us) {
		search->behind_us = logtap_symbol_holds_us(info);
		return 0;
	}
	if (logtap_libc_is_at(info->dlpi_name) &&
	    logtap_elf_init(&object, info->dlpi_name, info->dlpi_addr,
			    info->dlpi_phdr, info->dlpi_phnum))
		remember_libc(&object, search->seen);
	search->seen++;
	return 0;
}

bool logtap_symbol_libc_is_next(void)
{
	static const char name[] = "syslog"; /* of no other object of libc */
	struct libc_search search = {false, 0};
	struct logtap_symbol symbol;

	/* Only in the constructor are there no other threads yet.  (Written
	 * before it is read: the other way round a page is faulted in twice.) */
	libc_count = libc_next = 0;
	logtap_libc_objects(visit_libc, &search);
	return find_in_libc(name, logtap_elf_hash(name), libc_next, &symbol);
}

void logtap_symbol_next_many(const char *const *names, size_t count,
			     struct logtap_symbol *out)
{
	uint32_t hashes[LOGTAP_SYMBOLS_MOST];
	struct search search = {
		.names = names,
		.hashes = hashes,
		.out = out,
		.count = count,
		.missing = count,
	};

	for (size_t i = 0; i < count; i++) {
		hashes[i] = logtap_elf_hash(names[i]);
		out[i] = (struct logtap_symbol){0};
	}
	logtap_libc_objects(visit, &search);
}

bool logtap_symbol_next(const char *name, struct logtap_symbol *out)
{
	if (!find_in_libc(name, logtap_elf_hash(name), libc_next, out))
		logtap_symbol_next_many(&name, 1, out);
	return out->address != NULL;
}

bool logtap_symbol_of_libc(const char *name, struct logtap_symbol *out)
{
	uint32_t hash = logtap_elf_hash(name);
	struct search search = {
		.names = &name,
		.hashes = &hash,
		.out = out,
		.count = 1,
		.missing = 1,
		.libc_only = true,
	};

	if (find_in_libc(name, hash, libc_count, out))
		return true;
	*out = (struct logtap_symbol){0};
	logtap_libc_objects(visit, &search);
	return out->address != NULL;
}

void *logtap_symbol_in_image(const void *header_, const char *name)
{
	const ElfW(Ehdr) *header = header_;
	const ElfW(Phdr) *segments =
		(const void *)((const char *)header_ + header->e_phoff);
	uintptr_t base = (uintptr_t)header_;
	struct logtap_elf object;

	for (size_t i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD) {
			base -= segments[i].p_vaddr;
			break;
		}
	if (!logtap_elf_init(&object, "", base, segments, header->e_phnum))
		return NULL;
	const ElfW(Sym) *symbol =
		logtap_elf_find(&object, name, logtap_elf_hash(name));
	return symbol ? (void *)(base + symbol->st_value) : NULL;
}

void *logtap_symbol_in_map(const struct link_map *map, const char *name)
{
	struct logtap_elf object;

	if (!logtap_elf_at(&object, map->l_name, map->l_addr, map->l_ld))
		return NULL;
	const ElfW(Sym) *symbol =
		logtap_elf_find(&object, name, logtap_elf_hash(name));
	return symbol ? (void *)(object.base + symbol->st_value) : NULL;
}
