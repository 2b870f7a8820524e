/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The process's own environment as a source of OTLP configuration.  Apart from
 * otlp_config.c, which stays free of process state.  Called once at start. */
#include <stdlib.h>

#include "../base/log.h"
#include "otlp_config.h"

static const char *process_get(void *context, const char *name)
{
	(void)context;
	return getenv(name);
}

static void process_warn(void *context, const char *text)
{
	(void)context;
	logtap_log(LOGTAP_LOG_WARN, "otlp", "%s", text);
}

const struct logtap_otlp_environment logtap_otlp_process_environment = {
	.get = process_get,
	.warn = process_warn,
};

const struct logtap_otlp_environment logtap_otlp_process_metrics = {
	.get = process_get,
	.warn = process_warn,
	.metrics = true,
};
