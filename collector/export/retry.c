/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* When to try again: see the header.  An exporter's worker thread. */
#include "retry.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

void logtap_retry_init(struct logtap_retry *retry, uint64_t seed)
{
	*retry = (struct logtap_retry){.random = seed};
}

void logtap_retry_reset(struct logtap_retry *retry)
{
	retry->failures = 0;
}

/* splitmix64: any seed is good, 0 too. */
static uint64_t next_random(struct logtap_retry *retry)
{
	uint64_t z = retry->random += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t logtap_retry_delay_ms(struct logtap_retry *retry, int64_t after_ms)
{
	uint64_t step = LOGTAP_RETRY_FIRST_MS;
	for (uint32_t i = 0; i < retry->failures && step < LOGTAP_RETRY_MAX_MS;
	     i++)
		step *= 2;
	if (retry->failures < UINT32_MAX)
		retry->failures++;
	uint64_t delay = step / 2 + next_random(retry) % (step + 1);
	if (delay > LOGTAP_RETRY_MAX_MS)
		delay = LOGTAP_RETRY_MAX_MS;
	if (after_ms <= (int64_t)delay)
		return (uint32_t)delay;
	if (after_ms > LOGTAP_RETRY_AFTER_MAX_MS)
		after_ms = LOGTAP_RETRY_AFTER_MAX_MS;
	delay = (uint64_t)after_ms;
	delay += next_random(retry) % (delay / 10 + 1);
	return delay < LOGTAP_RETRY_AFTER_MAX_MS ? (uint32_t)delay
						 : LOGTAP_RETRY_AFTER_MAX_MS;
}

static int64_t bounded_ms(uint64_t seconds)
{
	return seconds < LOGTAP_RETRY_AFTER_MAX_MS / 1000
		       ? (int64_t)seconds * 1000
		       : LOGTAP_RETRY_AFTER_MAX_MS;
}

int64_t logtap_retry_after_ms(const char *value, time_t now)
{
	while (*value == ' ' || *value == '\t')
		value++;
	size_t digits = strspn(value, "0123456789");
	if (digits) {
		const char *end = value + digits;
		end += strspn(end, " \t\r\n");
		/* On overflow strtoul() gives ULONG_MAX: bounded as well. */
		return *end ? -1 : bounded_ms(strtoul(value, NULL, 10));
	}
	/* curl_getdate() reads much that is no date; HTTP's begin with the
	 * day's name. */
	if (!isalpha((unsigned char)*value))
		return -1;
	time_t date = curl_getdate(value, NULL);
	if (date == -1)
		return -1;
	return date > now ? bounded_ms((uint64_t)(date - now)) : 0;
}
