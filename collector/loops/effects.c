/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and the kinds of records that they make: see model.h.  Under the
 * lock. */
#include "model.h"
#include "signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8 };

static void end_process(struct logtap_loops_process *process)
{
	free(process->echo);
	memset(process, 0, sizeof(*process));
}

struct logtap_loops_process *logtap_loops_process(struct logtap_loops *loops,
						  uint32_t pid,
						  uint64_t start_ticks,
						  const char *comm,
						  uint64_t now_ns)
{
	struct logtap_loops_process *set =
		&loops->processes[pid * WAYS % LOGTAP_LOOPS_PROCESSES];
	struct logtap_loops_process *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].pid == pid && set[i].start_ticks == start_ticks) {
			set[i].seen_ns = now_ns;
			return &set[i];
		}
		if (set[i].seen_ns < oldest->seen_ns)
			oldest = &set[i];
	}
	end_process(oldest);
	oldest->pid = pid;
	oldest->start_ticks = start_ticks;
	oldest->parent_pid = logtap_peers_parent(pid);
	oldest->seen_ns = now_ns;
	snprintf(oldest->comm, sizeof(oldest->comm), "%s", comm);
	return oldest;
}

static void begin_effect(struct logtap_loops_effect *effect,
			 const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	size_t bytes = record->body_bytes;

	if (bytes > sizeof(effect->sample) - 1)
		bytes = sizeof(effect->sample) - 1;
	/* not within a character */
	while (bytes && bytes < record->body_bytes &&
	       ((unsigned char)record->body[bytes] & 0xc0) == 0x80)
		bytes--;
	memcpy(effect->sample, record->body, bytes);
	effect->pid = source->resource->pid;
	effect->start_ticks = source->resource->start_ticks;
	effect->tid = source->tid;
	effect->stream = source->stream;
	snprintf(effect->thread, sizeof(effect->thread), "%.*s",
		 (int)sizeof(effect->thread) - 1, source->name);
	effect->severity = record->severity;
	effect->first_ns = record->observed_ns;
}

struct logtap_loops_effect *logtap_loops_effect(
	struct logtap_loops *loops, const struct logtap_record *record)
{
	const struct logtap_source *source = record->source;
	uint64_t signature = logtap_signature(record->body, record->body_bytes);
	uint64_t key = logtap_signature_mix(signature, source->resource->pid);

	key = logtap_signature_mix(key, source->resource->start_ticks);
	key = logtap_signature_mix(key, source->tid) | 1;
	struct logtap_loops_effect *set =
		&loops->effects[(key >> 1) * WAYS % LOGTAP_LOOPS_EFFECTS];
	struct logtap_loops_effect *effect = set;
	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == key) {
			effect = &set[i];
			break;
		}
		/* those of loops stay longest */
		if (set[i].seen_ns + (set[i].loop ? LOGTAP_LOOPS_SECOND : 0) <
		    effect->seen_ns + (effect->loop ? LOGTAP_LOOPS_SECOND : 0))
			effect = &set[i];
	}
	if (effect->key != key) {
		*effect = (struct logtap_loops_effect){.key = key,
						       .signature = signature};
		begin_effect(effect, record);
	}
	effect->seen_ns = record->observed_ns;
	effect->records++;
	effect->bytes += record->body_bytes;
	return effect;
}

uint16_t logtap_loops_effect_check(const struct logtap_loops_effect *effect)
{
	return (uint16_t)(effect->key >> 48);
}
