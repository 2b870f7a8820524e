/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: what is counted (registry/metrics.h), for Prometheus.  The
 * endpoint's thread. */
#include "../registry/metrics.h"

#include "exposition.h"
#include "request.h"

#include <string.h>

void logtap_page_metrics(struct logtap_admin *admin,
			 struct MHD_Connection *connection,
			 struct logtap_reply *reply)
{
	const struct logtap_admin_options *options = &admin->options;
	const char *accept = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const struct logtap_metrics_sources sources = {
		.accounting = options->accounting,
		.journal = options->journal,
		.dispatcher = options->dispatcher,
		.logs = options->logs,
		.loops = options->loops,
		.programs = options->metrics,
	};
	struct logtap_exposition to = {
		.out = &reply->body,
		.open_metrics = accept &&
				strstr(accept, "application/openmetrics-text"),
	};
	struct logtap_metric_set set;

	reply->type = to.open_metrics
			      ? "application/openmetrics-text; "
				"version=1.0.0; charset=utf-8"
			      : "text/plain; version=0.0.4; charset=utf-8";
	int error = logtap_metrics_collect(&sources, &set);
	if (!error) {
		logtap_exposition_set(&to, &set);
		logtap_exposition_end(&to);
		logtap_metric_set_deinit(&set);
	}
	if (error || to.error)
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: /metrics: out of memory");
}
