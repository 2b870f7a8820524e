/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rings that nobody reads, for a thread that has lost its own.
 *
 * A call that a signal handler interrupted between "this thread has rings" and
 * "the guard is closed" goes on with them in the child that the handler forked,
 * where there may be none: what it copies ends here, and logtap_guard_kept() says
 * that it was not kept.
 */
#ifndef LOGTAP_SEGMENT_NOWHERE_H
#define LOGTAP_SEGMENT_NOWHERE_H

#include "../guard/tls.h"

/* Both rings of the calling thread, which is its process's only one. */
void logtap_nowhere_enter(struct logtap_tls *tls);

#endif
