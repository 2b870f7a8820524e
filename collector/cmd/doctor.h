/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the two halves of logtap doctor share.
 */
#ifndef LOGTAP_CMD_DOCTOR_H
#define LOGTAP_CMD_DOCTOR_H

#include <sys/types.h>

/* One line of the report. */
__attribute__((format(printf, 2, 3))) void logtap_doctor_row(const char *label,
							     const char *format,
							     ...);

/* logtap doctor CMD: what would be captured of @command?  Return: exit
 * status. */
int logtap_doctor_program(char **command);

/* logtap doctor PID.  Return: exit status. */
int logtap_doctor_process(pid_t pid);

#endif
