/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is known of a thread's stack.
 */
#ifndef LOGTAP_HOOK_PTHREAD_H
#define LOGTAP_HOOK_PTHREAD_H

#include "../guard/tls.h"

/* The usual limit; where a stack is smaller, what lies below it is never this
 * thread's stack pointer. */
#define LOGTAP_STACK_BYTES (UINT64_C(8) << 20)

/* The stack of the calling thread ends at @high. */
void logtap_pthread_stack(struct logtap_tls *tls, uintptr_t high);

#endif
