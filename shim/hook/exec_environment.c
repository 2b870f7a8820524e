/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of the next program: see the header.  Safe in a vfork child
 * and in a signal handler: writes only to the caller's stack. */
#include "../api/api.h"
#include "../bytes.h"
#include "../guard/mark.h"
#include "../state.h"
#include "exec.h"

#define KEPT 12

_Atomic uint32_t logtap_following;

/* Copies, because a host may clear or overwrite what it was started with. */
static LOGTAP_BSS("4") char texts[4096];
static size_t used;	 /* of @texts */
static char *kept[KEPT]; /* LOGTAP_NAME=value */
static size_t kept_count;
static bool completes;	   /* what is missing is put back */
static char inherited[64]; /* TRACEPARENT of this process; "": none */

/* A copy of @size bytes and a NUL, NULL when there is no room. */
static char *copy(const char *text, size_t size)
{
	char *to = texts + used;

	if (size >= sizeof texts - used)
		return NULL;
	logtap_bytes_copy(to, text, size);
	used += size + 1;
	return to;
}

static void keep(const char *variable)
{
	char *kept_one = NULL;

	if (kept_count < KEPT)
		kept_one = copy(variable, logtap_bytes_length(variable));
	if (kept_one)
		kept[kept_count++] = kept_one;
}

/* Our entry as far as it is a path without the loader's variables; a name
 * without a slash the loader looks for in its own places. */
static void seek(const char *entry, size_t size)
{
	size_t directory = 0, at = 0;

	for (; at < size && entry[at] != '$'; at++)
		if (entry[at] == '/')
			directory = at + 1;
	if (directory)
		logtap_exec_reach_init(at == size ? logtap_exec_library()
						  : copy(entry, directory));
}

void logtap_exec_init(char **envp, bool follow)
{
	completes = follow;
	for (; envp && *envp; envp++) {
		const char *value = logtap_bytes_after(*envp, "LD_PRELOAD=");
		size_t size;
		const char *entry =
			value ? logtap_exec_find_entry(value, &size) : NULL;
		if (entry) {
			logtap_exec_set_library(copy(entry, size));
			seek(entry, size);
		}
		if (logtap_bytes_after(*envp, "LOGTAP_"))
			keep(*envp);
		value = logtap_bytes_after(*envp, "TRACEPARENT=");
		if (value)
			logtap_bytes_string(inherited, sizeof inherited, value);
	}
}

/* Does @variable have the name of @assignment (NAME=...)? */
static bool same_name(const char *variable, const char *assignment)
{
	while (*variable && *variable == *assignment && *variable != '=')
		variable++, assignment++;
	return *variable == '=' && *assignment == '=';
}

static bool has(char *const *envp, const char *assignment)
{
	for (; *envp; envp++)
		if (same_name(*envp, assignment))
			return true;
	return false;
}

/* A list with our entry behind what is there, as ld.so(8) reads it. */
static bool put_preload(struct logtap_exec_environment *room,
			const char *existing)
{
	size_t at = 0, size = room->bytes;

	logtap_bytes_put(room->preload, size, &at, "LD_PRELOAD=");
	if (existing && *existing) {
		logtap_bytes_put(room->preload, size, &at, existing);
		logtap_bytes_put(room->preload, size, &at, ":");
	}
	logtap_bytes_put(room->preload, size, &at, logtap_exec_library());
	return at + 1 < size;
}

const char *logtap_exec_value(char *const *envp, const char *assignment)
{
	for (; envp && *envp; envp++) {
		const char *value = logtap_bytes_after(*envp, assignment);
		if (value)
			return value;
	}
	return NULL;
}

static const char *preload_of(char *const *envp)
{
	return logtap_exec_value(envp, "LD_PRELOAD=");
}

/* Is the child to go on with the span that this thread is in? */
static bool passes_span(char *const *envp)
{
	const char *given;

	if (!(logtap_tls.mark & LOGTAP_MARK_SPAN))
		return false;
	given = logtap_exec_value(envp, "TRACEPARENT=");
	return !given || logtap_bytes_same(given, inherited);
}

static bool put_span(struct logtap_exec_environment *room)
{
	size_t at = 0;

	logtap_bytes_put(room->traceparent, sizeof room->traceparent, &at,
			 "TRACEPARENT=");
	return (logtap_span_traceparent)((logtap_span_current)(),
					 room->traceparent + at);
}

static char *const none[] = {NULL};

