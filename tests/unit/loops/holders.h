/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that have something open, and wait. */
#ifndef LOGTAP_TEST_HOLDERS_H
#define LOGTAP_TEST_HOLDERS_H

#include <sys/types.h>

/* One that has @in as 0, @out as 1 and @more as 2 (-1: nothing) and nothing
 * else open, once this returns.  @argv: what it becomes, NULL: as it is.  Ends
 * with the test. */
pid_t holder(int in, int out, int more, char *const *argv);

/* Closes both. */
void drop(const int ends[2]);

#endif
