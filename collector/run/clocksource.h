/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The kernel's clock source.  Any thread.
 */
#ifndef LOGTAP_RUN_CLOCKSOURCE_H
#define LOGTAP_RUN_CLOCKSOURCE_H

#include <stdbool.h>

/* Does the kernel keep time by the processor's time stamp counter? */
bool logtap_counter_is_clock(void);

#endif
