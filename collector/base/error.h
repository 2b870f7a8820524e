/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a command says to the person who started it, on standard error:
 *
 *     logtap: what: where: why; what next
 *
 * Not for the collector in the background: that one writes base/log.h.
 */
#ifndef LOGTAP_BASE_ERROR_H
#define LOGTAP_BASE_ERROR_H

#include <stddef.h>

/* @what failed, at @where (a file, an option; or NULL), @why (a reason, such
 * as strerror() gives), and what to do @next (or NULL). */
void logtap_error_print(const char *what, const char *where, const char *why,
			const char *next);
/* The same text without "logtap: ", into @out.  Cut when too long. */
void logtap_error_format(char *out, size_t out_bytes, const char *what,
			 const char *where, const char *why, const char *next);
/* "logtap: " and any other text. */
__attribute__((format(printf, 1, 2))) void logtap_error_say(const char *format,
							    ...);

#endif
