/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the program: exact but for what is meant to differ. */
#include "../base/captured.h"

#include "../../../collector/run/variables.h"

#include <criterion/criterion.h>
#include <string.h>

static struct logtap_variables variables;
static struct captured captured;

static void begin(const char *const *from)
{
	cr_assert_eq(logtap_variables_init(&variables, (char **)from), 0);
}

static void end(void)
{
	logtap_variables_deinit(&variables);
}

static void assert_items(const char *const *expected)
{
	size_t i = 0;
	for (; expected[i]; i++)
		cr_assert_str_eq(variables.items[i], expected[i]);
	cr_assert_null(variables.items[i]);
	cr_assert_eq(variables.count, i);
}

#define ITEMS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ASSERT_ITEMS(...) assert_items((const char *const[]){__VA_ARGS__, NULL})

Test(variables, a_copy_keeps_order_and_odd_entries, .fini = end)
{
	begin(ITEMS("B=2", "no equals sign", "A=", "=C:=x", "B=3"));
	ASSERT_ITEMS("B=2", "no equals sign", "A=", "=C:=x", "B=3");
}

Test(variables, a_changed_variable_keeps_its_place, .fini = end)
{
	begin(ITEMS("A=1", "LD_PRELOAD=x", "Z=26"));
	logtap_variables_set(&variables, "LD_PRELOAD", "x:y");
	logtap_variables_set(&variables, "NEW", "n");
	ASSERT_ITEMS("A=1", "LD_PRELOAD=x:y", "Z=26", "NEW=n");
	cr_assert_str_eq(logtap_variables_get(&variables, "NEW"), "n");
	cr_assert_null(logtap_variables_get(&variables, "NE"));
}

Test(variables, a_variable_that_stands_there_twice_is_set_once, .fini = end)
{
	begin(ITEMS("A=1", "B=1", "A=2", "A=3"));
	logtap_variables_set(&variables, "A", "4");
	ASSERT_ITEMS("A=4", "B=1");
	logtap_variables_unset(&variables, "A");
	ASSERT_ITEMS("B=1");
}

Test(variables, settings_that_the_library_understands_are_kept_silently,
     .fini = end)
{
	begin(ITEMS("LOGTAP_MODE=divert", "LOGTAP_FULL=block",
		    "LOGTAP_RING_BYTES=65536", "LOGTAP_OTHER=?"));
	captured_begin(&captured, STDERR_FILENO);
	logtap_variables_check(&variables);
	cr_assert_str_eq(captured_end(&captured), "");
	ASSERT_ITEMS("LOGTAP_MODE=divert", "LOGTAP_FULL=block",
		     "LOGTAP_RING_BYTES=65536", "LOGTAP_OTHER=?");
}

static void assert_refused(const char *item)
{
	begin(ITEMS("A=1", item));
	captured_begin(&captured, STDERR_FILENO);
	logtap_variables_check(&variables);
	const char *said = captured_end(&captured);
	size_t name = strcspn(item, "=");
	cr_assert(strncmp(said, "logtap: ", 8) == 0, "%s: %s", item, said);
	cr_assert(strncmp(said + 8, item, name) == 0, "%s: %s", item, said);
	cr_assert(strstr(said, "; the default is used\n"), "%s: %s", item,
		  said);
	ASSERT_ITEMS("A=1");
	end();
}

Test(variables, nonsense_is_named_and_taken_out)
{
	assert_refused("LOGTAP_MODE=DIVERT");
	assert_refused("LOGTAP_FULL=drop");
	assert_refused("LOGTAP_FULL=block:");
	assert_refused("LOGTAP_FULL=block:1s");
	assert_refused("LOGTAP_FULL=block:-1");
	assert_refused("LOGTAP_FULL=block:3600001");
	assert_refused("LOGTAP_RING_BYTES=0");
	assert_refused("LOGTAP_RING_BYTES=64k");
	assert_refused("LOGTAP_RING_BYTES= 65536");
	assert_refused("LOGTAP_RING_BYTES=-65536");
	assert_refused("LOGTAP_RING_BYTES=18446744073709617152");
	assert_refused("LOGTAP_RING_BYTES=1099511627776");
}

Test(variables, block_takes_a_deadline_in_milliseconds, .fini = end)
{
	begin(ITEMS("LOGTAP_FULL=block:250"));
	captured_begin(&captured, STDERR_FILENO);
	logtap_variables_check(&variables);
	cr_assert_str_eq(captured_end(&captured), "");
	ASSERT_ITEMS("LOGTAP_FULL=block:250");
}

Test(variables, empty_means_unset_and_is_no_nonsense, .fini = end)
{
	begin(ITEMS("LOGTAP_MODE=", "LOGTAP_FULL=", "LOGTAP_RING_BYTES=",
		    "LOGTAP_DISABLED="));
	captured_begin(&captured, STDERR_FILENO);
	logtap_variables_check(&variables);
	cr_assert_str_eq(captured_end(&captured), "");
	cr_assert_eq(variables.count, 4);
}

Test(variables, a_library_that_is_switched_off_is_told, .fini = end)
{
	begin(ITEMS("LOGTAP_DISABLED=1"));
	captured_begin(&captured, STDERR_FILENO);
	logtap_variables_check(&variables);
	cr_assert_str_eq(captured_end(&captured),
			 "logtap: LOGTAP_DISABLED: 1: nothing is captured; "
			 "unset it to capture\n");
	cr_assert_eq(variables.count, 1);
}
