/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The kill file, and its effect on processes that run already.
 *
 * A file `disarm` in LOGTAP_DIR or in /run/logtap keeps every program that
 * starts from being captured.  It must be root's or the process's own, and not
 * a second name of such a file: in a directory that all may write to, strangers may
 * not switch capture off.
 */
#ifndef LOGTAP_SHIM_DISARM_H
#define LOGTAP_SHIM_DISARM_H

#include <stdbool.h>

/* Is there such a file?  By newfstatat, or by openat, fstat and close where a
 * filter is in force.  Runs in the constructor. */
bool logtap_disarm_wanted(void);

/* For good: every hook passes through from now on.  Any thread, also in a
 * signal handler; makes no call. */
void logtap_disarm(void);

#endif
