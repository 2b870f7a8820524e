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
 * @path:  of the signal, "v1/logs"
 * @where: the variable or option that it comes from, for @error
 * @url:   where to POST, owned by the caller
 * @name:  the same without credentials and query, owned by the caller
 * Return: 0, -EINVAL (with @error) or -ENOMEM.
 */
int logtap_otlp_url_parse(const char *text, enum logtap_otlp_url_form form,
			  const char *path, const char *where, char **url,
			  char **name, char *error, size_t error_bytes);

#endif
