/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers of more than four digits: see the header.  Safe everywhere. */
#include "out.h"

const char logtap_out_pairs[201] = "0001020304050607080910111213141516171819"
				   "2021222324252627282930313233343536373839"
				   "4041424344454647484950515253545556575859"
				   "6061626364656667686970717273747576777879"
				   "8081828384858687888990919293949596979899";

/* Four digits with their zeros in front. */
static char *put_four(char *at, uint32_t value)
{
	at = logtap_out_pair(at, value / 100);
	return logtap_out_pair(at, value % 100);
}

char *logtap_out_large(char *at, uint64_t value)
{
	enum { FOUR = 10000, EIGHT = FOUR * FOUR };
	uint32_t low;

	if (value < EIGHT) {
		at = logtap_out_small(at, (uint32_t)value / FOUR);
		return put_four(at, (uint32_t)value % FOUR);
	}
	at = logtap_out_decimal(at, value / EIGHT);
	low = (uint32_t)(value % EIGHT);
	return put_four(put_four(at, low / FOUR), low % FOUR);
}
