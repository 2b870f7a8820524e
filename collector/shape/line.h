/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Joins the chunks of one stream into lines, and the pieces of one call into
 * messages.
 *
 * A joiner serves one stream of one thread (its own ring and the nested one
 * apart: the text of a signal handler must not end up inside the line that it
 * interrupted).  Nothing here is thread-safe.
 */
#ifndef LOGTAP_SHAPE_LINE_H
#define LOGTAP_SHAPE_LINE_H

#include "../base/bytes.h"
#include "call.h"

/* Where a line or a message begins. */
struct logtap_origin {
	struct logtap_source *source;
	uint64_t time_ns;
	uint64_t position;
	uint32_t sequence;
	uint32_t line;	   /* lines of that chunk before it */
	uint16_t priority; /* of the chunk, or LOGTAP_PRIORITY_NONE */
};

struct logtap_line {
	struct logtap_origin origin;
	const char *text; /* without its line feed */
	size_t bytes;
	uint64_t
		original_bytes; /* not 0: it was cut, and was that long, with all
	                          * that its call had where it was cut */
	bool lost;		/* some of its bytes never came */
	bool headless;		/* the first of them, too */
	bool valid;		/* known to be UTF-8 */
	/* of a message: those of its first chunk; of a line: NULL, or what the
	 * chunk in which it began has to say */
	const struct logtap_extensions *extensions;
};

/* Return: 0 or a negative errno value, which ends the call. */
typedef int logtap_line_fn(void *context, const struct logtap_line *line);

struct logtap_joiner_options {
	size_t line_max_bytes;
	logtap_line_fn *emit;
	void *context;
};

struct logtap_joiner {
	bool open; /* something is held; the members below describe it */
	struct logtap_bytes text;
	struct logtap_origin origin; /* its source is counted */
	/* when it was opened, or the last piece of its call came, as @now_ns
	 * said */
	uint64_t since_ns;
	uint64_t total; /* bytes that came, more than text if cut */
	bool message;	/* pieces of a call, not of a line */
	bool lost;
	bool headless;
	uint64_t missing; /* bytes that never came, as far as is known */
	bool has_extensions;
	struct logtap_extensions extensions;
	struct logtap_origin last; /* of the last chunk, and how many of its
	                            * lines have ended; source not counted */
	struct logtap_call call;   /* of the chunk that came last */
};

void logtap_joiner_deinit(struct logtap_joiner *joiner);

/* A chunk of a stream.  @source is that of the chunk's thread and slot. */
int logtap_joiner_stream(struct logtap_joiner *joiner,
			 const struct logtap_joiner_options *options,
			 const struct logtap_chunk_view *chunk,
			 struct logtap_source *source, uint64_t now_ns);

/* A chunk of a message; emits when the message is complete, or when what
 * follows shows that it never will be. */
int logtap_joiner_message(struct logtap_joiner *joiner,
			  const struct logtap_joiner_options *options,
			  const struct logtap_chunk_view *chunk,
			  struct logtap_source *source, uint64_t now_ns);

/* Chunks before the next one never came, of which stream nobody knows: what is
 * held ends here, unless its call goes on and says where. */
int logtap_joiner_break(struct logtap_joiner *joiner,
			const struct logtap_joiner_options *options);

/* Emits what is held.  @final: nothing more will come; otherwise bytes at the
 * end that may be half of a character stay, and in the middle of a call, what
 * leaves and what follows both say that they are not the whole line. */
int logtap_joiner_flush(struct logtap_joiner *joiner,
			const struct logtap_joiner_options *options,
			uint64_t now_ns, bool final);
/* Emits what is held, for there is no room for what is to come; in the middle of
 * a call as its end, and what follows has no beginning. */
int logtap_joiner_relieve(struct logtap_joiner *joiner,
			  const struct logtap_joiner_options *options,
			  uint64_t now_ns);

#endif
