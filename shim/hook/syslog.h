/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * syslog(3): the real call runs unchanged, then the message is formatted once
 * more, straight into the ring.
 */
#ifndef LOGTAP_HOOK_SYSLOG_H
#define LOGTAP_HOOK_SYSLOG_H

#include <stdbool.h>
#include <stdint.h>

/* Not 0: captured.  0: the functions belong to another library, or logtap is
 * inert, and calls pass through.  Also read by thunks. */
extern _Atomic uint32_t logtap_syslog_active;

/* Has the host registered printf specifiers of its own?  Then formatting runs
 * its code. */
bool logtap_printf_is_extended(void);

#endif
