/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A set of metrics as OTLP.  Any thread.
 *
 * What is the collector's own has the collector's resource; what is counted of
 * a process, and what it counts by itself, has the resource of the process, the
 * same as its records.  Counters are cumulative sums.
 */
#ifndef LOGTAP_EXPORT_ENCODE_METRICS_H
#define LOGTAP_EXPORT_ENCODE_METRICS_H

#include "../base/bytes.h"
#include "../registry/metric_set.h"
#include "../registry/resources.h"

/* Appends an ExportMetricsServiceRequest in protobuf.
 * Return: 0, or -ENOMEM with @out as it was. */
int logtap_encode_metrics(const struct logtap_metric_set *set,
			  struct logtap_resources *resources,
			  struct logtap_bytes *out);

#endif
