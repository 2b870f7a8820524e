/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded objects: see the header.  Read in the constructor, because the loader
 * takes a lock for it; told in any thread. */
#include "objects.h"

#include "../bytes.h"
#include "../libc/libc.h"
#include "../object.h"
#include "../sink/aside.h"
#include "../state.h"

#include <elf.h>
#include <link.h>
#include <logtap/abi/evidence.h>

/* What every ring has room for in one chunk. */
#define PIECE_BYTES                                   \
	(LOGTAP_RING_BYTES_MIN / LOGTAP_RING_BLOCKS - \
	 LOGTAP_CHUNK_HEADER_BYTES - sizeof(struct logtap_evidence))

#define PIECES 48

static LOGTAP_BSS("4") struct piece {
	_Alignas(8) unsigned char bytes[PIECE_BYTES];
	size_t size;
} pieces[PIECES];
static size_t piece_count; /* 0: nothing is told */

/* Where @span bytes go, NULL when all is taken. */
static unsigned char *take(size_t span)
{
	struct piece *piece = &pieces[piece_count ? piece_count - 1 : 0];
	unsigned char *at;

	if (!piece_count || span > sizeof piece->bytes - piece->size) {
		if (piece_count == PIECES)
			return NULL;
		piece = &pieces[piece_count++];
	}
	at = piece->bytes + piece->size;
	piece->size += span;
	return at;
}

/* The note of an object that names its build, among those of one segment. */
static void find_build_id(struct logtap_object *object, uintptr_t at,
			  size_t bytes)
{
	ElfW(Nhdr) note;

	while (bytes >= sizeof note) {
		__builtin_memcpy(&note, (const void *)at, sizeof note);
		size_t name = (note.n_namesz + 3u) & ~3u;
		size_t value = (note.n_descsz + 3u) & ~3u;
		if (name > bytes - sizeof note ||
		    value > bytes - sizeof note - name)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    logtap_bytes_same((const char *)at + sizeof note, "GNU") &&
		    note.n_descsz <= sizeof object->build_id) {
			object->build_id_bytes = (uint16_t)note.n_descsz;
			logtap_bytes_copy(
				object->build_id,
				(const void *)(at + sizeof note + name),
				note.n_descsz);
			return;
		}
		at += sizeof note + name + value;
		bytes -= sizeof note + name + value;
	}
}

static void describe(struct logtap_object *object,
		     const struct dl_phdr_info *info)
{
	struct logtap_object_span span = logtap_object_span(info);

	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type == PT_NOTE && !object->build_id_bytes)
			find_build_id(object, info->dlpi_addr + header->p_vaddr,
				      header->p_memsz);
	}
	object->start = span.start & ~(uint64_t)(LOGTAP_PAGE_BYTES - 1);
	object->end = (span.end + LOGTAP_PAGE_BYTES - 1) &
		      ~(uint64_t)(LOGTAP_PAGE_BYTES - 1);
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	struct logtap_object object = {0};
	const char *path = *info->dlpi_name ? info->dlpi_name
					    : logtap_state.identity.executable;
	size_t length = logtap_bytes_length(path);
	size_t span = sizeof object + ((length + 7) & ~(size_t)7);
	unsigned char *at;

	(void)size;
	(void)data;
	if (*path != '/' || span > PIECE_BYTES)
		return 0; /* the vDSO, or nothing to be found by */
	describe(&object, info);
	if (!object.build_id_bytes)
		return 0;
	at = take(span);
	if (!at)
		return 1;
	object.path_bytes = (uint16_t)length;
	logtap_bytes_copy(at, &object, sizeof object);
	logtap_bytes_copy(at + sizeof object, path, length);
	return 0;
}

void logtap_objects_init(void)
{
	if (logtap_state.config.stack_level)
		logtap_libc_objects(visit, NULL);
}

void logtap_objects_tell(struct logtap_tls *tls, uint64_t time)
{
	struct logtap_stamp stamp = {
		.time = time,
		.priority = LOGTAP_PRIORITY_NONE,
		.sink = LOGTAP_SINK_INDEX_UNKNOWN,
		.type = LOGTAP_CHUNK_EVIDENCE,
	};
	struct logtap_evidence evidence = {
		.kind = LOGTAP_EVIDENCE_OBJECTS,
		.fd = -1,
	};
	uint64_t end;

	if (tls->objects_told || !piece_count)
		return;
	tls->objects_told = 1;
	for (size_t i = 0; i < piece_count; i++) {
		size_t length = sizeof evidence + pieces[i].size;
		unsigned char *at =
			logtap_aside_reserve(tls, &stamp, length, &end);
		if (!at)
			return;
		evidence.head_bytes = (uint16_t)pieces[i].size;
		logtap_bytes_copy(at, &evidence, sizeof evidence);
		logtap_bytes_copy(at + sizeof evidence, pieces[i].bytes,
				  pieces[i].size);
		logtap_aside_publish(tls, end);
	}
}
