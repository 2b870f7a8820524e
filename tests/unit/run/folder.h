/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A folder of the calling test's own, which is the working directory meanwhile:
 * for a suite's .init and .fini.
 */
#ifndef LOGTAP_TESTS_UNIT_RUN_FOLDER_H
#define LOGTAP_TESTS_UNIT_RUN_FOLDER_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/logtap-test-XXXXXX";

static inline void folder_begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static inline void folder_end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

#endif
