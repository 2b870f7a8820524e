/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks in the journal: see the header. */
#include "pending.h"

#include "../base/grow.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_SHIFT = 16 };

static bool has_room(struct logtap_pending *pending)
{
	void *grown = logtap_grown(pending->steps, pending->count,
				   &pending->room, sizeof(*pending->steps), 8);
	if (grown)
		pending->steps = grown;
	return grown != NULL;
}

static bool same_step(const struct logtap_pending_step *step, uint64_t end)
{
	return (step->end - 1) >> STEP_SHIFT == (end - 1) >> STEP_SHIFT;
}

void logtap_pending_add(struct logtap_pending *pending, uint64_t end,
			uint64_t chunks)
{
	if (!pending->steps && !has_room(pending))
		return; /* no memory at all */
	struct logtap_pending_step *at = pending->steps + pending->count;
	struct logtap_pending_step *first = pending->steps + pending->first;
	size_t behind = 0; /* steps that end later */
	while (at > first && at[-1].end > end)
		at--, behind++;
	bool joins = at > first && same_step(at - 1, end);
	if (!joins && !(behind && same_step(at, end)) && has_room(pending)) {
		at = pending->steps + pending->count++ - behind;
		memmove(at + 1, at, behind * sizeof(*at));
		*at = (struct logtap_pending_step){end, 0};
	} else if (joins || !behind) {
		if (at == first)
			return; /* no memory at all */
		at--;
		at->end = end;
	}
	at->chunks += chunks;
	pending->chunks += chunks;
}

void logtap_pending_move(struct logtap_pending *to, struct logtap_pending *from)
{
	for (size_t i = from->first; i < from->count; i++)
		logtap_pending_add(to, from->steps[i].end,
				   from->steps[i].chunks);
	logtap_pending_deinit(from);
}

void logtap_pending_settle(struct logtap_pending *pending, uint64_t position)
{
	if (!pending->count)
		return;
	while (pending->first < pending->count &&
	       pending->steps[pending->first].end <= position)
		pending->chunks -= pending->steps[pending->first++].chunks;
	if (2 * pending->first < pending->count)
		return;
	pending->count -= pending->first;
	memmove(pending->steps, pending->steps + pending->first,
		pending->count * sizeof(*pending->steps));
	pending->first = 0;
}

void logtap_pending_deinit(struct logtap_pending *pending)
{
	free(pending->steps);
	memset(pending, 0, sizeof(*pending));
}
