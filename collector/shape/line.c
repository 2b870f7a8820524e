/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks to lines: see the header.  The pipeline's thread.
 *
 * The usual chunk holds whole lines and meets an empty joiner: its lines are
 * emitted where they lie, without a copy.
 */
#include "line.h"

#include "utf8.h"

#include <string.h>

enum { KEEP_BYTES = 64 << 10 };

static void release(struct logtap_joiner *joiner)
{
	if (joiner->open)
		logtap_source_unref(joiner->origin.source);
	/* one long line must not cost its length for ever */
	if (joiner->text.capacity > KEEP_BYTES)
		logtap_bytes_deinit(&joiner->text);
	joiner->open = false;
	joiner->text.size = 0;
	joiner->total = 0;
	joiner->message = false;
	joiner->lost = false;
	joiner->headless = false;
	joiner->missing = 0;
	joiner->has_extensions = false;
}

void logtap_joiner_deinit(struct logtap_joiner *joiner)
{
	release(joiner);
	logtap_bytes_deinit(&joiner->text);
}

static void open_at(struct logtap_joiner *joiner,
		    const struct logtap_origin *origin,
		    const struct logtap_extensions *extensions, uint64_t now_ns)
{
	joiner->open = true;
	joiner->origin = *origin;
	logtap_source_ref(origin->source);
	joiner->since_ns = now_ns;
	joiner->has_extensions = extensions != NULL;
	if (extensions)
		joiner->extensions = *extensions;
}

/* Keeps at most the limit and one byte more, which shows that something was
 * cut; counts all. */
static int hold(struct logtap_joiner *joiner,
		const struct logtap_joiner_options *options, const void *text,
		size_t bytes)
{
	size_t room = options->line_max_bytes + 1 - joiner->text.size;
	int error = logtap_bytes_append(&joiner->text, text,
					bytes < room ? bytes : room);

	if (!error)
		joiner->total += bytes;
	return error;
}

/* At both ends of what is left of a line. */
static __attribute__((noinline)) void keep_whole_characters(
	struct logtap_line *line, size_t most, bool cut)
{
	size_t whole = logtap_utf8_cut(line->text, line->bytes, most);

	if (cut && whole == line->bytes)
		whole -= logtap_utf8_unfinished(line->text, whole);
	line->bytes = whole;
	if (!line->headless)
		return;
	size_t rest = logtap_utf8_rest(line->text, line->bytes);
	line->text += rest;
	line->bytes -= rest;
}

/* Emits @line, whose text may be longer than the limit; it was
 * @original_bytes long where it came from.  @cut: its end never came. */
static int emit(const struct logtap_joiner_options *options,
		struct logtap_line *line, uint64_t original_bytes, bool cut)
{
	if (__builtin_expect(line->bytes > options->line_max_bytes || cut ||
				     line->headless,
			     0))
		keep_whole_characters(line, options->line_max_bytes, cut);
	if (line->bytes < original_bytes)
		line->original_bytes = original_bytes;
	return options->emit(options->context, line);
}

/* Emits what is held but for the last @keep bytes. */
static int emit_held(struct logtap_joiner *joiner,
		     const struct logtap_joiner_options *options, size_t keep,
		     bool cut)
{
	uint64_t original_bytes = joiner->total - keep + joiner->missing;
	struct logtap_line line = {
		.origin = joiner->origin,
		.text = (const char *)joiner->text.data,
		.bytes = joiner->text.size - keep,
		.lost = joiner->lost || cut,
		.headless = joiner->headless,
		.extensions =
			joiner->has_extensions ? &joiner->extensions : NULL,
	};

	if (joiner->message && joiner->has_extensions &&
	    joiner->extensions.original_bytes > original_bytes)
		original_bytes = joiner->extensions.original_bytes;
	return emit(options, &line, original_bytes, cut);
}

/* Emits all that is held and forgets it. */
static int finish(struct logtap_joiner *joiner,
		  const struct logtap_joiner_options *options, bool cut)
{
	int error = emit_held(joiner, options, 0, cut);
	release(joiner);
	return error;
}

int logtap_joiner_break(struct logtap_joiner *joiner,
			const struct logtap_joiner_options *options)
{
	if (joiner->call.open && joiner->call.bytes)
		return 0;
	joiner->call.open = false;
	return joiner->open ? finish(joiner, options, true) : 0;
}

/* The end of an interval: the line leaves, but for @keep bytes, the beginning of
 * a character, which become a line of their own, in the chunk that came last.
 * In the middle of a call both say that they are not the whole line. */
