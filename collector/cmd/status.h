/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A collector's status as a person reads it, on standard output.  Main thread.
 */
#ifndef LOGTAP_CMD_STATUS_H
#define LOGTAP_CMD_STATUS_H

#include <jansson.h>

/* @status: what status.json holds; borrowed. */
void logtap_status_print(const json_t *status);

#endif
