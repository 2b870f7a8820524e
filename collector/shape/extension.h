/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a chunk says beyond its bytes.  Pure functions, any thread.
 */
#ifndef LOGTAP_SHAPE_EXTENSION_H
#define LOGTAP_SHAPE_EXTENSION_H

#include "source.h"

enum {
	LOGTAP_IDENT_BYTES = 256,
	LOGTAP_TRACE_BYTES = 25, /* trace id, span id, flags */
};

struct logtap_extensions {
	char ident[LOGTAP_IDENT_BYTES]; /* valid UTF-8, empty: none */
	uint32_t options;		/* of openlog(3) */
	uint64_t original_bytes;	/* 0: unknown */
	struct logtap_piece piece;	/* its bytes 0: unknown */
	bool has_trace;
	unsigned char trace[LOGTAP_TRACE_BYTES];
};

/* Reads the items that are well-formed, up to the first that is not. */
void logtap_extensions_read(struct logtap_extensions *out,
			    const struct logtap_chunk_view *chunk);

#endif
