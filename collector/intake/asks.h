/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What hosts are asked for beside their records (logtap/abi/control.h):
 * evidence of feedback, stacks, and that a thread's sends wait for a moment.
 *
 * Anyone may ask, from any thread; the reader writes it onto the control pages
 * with its next round, some ms later.  Requests for a thread reach the segments
 * that its process lives in, also those to come, and end by themselves.
 */
#ifndef LOGTAP_INTAKE_ASKS_H
#define LOGTAP_INTAKE_ASKS_H

#include <logtap/abi/control.h>
#include <stdbool.h>

struct logtap_asks;
struct logtap_slot;

/* Return: NULL without memory. */
struct logtap_asks *logtap_asks_new(void);
void logtap_asks_free(struct logtap_asks *asks);

/* All hosts; @bits: enum logtap_ask, in the place of those before. */
void logtap_asks_evidence(struct logtap_asks *asks, uint32_t bits);
/* All hosts: stacks with records of at least this severity; 0: none. */
void logtap_asks_stacks(struct logtap_asks *asks, uint32_t level,
			uint32_t interval_us);

/* A thread by its process and id, as its slot has them.  Asked again, the end
 * is moved.  @memory_end: where the memory ends that is to come with each stack
 * (struct logtap_stack_memory); 0: none is.  Return: 0, or -ENOSPC while as many are asked for already. */
int logtap_asks_watch(struct logtap_asks *asks, uint32_t pid, uint32_t tid,
		      uint64_t for_ns, uint64_t memory_end);
/* @for_ns: at most LOGTAP_HOLD_MOST_NS at a time takes effect. */
int logtap_asks_hold(struct logtap_asks *asks, uint32_t pid, uint32_t tid,
		     uint64_t for_ns);
/* Takes back what is asked of a thread. */
void logtap_asks_release(struct logtap_asks *asks, uint32_t pid, uint32_t tid);

/* For the reader. */

/* Grows with each change; 0: nothing was ever asked for. */
uint64_t logtap_asks_version(struct logtap_asks *asks);
/* Writes what concerns a segment: all hosts, and the threads of @creator and
 * of those slots. */
struct logtap_asks_place {
	struct logtap_control *control;
	uint32_t creator;
	const unsigned char *slots;
	uint32_t slot_bytes;
	uint32_t slot_count;
};
void logtap_asks_store(struct logtap_asks *asks,
		       const struct logtap_asks_place *place);

#endif
