/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names for what a segment says of its process.
 */
#ifndef LOGTAP_RUN_COVERAGE_H
#define LOGTAP_RUN_COVERAGE_H

/* What a mechanism (enum logtap_mechanism) captures or sees; NULL: there is
 * none of that number. */
const char *logtap_mechanism_name(unsigned mechanism);
/* Whether it is installed, or why not (enum logtap_coverage). */
const char *logtap_coverage_text(unsigned coverage);

#endif
