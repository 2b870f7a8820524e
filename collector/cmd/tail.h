/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How logtap tail shows a record.  Main thread.
 */
#ifndef LOGTAP_CMD_TAIL_H
#define LOGTAP_CMD_TAIL_H

#include <jansson.h>
#include <stdbool.h>

/* Prints one of the logs of a reply of /logs as a line on standard output.
 * Return: 0 or -ENOMEM. */
int logtap_tail_print(const json_t *log, bool colour);

#endif
