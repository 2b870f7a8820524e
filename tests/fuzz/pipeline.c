/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline.h"

enum { RUN_BYTES = 1 << 20 };

static void submit(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	fuzz_check_batch(batch);
	logtap_exporter_settled(exporter, batch, LOGTAP_DELIVERED, 0, NULL);
}

static bool is_full(struct logtap_exporter *exporter)
{
	(void)exporter;
	return false;
}

static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	(void)exporter;
	(void)deadline_ns;
}

static void free_sink(struct logtap_exporter *exporter)
{
	free(exporter);
}

static const struct logtap_exporter_ops ops = {.kind = "fuzz",
					       .submit = submit,
					       .full = is_full,
					       .stop = stop,
					       .free = free_sink};

void fuzz_pipeline_open(struct fuzz_pipeline *pipeline,
			struct logtap_journal *journal)
{
	struct logtap_exporter *sink = calloc(1, sizeof(*sink));
	FUZZ_CHECK(sink);
	logtap_exporter_init(sink, &ops, "fuzz");
	pipeline->dispatcher = logtap_dispatcher_new();
	logtap_dispatcher_add(pipeline->dispatcher, sink);
	pipeline->batcher = logtap_batcher_new(NULL, logtap_dispatcher_submit,
					       pipeline->dispatcher);
	pipeline->shaper = logtap_shaper_new(NULL, pipeline->batcher);
	struct logtap_pipeline_options options = {
		.journal = journal,
		.shaper = pipeline->shaper,
		.batcher = pipeline->batcher,
		.dispatcher = pipeline->dispatcher,
	};
	FUZZ_CHECK(!logtap_pipeline_new(&options, &pipeline->pipeline));
}

void fuzz_pipeline_run(struct fuzz_pipeline *pipeline)
{
	int result;
	do
		result = logtap_pipeline_run(pipeline->pipeline, RUN_BYTES,
					     true);
	while (result == LOGTAP_PIPELINE_MORE);
	FUZZ_CHECK(!result);
	logtap_pipeline_tick(pipeline->pipeline, true);
}

void fuzz_pipeline_close(struct fuzz_pipeline *pipeline)
{
	logtap_pipeline_free(pipeline->pipeline);
	logtap_shaper_free(pipeline->shaper);
	logtap_batcher_free(pipeline->batcher);
	logtap_dispatcher_free(pipeline->dispatcher);
}
