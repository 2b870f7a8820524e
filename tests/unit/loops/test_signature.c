/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines are of one form. */
#include "../../../collector/loops/signature.h"

#include <criterion/criterion.h>
#include <string.h>

static uint64_t of(const char *text)
{
	return logtap_signature(text, strlen(text));
}

Test(signature, numbers_do_not_matter)
{
	cr_assert_eq(of("took 7 ms"), of("took 1234 ms"));
	cr_assert_eq(of("port :4318, try 1"), of("port :80, try 22"));
	cr_assert_neq(of("took 7 ms"), of("took 7 s"));
}

Test(signature, identifiers_do_not_matter)
{
	cr_assert_eq(of("trace 0af7651916cd43dd"), of("trace 5"));
	cr_assert_eq(of("id=deadbeef1 ok"), of("id=1 ok"));
	/* words are words, though all of their letters are digits */
	cr_assert_neq(of("bad face"), of("dead face"));
	cr_assert_neq(of("added 1"), of("faded 1"));
}

Test(signature, only_the_beginning_of_a_long_line_counts)
{
	char a[1000], b[1000];

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	b[900] = 'y';
	cr_assert_eq(logtap_signature(a, sizeof(a)),
		     logtap_signature(b, sizeof(b)));
	b[10] = 'y';
	cr_assert_neq(logtap_signature(a, sizeof(a)),
		      logtap_signature(b, sizeof(b)));
	cr_assert_eq(of(""), of(""));
}
