/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Priorities to severities. */
#include "../../../collector/shape/severity.h"

#include <criterion/criterion.h>
#include <string.h>

Test(severity, each_level_has_the_number_of_the_data_model)
{
	static const uint32_t numbers[8] = {21, 19, 18, 17, 13, 10, 9, 5};
	static const char *const texts[8] = {"emerg", "alert",	 "crit",
					     "err",   "warning", "notice",
					     "info",  "debug"};

	for (unsigned level = 0; level < 8; level++) {
		cr_assert_eq(logtap_severity_of(level).number, numbers[level]);
		cr_assert_str_eq(logtap_severity_of(level).text, texts[level]);
	}
}

static size_t prefix_of(const char *text, unsigned *priority)
{
	return logtap_priority_prefix(text, strlen(text), priority);
}

Test(severity, a_prefix_is_a_number_up_to_191_in_brackets)
{
	unsigned priority = 999;

	cr_assert_eq(prefix_of("<0>x", &priority), 3);
	cr_assert_eq(priority, 0);
	cr_assert_eq(prefix_of("<13>", &priority), 4);
	cr_assert_eq(priority, 13);
	cr_assert_eq(prefix_of("<191>x", &priority), 5);
	cr_assert_eq(priority, 191);
}

Test(severity, anything_else_is_no_prefix)
{
	static const char *const texts[] = {
		"",	"<",	  "<3",	  "<>",	  "<3 >", "<192>", "<999>",
		"x<3>", "<1234>", "<-1>", "<03>", "<b>x", "3>",	   "<3]",
	};
	unsigned priority = 999;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert_eq(prefix_of(texts[i], &priority), 0, "%s", texts[i]);
	cr_assert_eq(priority, 999);
	cr_assert_eq(logtap_priority_prefix("<13>", 3, &priority), 0,
		     "looks past the end");
}
