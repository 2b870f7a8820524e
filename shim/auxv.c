/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The auxiliary vector: see the header. */
#include "auxv.h"

#include <link.h>

static const ElfW(auxv_t) nothing[] = {{.a_type = AT_NULL}};
static const ElfW(auxv_t) *vector = nothing;

/* The array of the environment that the kernel made, and no later one.  Where a
 * program that loads us at run time has shortened it, its old end is met on the
 * way, as a type or as a value; the vector's own end is both. */
void logtap_auxv_init(int argc, char **argv)
{
	char **end = argv + argc + 1;

	while (*end)
		end++;
	vector = (const void *)(end + 1);
}

unsigned long logtap_auxv(unsigned long type)
{
	for (const ElfW(auxv_t) *at = vector; at->a_type != AT_NULL; at++)
		if (at->a_type == type)
			return at->a_un.a_val;
	return 0;
}
