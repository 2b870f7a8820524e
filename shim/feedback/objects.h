/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the process began with, into the ring of each thread before its first
 * stack: for stacks that are unwound when it has ended.
 */
#ifndef LOGTAP_FEEDBACK_OBJECTS_H
#define LOGTAP_FEEDBACK_OBJECTS_H

#include "../guard/tls.h"

/* In the constructor; only where stacks are asked for by LOGTAP_STACKS. */
void logtap_objects_init(void);

/* Under the guard, before a stack. */
void logtap_objects_tell(struct logtap_tls *tls, uint64_t time);

#endif
