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
	bool known;	/* bytes is */
	uint64_t bytes; /* until logtap_meter_stop() */
};

/* Before the program is started, when this process has said all it says.
 * @out: standard output is captured, too. */
void logtap_meter_start(struct logtap_meter *meter, bool out);
/* When the program has ended, before this process says something again.  That
 * goes behind what was written by way of /dev/stderr, which does not move the
 * position and would be overwritten; and where that has cut the file short,
 * leaves no hole. */
void logtap_meter_stop(struct logtap_meter *meter);

#endif
