/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: one for each thread, and none taken from the living. */
#include "../../../shim/hook/fork.h"
#include "../../../shim/segment/claim.h"
#include "../../../shim/segment/create.h"
#include "../../../shim/segment/death.h"
#include "fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct logtap_mapping *mapping(uint32_t index)
{
	return &logtap_state.mappings[index];
}

static uint64_t generation_of(const struct logtap_slot *slot)
{
	return slot->state >> LOGTAP_SLOT_GENERATION_SHIFT;
}

static unsigned state_of(const struct logtap_slot *slot)
{
	return (unsigned)(slot->state & LOGTAP_SLOT_STATE_MASK);
}

enum { THREADS = 100 };

struct thread {
	pthread_t thread;
	struct logtap_slot *slot;
	uint32_t tid;
	unsigned number;
};
static pthread_barrier_t barrier;

static void *claim_and_say(void *argument)
{
	struct thread *me = argument;
	char text[32];

	pthread_barrier_wait(&barrier);
	cr_assert(logtap_claim_birth(&logtap_tls));
	me->slot = logtap_tls.rings->slot;
	me->tid = (uint32_t)gettid();
	snprintf(text, sizeof text, "thread %u\n", me->number);
	for (int i = 0; i < 100; i++)
		cr_assert(say(text));
	pthread_barrier_wait(&barrier);
	/* all are still alive: nobody's slot was taken by another */
	struct ring_reader from = reader_of_main(logtap_tls.rings);
	struct chunk chunk;
	for (int i = 0; i < 100; i++) {
		cr_assert(reader_next(&from, &chunk));
		cr_assert_str_eq(chunk.payload, text);
	}
	return NULL;
}

static void run_threads(struct thread *threads, unsigned count)
{
	pthread_barrier_init(&barrier, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		threads[i].number = i;
		cr_assert_eq(pthread_create(&threads[i].thread, NULL,
					    claim_and_say, &threads[i]),
			     0);
	}
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i].thread, NULL);
}

TestSuite(claim, .fini = shim_end);

Test(claim, the_first_slot_says_who_has_it)
{
	shim_begin((struct shim_options){0});
	const struct logtap_slot *slot = logtap_tls.rings->slot;

	cr_assert_eq(slot, &mapping(0)->slots[0]);
	cr_assert_eq(state_of(slot), LOGTAP_SLOT_LIVE);
	cr_assert_eq(generation_of(slot), 0);
	cr_assert_eq(slot->pid, (uint32_t)getpid());
	cr_assert_eq(slot->tid, (uint32_t)gettid());
	cr_assert_eq(slot->start_ticks, logtap_state.identity.start_ticks);
	cr_assert_eq(slot->flags, LOGTAP_SLOT_MAIN);
	cr_assert_eq(slot->uid, getuid());
	cr_assert_not(logtap_death_marked(slot));
}

Test(claim, threads_that_claim_at_once_get_slots_of_their_own)
{
	static struct thread threads[THREADS];

	shim_begin((struct shim_options){0});
	run_threads(threads, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		cr_assert_eq(threads[i].slot->tid, threads[i].tid);
		cr_assert_neq(threads[i].slot, logtap_tls.rings->slot);
		for (unsigned j = 0; j < i; j++)
			cr_assert_neq(threads[i].slot, threads[j].slot);
	}
	/* Each may have made one, if all came at the same moment. */
	cr_assert_leq(logtap_state.mapping_count, THREADS + 1);
	cr_assert_eq(shim_files(), logtap_state.mapping_count);
}

Test(claim, the_end_of_a_thread_is_marked)
{
	static struct thread threads[4];

	shim_begin((struct shim_options){0});
	run_threads(threads, 4);
	for (unsigned i = 0; i < 4; i++)
		cr_assert(logtap_death_marked(threads[i].slot));
	cr_assert_not(logtap_death_marked(logtap_tls.rings->slot));
}

static void take_all_free(void)
{
	for (uint32_t i = 0; i < logtap_state.mapping_count; i++)
		for (uint32_t j = 0; j < mapping(i)->slot_count; j++)
			if (state_of(&mapping(i)->slots[j]) == LOGTAP_SLOT_FREE)
				atomic_store(
					&mapping(i)->slots[j].state,
					logtap_slot_word(0, LOGTAP_SLOT_LIVE));
}

