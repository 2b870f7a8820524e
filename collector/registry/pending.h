/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How many chunks of a process are in the journal, and where: what is below
 * the journal's acknowledged position has been settled by all destinations.
 *
 * Kept in steps of 64 KiB of journal, so that a long queue costs little; a
 * step counts as pending until all of it is settled.  Not thread-safe: the
 * accounting has the lock.
 */
#ifndef LOGTAP_REGISTRY_PENDING_H
#define LOGTAP_REGISTRY_PENDING_H

#include <stddef.h>
#include <stdint.h>

struct logtap_pending_step {
	uint64_t end; /* journal position behind the last of them */
	uint64_t chunks;
};

struct logtap_pending {
	struct logtap_pending_step *steps; /* ascending from @first on */
	size_t first;
	size_t count; /* with those before @first */
	size_t room;
	uint64_t chunks; /* the sum */
};

/* Without memory the last step grows: that is late, but never lost. */
void logtap_pending_add(struct logtap_pending *pending, uint64_t end,
			uint64_t chunks);
/* All of @from, whose steps may lie anywhere among those of @to. */
void logtap_pending_move(struct logtap_pending *to,
			 struct logtap_pending *from);
/* Takes out what lies below @position. */
void logtap_pending_settle(struct logtap_pending *pending, uint64_t position);
void logtap_pending_deinit(struct logtap_pending *pending);

#endif
