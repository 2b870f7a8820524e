/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* From the journal through the real shaper and batcher to a destination that
 * settles when it is told to: what is acknowledged, and what a later run
 * delivers again. */
#include "../../../collector/intake/pipeline.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCHES_MAX = 64 };

struct holder {
	struct logtap_exporter exporter;
	struct logtap_batch *batches[BATCHES_MAX];
	size_t count;
	bool is_full;
};

static struct directory directory;
static struct intake intake;
static struct host host;
static struct holder *holder;
static struct logtap_dispatcher *dispatcher;
static struct logtap_batcher *batcher;
static struct logtap_shaper *shaper;
static struct logtap_pipeline *pipeline;
static char bodies[4096]; /* of all records so far, each with a | */

static void hold(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	struct holder *to = (struct holder *)exporter;
	cr_assert_lt(to->count, BATCHES_MAX);
	to->batches[to->count++] = batch;
	for (size_t i = 0; i < logtap_batch_records(batch); i++) {
		struct logtap_record copy;
		const struct logtap_record *record =
			logtap_batch_record(batch, i, &copy);
		snprintf(bodies + strlen(bodies),
			 sizeof(bodies) - strlen(bodies), "%.*s|",
			 (int)record->body_bytes, record->body);
	}
}

static void settle(size_t batches)
{
	for (size_t i = 0; i < batches; i++) {
		logtap_exporter_settled(&holder->exporter, holder->batches[0],
					LOGTAP_DELIVERED, 0, NULL);
		memmove(holder->batches, holder->batches + 1,
			--holder->count * sizeof(holder->batches[0]));
	}
}

static bool is_full(struct logtap_exporter *exporter)
{
	return ((struct holder *)exporter)->is_full;
}

static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	(void)exporter;
	(void)deadline_ns;
	settle(holder->count);
}

static void free_holder(struct logtap_exporter *exporter)
{
	free(exporter);
}

static const struct logtap_exporter_ops ops = {.kind = "held",
					       .submit = hold,
					       .full = is_full,
					       .stop = stop,
					       .free = free_holder};

static void begin(void)
{
	bodies[0] = 0;
	intake_init(&intake, &directory, 0);
	holder = calloc(1, sizeof(*holder));
	logtap_exporter_init(&holder->exporter, &ops, "held");
	dispatcher = logtap_dispatcher_new();
	logtap_dispatcher_add(dispatcher, &holder->exporter);
	batcher =
		logtap_batcher_new(NULL, logtap_dispatcher_submit, dispatcher);
	shaper = logtap_shaper_new(NULL, batcher);
	struct logtap_pipeline_options options = {
		.journal = intake.journal,
		.shaper = shaper,
		.batcher = batcher,
		.dispatcher = dispatcher,
	};
	cr_assert_eq(logtap_pipeline_new(&options, &pipeline), 0);
}

static void end(void)
{
	logtap_pipeline_free(pipeline);
	logtap_shaper_free(shaper);
	logtap_batcher_free(batcher);
	settle(holder->count);
	logtap_dispatcher_free(dispatcher);
	intake_deinit(&intake);
}

static void setup(void)
{
	struct host_options options = {.ring_bytes = 1 << 20};
	directory_init(&directory);
	host_init(&host, &directory, &options);
	host_claim(&host, 0, 1, 0);
	begin();
}

static void teardown(void)
{
	end();
	host_deinit(&host);
	directory_deinit(&directory);
}

TestSuite(pipeline, .init = setup, .fini = teardown);

/* All that hosts wrote so far goes to the destination. */
static void deliver(void)
{
	intake_drain(&intake);
	cr_assert_eq(logtap_pipeline_run(pipeline, UINT64_MAX / 2, false), 0);
	logtap_pipeline_tick(pipeline, true);
}

static void acknowledge(void)
{
	logtap_pipeline_acknowledge(pipeline, UINT64_MAX);
}

