/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The logs registry as a destination: see logs.h.  It takes a batch at once,
 * in the thread that submits it, and never delays or fails: what it has no room
 * for it counts itself. */
#include "logs.h"

#include <errno.h>
#include <stdlib.h>

struct registry_exporter {
	struct logtap_exporter exporter;
	struct logtap_logs *logs;
};

static void submit(struct logtap_exporter *exporter, struct logtap_batch *batch)
{
	logtap_logs_add(((struct registry_exporter *)exporter)->logs, batch);
	logtap_exporter_settled(exporter, batch, LOGTAP_DELIVERED, 0, NULL);
}

/* Nothing waits in it. */
static void stop(struct logtap_exporter *exporter, uint64_t deadline_ns)
{
	(void)exporter;
	(void)deadline_ns;
}

static void exporter_free(struct logtap_exporter *exporter)
{
	free(exporter);
}

static const struct logtap_exporter_ops ops = {
	.kind = "registry",
	.submit = submit,
	.stop = stop,
	.free = exporter_free,
};

int logtap_registry_exporter_new(struct logtap_logs *logs,
				 struct logtap_exporter **out)
{
	struct registry_exporter *exporter = calloc(1, sizeof(*exporter));

	if (!exporter)
		return -ENOMEM;
	logtap_exporter_init(&exporter->exporter, &ops, "/logs");
	exporter->logs = logs;
	*out = &exporter->exporter;
	return 0;
}
