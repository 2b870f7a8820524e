/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How many bytes reached standard error while the program ran, whoever wrote
 * them: to be compared with what was captured on its way there.
 *
 * That is known where standard error is a file of its own: all that inherited
 * it move one file position.  It is a lower bound: a write elsewhere in the
 * file moves nothing.
 */
#ifndef LOGTAP_RUN_METER_H
#define LOGTAP_RUN_METER_H

#include <stdbool.h>
#include <stdint.h>

struct logtap_meter {
	bool works;
	uint64_t start;
};

/* Before the program is started, when this process has said all it says. */
void logtap_meter_start(struct logtap_meter *meter);
/* Bytes since; 0: none, or not known. */
uint64_t logtap_meter_read(const struct logtap_meter *meter);

#endif
