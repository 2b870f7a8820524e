/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Threads across their slots: each is one as long as one is held, or is said to
 * come. */
#include "../../../collector/intake/threads.h"

#include <criterion/criterion.h>
#include <search.h>

static const struct logtap_process creator = {.pid = 7};
static struct logtap_shaper *shaper;
static struct logtap_threads threads;

static void setup(void)
{
	shaper = logtap_shaper_new(NULL, NULL);
	cr_assert_not_null(shaper);
	logtap_threads_init(&threads, shaper);
}

static void teardown(void)
{
	logtap_threads_deinit(&threads);
	cr_assert_null(threads.processes);
	logtap_shaper_free(shaper);
}

TestSuite(threads, .init = setup, .fini = teardown);

static struct logtap_held_thread *hold(uint32_t pid, bool continues)
{
	struct logtap_frame_thread who = {
		.pid = pid,
		.tid = pid,
		.flags = continues ? LOGTAP_SLOT_CONTINUES : 0};
	struct logtap_held_thread *thread =
		logtap_threads_hold(&threads, &creator, &who);
	cr_assert_not_null(thread);
	return thread;
}

static void let_go(struct logtap_held_thread *thread, bool moved)
{
	cr_assert_eq(logtap_threads_let_go(&threads, thread, moved, 1), 0);
}

static size_t count;

static void count_one(const void *node, VISIT visit, int depth)
{
	(void)node;
	(void)depth;
	count += visit == postorder || visit == leaf;
}

static size_t held(const void *tree)
{
	count = 0;
	twalk(tree, count_one);
	return count;
}

Test(threads, one_that_goes_on_in_another_slot_is_the_same)
{
	struct logtap_held_thread *thread = hold(7, false);
	cr_assert_eq(hold(7, true), thread);
	let_go(thread, true);
	cr_assert_eq(held(threads.threads), 1);
	let_go(thread, false);
	cr_assert_eq(held(threads.threads), 0);
	cr_assert_eq(held(threads.processes), 0);
}

Test(threads, one_waits_for_the_slot_that_is_still_to_come)
{
	struct logtap_held_thread *thread = hold(7, false);
	let_go(thread, true);
	cr_assert_eq(threads.waiting_count, 1);
	cr_assert_eq(hold(7, true), thread);
	cr_assert_eq(threads.waiting_count, 0);
	let_go(thread, false);
	cr_assert_eq(held(threads.threads), 0);
}

Test(threads, however_many_are_said_to_go_on_few_are_waited_for)
{
	struct logtap_held_thread *last = NULL;
	for (uint32_t pid = 1; pid <= 5000; pid++) {
		last = hold(pid, false);
		let_go(last, true);
	}
	cr_assert_eq(held(threads.threads), LOGTAP_THREADS_WAITING_MOST);
	cr_assert_eq(held(threads.processes), LOGTAP_THREADS_WAITING_MOST);
	cr_assert_eq(hold(5000, true), last, "the latest are");
	let_go(last, false);
	/* One that is waited for no more is another when it comes. */
	let_go(hold(1, true), false);
	cr_assert_eq(held(threads.threads), LOGTAP_THREADS_WAITING_MOST - 1);
}

/* What setuid(2) makes of it: its process is another one to those who look at
 * resources, and the thread is the same. */
Test(threads, one_that_becomes_another_users_says_so_from_then_on)
{
	struct logtap_held_thread *thread = hold(7, false);
	const struct logtap_process *before = thread->thread.process;
	cr_assert_not(before->became);
	cr_assert(
		logtap_threads_own(&threads, thread, logtap_owner_word(33, 5)));
	cr_assert(thread->thread.process->became);
	cr_assert_eq(thread->thread.process->owner, 33);
	cr_assert_eq(thread->thread.process->pid, 7);
	cr_assert_not(before->became, "what was said before is not touched");
	cr_assert_eq(hold(7, true), thread);
	cr_assert_eq(held(threads.processes), 2);
	cr_assert(logtap_threads_own(&threads, thread, 0));
	cr_assert_eq(thread->thread.process, before);
	cr_assert_eq(held(threads.processes), 1);
	cr_assert(
		logtap_threads_own(&threads, thread, logtap_owner_word(34, 9)));
	let_go(thread, true);
	let_go(thread, false);
	cr_assert_eq(held(threads.threads), 0);
	cr_assert_eq(held(threads.processes), 0);
}
