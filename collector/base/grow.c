/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that grow: see the header.  Any thread. */
#include "grow.h"

#include <stdlib.h>

void *logtap_grown(void *items, size_t count, size_t *room, size_t item_bytes,
		   size_t first)
{
	if (count < *room)
		return items;
	size_t more = *room ? 2 * *room : first;
	void *grown =
		more > *room ? reallocarray(items, more, item_bytes) : NULL;
	if (grown)
		*room = more;
	return grown;
}