Test(claim, a_freed_slot_is_claimed_again_with_its_generation_and_clean)
{
	static struct thread threads[3];

	shim_begin((struct shim_options){0});
	run_threads(threads, 3);
	struct logtap_slot *slot = threads[1].slot;
	take_all_free();
	atomic_store(&slot->state, logtap_slot_word(41, LOGTAP_SLOT_FREE));
	run_threads(threads, 1);
	cr_assert_eq(threads[0].slot, slot);
	cr_assert_eq(generation_of(slot), 41);
	cr_assert_eq(slot->counters[LOGTAP_COUNTER_CHUNKS], 100);
	cr_assert_eq(slot->main_tail, 0);
}

/* No more bytes: every slot is used, and no new segment can be had. */
static void exhaust(void)
{
	logtap_state.config.process_bytes_max = logtap_state.mapped_bytes;
}

Test(claim, without_a_collector_the_dead_are_recycled)
{
	static struct thread threads[THREADS];

	shim_begin((struct shim_options){0});
	unsigned free_slots = mapping(0)->slot_count - 1;
	exhaust();
	run_threads(threads, free_slots);
	run_threads(threads, free_slots);
	for (unsigned i = 0; i < free_slots; i++)
		cr_assert_eq(generation_of(threads[i].slot), 1);
	cr_assert_eq(logtap_state.mapping_count, 1);
}

static void *fail_to_claim(void *unused)
{
	cr_assert_not(logtap_claim_birth(&logtap_tls));
	cr_assert_not(say("nowhere\n"));
	return unused;
}

static void run_one_that_fails(void)
{
	pthread_t thread;

	cr_assert_eq(pthread_create(&thread, NULL, fail_to_claim, NULL), 0);
	pthread_join(thread, NULL);
}

Test(claim, with_one_the_dead_are_its_own_to_free)
{
	static struct thread threads[THREADS];

	shim_begin((struct shim_options){0});
	unsigned free_slots = mapping(0)->slot_count - 1;
	exhaust();
	run_threads(threads, free_slots);
	shim_set_collector(true);
	run_one_that_fails();
	for (unsigned i = 0; i < free_slots; i++)
		cr_assert_eq(generation_of(threads[i].slot), 0);
	cr_assert_eq(mapping(0)->segment->uncaptured_chunks, 1);
	cr_assert_eq(mapping(0)->segment->uncaptured_bytes, 8);
}

Test(claim, the_living_are_never_recycled)
{
	shim_begin((struct shim_options){0});
	exhaust();
	take_all_free();
	run_one_that_fails();
	cr_assert_eq(generation_of(logtap_tls.rings->slot), 0);
}

Test(claim, a_closed_segment_gives_no_slots)
{
	static struct thread threads[1];

	shim_begin((struct shim_options){0});
	atomic_store(&mapping(0)->control->closed, 1);
	run_threads(threads, 1);
	cr_assert_eq(logtap_state.mapping_count, 2);
	cr_assert_eq(threads[0].slot, &mapping(1)->slots[0]);
	for (unsigned i = 1; i < mapping(0)->slot_count; i++)
		cr_assert_eq(state_of(&mapping(0)->slots[i]), LOGTAP_SLOT_FREE);
}

Test(claim, a_refused_thread_tries_again_later)
{
	shim_begin((struct shim_options){.no_slot = true});
	logtap_state.config.process_bytes_max = 0;
	cr_assert_not(logtap_claim_birth(&logtap_tls));
	logtap_state.config.process_bytes_max = UINT64_C(64) << 20;
	int attempts = 1;
	while (!logtap_claim_birth(&logtap_tls) && attempts < 5000)
		attempts++;
	cr_assert_gt(attempts, 100, "not at each chunk");
	cr_assert_lt(attempts, 5000);
}

Test(claim, under_a_filter_of_the_host_no_segment_is_made)
{
	shim_begin((struct shim_options){0});
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_OWN);
	take_all_free();
	run_one_that_fails();
	cr_assert_eq(logtap_state.mapping_count, 1);
}

