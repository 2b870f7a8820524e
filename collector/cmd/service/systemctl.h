/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * systemd is told by systemctl(1).  Main thread.
 */
#ifndef LOGTAP_CMD_SERVICE_SYSTEMCTL_H
#define LOGTAP_CMD_SERVICE_SYSTEMCTL_H

#include <stdbool.h>

/* Is it systemd that runs this machine, or container? */
bool logtap_systemd_runs(void);
/* systemctl @verb [@unit].  What it says goes where our errors go.  Return: its
 * exit status; -errno: it could not be started. */
int logtap_systemctl(const char *verb, const char *unit);

#endif
