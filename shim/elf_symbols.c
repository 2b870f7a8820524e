/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of one object: see the header.  Runs in the constructor and in early
 * stubs; reads memory only. */
#include "elf_symbols.h"

#include "bytes.h"

#define HIDDEN_VERSION 0x8000u

uint32_t logtap_elf_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

/* ld.so relocates most d_ptr values in place, but not those of the vDSO. */
static const void *pointer_of(const struct logtap_elf *object, ElfW(Addr) value)
{
	return (const void *)(value < object->base ? value + object->base
						   : value);
}

bool logtap_elf_at(struct logtap_elf *object, const char *name, uintptr_t base,
		   const ElfW(Dyn) * dynamic)
{
	*object = (struct logtap_elf){.name = name ? name : "", .base = base};
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

/* The dynamic section that program headers tell of; NULL: none. */
static const ElfW(Dyn) *
	dynamic_of(uintptr_t base, const ElfW(Phdr) * headers, size_t count)
{
	const ElfW(Dyn) *dynamic = NULL;

	for (size_t i = 0; i < count; i++)
		if (headers[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + headers[i].p_vaddr);
	return dynamic;
}

bool logtap_elf_init(struct logtap_elf *object, const char *name,
		     uintptr_t base, const ElfW(Phdr) * headers, size_t count)
{
	return logtap_elf_at(object, name, base,
			     dynamic_of(base, headers, count));
}

/* Is symbol @index a definition of @name that a new link would choose? */
static const ElfW(Sym) *
	match(const struct logtap_elf *object, uint32_t index, const char *name)
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

static const ElfW(Sym) * find_gnu(const struct logtap_elf *object,
				  const char *name, uint32_t hash)
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

const ElfW(Sym) * logtap_elf_find(const struct logtap_elf *object,
				  const char *name, uint32_t hash)
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
