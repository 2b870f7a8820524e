/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The known word that a mistyped one was probably meant to be.
 */
#ifndef LOGTAP_BASE_NEAREST_H
#define LOGTAP_BASE_NEAREST_H

#include <stddef.h>

struct logtap_nearest {
	const char *word; /* borrowed; NULL while nothing is near enough */
	size_t distance;
};

/* Offers @candidate for @typed; keeps it if it is nearer than the last one and
 * near enough to be a slip of the fingers (a third of the letters, or the
 * typed word is its beginning).  Start with a zeroed @nearest. */
void logtap_nearest_offer(struct logtap_nearest *nearest, const char *typed,
			  const char *candidate);

#endif
