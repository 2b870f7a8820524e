/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A thread's slot: claiming one, and moving on to a larger ring.
 *
 * No lock; makes system calls only when a new segment is needed, and none at
 * all under a seccomp filter.  errno is untouched.
 */
#ifndef LOGTAP_SEGMENT_CLAIM_H
#define LOGTAP_SEGMENT_CLAIM_H

#include "../guard/tls.h"
#include "../state.h"

/* Gives the calling thread a slot.  Return: tls->life == LOGTAP_LIVE. */
bool logtap_claim_birth(struct logtap_tls *tls);

/* Moves the calling thread to a ring that holds @bytes, within the configured
 * limit.  Only with the guard open: the system calls of it take long, and a
 * handler that comes meanwhile records into the ring that is still in use.
 * @frame: the caller's, to tell a growth that a siglongjmp ended.
 * Return: false if it stays where it is. */
bool logtap_claim_grow(struct logtap_tls *tls, uint64_t bytes, uintptr_t frame);

/* The calling thread is a forked child's: its slot is its parent's. */
void logtap_claim_forget(struct logtap_tls *tls);

/* Does a collector read this thread's segment now? */
bool logtap_claim_has_collector(const struct logtap_tls *tls);

/* Counts a call that found no slot, where any segment is mapped. */
void logtap_claim_uncaptured(uint64_t bytes);

#endif
