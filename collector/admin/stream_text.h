/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What /logs/stream sends: records, and words about the stream itself.  Pure
 * functions, any thread.  They append, and return 0, or -ENOMEM with a part in
 * @out.
 */
#ifndef LOGTAP_ADMIN_STREAM_TEXT_H
#define LOGTAP_ADMIN_STREAM_TEXT_H

#include "logs.h"

struct logtap_stream_word {
	const char *word;     /* "begin", "missed", "alive", "end" */
	const char *instance; /* of the collector */
	uint64_t next_seq;    /* for after= of a later request */
	uint64_t missed; /* records that were gone before they could be sent */
	const struct logtap_logs_state *state;
};

/* In JSON a line that is the object of logs.h; as server-sent events that line
 * with the record's number as its id; as text the line of logs.h. */
int logtap_stream_put_record(struct logtap_bytes *out,
			     enum logtap_logs_format format,
			     const struct logtap_log_entry *entry);
/* {"stream":"missed", ...}: it has no "seq", and a record has no "stream".  An
 * event of the word's name; in text "# missed 12", but "begin" is nothing. */
int logtap_stream_put_word(struct logtap_bytes *out,
			   enum logtap_logs_format format,
			   const struct logtap_stream_word *word);

#endif
