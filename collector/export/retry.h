/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * When to try again: exponential back-off with jitter, unless the receiver
 * says when (Retry-After).  Pure arithmetic; each user owns its state.
 */
#ifndef LOGTAP_EXPORT_RETRY_H
#define LOGTAP_EXPORT_RETRY_H

#include <stdint.h>
#include <time.h>

enum {
	LOGTAP_RETRY_FIRST_MS = 500,
	LOGTAP_RETRY_MAX_MS = 30 * 1000,
	/* A receiver's own word is believed up to here. */
	LOGTAP_RETRY_AFTER_MAX_MS = 5 * 60 * 1000,
};

struct logtap_retry {
	uint32_t failures; /* in a row */
	uint64_t random;   /* state of the jitter */
};

/* @seed: any; destinations with different seeds do not retry in step. */
void logtap_retry_init(struct logtap_retry *retry, uint64_t seed);
/* Success: the next failure begins with the shortest wait again. */
void logtap_retry_reset(struct logtap_retry *retry);

/**
 * logtap_retry_delay_ms() - count a failure and say how long to wait
 * @after_ms: what the receiver asked for, negative: nothing
 *
 * The n-th failure in a row waits half to one and a half times
 * FIRST_MS * 2^(n-1), MAX_MS at most.  If the receiver asked for more than
 * that, it waits as long as asked and up to a tenth longer,
 * RETRY_AFTER_MAX_MS at most.
 */
uint32_t logtap_retry_delay_ms(struct logtap_retry *retry, int64_t after_ms);

/**
 * logtap_retry_after_ms() - read the value of a Retry-After header
 * @value: seconds, or an HTTP date
 * @now:   seconds since the epoch, for a date
 * Return: milliseconds, RETRY_AFTER_MAX_MS at most, 0 for a date that has
 * passed; -1 if @value is neither.
 */
int64_t logtap_retry_after_ms(const char *value, time_t now);

#endif