static char *const *without_us(struct logtap_exec_environment *room,
			       char *const *given, const char *preload)
{
	size_t count = 0;
	long left = logtap_exec_put_others(room->preload, room->bytes, preload);

	if (left < 0)
		return given;
	for (size_t i = 0; given[i]; i++) {
		bool list = logtap_bytes_after(given[i], "LD_PRELOAD=") != NULL;
		if (count + 1 > room->count - 1)
			return given;
		if (!list)
			room->variables[count++] = given[i];
		else if (left)
			room->variables[count++] = room->preload;
	}
	room->variables[count] = NULL;
	return room->variables;
}

/* @file NULL: one for this machine. */
static bool can_be_loaded(const struct logtap_exec_file *file)
{
	bool in_reach = logtap_exec_in_reach();

	logtap_exec_tell(in_reach);
	return in_reach && !(file && logtap_exec_is_foreign(file));
}

static bool names_us(const char *preload)
{
	return preload && logtap_exec_has_library(preload);
}

bool logtap_exec_must_remove(char *const *envp)
{
	return logtap_exec_library() && names_us(preload_of(envp)) &&
	       !can_be_loaded(NULL);
}

static bool has_entry(const char *preload)
{
	size_t size;

	return preload && logtap_exec_find_entry(preload, &size);
}

static bool is_complete(char *const *envp, const char *preload)
{
	if (!completes)
		return true;
	if (!has_entry(preload))
		return false;
	for (size_t i = 0; i < kept_count; i++)
		if (!has(envp, kept[i]))
			return false;
	return !passes_span(envp);
}

enum logtap_exec_change logtap_exec_change(const struct logtap_exec_file *file,
					   char *const *envp)
{
	const char *preload = preload_of(envp);
	bool loaded = logtap_exec_library() != NULL;
	bool named = loaded && names_us(preload);
	bool complete = !loaded || is_complete(envp, preload);

	/* Nothing depends on it. */
	if (!named && complete)
		return LOGTAP_EXEC_KEEP;
	if (!logtap_guard_has_stack(&logtap_tls, LOGTAP_STACK_POINTER(),
				    LOGTAP_STACK_TO_EXECUTE))
		return LOGTAP_EXEC_KEEP;
	if (can_be_loaded(file))
		return complete ? LOGTAP_EXEC_KEEP : LOGTAP_EXEC_COMPLETE;
	return named ? LOGTAP_EXEC_REMOVE : LOGTAP_EXEC_KEEP;
}

static char *const *with_us(struct logtap_exec_environment *room,
			    char *const *envp, const char *preload)
{
	char *const *given = envp ? envp : none;
	bool ours = has_entry(preload);
	bool span = passes_span(given) && put_span(room);
	size_t count = 0;

	for (size_t i = 0; given[i]; i++) {
		if (count + kept_count + 3 > room->count)
			return envp;
		if (span && logtap_bytes_after(given[i], "TRACEPARENT="))
			continue;
		if (ours || !logtap_bytes_after(given[i], "LD_PRELOAD="))
			room->variables[count++] = given[i];
	}
	for (size_t i = 0; i < kept_count; i++)
		if (!has(given, kept[i]))
			room->variables[count++] = kept[i];
	if (!ours) {
		if (!put_preload(room, preload))
			return envp;
		room->variables[count++] = room->preload;
	}
	if (span)
		room->variables[count++] = room->traceparent;
	room->variables[count] = NULL;
	return room->variables;
}

static size_t within(size_t wanted, size_t most)
{
	return wanted < most ? wanted : most;
}

struct logtap_exec_environment logtap_exec_room(char *const *envp,
						enum logtap_exec_change change)
{
	const char *preload = preload_of(envp);
	size_t count = 0, bytes = sizeof "LD_PRELOAD=:";

	while (envp && envp[count])
		count++;
	if (preload)
		bytes += logtap_bytes_length(preload);
	if (change == LOGTAP_EXEC_COMPLETE) {
		bytes += logtap_bytes_length(logtap_exec_library());
		/* ours, the list, the span */
		count += kept_count + 2;
	}
	return (struct logtap_exec_environment){
		.count = within(count + 1, LOGTAP_EXEC_VARIABLES),
		.bytes = within(bytes + 1, LOGTAP_EXEC_PRELOAD_BYTES),
	};
}

char *const *logtap_exec_changed(struct logtap_exec_environment *room,
				 char *const *envp,
				 enum logtap_exec_change change)
{
	const char *preload = preload_of(envp);

	return change == LOGTAP_EXEC_REMOVE ? without_us(room, envp, preload)
					    : with_us(room, envp, preload);
}
