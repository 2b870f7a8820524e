/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The death notice of a slot: a robust mutex that its thread takes once.
 */
#ifndef LOGTAP_SEGMENT_DEATH_H
#define LOGTAP_SEGMENT_DEATH_H

#include <logtap/abi/slot.h>
#include <stdbool.h>

/* In the constructor. */
void logtap_death_init(void);

/* Takes the mutex of @slot for the calling thread; no system call.
 * @tid: receives the thread's id as libc knows it.
 * Return: false if the kernel will not mark the end of this thread. */
bool logtap_death_take(struct logtap_slot *slot, uint32_t *tid);

/* Has the thread that took it ended?  (For slots without a mark: false.) */
bool logtap_death_marked(const struct logtap_slot *slot);

#endif
