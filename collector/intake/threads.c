/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of slots, and their processes: see the header.  The pipeline's
 * thread. */
#include "threads.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct logtap_held_process {
	struct logtap_process process;
	size_t threads;
};

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* One image: the same process, executable and environment. */
static int compare_processes(const void *left, const void *right)
{
	const struct logtap_process *a = left, *b = right;
	int result = order(a->pid, b->pid);
	if (!result)
		result = order(a->start_ticks, b->start_ticks);
	if (!result)
		result = order(a->uid, b->uid);
	if (!result)
		result = order(a->became, b->became);
	if (!result)
		result = order(a->owner, b->owner);
	if (!result)
		result = strcmp(a->executable, b->executable);
	if (!result)
		result = memcmp(a->environment, b->environment,
				sizeof(a->environment));
	return result;
}

static int compare_threads(const void *left, const void *right)
{
	const struct logtap_held_thread *a = left, *b = right;
	int result = order((uintptr_t)a->image, (uintptr_t)b->image);
	if (!result)
		result = order(a->thread.tid, b->thread.tid);
	return result ? result : order(a->thread.start, b->thread.start);
}

static struct logtap_held_process *find_process(
	struct logtap_threads *threads,
	const struct logtap_held_process *wanted)
{
	struct logtap_held_process **found =
		tfind(wanted, &threads->processes, compare_processes);
	if (found)
		return *found;
	struct logtap_held_process *process = malloc(sizeof(*process));
	if (!process)
		return NULL;
	*process = *wanted;
	if (!tsearch(process, &threads->processes, compare_processes)) {
		free(process);
		return NULL;
	}
	return process;
}

static struct logtap_held_process *get_process(
	struct logtap_threads *threads, const struct logtap_process *creator,
	const struct logtap_frame_thread *who)
{
	struct logtap_held_process wanted = {.process = *creator};
	wanted.process.uid = who->uid;
	if (who->pid != creator->pid ||
	    who->start_ticks != creator->start_ticks) {
		wanted.process.pid = who->pid;
		wanted.process.parent_pid = who->parent_pid;
		wanted.process.start_ticks = who->start_ticks;
		wanted.process.start_time_ns = who->start_time_ns;
	}
	return find_process(threads, &wanted);
}

static void drop_process(struct logtap_threads *threads,
			 struct logtap_held_process *process)
{
	if (process->threads)
		return;
	tdelete(process, &threads->processes, compare_processes);
	logtap_shaper_process_end(threads->shaper, &process->process);
	free(process);
}

static void leave_process(struct logtap_threads *threads,
			  struct logtap_held_process *process)
{
	process->threads--;
	drop_process(threads, process);
}

static struct logtap_held_thread *get_thread(
	struct logtap_threads *threads, struct logtap_held_process *process,
	const struct logtap_frame_thread *who)
{
	struct logtap_held_thread wanted = {
		.image = process,
		.thread = {.process = &process->process,
			   .tid = who->tid,
			   .start = who->start}};
	struct logtap_held_thread **found =
		tfind(&wanted, &threads->threads, compare_threads);
	if (found)
		return *found;
	struct logtap_held_thread *thread = malloc(sizeof(*thread));
	if (!thread)
		return NULL;
	*thread = wanted;
	thread->thread.parent_tid = who->parent_tid;
	memcpy(thread->thread.library, who->library,
	       strnlen(who->library, sizeof(who->library)));
	thread->thread.flags = who->flags;
	if (!tsearch(thread, &threads->threads, compare_threads)) {
		free(thread);
		return NULL;
	}
	process->threads++;
	return thread;
}

void logtap_threads_init(struct logtap_threads *threads,
			 struct logtap_shaper *shaper)
{
	*threads = (struct logtap_threads){.shaper = shaper};
	TAILQ_INIT(&threads->waiting);
}

static void set_waits(struct logtap_threads *threads,
		      struct logtap_held_thread *thread, bool waits)
{
	if (thread->waits == waits)
		return;
	thread->waits = waits;
	if (waits) {
		TAILQ_INSERT_TAIL(&threads->waiting, thread, next_waiting);
		threads->waiting_count++;
	} else {
		TAILQ_REMOVE(&threads->waiting, thread, next_waiting);
		threads->waiting_count--;
	}
}

/* One that no slot holds, and none that is still to come. */
static int drop_thread(struct logtap_threads *threads,
		       struct logtap_held_thread *thread, uint64_t now_ns)
{
	set_waits(threads, thread, false);
	struct logtap_held_process *process =
		(struct logtap_held_process *)thread->thread.process;
	tdelete(thread, &threads->threads, compare_threads);
	int result = logtap_shaper_thread_end(threads->shaper, &thread->thread,
					      now_ns);
	if (process != thread->image)
		leave_process(threads, process);
	leave_process(threads, thread->image);
	free(thread);
	return result;
}

struct logtap_held_thread *logtap_threads_hold(
	struct logtap_threads *threads, const struct logtap_process *creator,
	const struct logtap_frame_thread *who)
{
	struct logtap_held_process *process =
		get_process(threads, creator, who);
	if (!process)
		return NULL;
	struct logtap_held_thread *thread = get_thread(threads, process, who);
	if (!thread) {
		drop_process(threads, process);
		return NULL;
	}
	set_waits(threads, thread, false);
	thread->slots++;
	thread->moves -= who->flags & LOGTAP_SLOT_CONTINUES ? 1 : 0;
	return thread;
}

bool logtap_threads_own(struct logtap_threads *threads,
			struct logtap_held_thread *thread, uint64_t owner)
{
	struct logtap_held_process *image = thread->image, *process = image;
	struct logtap_held_process *before =
		(struct logtap_held_process *)thread->thread.process;
	uint32_t uid = (uint32_t)(owner >> 32);
	if (owner ? before->process.became && before->process.owner == uid
		  : before == image)
		return true;
	if (owner) {
		struct logtap_held_process wanted = {.process = image->process};
		wanted.process.became = true;
		wanted.process.owner = uid;
		wanted.process.resource = NULL;
		process = find_process(threads, &wanted);
		if (!process)
			return false;
		process->threads++;
	}
	thread->thread.process = &process->process;
	if (before != image)
		leave_process(threads, before);
	return true;
}

int logtap_threads_let_go(struct logtap_threads *threads,
			  struct logtap_held_thread *thread, bool moved,
			  uint64_t now_ns)
{
	thread->slots--;
	thread->moves += moved;
	if (thread->slots)
		return 0;
	if (thread->moves <= 0)
		return drop_thread(threads, thread, now_ns);
	/* A line may go on in the slot that is still to come. */
	set_waits(threads, thread, true);
	return threads->waiting_count > LOGTAP_THREADS_WAITING_MOST
		       ? drop_thread(threads, TAILQ_FIRST(&threads->waiting),
				     now_ns)
		       : 0;
}

void logtap_threads_deinit(struct logtap_threads *threads)
{
	while (threads->threads) {
		struct logtap_held_thread *thread =
			*(struct logtap_held_thread **)threads->threads;
		drop_thread(threads, thread, 0);
	}
}
