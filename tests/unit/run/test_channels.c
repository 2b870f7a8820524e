/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What the library is told of channels: in the environment's words. */
#include "../../../collector/run/channels.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct logtap_variables variables;

static void begin(void)
{
	const char *const none[] = {NULL};

	cr_assert_eq(logtap_variables_init(&variables, (char **)none), 0);
}

static void end(void)
{
	logtap_variables_deinit(&variables);
}

TestSuite(channels, .init = begin, .fini = end);

static int set_files(const char *first, const char *second)
{
	struct logtap_option_list files = {.items = {first, second},
					   .count = second ? 2 : 1};

	return logtap_channels_set(&variables,
				   &(struct logtap_channels){.files = &files});
}

Test(channels, nothing_is_set_unless_it_was_asked_for)
{
	cr_assert_eq(logtap_channels_set(&variables,
					 &(struct logtap_channels){0}),
		     0);
	cr_assert_eq(variables.count, 0);
	cr_assert(!logtap_channels_have_out(&variables));
}

Test(channels, stdout_is_asked_for_by_option_or_environment)
{
	logtap_channels_set(&variables, &(struct logtap_channels){.out = true});
	cr_assert(logtap_channels_have_out(&variables));
	logtap_variables_set(&variables, "LOGTAP_STDOUT", "0");
	cr_assert(!logtap_channels_have_out(&variables));
	logtap_variables_set(&variables, "LOGTAP_STDOUT", "");
	cr_assert(!logtap_channels_have_out(&variables));
}

Test(channels, patterns_are_added_to_those_that_are_there)
{
	logtap_variables_set(&variables, "LOGTAP_FILES", "/a");
	cr_assert_eq(set_files("/b/*.log", "/c"), 0);
	cr_assert_str_eq(logtap_variables_get(&variables, "LOGTAP_FILES"),
			 "/a:/b/*.log:/c");
}

Test(channels, a_relative_pattern_is_of_the_working_directory)
{
	char directory[] = "/tmp/logtap-[x]*-XXXXXX", want[256];

	cr_assert_not_null(mkdtemp(directory));
	cr_assert_eq(chdir(directory), 0);
	cr_assert_eq(set_files("app*.log", NULL), 0);
	snprintf(want, sizeof(want), "/tmp/logtap-\\[x]\\*-%s/app*.log",
		 directory + strlen("/tmp/logtap-[x]*-"));
	cr_assert_str_eq(logtap_variables_get(&variables, "LOGTAP_FILES"),
			 want);
	cr_assert_eq(rmdir(directory), 0);
}

Test(channels, too_long_is_an_error)
{
	char name[2100] = "/";

	memset(name + 1, 'n', sizeof(name) - 2);
	cr_assert_eq(set_files(name, NULL), -E2BIG);
	cr_assert_eq(set_files("/short", name), -E2BIG);
}

Test(channels, the_session_is_named_by_device_and_inode)
{
	char text[LOGTAP_SESSION_SINKS_BYTES], want[128];
	struct stat status;

	cr_assert_eq(fstat(STDERR_FILENO, &status), 0);
	logtap_channels_session(text, 1U << STDOUT_FILENO);
	snprintf(want, sizeof(want), "%llu:%llu,0:0",
		 (unsigned long long)status.st_dev,
		 (unsigned long long)status.st_ino);
	cr_assert_str_eq(text, want);
}
