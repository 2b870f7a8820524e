/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Names of collectors: see the header.  Any thread. */
#include "instance.h"

#include "../base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char prefix[] = "logtap-";
enum {
	PREFIX = sizeof(prefix) - 1,
	DIGITS = 16,
	NUMBER_MAX = 18,
	HOP_MAX = 255
};

void logtap_instance_make(char id[LOGTAP_INSTANCE_BYTES + 1])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(number))
		/* early in a boot: unique enough among those that meet */
		number = logtap_clock_monotonic_ns() *
				 UINT64_C(0x9e3779b97f4a7c15) ^
			 (uint64_t)getpid() << 32;
	snprintf(id, LOGTAP_INSTANCE_BYTES + 1, "%s%016llx", prefix,
		 (unsigned long long)number);
}

static bool is_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* @sign and a number at out->end, which goes behind them. */
static uint64_t read_number(char sign, const char *end,
			    struct logtap_instance_mention *out)
{
	const char *at = out->end;
	uint64_t number = 0;

	if (at == end || *at != sign)
		return 0;
	const char *first = ++at;
	for (;
	     at < end && at - first < NUMBER_MAX && isdigit((unsigned char)*at);
	     at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at != first)
		out->end = at;
	return number;
}

bool logtap_instance_find(const char *text, size_t bytes,
			  struct logtap_instance_mention *out)
{
	const char *end = text + bytes;

	while (bytes >= LOGTAP_INSTANCE_BYTES) {
		const char *at = memmem(text, bytes, prefix, PREFIX);
		if (!at || end - at < LOGTAP_INSTANCE_BYTES)
			return false;
		size_t digits = 0;
		while (digits < DIGITS && is_digit(at[PREFIX + digits]))
			digits++;
		if (digits == DIGITS) {
			memcpy(out->id, at, LOGTAP_INSTANCE_BYTES);
			out->id[LOGTAP_INSTANCE_BYTES] = '\0';
			out->start = at;
			out->end = at + LOGTAP_INSTANCE_BYTES;
			out->batch = read_number('.', end, out);
			uint64_t hop = read_number('+', end, out);
			out->hop = hop > HOP_MAX ? HOP_MAX : (uint32_t)hop;
			return true;
		}
		text = at + PREFIX;
		bytes = (size_t)(end - text);
	}
	return false;
}
