/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Thresholds of events: LOGTAP_LEVEL, or what the collector put into the
 * control page.  The longest prefix of the target wins. */
#include "level.h"
#include "../bytes.h"
#include "../segment/create.h"
#include "../state.h"
#include "api.h"

#include <errno.h>

static LOGTAP_BSS("4") struct logtap_directive
	directives[LOGTAP_CONTROL_DIRECTIVES];
static uint32_t directive_count;
static uint32_t general; /* 0: everything passes */

bool logtap_level_named(const char *text, size_t bytes, uint32_t *out)
{
	static const struct {
		const char *name;
		uint32_t severity;
	} names[] = {
		{"trace", LOGTAP_TRACE}, {"debug", LOGTAP_DEBUG},
		{"info", LOGTAP_INFO},	 {"warn", LOGTAP_WARN},
		{"error", LOGTAP_ERROR}, {"fatal", LOGTAP_FATAL},
		{"off", LOGTAP_OFF},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (logtap_bytes_length(names[i].name) == bytes &&
		    logtap_bytes_after(text, names[i].name)) {
			*out = names[i].severity;
			return true;
		}
	return false;
}

/* One part of the list: SEVERITY, or PREFIX=SEVERITY. */
static bool read_directive(const char *text, size_t bytes)
{
	struct logtap_directive *directive = &directives[directive_count];
	size_t equals = 0;

	while (equals < bytes && text[equals] != '=')
		equals++;
	if (equals == bytes)
		return logtap_level_named(text, bytes, &general);
	if (!equals || equals > sizeof directive->prefix ||
	    directive_count == LOGTAP_CONTROL_DIRECTIVES ||
	    !logtap_level_named(text + equals + 1, bytes - equals - 1,
				&directive->severity))
		return false;
	logtap_bytes_copy(directive->prefix, text, equals);
	directive->prefix_bytes = (uint32_t)equals;
	directive_count++;
	return true;
}

void logtap_level_init(const char *value)
{
	while (value && *value) {
		size_t bytes = 0;
		while (value[bytes] && value[bytes] != ',')
			bytes++;
		if (bytes && !read_directive(value, bytes))
			logtap_segment_diagnose(
				EINVAL, "LOGTAP_LEVEL: a part is not SEVERITY "
					"or PREFIX=SEVERITY; it is ignored");
		value += bytes;
		if (*value)
			value++;
	}
}

static uint32_t longest(const struct logtap_directive *list, uint32_t count,
			const char *target, uint32_t threshold)
{
	uint32_t best = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t bytes = list[i].prefix_bytes, at = 0;
		if (bytes > sizeof list[i].prefix || bytes < best)
			continue;
		while (at < bytes && target[at] == list[i].prefix[at])
			at++;
		if (at == bytes) {
			best = bytes;
			threshold = list[i].severity;
		}
	}
	return threshold;
}

/* The collector's thresholds, if it has set any.  While it rewrites them, which
 * takes no time, they are read again. */
#define REREADS 100

static bool from_control(const struct logtap_control *control,
			 const char *target, uint32_t *out)
{
	for (int i = 0; i < REREADS; i++) {
		/* pairs with the release in logtap_levels_store() */
		uint32_t version = atomic_load_explicit(
			&control->directive_version, memory_order_acquire);
		uint32_t count = atomic_load_explicit(&control->directive_count,
						      memory_order_relaxed);
		if (!version)
			return false;
		if (version % 2 || count > LOGTAP_CONTROL_DIRECTIVES)
			continue;
		*out = longest(control->directives, count, target,
			       atomic_load_explicit(&control->level,
						    memory_order_relaxed));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&control->directive_version,
					 memory_order_relaxed) == version)
			return true;
	}
	return false;
}

/* A segment that was made just now has not been found yet: then the first one
 * of the process knows. */
static bool from_collector(const char *target, uint32_t *out)
{
	const struct logtap_tls *tls = &logtap_tls;
	const struct logtap_mapping *first = logtap_mapping_at(0);

	if (tls->life == LOGTAP_LIVE &&
	    from_control(tls->rings->control, target, out))
		return true;
	return first && from_control(first->control, target, out);
}

bool logtap_level_passes(int severity, const char *target)
{
	uint32_t threshold;

	if (!target)
		target = "";
	if (!from_collector(target, &threshold))
		threshold =
			longest(directives, directive_count, target, general);
	return severity > 0 && (uint32_t)severity >= threshold;
}
