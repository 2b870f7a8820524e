/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Is the calling thread one whose stacks the collector wants?
 */
#ifndef LOGTAP_FEEDBACK_WATCH_H
#define LOGTAP_FEEDBACK_WATCH_H

#include "../guard/tls.h"

bool logtap_watch_is_on(const struct logtap_tls *tls);

/* The end of the memory that is wanted with its stacks; 0: none is.  No address
 * to be read without asking the kernel. */
uint64_t logtap_watch_memory_end(const struct logtap_tls *tls);

#endif