Test(pipeline, chunks_become_records_and_are_acknowledged_when_settled)
{
	host_push(&host, 0, "one\n");
	deliver();
	cr_assert_str_eq(bodies, "one|");
	uint64_t before = logtap_journal_acknowledged(intake.journal);
	cr_assert_lt(before, logtap_journal_end(intake.journal));
	settle(1);
	acknowledge();
	cr_assert_eq(logtap_journal_acknowledged(intake.journal),
		     logtap_journal_end(intake.journal));
}

Test(pipeline, what_was_not_settled_is_delivered_again_and_nothing_else)
{
	host_push(&host, 0, "one\n");
	deliver();
	host_push(&host, 0, "two\n");
	host_push(&host, 0, "three\n");
	deliver();
	settle(1);
	acknowledge();
	end();
	begin();
	deliver();
	cr_assert_str_eq(bodies, "two|three|");
}

Test(pipeline, an_unfinished_line_is_kept_in_the_journal)
{
	host_push(&host, 0, "begun\nand ");
	deliver();
	cr_assert_str_eq(bodies, "begun|");
	settle(1);
	acknowledge();
	end();
	begin();
	host_push(&host, 0, "ended\n");
	deliver();
	/* The chunk that holds both comes again, whole. */
	cr_assert_str_eq(bodies, "begun|and ended|");
}

Test(pipeline, a_thread_that_ended_leaves_its_unfinished_line)
{
	host_push(&host, 0, "without an end");
	host_die(&host, 0);
	deliver();
	cr_assert_str_eq(bodies, "without an end|");
	settle(1);
	acknowledge();
	cr_assert_eq(logtap_journal_acknowledged(intake.journal),
		     logtap_journal_end(intake.journal));
}

Test(pipeline, lines_go_on_in_a_larger_ring)
{
	struct host_options options = {.ring_bytes = 1 << 21, .slots = 1};
	struct host larger;
	host_init(&larger, &directory, &options);
	host_push(&host, 0, "a line of ");
	larger.sequence[0] = host.sequence[0];
	host_claim(&larger, 0, 1, LOGTAP_SLOT_CONTINUES);
	host_set_state(&host, 0, LOGTAP_SLOT_MOVED);
	host_push(&larger, 0, "two rings\n");
	deliver();
	cr_assert_str_eq(bodies, "a line of two rings|");
	host_deinit(&larger);
}

Test(pipeline, a_full_destination_leaves_the_rest_in_the_journal)
{
	host_push(&host, 0, "one\n");
	holder->is_full = true;
	deliver();
	cr_assert_str_eq(bodies, "");
	cr_assert_not(logtap_pipeline_done(pipeline));
	cr_assert_eq(logtap_pipeline_run(pipeline, UINT64_MAX / 2, true), 0);
	logtap_pipeline_tick(pipeline, true);
	cr_assert_str_eq(bodies, "one|");
}

Test(pipeline, settled_files_are_removed_and_later_ones_stand_alone)
{
	char line[4000];
	memset(line, 'x', sizeof(line) - 2);
	memcpy(line + sizeof(line) - 2, "\n", 2);
	/* More than a journal file holds. */
	for (int i = 0; i < 5000; i++) {
		cr_assert(host_push(&host, 0, line));
		if (i % 200)
			continue;
		logtap_reader_drain(intake.reader, 0);
		logtap_reader_round(intake.reader);
		logtap_pipeline_run(pipeline, UINT64_MAX / 2, false);
		settle(holder->count);
		bodies[0] = 0;
	}
	deliver();
	settle(holder->count);
	acknowledge();
	cr_assert_gt(logtap_journal_start(intake.journal), 0);
	cr_assert_eq(directory_count(&directory, "") - 2, 1 + 1 + 1 + 1 + 1,
		     "a segment, a journal file, the spare one, journal.ack, "
		     "collector.beat");
	end();
	begin();
	host_push(&host, 0, "after\n");
	deliver();
	cr_assert_str_eq(bodies, "after|");
}
