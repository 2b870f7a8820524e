/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The known word that a mistyped one was probably meant to be. */
#include "nearest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters inserted, left out, replaced, or two neighbours swapped. */
static size_t edit_distance(const char *a, size_t a_size, const char *b,
			    size_t b_size)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_size; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t differ = a[i - 1] != b[j - 1];
			row[j] = least(above[j - 1] + differ,
				       1 + least(above[j], row[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		size_t *next = before;
		before = above;
		above = row;
		row = next;
	}
	return above[b_size];
}

void logtap_nearest_offer(struct logtap_nearest *nearest, const char *typed,
			  const char *candidate)
{
	size_t typed_size = strlen(typed);
	size_t size = strlen(candidate);
	if (!typed_size || typed_size > WORD_MAX || size > WORD_MAX)
		return;

	size_t distance = edit_distance(typed, typed_size, candidate, size);
	if (typed_size >= 2 && !strncmp(typed, candidate, typed_size))
		distance = 1;
	else if (distance > (size + 2) / 3)
		return;
	if (!nearest->word || distance < nearest->distance) {
		nearest->word = candidate;
		nearest->distance = distance;
	}
}
