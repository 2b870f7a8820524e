/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who is captured: LOGTAP_ONLY, LOGTAP_EXCLUDE and the list that is built in. */
#include "../../../shim/admit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *const no_arguments[] = {"prog", NULL};

static enum logtap_admission of(const char *only, const char *exclude,
				const char *file, const char *const *argv)
{
	struct logtap_admit program = {
		.only = only,
		.exclude = exclude,
		.file = file,
		.executed = file,
		.argv = argv,
	};

	return logtap_admit(&program, NULL);
}

Test(admit, without_lists_ordinary_programs_are_captured)
{
	cr_assert_eq(of(NULL, NULL, "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMITTED);
	cr_assert_eq(of(NULL, NULL, "", no_arguments), LOGTAP_ADMITTED);
	cr_assert_eq(of(NULL, NULL, NULL, NULL), LOGTAP_ADMITTED);
}

Test(admit, a_pattern_without_a_slash_is_of_the_name)
{
	cr_assert_eq(of(NULL, "prog", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMIT_EXCLUDED);
	cr_assert_eq(of(NULL, "pro?", "prog", no_arguments),
		     LOGTAP_ADMIT_EXCLUDED);
	cr_assert_eq(of(NULL, "bin", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMITTED);
}

Test(admit, a_pattern_with_a_slash_is_of_the_path)
{
	cr_assert_eq(of(NULL, "/usr/*/prog", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMIT_EXCLUDED);
	cr_assert_eq(of(NULL, "/usr/prog", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMITTED);
	cr_assert_eq(of(NULL, "a:**/prog:b", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMIT_EXCLUDED);
}

Test(admit, behind_a_space_comes_an_argument)
{
	const char *const argv[] = {"python3", "-u", "worker.py", NULL};

	cr_assert_eq(of(NULL, "python3 *.py", "/usr/bin/python3", argv),
		     LOGTAP_ADMIT_EXCLUDED);
	cr_assert_eq(of(NULL, "python3 other.py", "/usr/bin/python3", argv),
		     LOGTAP_ADMITTED);
	cr_assert_eq(of(NULL, "perl *.py", "/usr/bin/python3", argv),
		     LOGTAP_ADMITTED);
	cr_assert_eq(of(NULL, "python3 python3", "/usr/bin/python3", argv),
		     LOGTAP_ADMITTED, "argv[0] is no argument");
}

Test(admit, a_script_is_known_by_its_own_name_and_its_interpreters)
{
	struct logtap_admit program = {
		.file = "/usr/bin/python3.11",
		.executed = "/opt/job",
	};

	program.exclude = "job";
	cr_assert_eq(logtap_admit(&program, NULL), LOGTAP_ADMIT_EXCLUDED);
	program.exclude = "python3*";
	cr_assert_eq(logtap_admit(&program, NULL), LOGTAP_ADMIT_EXCLUDED);
}

Test(admit, only_leaves_all_others_alone_and_exclude_wins)
{
	cr_assert_eq(of("prog", NULL, "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMITTED);
	cr_assert_eq(of("prog", NULL, "/usr/bin/other", no_arguments),
		     LOGTAP_ADMIT_NOT_ONLY);
	cr_assert_eq(of("prog", "/usr/**", "/usr/bin/prog", no_arguments),
		     LOGTAP_ADMIT_EXCLUDED);
}

Test(admit, receivers_of_logs_are_left_alone_unless_they_are_named)
{
	struct logtap_admit program = {.executed = "/usr/sbin/rsyslogd"};
	const char *reason = NULL;

	cr_assert_eq(logtap_admit(&program, &reason), LOGTAP_ADMIT_BUILT_IN);
	cr_assert(reason && *reason);
	program.only = "rsyslogd";
	cr_assert_eq(logtap_admit(&program, NULL), LOGTAP_ADMITTED);
}

Test(admit, a_list_needs_a_pattern)
{
	char longest[2000];

	cr_assert(logtap_admit_list_good("a"));
	cr_assert(logtap_admit_list_good(":a b:"));
	cr_assert_not(logtap_admit_list_good(""));
	cr_assert_not(logtap_admit_list_good("::"));
	cr_assert_not(logtap_admit_list_good(" argument"));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_assert_not(logtap_admit_list_good(longest));
	cr_assert_eq(of(NULL, longest, longest, no_arguments), LOGTAP_ADMITTED);
}