static int leave(struct logtap_joiner *joiner,
		 const struct logtap_joiner_options *options, size_t keep,
		 uint64_t now_ns)
{
	bool amid = joiner->call.open;
	uint64_t left = joiner->missing + joiner->total - keep;
	char rest[4];

	memcpy(rest, joiner->text.data + joiner->text.size - keep, keep);
	if (amid) {
		joiner->lost = true;
		joiner->missing +=
			keep + joiner->call.bytes - joiner->call.next;
	}
	int error = emit_held(joiner, options, keep, false);
	if (!keep) {
		joiner->call.open = false; /* what follows has no beginning */
		release(joiner);
		return error;
	}
	struct logtap_origin next = joiner->last;
	next.source = logtap_source_ref(joiner->origin.source);
	next.line = ++joiner->last.line;
	release(joiner);
	open_at(joiner, &next, NULL, now_ns);
	logtap_source_unref(next.source);
	if (amid) {
		joiner->lost = joiner->headless = true;
		joiner->missing = left;
	}
	int full = hold(joiner, options, rest, keep);
	return error ? error : full;
}

int logtap_joiner_flush(struct logtap_joiner *joiner,
			const struct logtap_joiner_options *options,
			uint64_t now_ns, bool final)
{
	const char *text = (const char *)joiner->text.data;
	size_t bytes = joiner->text.size, keep = 0;

	if (!joiner->open)
		return 0;
	if (joiner->message || (final && joiner->call.open)) {
		joiner->missing += logtap_call_rest(&joiner->call);
		return finish(joiner, options, true);
	}
	if (!final && joiner->total == bytes)
		keep = logtap_utf8_unfinished(text, bytes);
	return leave(joiner, options, keep < bytes ? keep : 0, now_ns);
}

int logtap_joiner_relieve(struct logtap_joiner *joiner,
			  const struct logtap_joiner_options *options,
			  uint64_t now_ns)
{
	size_t bytes = joiner->text.size;

	/* The beginning of a character is no line. */
	if (joiner->open && !joiner->call.open && joiner->total == bytes &&
	    logtap_utf8_unfinished((const char *)joiner->text.data, bytes) ==
		    bytes)
		return 0;
	return logtap_joiner_flush(joiner, options, now_ns, joiner->call.open);
}

static struct logtap_origin origin_of(const struct logtap_chunk_view *chunk,
				      struct logtap_source *source)
{
	return (struct logtap_origin){
		.source = source,
		.time_ns = chunk->time_ns,
		.position = chunk->position,
		.sequence = chunk->sequence,
		.priority = chunk->priority,
	};
}

/* A call in several chunks of which some never came: what is held ends there,
 * and what follows begins in the middle of something.  Return: 0 or -errno. */
static int mind_the_gap(struct logtap_joiner *joiner,
			const struct logtap_joiner_options *options,
			const struct logtap_chunk_view *chunk,
			const struct logtap_extensions *extensions,
			struct logtap_seam *seam)
{
	logtap_call_take(&joiner->call, chunk, extensions, seam);
	if (!seam->torn || !joiner->open)
		return 0;
	joiner->missing += seam->lost_before;
	return finish(joiner, options, true);
}

/* The held line ends with the @bytes at @text. */
static int end_held(struct logtap_joiner *joiner,
		    const struct logtap_joiner_options *options,
		    const char *text, size_t bytes)
{
	int error = hold(joiner, options, text, bytes);
	size_t size = joiner->text.size;

	if (error)
		return error;
	if (size && joiner->total == size &&
	    joiner->text.data[size - 1] == '\r') {
		joiner->text.size--;
		joiner->total--;
	}
	return finish(joiner, options, false);
}

/* The lines that begin and end in the chunk, straight from its payload; @text
 * is left at what follows the last one.  @missing: bytes before the first. */
static int emit_whole(const struct logtap_joiner_options *options,
		      struct logtap_line *line, uint64_t *missing,
		      const char **text, const char *end)
{
	const char *feed;
	int error = 0;

	while (!error && *text < end &&
	       (feed = memchr(*text, '\n', (size_t)(end - *text)))) {
		line->text = *text;
		line->bytes = (size_t)(feed - *text);
		line->original_bytes = 0;
		if (line->bytes && feed[-1] == '\r')
			line->bytes--;
		error = emit(options, line, line->bytes + *missing, false);
		line->origin.line++;
		line->lost = line->headless = false;
		*missing = 0;
		*text = feed + 1;
	}
	return error;
}

