/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that goes on from slot to slot, each in a segment of its own. */
#ifndef LOGTAP_TESTS_INTAKE_ORDER_SCENE_H
#define LOGTAP_TESTS_INTAKE_ORDER_SCENE_H

#include "scene.h"

/* A segment of one slot; one that is not @ready is opened later. */
static inline void host_named(struct host *host, const char *name, bool ready)
{
	host_init(host, &directory,
		  &(struct host_options){
			  .name = name, .slots = 1, .not_ready = !ready});
}

/* The thread in @from goes on to a larger ring in @to. */
static inline void host_move(struct host *from, struct host *to)
{
	to->sequence[0] = from->sequence[0];
	host_claim(to, 0, 7, LOGTAP_SLOT_CONTINUES);
	host_set_state(from, 0, LOGTAP_SLOT_MOVED);
}

static inline void read_rounds(int rounds)
{
	for (int i = 0; i < rounds; i++)
		logtap_reader_round(intake.reader);
	gather();
}

#endif
