/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What /logs/stream sends: see the header.  Any thread. */
#include "stream_text.h"

#include "../export/attribute.h"
#include "request.h"

#include <string.h>

int logtap_stream_put_record(struct logtap_bytes *out,
			     enum logtap_logs_format format,
			     const struct logtap_log_entry *entry)
{
	bool events = format == LOGTAP_LOGS_EVENTS;
	int error = 0;

	if (format == LOGTAP_LOGS_TEXT)
		return logtap_log_text(entry, out);
	if (events)
		error = logtap_reply_print(out, "id: %llu\ndata: ",
					   (unsigned long long)entry->seq);
	if (!error)
		error = logtap_log_json(entry, out);
	return error ? error : logtap_json_put(out, "\n\n", events ? 2 : 1);
}

static int put_object(struct logtap_bytes *out,
		      const struct logtap_stream_word *word)
{
	const struct logtap_logs_state *state = word->state;

	return logtap_reply_print(
		out,
		"{\"stream\":\"%s\",\"instance\":\"%s\",\"next_seq\":%llu,"
		"\"missed\":%llu,\"oldest_seq\":%llu,\"newest_seq\":%llu,"
		"\"dropped_on_ingest\":%llu,\"dropped_on_retention\":%llu}",
		word->word, word->instance, (unsigned long long)word->next_seq,
		(unsigned long long)word->missed,
		(unsigned long long)state->oldest_seq,
		(unsigned long long)state->newest_seq,
		(unsigned long long)state->dropped_on_ingest,
		(unsigned long long)state->dropped_on_retention);
}

int logtap_stream_put_word(struct logtap_bytes *out,
			   enum logtap_logs_format format,
			   const struct logtap_stream_word *word)
{
	bool events = format == LOGTAP_LOGS_EVENTS;
	int error = 0;

	if (format == LOGTAP_LOGS_TEXT && !strcmp(word->word, "begin"))
		return 0;
	if (format == LOGTAP_LOGS_TEXT && !word->missed)
		return logtap_reply_print(out, "# %s\n", word->word);
	if (format == LOGTAP_LOGS_TEXT)
		return logtap_reply_print(out, "# %s %llu\n", word->word,
					  (unsigned long long)word->missed);
	if (events)
		error = logtap_reply_print(out,
					   "event: %s\ndata: ", word->word);
	if (!error)
		error = put_object(out, word);
	return error ? error : logtap_json_put(out, "\n\n", events ? 2 : 1);
}