int logtap_joiner_stream(struct logtap_joiner *joiner,
			 const struct logtap_joiner_options *options,
			 const struct logtap_chunk_view *chunk,
			 struct logtap_source *source, uint64_t now_ns)
{
	const char *text =
		chunk->payload_bytes ? (const char *)chunk->payload : "";
	const char *end = text + chunk->payload_bytes;
	struct logtap_extensions extensions;
	struct logtap_line line = {.origin = origin_of(chunk, source)};
	struct logtap_seam seam;

	if (chunk->extension_bytes) {
		logtap_extensions_read(&extensions, chunk);
		line.extensions = &extensions;
	}
	int error =
		mind_the_gap(joiner, options, chunk, line.extensions, &seam);
	line.lost = line.headless = seam.headless;
	/* once for all of its lines: a line feed ends no character early */
	line.valid = logtap_utf8_valid(text, chunk->payload_bytes);
	if (!error && joiner->open) {
		if (joiner->call.open) /* a call in progress is waited for */
			joiner->since_ns = now_ns;
		const char *feed = memchr(text, '\n', chunk->payload_bytes);
		const char *stop = feed ? feed : end;
		error = feed ? end_held(joiner, options, text,
					(size_t)(stop - text))
			     : hold(joiner, options, text,
				    (size_t)(stop - text));
		text = feed ? feed + 1 : end;
		line.origin.line = feed != NULL;
	}
	if (!error)
		error = emit_whole(options, &line, &seam.missing, &text, end);
	if (!error && text < end) {
		open_at(joiner, &line.origin, line.extensions, now_ns);
		joiner->lost = line.lost;
		joiner->headless = line.headless;
		joiner->missing = seam.missing;
		error = hold(joiner, options, text, (size_t)(end - text));
	}
	joiner->last.time_ns = chunk->time_ns;
	joiner->last.position = chunk->position;
	joiner->last.sequence = chunk->sequence;
	joiner->last.priority = chunk->priority;
	joiner->last.line = line.origin.line;
	if (!(chunk->flags & LOGTAP_CHUNK_TRUNCATED))
		return error;
	uint64_t rest = logtap_call_rest(&joiner->call);
	if (error || !joiner->open)
		return error;
	joiner->missing += rest;
	return finish(joiner, options, true);
}

/* A message in one piece, straight from the payload. */
static int emit_message(const struct logtap_joiner_options *options,
			const struct logtap_chunk_view *chunk,
			struct logtap_source *source,
			const struct logtap_extensions *extensions,
			const struct logtap_seam *seam)
{
	bool truncated = chunk->flags & LOGTAP_CHUNK_TRUNCATED;
	struct logtap_line line = {
		.origin = origin_of(chunk, source),
		.text = chunk->payload_bytes ? (const char *)chunk->payload
					     : "",
		.bytes = chunk->payload_bytes,
		.lost = seam->headless || truncated,
		.headless = seam->headless,
		.extensions = extensions,
	};
	uint64_t original_bytes = extensions ? extensions->original_bytes : 0;

	if (original_bytes < line.bytes + seam->missing)
		original_bytes = line.bytes + seam->missing;
	return emit(options, &line, original_bytes, truncated);
}

int logtap_joiner_message(struct logtap_joiner *joiner,
			  const struct logtap_joiner_options *options,
			  const struct logtap_chunk_view *chunk,
			  struct logtap_source *source, uint64_t now_ns)
{
	struct logtap_extensions extensions, *has = NULL;
	bool truncated = chunk->flags & LOGTAP_CHUNK_TRUNCATED;
	bool partial = chunk->flags & LOGTAP_CHUNK_PARTIAL;
	struct logtap_seam seam;

	if (chunk->extension_bytes) {
		logtap_extensions_read(&extensions, chunk);
		has = &extensions;
	}
	int error = mind_the_gap(joiner, options, chunk, has, &seam);
	if (error)
		return error;
	if (truncated)
		seam.missing += logtap_call_rest(&joiner->call);
	if (!joiner->open && !partial)
		return emit_message(options, chunk, source, has, &seam);
	if (!joiner->open) {
		struct logtap_origin origin = origin_of(chunk, source);
		open_at(joiner, &origin, has, now_ns);
		joiner->message = true;
		joiner->lost = joiner->headless = seam.headless;
	}
	joiner->missing += seam.missing;
	error = hold(joiner, options, chunk->payload, chunk->payload_bytes);
	if (error || (partial && !truncated))
		return error;
	return finish(joiner, options, truncated);
}
