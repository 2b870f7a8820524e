/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A batch as OTLP.  Pure functions over an immutable batch, any thread.
 *
 * Records are grouped by resource, in the order in which the resources first
 * appear, each group in one scope.
 */
#ifndef LOGTAP_EXPORT_ENCODE_H
#define LOGTAP_EXPORT_ENCODE_H

#include "../base/bytes.h"
#include "batch.h"

/* Appends an ExportLogsServiceRequest in protobuf (LogsData has the same form
 * on the wire).  Return: 0, or -ENOMEM with @out as it was. */
int logtap_encode_logs(const struct logtap_batch *batch,
		       struct logtap_bytes *out);

/* Appends one LogsData object in JSON, on one line, without a line feed.
 * Return: 0, or -ENOMEM with @out as it was. */
int logtap_encode_logs_json(const struct logtap_batch *batch,
			    struct logtap_bytes *out);

#endif
