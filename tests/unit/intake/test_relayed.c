/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a relay speaks for: only what is whole is believed. */
#include "../../../collector/intake/relayed.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct logtap_process process;

static bool with(const char *value)
{
	process = (struct logtap_process){
		.pid = 7, .start_ticks = 8, .comm = "logtap"};
	snprintf(process.environment, sizeof(process.environment) - 1,
		 "LOGTAP_FOR=%s", value);
	return logtap_relayed_process(&process);
}

Test(relayed, a_relay_becomes_its_program)
{
	cr_assert(with("4711:99:/usr/bin/program"));
	cr_assert_eq(process.pid, 4711);
	cr_assert_eq(process.start_ticks, 99);
	cr_assert_str_eq(process.executable, "/usr/bin/program");
	cr_assert_str_eq(process.comm, "program");
}

Test(relayed, names_that_are_long_are_cut)
{
	char value[1100] = "1:2:/";

	memset(value + 5, 'x', sizeof(value) - 6);
	value[sizeof(value) - 1] = '\0';
	cr_assert(with(value));
	cr_assert_eq(strlen(process.comm), LOGTAP_COMM_BYTES - 1);
	cr_assert_eq(strlen(process.executable), LOGTAP_EXECUTABLE_BYTES);
}

Test(relayed, what_is_not_whole_changes_nothing)
{
	static const char *const bad[] = {"",
					  "4711",
					  "4711:99",
					  "4711:99:",
					  "4711:99:relative",
					  "0:99:/x",
					  "-1:99:/x",
					  "x:99:/x",
					  "4711::/x",
					  "99999999999:1:/x"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_not(with(bad[i]), "%s", bad[i]);
		cr_assert_eq(process.pid, 7, "%s", bad[i]);
		cr_assert_str_eq(process.comm, "logtap");
	}
	process = (struct logtap_process){.pid = 7};
	cr_assert_not(logtap_relayed_process(&process));
}
