/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Loops as a collector tells them, for the tests of reports.
 */
#ifndef LOGTAP_TEST_LOOPS_REPORT_FIXTURE_H
#define LOGTAP_TEST_LOOPS_REPORT_FIXTURE_H

#include "../../../collector/loops/report/report.h"

/* A confirmed loop of a Python exporter, with all that can be known. */
json_t *fixture_loop(void);
/* The same with every text replaced by what would steer a terminal, close a
 * tag or a quote, or fill the screen. */
json_t *fixture_hostile_loop(void);

/* What one of the reports makes of @from, which is released; NUL-terminated,
 * to be freed by the caller. */
char *fixture_report(int (*report)(const json_t *, struct logtap_bytes *),
		     json_t *from);

#endif
