/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The exporter of OTLP over HTTP, with a worker thread of its own.
 *
 * What the receiver does not take now (429, 502, 503, 504, no connection, no
 * answer in time) is sent again, in order, with back-off, until it is taken or
 * the exporter is stopped.  Every other answer but 2xx is final.  The queue
 * never drops: when it holds OTEL_BLRP_MAX_QUEUE_SIZE records, full() asks the
 * caller to bring no more.
 */
#ifndef LOGTAP_EXPORT_OTLP_HTTP_H
#define LOGTAP_EXPORT_OTLP_HTTP_H

#include "exporter.h"
#include "otlp_config.h"

/**
 * logtap_otlp_exporter_new() - make the exporter and start its thread
 * @config: taken over and emptied, also on failure
 * @error:  on failure: what, where, why and what next
 * Return: 0 or a negative errno value.
 */
int logtap_otlp_exporter_new(struct logtap_otlp_config *config,
			     struct logtap_exporter **out, char *error,
			     size_t error_bytes);

#endif
