/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Threads that have slots, each once however many it has, and their processes.
 * Both are ended, for the shaper too, when nothing is left of them.  The
 * pipeline's thread.
 */
#ifndef LOGTAP_INTAKE_THREADS_H
#define LOGTAP_INTAKE_THREADS_H

#include "../shape/shaper.h"
#include "frame.h"

#include <sys/queue.h>

/* Threads without a slot that are said to go on in another: a host may say so of
 * any number of them. */
enum { LOGTAP_THREADS_WAITING_MOST = 1024 };

struct logtap_held_process;

struct logtap_held_thread {
	struct logtap_thread thread;
	struct logtap_held_process *image; /* what its process began as */
	size_t slots;
	int moves; /* out of slots that ended, less those into new ones */
	bool waits;
	TAILQ_ENTRY(logtap_held_thread) next_waiting;
};

TAILQ_HEAD(logtap_waiting_threads, logtap_held_thread);

struct logtap_threads {
	struct logtap_shaper *shaper;	       /* borrowed */
	void *processes;		       /* of tsearch(3), by content */
	void *threads;			       /* by process, tid and start */
	struct logtap_waiting_threads waiting; /* the first one first */
	size_t waiting_count;
};

void logtap_threads_init(struct logtap_threads *threads,
			 struct logtap_shaper *shaper);

/* Who is one slot's: it has one more.  @creator: of the slot's segment, what its
 * process is copied from.  NULL: without memory. */
struct logtap_held_thread *logtap_threads_hold(
	struct logtap_threads *threads, const struct logtap_process *creator,
	const struct logtap_frame_thread *who);
/* What it says from here on belongs to @owner, as a slot names it; 0: to whom its
 * process belonged when it began.  Return: false without memory. */
bool logtap_threads_own(struct logtap_threads *threads,
			struct logtap_held_thread *thread, uint64_t owner);
/* It has one less.  @moved: it goes on in another, which may be yet to come.
 * Return: 0, or -errno of the shaper. */
int logtap_threads_let_go(struct logtap_threads *threads,
			  struct logtap_held_thread *thread, bool moved,
			  uint64_t now_ns);
/* Once no slot holds one. */
void logtap_threads_deinit(struct logtap_threads *threads);

#endif
