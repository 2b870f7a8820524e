/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds of events, from a text to a control page. */
#include "../../../collector/intake/levels.h"

#include <criterion/criterion.h>
#include <string.h>

static struct logtap_levels levels;
static struct logtap_control control;
static char why[160];

static bool parse(const char *text)
{
	return logtap_levels_parse(text, &levels, why, sizeof(why));
}

Test(levels, a_list_is_a_general_threshold_and_prefixes)
{
	cr_assert(parse("info,h2=off,,h2.frame=debug\nwhat follows"));
	cr_assert_eq(levels.general, 9);
	cr_assert_eq(levels.count, 2);
	cr_assert_eq(levels.directives[0].severity, 25);
	cr_assert_eq(levels.directives[1].prefix_bytes, 8);
	cr_assert_eq(memcmp(levels.directives[1].prefix, "h2.frame", 8), 0);
}

Test(levels, nothing_lets_everything_pass)
{
	cr_assert(parse(""));
	cr_assert_eq(levels.general, 0);
	cr_assert_eq(levels.count, 0);
}

Test(levels, what_is_wrong_changes_nothing_and_is_named)
{
	cr_assert(parse("warn,a=off"));
	cr_assert_not(parse("info,b=loud"));
	cr_assert_str_eq(why, "\"b=loud\" is not trace, debug, info, warn, "
			      "error, fatal or off");
	cr_assert_eq(levels.general, 13);
	cr_assert_eq(levels.count, 1);
}

Test(levels, a_page_has_an_even_version_that_never_is_zero)
{
	cr_assert(parse("error,a=trace"));
	logtap_levels_store(&levels, &control);
	cr_assert_eq(control.directive_version, 2);
	cr_assert_eq(control.level, 17);
	cr_assert_eq(control.directive_count, 1);
	logtap_levels_store(&levels, &control);
	cr_assert_eq(control.directive_version, 4);
	control.directive_version = UINT32_MAX; /* left odd by one that died */
	logtap_levels_store(&levels, &control);
	cr_assert_eq(control.directive_version, 2);
	logtap_levels_withdraw(&control);
	cr_assert_eq(control.directive_version, 0);
}
