/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names of processes and users as a person is shown them.  Main thread.
 */
#ifndef LOGTAP_CMD_NAME_H
#define LOGTAP_CMD_NAME_H

#include <sys/types.h>

enum { LOGTAP_NAME_BYTES = 32 };

/* A name is the program's own choice, and may be meant for the terminal: what is
 * no printable ASCII is a '?'.  @name may be NULL.  Return: @out. */
const char *logtap_name_shown(const char *name, char out[LOGTAP_NAME_BYTES]);

/* The user's name, or the number if there is none.  Return: @out. */
const char *logtap_user_shown(uid_t uid, char out[LOGTAP_NAME_BYTES]);

#endif
