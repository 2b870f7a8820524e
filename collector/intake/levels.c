/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds of events: see the header. */
#include "levels.h"

#include <stdio.h>
#include <string.h>

static bool severity_of(const char *text, size_t bytes, uint32_t *out)
{
	static const struct {
		const char *name;
		uint32_t number;
	} names[] = {
		{"trace", 1},  {"debug", 5},  {"info", 9}, {"warn", 13},
		{"error", 17}, {"fatal", 21}, {"off", 25},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == bytes &&
		    !memcmp(names[i].name, text, bytes)) {
			*out = names[i].number;
			return true;
		}
	return false;
}

bool logtap_levels_parse_one(const char *text, uint32_t *severity)
{
	return severity_of(text, strlen(text), severity);
}

/* Return: what is wrong with the part, or NULL. */
static const char *read_part(const char *text, size_t bytes,
			     struct logtap_levels *levels)
{
	struct logtap_directive *directive = &levels->directives[levels->count];
	const char *equals = memchr(text, '=', bytes);
	static const char unknown[] = "is not trace, debug, info, warn, "
				      "error, fatal or off";
	if (!equals)
		return severity_of(text, bytes, &levels->general) ? NULL
								  : unknown;
	size_t prefix = (size_t)(equals - text);
	if (!prefix)
		return "names no target";
	if (prefix > sizeof(directive->prefix))
		return "has a prefix of more than 40 bytes";
	if (levels->count == LOGTAP_CONTROL_DIRECTIVES)
		return "is one too many (64)";
	if (!severity_of(equals + 1, bytes - prefix - 1, &directive->severity))
		return unknown;
	memcpy(directive->prefix, text, prefix);
	directive->prefix_bytes = (uint32_t)prefix;
	levels->count++;
	return NULL;
}

bool logtap_levels_parse(const char *text, struct logtap_levels *out, char *why,
			 size_t why_bytes)
{
	struct logtap_levels levels = {0};
	size_t end = strcspn(text, "\n");
	for (size_t at = 0; at < end;) {
		size_t bytes = strcspn(text + at, ",\n");
		const char *wrong =
			bytes ? read_part(text + at, bytes, &levels) : NULL;
		if (wrong) {
			snprintf(why, why_bytes, "\"%.*s\" %s",
				 (int)(bytes > 60 ? 60 : bytes), text + at,
				 wrong);
			return false;
		}
		at += bytes + 1;
	}
	*out = levels;
	return true;
}

/* The version is odd while the rest changes; hosts pair it with an acquire. */
void logtap_levels_store(const struct logtap_levels *levels,
			 struct logtap_control *control)
{
	uint32_t version = atomic_load_explicit(&control->directive_version,
						memory_order_relaxed);
	version = (version & ~UINT32_C(1)) + 1;
	atomic_store_explicit(&control->directive_version, version,
			      memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&control->level, levels->general,
			      memory_order_relaxed);
	atomic_store_explicit(&control->directive_count, levels->count,
			      memory_order_relaxed);
	memcpy(control->directives, levels->directives,
	       sizeof(control->directives));
	version += version == UINT32_MAX ? 3 : 1; /* 0 is none */
	atomic_store_explicit(&control->directive_version, version,
			      memory_order_release);
}

void logtap_levels_withdraw(struct logtap_control *control)
{
	atomic_store_explicit(&control->directive_version, 0,
			      memory_order_release);
}
