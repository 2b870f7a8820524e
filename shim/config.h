/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * LOGTAP_* of the environment, read once.  What makes no sense is ignored with
 * a diagnostic in the segment, never on the host's streams.
 */
#ifndef LOGTAP_SHIM_CONFIG_H
#define LOGTAP_SHIM_CONFIG_H

#include "state.h"

/* Value of a variable, @prefix its name and '='; NULL if unset or empty. */
const char *logtap_config_variable(char **envp, const char *prefix);

/* @envp: of the constructor (environ may be NULL that early).
 * Return: false if logtap shall stay inert: no LOGTAP_DIR, or disabled. */
bool logtap_config_read(char **envp, struct logtap_config *config);

/* May this program be captured?  By LOGTAP_ONLY, LOGTAP_EXCLUDE and the list
 * that is built in: admit.h.  Once it is known whether a filter is in force. */
bool logtap_config_admits(char **envp, char **argv);

#endif
