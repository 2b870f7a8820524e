/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * OTEL_EXPORTER_OTLP_HEADERS: a list k=v,k=v of HTTP headers.
 */
#ifndef LOGTAP_EXPORT_OTLP_HEADERS_H
#define LOGTAP_EXPORT_OTLP_HEADERS_H

#include "otlp_config.h"

/**
 * logtap_otlp_headers_parse() - decode a list of headers
 * @list:    names and values percent-encoded, blanks around them allowed
 * @headers: one array, owned by the caller: logtap_otlp_headers_free()
 * @bad:     called for each entry that is left out, with its place in the
 *           list (from 1) and why; never with its text, which may be a secret
 *
 * Left out are entries without '=', bad encoding, names that are no HTTP token,
 * values with control characters, and the headers that describe the body.
 * Of entries with one name the last is kept.
 * Return: 0 or -ENOMEM.
 */
int logtap_otlp_headers_parse(
	const char *list, struct logtap_otlp_header **headers, size_t *count,
	void (*bad)(void *context, unsigned entry, const char *why),
	void *context);
void logtap_otlp_headers_free(struct logtap_otlp_header *headers, size_t count);

#endif
