/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* gzip with zlib, its state kept from body to body.  An exporter's worker. */
#include "gzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum {
	GZIP_WINDOW_BITS = 15 + 16, /* zlib's way to ask for gzip */
	MEMORY_LEVEL = 8,
};

struct logtap_gzip {
	z_stream stream;
};

struct logtap_gzip *logtap_gzip_new(void)
{
	struct logtap_gzip *gzip = calloc(1, sizeof(*gzip));
	if (!gzip)
		return NULL;
	if (deflateInit2(&gzip->stream, Z_BEST_SPEED, Z_DEFLATED,
			 GZIP_WINDOW_BITS, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return NULL;
	}
	return gzip;
}

void logtap_gzip_free(struct logtap_gzip *gzip)
{
	if (!gzip)
		return;
	deflateEnd(&gzip->stream);
	free(gzip);
}

int logtap_gzip_compress(struct logtap_gzip *gzip,
			 const struct logtap_bytes *in,
			 struct logtap_bytes *out)
{
	if (in->size > UINT_MAX / 2)
		return -ENOMEM; /* more than zlib takes at once */
	z_stream *stream = &gzip->stream;
	deflateReset(stream);
	size_t bound = deflateBound(stream, in->size);
	out->size = 0;
	int failed = logtap_bytes_reserve(out, bound);
	if (failed)
		return failed;
	stream->next_in = in->data;
	stream->avail_in = (uInt)in->size;
	stream->next_out = out->data;
	stream->avail_out = (uInt)bound;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return -ENOMEM; /* cannot happen within the bound */
	out->size = bound - stream->avail_out;
	return 0;
}
