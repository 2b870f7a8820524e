/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * printf(3)'s plain conversions with all that may stand before their letter.
 * For format.c, which does those that are nothing but a letter itself.
 */
#ifndef LOGTAP_SINK_FORMAT_CONVERSION_H
#define LOGTAP_SINK_FORMAT_CONVERSION_H

#include "out.h"

#include <stdarg.h>

struct logtap_conversion {
	unsigned width;
	int precision; /* -1: none */
	bool left;
	bool zero;
	bool plus;
	bool space;
	bool alternate;
	unsigned char bytes; /* of the integer: 1, 2, 4 or 8 */
	bool has_length;
	char letter;
};

/* Reads what stands between the % and the letter, and the letter; @*format is
 * left behind it.  Return: false if it is more than a log line needs. */
bool logtap_conversion_read(struct logtap_conversion *how, const char **format,
			    va_list *arguments);

/* One conversion, @*format behind its %.
 * Return: true: it is in @out, and @*format and @arguments are behind it; false:
 * it is not plain or does not fit.  Then @out is as it was, the others are
 * anywhere. */
bool logtap_format_convert(struct logtap_out *out, const char **format,
			   va_list *arguments);

#endif
