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
/* The same of records that are in no batch. */
int logtap_encode_view(const struct logtap_batch_view *view,
		       struct logtap_bytes *out);

/* Appends the records of a run, as a field of ScopeLogs each.  Return: 0, or
 * -ENOMEM with some of them in @out. */
int logtap_encode_run(const struct logtap_batch_run *run,
		      const struct logtap_batch_line *lines,
		      struct logtap_bytes *out);

/* Appends one LogsData object in JSON, on one line, without a line feed.
 * Return: 0, or -ENOMEM with @out as it was. */
int logtap_encode_logs_json(const struct logtap_batch *batch,
			    struct logtap_bytes *out);
/* One LogRecord object, and the InstrumentationScope object of @logger (NULL:
 * ours).  Return: 0, or -ENOMEM with a part of it in @out. */
int logtap_encode_record_json(const struct logtap_record *record,
			      struct logtap_bytes *out);
int logtap_encode_scope_json(const char *logger, struct logtap_bytes *out);

#endif
