/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A growing array of bytes.  Not thread-safe.  After a failed call the bytes
 * are as before.
 */
#ifndef LOGTAP_BASE_BYTES_H
#define LOGTAP_BASE_BYTES_H

#include <stddef.h>

struct logtap_bytes {
	unsigned char *data; /* owned; NULL while capacity is 0 */
	size_t size;
	size_t capacity;
};

void logtap_bytes_deinit(struct logtap_bytes *bytes);
/* Room for @more bytes behind size.  Return: 0 or -ENOMEM. */
int logtap_bytes_reserve(struct logtap_bytes *bytes, size_t more);
int logtap_bytes_append(struct logtap_bytes *bytes, const void *data,
			size_t size);

#endif
