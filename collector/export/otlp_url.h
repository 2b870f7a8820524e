/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * OTLP endpoints: from what a person wrote to the URL that is POSTed to.
 */
#ifndef LOGTAP_EXPORT_OTLP_URL_H
#define LOGTAP_EXPORT_OTLP_URL_H

#include <stddef.h>

enum logtap_otlp_url_form {
	LOGTAP_OTLP_URL_BASE,	/* the signal's path is appended to its own */
	LOGTAP_OTLP_URL_EXACT,	/* used as it is, "/" if it has no path */
	LOGTAP_OTLP_URL_OPTION, /* BASE if it has no path, EXACT otherwise */
};

/**
 * logtap_otlp_url_parse() - check and complete an endpoint
 * @path: of the signal, "v1/logs"
 * @url:  where to POST, owned by the caller
 * @name: the same without credentials and query, owned by the caller
 * @why:  what is wrong with @text, which it names without credentials; what to
 *        do about it is LOGTAP_OTLP_URL_NEXT
 * Return: 0, -EINVAL (with @why) or -ENOMEM.
 */
int logtap_otlp_url_parse(const char *text, enum logtap_otlp_url_form form,
			  const char *path, char **url, char **name, char *why,
			  size_t why_bytes);
#define LOGTAP_OTLP_URL_NEXT \
	"write it as http://HOST:4318 or https://HOST:PORT/PATH"
enum { LOGTAP_OTLP_URL_WHY_BYTES = 288 };

#endif
