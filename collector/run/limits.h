/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Resource limits: those that a person set for a program hold for `logtap run'
 * and its collector as well, which need more.  Main thread.
 */
#ifndef LOGTAP_RUN_LIMITS_H
#define LOGTAP_RUN_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/* As many descriptors as the hard limit allows, for this process. */
void logtap_limits_raise(void);
/* As it was: before another program is executed. */
void logtap_limits_restore(void);

/**
 * logtap_limits_suffice() - can a collector work within the hard limits?
 * @why: if not: the limit, its value, and what is needed
 */
bool logtap_limits_suffice(char *why, size_t why_bytes);

/* True of errno values that say that something has run out, and nothing of what
 * was asked for. */
bool logtap_limits_trouble(int error);

/**
 * logtap_limits_blame() - the limits that may have led to an error
 * @error: an errno value; 0: not known
 * @out:   becomes " (RLIMIT_NOFILE is 8)", or "" where none is set
 */
void logtap_limits_blame(int error, char *out, size_t out_bytes);

#endif
