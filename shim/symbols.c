/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Symbol lookup in loaded objects (ELF gABI "Symbol Table", GNU hash).  Runs
 * in the constructor and in early stubs; reads memory only. */
#include "symbols.h"

#include "bytes.h"
#include "libc/libc.h"
#include "state.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>

#define HIDDEN_VERSION 0x8000u

struct object {
	const char *name;
	uintptr_t base;
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint16_t *versions;
	const uint32_t *gnu_hash;
	const uint32_t *sysv_hash;
	bool thread_local_only; /* what is looked for; a value of 0 is one then */
};

static uint32_t gnu_hash_of(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* ld.so relocates most d_ptr values in place, but not those of the vDSO. */
static const void *pointer_of(const struct object *object, ElfW(Addr) value)
{
	return (const void *)(value < object->base ? value + object->base
						   : value);
}

static bool object_at(struct object *object, const char *name, uintptr_t base,
		      const ElfW(Dyn) * dynamic)
{
	*object = (struct object){.name = name ? name : "", .base = base};
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		const void *at = pointer_of(object, dynamic->d_un.d_ptr);
		if (dynamic->d_tag == DT_SYMTAB)
			object->symbols = at;
		else if (dynamic->d_tag == DT_STRTAB)
			object->strings = at;
		else if (dynamic->d_tag == DT_VERSYM)
			object->versions = at;
		else if (dynamic->d_tag == DT_GNU_HASH)
			object->gnu_hash = at;
		else if (dynamic->d_tag == DT_HASH)
			object->sysv_hash = at;
	}
	return object->symbols && object->strings;
}

static bool object_init(struct object *object, const char *name, uintptr_t base,
			const ElfW(Phdr) * headers, size_t count)
{
	const ElfW(Dyn) *dynamic = NULL;

	for (size_t i = 0; i < count; i++)
		if (headers[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + headers[i].p_vaddr);
	return object_at(object, name, base, dynamic);
}

/* Is symbol @index a definition of @name that a new link would choose? */
static const ElfW(Sym) *
	match(const struct object *object, uint32_t index, const char *name)
{
	const ElfW(Sym) *symbol = &object->symbols[index];
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF)
		return NULL;
	if (object->thread_local_only ? type != STT_TLS
				      : type == STT_TLS || !symbol->st_value)
		return NULL;
	if (type != STT_TLS && type != STT_FUNC && type != STT_OBJECT &&
	    type != STT_NOTYPE)
		return NULL;
	if (!logtap_bytes_same(object->strings + symbol->st_name, name))
		return NULL;
	if (object->versions && (object->versions[index] & HIDDEN_VERSION))
		return NULL;
	return symbol;
}

static const ElfW(Sym) *
	find_gnu(const struct object *object, const char *name, uint32_t hash)
{
	const uint32_t *table = object->gnu_hash;
	uint32_t buckets = table[0], first = table[1];
	uint32_t words = table[2], shift = table[3];
	const ElfW(Addr) *bloom = (const void *)(table + 4);
	const uint32_t *bucket = (const uint32_t *)(bloom + words);
	const uint32_t *chain = bucket + buckets;
	unsigned bits = 8 * sizeof *bloom;

	if (!buckets || !words)
		return NULL;
	ElfW(Addr) word = bloom[(hash / bits) % words];
	if (!(word >> (hash % bits) & word >> ((hash >> shift) % bits) & 1))
		return NULL;
	uint32_t index = bucket[hash % buckets];
	if (index < first)
		return NULL;
	for (;; index++) {
		uint32_t entry = chain[index - first];
		if ((entry | 1) == (hash | 1)) {
			const ElfW(Sym) *symbol = match(object, index, name);
			if (symbol)
				return symbol;
		}
		if (entry & 1)
			return NULL;
	}
}

static const ElfW(Sym) *
	find(const struct object *object, const char *name, uint32_t hash)
{
	if (object->gnu_hash)
		return find_gnu(object, name, hash);
	if (!object->sysv_hash)
		return NULL;
	uint32_t count = object->sysv_hash[1];
	for (uint32_t i = 0; i < count; i++) {
		const ElfW(Sym) *symbol = match(object, i, name);
		if (symbol)
			return symbol;
	}
	return NULL;
}

struct thread_local_search {
	const char *name;
	uint32_t hash;
	void *address;
};

static int visit_thread_local(struct dl_phdr_info *info, size_t size,
			      void *data)
{
	struct thread_local_search *search = data;
	struct object object;
	const ElfW(Sym) * symbol;

	if (size < offsetof(struct dl_phdr_info, dlpi_tls_data) +
			    sizeof info->dlpi_tls_data ||
	    !info->dlpi_tls_modid ||
	    !object_init(&object, info->dlpi_name, info->dlpi_addr,
			 info->dlpi_phdr, info->dlpi_phnum))
		return 0;
	object.thread_local_only = true;
	symbol = find(&object, search->name, search->hash);
	if (symbol && info->dlpi_tls_data)
		search->address =
			(char *)info->dlpi_tls_data + symbol->st_value;
	return symbol != NULL;
}

