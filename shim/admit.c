/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who is captured: see the header.  No libc, so that it can run in the
 * library's constructor. */
#include "admit.h"

#include "fd/glob.h"

#include <stddef.h>

#define ITEM_BYTES 512

/* One item of a list, in two. */
struct item {
	char program[ITEM_BYTES];
	char argument[ITEM_BYTES]; /* empty: any */
	bool whole;		   /* false: longer than there is room */
};

static const struct {
	const char *pattern;
	const char *reason;
} built_in[] = {
#define EXCLUSION(pattern, reason) {pattern, reason},
#include <logtap/exclusions.def>
#undef EXCLUSION
};

/* Takes the item at @at.  Return: where the next one begins. */
static const char *take(const char *at, struct item *item)
{
	size_t sizes[2] = {0, 0};
	bool second = false;

	item->whole = true;
	for (; *at && *at != ':'; at++) {
		char *to = second ? item->argument : item->program;
		size_t *size = &sizes[second];
		if (*at == ' ' && !second) {
			second = true;
			continue;
		}
		if (*size + 2 >= ITEM_BYTES) {
			item->whole = false;
			continue;
		}
		to[(*size)++] = *at;
		if (*at == '\\' && at[1])
			to[(*size)++] = *++at;
	}
	item->program[sizes[0]] = '\0';
	item->argument[sizes[1]] = '\0';
	return at + (*at == ':');
}

static bool matches_path(const char *pattern, const char *path)
{
	const char *base = path;
	bool whole = false;

	if (!path || !*path)
		return false;
	for (const char *at = pattern; *at; at++)
		whole = whole || *at == '/';
	for (const char *at = path; *at && !whole; at++)
		if (*at == '/')
			base = at + 1;
	return logtap_glob_match_any(pattern, base);
}

static bool matches(const struct item *item, const struct logtap_admit *program)
{
	if (!item->whole || (!matches_path(item->program, program->file) &&
			     !matches_path(item->program, program->executed)))
		return false;
	if (!item->argument[0])
		return true;
	for (const char *const *argument = program->argv;
	     argument && *argument && argument[1]; argument++)
		if (logtap_glob_match_any(item->argument, argument[1]))
			return true;
	return false;
}

static bool in_list(const char *list, const struct logtap_admit *program)
{
	struct item item;

	while (*list) {
		list = take(list, &item);
		if (matches(&item, program))
			return true;
	}
	return false;
}

bool logtap_admit_list_good(const char *list)
{
	struct item item;
	bool any = false;

	while (*list) {
		list = take(list, &item);
		if (!item.whole || (!item.program[0] && item.argument[0]))
			return false;
		any = any || item.program[0];
	}
	return any;
}

enum logtap_admission logtap_admit(const struct logtap_admit *program,
				   const char **reason)
{
	if (program->exclude && in_list(program->exclude, program))
		return LOGTAP_ADMIT_EXCLUDED;
	if (program->only)
		return in_list(program->only, program) ? LOGTAP_ADMITTED
						       : LOGTAP_ADMIT_NOT_ONLY;
	for (size_t i = 0; i < sizeof built_in / sizeof built_in[0]; i++) {
		if (!matches_path(built_in[i].pattern, program->executed))
			continue;
		if (reason)
			*reason = built_in[i].reason;
		return LOGTAP_ADMIT_BUILT_IN;
	}
	return LOGTAP_ADMITTED;
}
