/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Copying what is short and must be fast, in whole steps.  Pure, any thread.
 */
#ifndef LOGTAP_BASE_COPY_H
#define LOGTAP_BASE_COPY_H

#include <string.h>

enum {
	LOGTAP_COPY_STEP = 32,
	/* how many bytes behind those that are copied may be read, and written */
	LOGTAP_COPY_SLACK = LOGTAP_COPY_STEP - 1,
};

/* Copies @bytes, and up to LOGTAP_COPY_SLACK more: both sides have that much
 * memory behind them, and nothing there that matters. */
static inline void logtap_copy_over(void *to_, const void *from_, size_t bytes)
{
	unsigned char *to = to_;
	const unsigned char *from = from_;
	size_t at = 0;

	for (; at + LOGTAP_COPY_STEP < bytes; at += 2 * LOGTAP_COPY_STEP)
		memcpy(to + at, from + at, 2 * LOGTAP_COPY_STEP);
	if (at < bytes)
		memcpy(to + at, from + at, LOGTAP_COPY_STEP);
}

/* Copies exactly @bytes, in line: the last step overlaps the one before it. */
static inline void logtap_copy_short(void *to_, const void *from_, size_t bytes)
{
	unsigned char *to = to_;
	const unsigned char *from = from_;

	if (bytes < 16 || bytes > 256) {
		memcpy(to, from, bytes);
		return;
	}
	for (size_t at = 0; at < bytes - 16; at += 16)
		memcpy(to + at, from + at, 16);
	memcpy(to + bytes - 16, from + bytes - 16, 16);
}

#endif