void *logtap_symbol_thread_local(const char *name)
{
	struct thread_local_search search = {name, gnu_hash_of(name), NULL};

	logtap_libc_objects(visit_thread_local, &search);
	return search.address;
}

struct range_search {
	bool (*wanted)(const char *path);
	struct logtap_symbol_range *out;
	uint32_t most;
	uint32_t count;
};

static int visit_ranges(struct dl_phdr_info *info, size_t size, void *data)
{
	struct range_search *search = data;
	struct logtap_symbol_range range = {UINTPTR_MAX, 0};

	(void)size;
	if (!info->dlpi_name || !search->wanted(info->dlpi_name))
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		if (header->p_type != PT_LOAD)
			continue;
		if (start < range.start)
			range.start = start;
		if (start + header->p_memsz > range.end)
			range.end = start + header->p_memsz;
	}
	if (range.end)
		search->out[search->count++] = range;
	return search->count == search->most;
}

uint32_t logtap_symbol_ranges(bool (*wanted)(const char *path),
			      struct logtap_symbol_range *out, uint32_t most)
{
	struct range_search search = {wanted, out, most, 0};

	logtap_libc_objects(visit_ranges, &search);
	return search.count;
}

static int visit_first(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(uint64_t *)data = info->dlpi_adds;
	return 1;
}

uint64_t logtap_symbol_loads(void)
{
	uint64_t loads = 0;

	logtap_libc_objects(visit_first, &loads);
	return loads;
}

/* libc's own objects, once they were seen: they are never unloaded.  The first
 * of them may be what comes next behind us, with nothing in between. */
static struct object libc_objects[2];
static unsigned libc_count;
static unsigned libc_next;

static void remember_libc(const struct object *object, unsigned place)
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
		const struct object *object = &libc_objects[i];
		const ElfW(Sym) *symbol = find(object, name, hash);
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
	struct object object;

	(void)size;
	if (search->libc_only && !logtap_libc_is_at(info->dlpi_name))
		return 0;
	if (!search->behind_us && !search->libc_only) {
		search->behind_us = logtap_symbol_holds_us(info);
		return 0;
	}
	if (!object_init(&object, info->dlpi_name, info->dlpi_addr,
			 info->dlpi_phdr, info->dlpi_phnum))
		return 0;
	for (size_t i = 0; i < search->count; i++) {
		if (search->out[i].address)
			continue;
		const char *name = search->names[i];
		const ElfW(Sym) *symbol =
			find(&object, name, search->hashes[i]);
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
	struct object object;

	(void)size;
	if (!search->behind_us) {
		search->behind_us = logtap_symbol_holds_us(info);
		return 0;
	}
	if (logtap_libc_is_at(info->dlpi_name) &&
	    object_init(&object, info->dlpi_name, info->dlpi_addr,
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
	return find_in_libc(name, gnu_hash_of(name), libc_next, &symbol);
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
		hashes[i] = gnu_hash_of(names[i]);
		out[i] = (struct logtap_symbol){0};
	}
	logtap_libc_objects(visit, &search);
}

bool logtap_symbol_next(const char *name, struct logtap_symbol *out)
{
	if (!find_in_libc(name, gnu_hash_of(name), libc_next, out))
		logtap_symbol_next_many(&name, 1, out);
	return out->address != NULL;
}

bool logtap_symbol_of_libc(const char *name, struct logtap_symbol *out)
{
	uint32_t hash = gnu_hash_of(name);
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

struct place {
	uintptr_t address;
	struct logtap_symbol_range pages;
};

static int visit_relro(struct dl_phdr_info *info, size_t size, void *data)
{
	const uintptr_t page = LOGTAP_PAGE_BYTES;
	struct place *place = data;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		uintptr_t end = (start + header->p_memsz) & ~(page - 1);
		start &= ~(page - 1);
		if (header->p_type == PT_GNU_RELRO && place->address >= start &&
		    place->address < end)
			place->pages = (struct logtap_symbol_range){start, end};
	}
	return place->pages.end != 0;
}

struct logtap_symbol_range logtap_symbol_relro(const void *address)
{
	struct place place = {(uintptr_t)address, {0, 0}};

	logtap_libc_objects(visit_relro, &place);
	return place.pages;
}

void *logtap_symbol_in_image(const void *header_, const char *name)
{
	const ElfW(Ehdr) *header = header_;
	const ElfW(Phdr) *segments =
		(const void *)((const char *)header_ + header->e_phoff);
	uintptr_t base = (uintptr_t)header_;
	struct object object;

	for (size_t i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD) {
			base -= segments[i].p_vaddr;
			break;
		}
	if (!object_init(&object, "", base, segments, header->e_phnum))
		return NULL;
	const ElfW(Sym) *symbol = find(&object, name, gnu_hash_of(name));
	return symbol ? (void *)(base + symbol->st_value) : NULL;
}

void *logtap_symbol_in_map(const struct link_map *map, const char *name)
{
	struct object object;

	if (!object_at(&object, map->l_name, map->l_addr, map->l_ld))
		return NULL;
	const ElfW(Sym) *symbol = find(&object, name, gnu_hash_of(name));
	return symbol ? (void *)(object.base + symbol->st_value) : NULL;
}
