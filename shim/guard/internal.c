/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Marks by configuration: see the header. */
#include "internal.h"

#include "../bytes.h"
#include "../fd/glob.h"
#include "../loaded.h"
#include "../segment/create.h"
#include "../state.h"
#include "mark.h"

#include <errno.h>

#define LIST_BYTES 1024
#define RANGES 16

static LOGTAP_BSS("4") char lists[2][LIST_BYTES];
static const char *thread_names; /* NULL: none */
static const char *libraries;	 /* NULL: none */

/* Where libraries that match lie, as far as they were seen. */
static LOGTAP_BSS("4") struct logtap_object_span ranges[RANGES];
static _Atomic uint32_t range_count;
static _Atomic uint64_t loads;
static _Atomic uint32_t looking;

static const char *keep(char *to, const char *list, const char *complaint)
{
	if (!list)
		return NULL;
	if (logtap_bytes_length(list) < LIST_BYTES) {
		logtap_bytes_string(to, LIST_BYTES, list);
		return to;
	}
	logtap_segment_diagnose(E2BIG, complaint);
	return NULL;
}

static bool is_wanted(const char *path)
{
	const char *base = path;

	for (const char *at = path; *at; at++)
		if (*at == '/')
			base = at + 1;
	return *base && (logtap_glob_match_any(libraries, path) ||
			 logtap_glob_match_any(libraries, base));
}

static void look(void)
{
	struct logtap_object_span found[RANGES];
	uint32_t count = logtap_loaded_spans(is_wanted, found, RANGES);

	/* Ranges only come to be; a library that went is not started from. */
	for (uint32_t i = 0; i < count; i++)
		ranges[i] = found[i];
	atomic_store_explicit(&range_count, count, memory_order_release);
}

/* What was loaded since.  Not after a fork, which may have left the loader's
 * lock held; and by one thread at a time. */
static void look_again(void)
{
	uint64_t count;

	if (!logtap_state.identity.start_ticks || atomic_exchange(&looking, 1))
		return;
	count = logtap_loaded_ever();
	if (atomic_exchange(&loads, count) != count)
		look();
	atomic_store(&looking, 0);
}

void logtap_internal_init(const char *threads, const char *of_libraries)
{
	thread_names = keep(lists[0], threads,
			    "LOGTAP_INTERNAL_THREADS: longer than 1023 bytes; "
			    "it is ignored");
	libraries = keep(lists[1], of_libraries,
			 "LOGTAP_INTERNAL_LIBRARIES: longer than 1023 bytes; "
			 "it is ignored");
	if (libraries) {
		atomic_store(&loads, logtap_loaded_ever());
		look();
	}
	logtap_internal_name(&logtap_tls, logtap_tls.name);
}

static bool starts_in_library(uintptr_t address)
{
	uint32_t count =
		atomic_load_explicit(&range_count, memory_order_acquire);

	for (uint32_t i = 0; i < count && i < RANGES; i++)
		if (address - ranges[i].start < ranges[i].end - ranges[i].start)
			return true;
	return false;
}

void logtap_internal_begin(struct logtap_tls *tls)
{
	/* Its creator may have given it another name already: only marked. */
	if (thread_names && logtap_glob_match_any(thread_names, tls->name))
		logtap_mark_set(tls, LOGTAP_MARK_NAMED);
	if (!libraries || tls->mark & LOGTAP_MARK_COUNT)
		return;
	look_again();
	if (starts_in_library(tls->start_routine))
		__atomic_fetch_add(&tls->mark, 1, __ATOMIC_RELAXED);
}

void logtap_internal_name(struct logtap_tls *tls, const char *name)
{
	if (!thread_names)
		return;
	if (logtap_glob_match_any(thread_names, name))
		logtap_mark_set(tls, LOGTAP_MARK_NAMED);
	else
		logtap_mark_clear(tls, LOGTAP_MARK_NAMED);
}

void logtap_internal_rename(struct logtap_tls *tls, const char *name)
{
	logtap_bytes_string(tls->name, sizeof tls->name, name);
	if (tls->life == LOGTAP_LIVE)
		logtap_bytes_string(tls->rings->slot->name,
				    sizeof tls->rings->slot->name, name);
	logtap_internal_name(tls, tls->name);
}
