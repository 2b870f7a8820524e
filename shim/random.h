/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Numbers for names and identifiers.  Any thread and signal handler; no system
 * call where the clock needs none.
 */
#ifndef LOGTAP_RANDOM_H
#define LOGTAP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Unpredictable enough for a name that O_EXCL protects; a counter keeps two
 * threads and a forked child apart.  Return: not 0. */
uint64_t logtap_random(void);
/* The same, @bytes of it: a multiple of 8. */
void logtap_random_put(unsigned char *to, size_t bytes);

#endif
