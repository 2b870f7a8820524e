/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where records came from: see the header.  The pipeline's thread. */
#include "place.h"

#include "utf8.h"

#include <stdio.h>
#include <string.h>

void logtap_place_take(struct logtap_place *place,
		       struct logtap_unwinder *unwinder,
		       const struct logtap_thread *thread,
		       const struct logtap_chunk_view *chunk)
{
	struct logtap_evidence_view evidence;
	struct logtap_stack_view stack;

	if (chunk->type == LOGTAP_CHUNK_EVIDENCE) {
		if (logtap_evidence_read(chunk, &evidence) ||
		    evidence.kind != LOGTAP_EVIDENCE_OBJECTS)
			return;
		place->thread = NULL;
		logtap_unwinder_objects(unwinder, thread->process, &evidence);
		return;
	}
	if (chunk->type != LOGTAP_CHUNK_STACK ||
	    logtap_stack_read(chunk, &stack))
		return;
	place->trace = logtap_unwind(unwinder, thread->process, &stack);
	place->thread = place->trace ? thread : NULL;
	place->nested = chunk->nested;
	place->sequence = stack.sequence;
	place->printed = false;
}

/* Symbols are any bytes. */
static void make_valid(char *text)
{
	if (logtap_utf8_valid(text, strlen(text)))
		return;
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			*text = '?';
}

void logtap_place_print(struct logtap_place *place)
{
	const struct logtap_stack_trace *trace = place->trace;
	const struct logtap_stack_frame *frame = &trace->frames[trace->culprit];

	if (place->printed)
		return;
	place->printed = true;
	place->text_bytes =
		logtap_stack_print(trace, place->text, sizeof(place->text));
	make_valid(place->text);
	if (place->text_bytes) /* without the last line's end */
		place->text_bytes--;
	snprintf(place->function, sizeof(place->function), "%s",
		 frame->function ? frame->function : "");
	snprintf(place->file, sizeof(place->file), "%s",
		 frame->file && frame->line ? frame->file : "");
	make_valid(place->function);
	make_valid(place->file);
}
