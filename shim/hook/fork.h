/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A forked child is another producer: it gets a slot of its own, at once and
 * without a system call, in the segment that it inherited.
 */
#ifndef LOGTAP_HOOK_FORK_H
#define LOGTAP_HOOK_FORK_H

#include "../guard/tls.h"

/* In the constructor: the page that a fork wipes, and libc's fork handlers. */
void logtap_fork_init(void);

/* First thing in the child of a fork that libc made. */
void logtap_fork_child(void);

/* The page says that this is a child of a fork that nobody told us of. */
void logtap_fork_unseen(struct logtap_tls *tls);

/* In a vfork child memory is the parent's.  Asks the kernel, so only for what
 * is rare: a change of what fd 2 is. */
bool logtap_fork_is_borrowed(void);

#endif
