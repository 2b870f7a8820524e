/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* dl_iterate_phdr(3): libc's own for us, and for the host one that shows us
 * behind our neighbour. */
#include "../../bytes.h"
#include "../../real.h"
#include "../../symbols.h"
#include "../libc.h"

#include <link.h>
#include <stdatomic.h>

typedef int visitor(struct dl_phdr_info *info, size_t size, void *data);
typedef int iterator(visitor *visit, void *data);

/* The loader's, for debuggers: glibc's, and musl's, which has another name.
 * Weak: each has only its own, and ours is not to need the loader by name. */
extern struct r_debug _r_debug __attribute__((weak));
extern struct r_debug *_dl_debug_addr __attribute__((weak));

static iterator *_Atomic iterate;

static const struct r_debug *loader(void)
{
	if (&_r_debug)
		return &_r_debug;
	return &_dl_debug_addr ? _dl_debug_addr : NULL;
}

static iterator *in(const struct link_map *map)
{
	return (iterator *)logtap_symbol_in_map(map, "dl_iterate_phdr");
}

/* A replacement is in an object that is not libc.  Where this libc is not, the
 * last one that has the function is taken for one. */
static iterator *find(void)
{
	const struct r_debug *debug = loader();
	const struct link_map *first = debug ? debug->r_map : NULL;
	iterator *last = NULL;

	for (const struct link_map *map = first; map; map = map->l_next)
		if (logtap_libc_is_at(map->l_name) &&
		    logtap_symbol_in_map(map, "gnu_get_libc_version"))
			return in(map);
	for (const struct link_map *map = first; map; map = map->l_next) {
		iterator *found = in(map);
		if (found && found != dl_iterate_phdr)
			last = found;
	}
	return last;
}

int logtap_libc_objects(visitor *visit, void *data)
{
	iterator *found = atomic_load_explicit(&iterate, memory_order_relaxed);

	if (!found) {
		found = find();
		atomic_store_explicit(&iterate, found, memory_order_relaxed);
	}
	return found ? found(visit, data) : 0;
}

struct iteration {
	visitor *visit;
	void *data;
	struct dl_phdr_info ours;
	size_t size; /* of ours, 0: not met or shown already */
};

static int show(struct dl_phdr_info *info, size_t size, void *data)
{
	struct iteration *iteration = data;
	size_t held = iteration->size;

	if (!held && logtap_symbol_holds_us(info)) {
		iteration->size = size < sizeof *info ? size : sizeof *info;
		logtap_bytes_copy(&iteration->ours, info, iteration->size);
		return 0;
	}
	iteration->size = 0;
	int result = iteration->visit(info, size, iteration->data);
	if (result || !held)
		return result;
	return iteration->visit(&iteration->ours, held, iteration->data);
}

/* An AddressSanitizer's run time ends the process when it is not the first
 * library; before it, we do it no harm. */
int logtap_on_dl_iterate_phdr(visitor *visit, void *data)
{
	struct iteration iteration = {.visit = visit, .data = data};

	return logtap_real.dl_iterate_phdr(show, &iteration);
}
