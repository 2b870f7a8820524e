/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Options of run and collect alike: what they mean, and what is said of those
 * that mean nothing. */
#include "../../../collector/cmd/wishes.h"
#include "../base/captured.h"

#include <criterion/criterion.h>

static struct logtap_meant meant;
static char why[LOGTAP_WISHES_WHY_BYTES];

static const char *read_wishes(struct logtap_wishes wishes)
{
	meant = (struct logtap_meant){.stack_level = 77};
	return logtap_wishes_read(&wishes, &meant, why, sizeof(why));
}

Test(wishes, what_was_not_wanted_is_not_set)
{
	cr_assert_null(read_wishes((struct logtap_wishes){0}));
	cr_assert_eq(meant.stack_level, 77);
}

Test(wishes, each_is_understood)
{
	cr_assert_null(read_wishes((struct logtap_wishes){
		.level = "warn,h2=off", .stacks = "trace", .loops = "probe"}));
	cr_assert_eq(meant.levels.general, 13);
	cr_assert_eq(meant.levels.count, 1);
	cr_assert_eq(meant.stack_level, 1);
	cr_assert_null(read_wishes((struct logtap_wishes){.loops = ""}));
	cr_assert_null(read_wishes((struct logtap_wishes){.loops = "observe"}));
}

Test(wishes, what_means_nothing_is_named_with_its_option)
{
	cr_assert_str_eq(read_wishes((struct logtap_wishes){.loops = "loud"}),
			 "--loops");
	cr_assert_str_eq(why, "\"loud\" is neither observe nor probe");
	cr_assert_str_eq(read_wishes((struct logtap_wishes){.level = "a=loud"}),
			 "--level");
	cr_assert_str_eq(why, "\"a=loud\" is not trace, debug, info, warn, "
			      "error, fatal or off");
	/* a list is not a threshold of one */
	cr_assert_str_eq(
		read_wishes((struct logtap_wishes){.stacks = "info,a=off"}),
		"--stacks");
	cr_assert_str_eq(why, "\"info,a=off\" is not trace, debug, info, "
			      "warn, error or fatal");
}

Test(wishes, the_command_says_it)
{
	static struct captured captured;
	const struct logtap_usage usage = {.command = "try"};
	const struct logtap_wishes wishes = {.stacks = "loud"};

	captured_begin(&captured, STDERR_FILENO);
	bool good = logtap_wishes_check(&wishes, &usage, &meant);
	cr_assert_str_eq(captured_end(&captured),
			 "logtap: try: --stacks: \"loud\" is not trace, debug, "
			 "info, warn, error or fatal; try `logtap try "
			 "--help'\n");
	cr_assert_not(good);
}
