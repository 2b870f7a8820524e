/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in variables of OpenTelemetry: see the header.  Pure functions. */
#include "otlp_number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

bool logtap_otlp_number_parse(const char *text, uint32_t least, uint32_t *out)
{
	char *end;
	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return false; /* strtoul() would take a sign */
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	while (isspace((unsigned char)*end))
		end++;
	if (errno || *end || value < least || value > INT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

uint32_t logtap_otlp_number_limit(uint32_t ms)
{
	return ms ? ms : INT32_MAX;
}