Test(claim, under_an_inherited_filter_one_is)
{
	static struct thread threads[20];

	shim_begin((struct shim_options){0});
	atomic_store(&logtap_state.filter, LOGTAP_FILTER_INHERITED);
	run_threads(threads, 20);
	cr_assert_gt(logtap_state.mapping_count, 1);
}

static struct logtap_mapping *create(long *error)
{
	return logtap_segment_create(1, 4096, error);
}

Test(claim, a_segment_that_does_not_fit_leaves_nothing_behind)
{
	struct rlimit limit = {1 << 20, 1 << 20};
	uint64_t before;
	long error;

	shim_begin((struct shim_options){0});
	before = logtap_state.mapped_bytes;
	/* SIGXFSZ would end the test */
	setrlimit(RLIMIT_FSIZE, &limit);
	cr_assert_null(logtap_segment_create(1, 1 << 20, &error));
	cr_assert_eq(error, -EFBIG);
	strcat(logtap_state.config.directory, "/none");
	cr_assert_null(create(&error));
	cr_assert_eq(error, -ENOENT);
	*strrchr(logtap_state.config.directory, '/') = '\0';
	cr_assert_eq(logtap_state.mapped_bytes, before);
	cr_assert_eq(shim_files(), 1);
}

Test(claim, a_segment_is_for_its_owner_whatever_the_umask)
{
	char path[600], command[700];
	struct stat status;
	long error;

	shim_begin((struct shim_options){.no_slot = true});
	umask(0777);
	cr_assert_not_null(create(&error));
	umask(0);
	cr_assert_not_null(create(&error));
	umask(022);
	snprintf(command, sizeof command, "ls %s/*", shim_directory());
	FILE *files = popen(command, "r");
	for (int i = 0; i < 2; i++) {
		cr_assert_not_null(fgets(path, sizeof path, files));
		path[strcspn(path, "\n")] = '\0';
		cr_assert_eq(stat(path, &status), 0);
		cr_assert_eq(status.st_mode & 07777, 0600);
	}
	pclose(files);
}

Test(claim, no_descriptor_stays_open)
{
	long error;
	int before = dup(0), after;

	close(before);
	shim_begin((struct shim_options){0});
	cr_assert_not_null(create(&error));
	after = dup(0);
	cr_assert_eq(before, after);
}

Test(claim, a_forked_child_gets_a_slot_without_touching_its_parent_s)
{
	int status;

	shim_begin((struct shim_options){0});
	say("parent 1\n");
	uint64_t head = logtap_tls.rings->slot->main.head;
	pid_t child = fork();
	if (!child) {
		const struct logtap_slot *slot = logtap_tls.rings->slot;
		bool good = slot == &mapping(0)->slots[1] &&
			    slot->pid == (uint32_t)getpid() &&
			    slot->tid == (uint32_t)gettid() &&
			    slot->parent_pid == (uint32_t)getppid() &&
			    (slot->flags & LOGTAP_SLOT_FORKED) &&
			    say("child\n") && slot->main.head == 32 &&
			    slot->first_sequence == 0;
		_exit(good ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(logtap_tls.rings->slot->main.head, head);
	cr_assert(logtap_death_marked(&mapping(0)->slots[1]));
	cr_assert(say("parent 2\n"));
}

Test(claim, a_child_that_libc_did_not_fork_is_noticed)
{
	int status;

	shim_begin((struct shim_options){0});
	if (logtap_state.identity.coverage[LOGTAP_MECHANISM_FORK_PAGE] !=
	    LOGTAP_COVERAGE_INSTALLED)
		cr_skip_test("no MADV_WIPEONFORK");
	long child = syscall(SYS_fork);
	if (!child) {
		bool good = say("child\n");
		const struct logtap_slot *slot = logtap_tls.rings->slot;
		good = good && slot == &mapping(0)->slots[1] &&
		       slot->pid == (uint32_t)syscall(SYS_getpid) &&
		       (slot->flags & LOGTAP_SLOT_RAW_FORK) &&
		       (slot->flags & LOGTAP_SLOT_NO_DEATH_MARK);
		syscall(SYS_exit_group, good ? 0 : 1);
	}
	cr_assert_eq(waitpid((pid_t)child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(logtap_tls.rings->slot->main.head, 0);
}
