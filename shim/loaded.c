/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the loader has loaded: see the header. */
#include "loaded.h"

#include "libc/libc.h"
#include "state.h"

struct span_search {
	bool (*wanted)(const char *path);
	struct logtap_object_span *out;
	uint32_t most;
	uint32_t count;
};

static int visit_span(struct dl_phdr_info *info, size_t size, void *data)
{
	struct span_search *search = data;

	(void)size;
	if (!info->dlpi_name || !search->wanted(info->dlpi_name))
		return 0;
	struct logtap_object_span span = logtap_object_span(info);
	if (span.end)
		search->out[search->count++] = span;
	return search->count == search->most;
}

uint32_t logtap_loaded_spans(bool (*wanted)(const char *path),
			     struct logtap_object_span *out, uint32_t most)
{
	struct span_search search = {wanted, out, most, 0};

	logtap_libc_objects(visit_span, &search);
	return search.count;
}

static int visit_first(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(uint64_t *)data = info->dlpi_adds;
	return 1;
}

uint64_t logtap_loaded_ever(void)
{
	uint64_t loads = 0;

	logtap_libc_objects(visit_first, &loads);
	return loads;
}

struct place {
	uintptr_t address;
	struct logtap_object_span pages;
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
			place->pages = (struct logtap_object_span){start, end};
	}
	return place->pages.end != 0;
}

struct logtap_object_span logtap_loaded_relro(const void *address)
{
	struct place place = {(uintptr_t)address, {0, 0}};

	logtap_libc_objects(visit_relro, &place);
	return place.pages;
}
