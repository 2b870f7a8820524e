/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The names of collectors, as they are found in text. */
#include "../../../collector/loops/instance.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct logtap_instance_mention found;

static bool find(const char *text)
{
	return logtap_instance_find(text, strlen(text), &found);
}

Test(instance, a_name_is_found_in_any_text)
{
	char id[LOGTAP_INSTANCE_BYTES + 1], text[256];

	logtap_instance_make(id);
	cr_assert_eq(strlen(id), LOGTAP_INSTANCE_BYTES);
	snprintf(text, sizeof(text), "{\\\"x\\\":\\\"%s\\\"}", id);
	cr_assert(find(text));
	cr_assert_str_eq(found.id, id);
	cr_assert_eq(found.batch, 0);
}

Test(instance, two_collectors_have_two_names)
{
	char a[LOGTAP_INSTANCE_BYTES + 1], b[LOGTAP_INSTANCE_BYTES + 1];

	logtap_instance_make(a);
	logtap_instance_make(b);
	cr_assert_str_neq(a, b);
}

Test(instance, the_number_of_a_batch_comes_with_it)
{
	cr_assert(find("logtap-batch: logtap-0123456789abcdef.42, x"));
	cr_assert_str_eq(found.id, "logtap-0123456789abcdef");
	cr_assert_eq(found.batch, 42);
	cr_assert_eq(*found.end, ',');
}

Test(instance, the_number_of_hops_comes_behind)
{
	cr_assert(find("(logtap-0123456789abcdef+3 via x)"));
	cr_assert_eq(found.batch, 0);
	cr_assert_eq(found.hop, 3);
	cr_assert(find("logtap-0123456789abcdef.7+999999"));
	cr_assert_eq(found.batch, 7);
	cr_assert_eq(found.hop, 255);
	cr_assert(find("logtap-0123456789abcdef+"));
	cr_assert_eq(found.hop, 0);
	cr_assert_eq(*found.end, '+');
}

Test(instance, what_only_begins_like_a_name_is_passed_over)
{
	cr_assert_not(find("logtap-"));
	cr_assert_not(find("logtap-0123456789abcde"));
	cr_assert_not(find("logtap-0123456789ABCDEF"));
	cr_assert_not(find("logtap-run logtap-0123456789abcdeX"));
	cr_assert(find("logtap-run logtap-0123456789abcdef."));
	cr_assert_eq(found.batch, 0);
}

Test(instance, a_number_without_end_is_cut)
{
	char text[200] = "logtap-0123456789abcdef.";

	memset(text + strlen(text), '9', 120);
	cr_assert(find(text));
	cr_assert_eq(found.batch, UINT64_C(999999999999999999));
}
