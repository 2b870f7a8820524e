/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Compression of request bodies.  A compressor belongs to one thread.
 */
#ifndef LOGTAP_EXPORT_GZIP_H
#define LOGTAP_EXPORT_GZIP_H

#include "../base/bytes.h"

struct logtap_gzip;

/* Return: NULL without memory. */
struct logtap_gzip *logtap_gzip_new(void);
void logtap_gzip_free(struct logtap_gzip *gzip);
/* Replaces @out by @in compressed (RFC 1952).  Return: 0 or -ENOMEM. */
int logtap_gzip_compress(struct logtap_gzip *gzip,
			 const struct logtap_bytes *in,
			 struct logtap_bytes *out);

#endif
