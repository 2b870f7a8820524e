/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD: our library goes in and out, all else stays as it was. */
#include "../../../collector/run/preload.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define LIBRARY "/opt/lib/logtap/liblogtap.so"

static void assert_with(const char *list, const char *expected)
{
	char *got = logtap_preload_with(list, LIBRARY);
	cr_assert_str_eq(got, expected);
	free(got);
}

static void assert_without(const char *list, const char *expected)
{
	char *got = logtap_preload_without(list);
	cr_assert_str_eq(got, expected, "'%s' -> '%s'", list, got);
	free(got);
}

Test(preload, an_empty_list_becomes_the_library)
{
	assert_with(NULL, LIBRARY);
	assert_with("", LIBRARY);
	assert_with(" : ", LIBRARY);
}

Test(preload, the_library_comes_last_with_the_separator_of_the_list)
{
	assert_with("a.so", "a.so:" LIBRARY);
	assert_with("a.so:b.so", "a.so:b.so:" LIBRARY);
	assert_with("a.so b.so", "a.so b.so " LIBRARY);
	assert_with("a.so:b.so c.so", "a.so:b.so c.so " LIBRARY);
}

Test(preload, a_list_that_has_the_library_stays_as_it_is)
{
	assert_with("/x/liblogtap.so", "/x/liblogtap.so");
	assert_with("a.so /x/liblogtap.so.1:b", "a.so /x/liblogtap.so.1:b");
}

Test(preload, only_the_file_name_tells_the_library)
{
	cr_assert(logtap_preload_contains(LIBRARY));
	cr_assert(logtap_preload_contains("a liblogtap.so"));
	cr_assert_not(logtap_preload_contains(NULL));
	cr_assert_not(logtap_preload_contains(""));
	cr_assert_not(logtap_preload_contains("/liblogtap.so/a.so"));
	cr_assert_not(logtap_preload_contains("/x/myliblogtap.so"));
}

Test(preload, taking_the_library_out_leaves_the_rest_untouched)
{
	assert_without(LIBRARY, "");
	assert_without("a.so:" LIBRARY, "a.so");
	assert_without(LIBRARY ":a.so", "a.so");
	assert_without("a.so " LIBRARY " b.so:c.so", "a.so b.so:c.so");
	assert_without(LIBRARY ":" LIBRARY ":a.so", "a.so");
	assert_without(" a.so :", " a.so :");
	assert_without("", "");
}

Test(preload, in_and_out_is_the_list_as_it_was)
{
	static const char *const lists[] = {"a.so", "a.so:b.so", "a.so b.so"};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char *with = logtap_preload_with(lists[i], LIBRARY);
		assert_without(with, lists[i]);
		free(with);
	}
}
