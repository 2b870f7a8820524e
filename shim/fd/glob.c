/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns: see the header.  Two places to go back to, one for the last * and
 * one for the last **, so that the time is bounded by the lengths' product. */
#include "glob.h"

#include <stddef.h>

static bool ends(char c)
{
	return c == '\0' || c == ':';
}

/* Behind the ] that ends the set at @at, NULL if none does. */
static const char *end_of_set(const char *at)
{
	at += *at == '!' || *at == '^';
	if (*at == ']')
		at++;
	for (; !ends(*at) && *at != '/'; at++)
		if (*at == ']')
			return at + 1;
	return NULL;
}

static bool is_in_set(const char *at, const char *end, unsigned char c)
{
	bool inverted = *at == '!' || *at == '^', found = false;

	end--; /* the ] */
	for (at += inverted; at < end; at++) {
		unsigned char low = (unsigned char)*at, high = low;
		if (at + 2 < end && at[1] == '-') {
			high = (unsigned char)at[2];
			at += 2;
		}
		found |= low <= c && c <= high;
	}
	return found != inverted;
}

/* One element of the pattern against one character.  Return: what follows the
 * element, NULL if they differ. */
static const char *match_one(const char *pattern, char c)
{
	if (c == '\0' || ends(*pattern))
		return NULL;
	if (*pattern == '?')
		return c == '/' ? NULL : pattern + 1;
	if (*pattern == '[') {
		const char *end = end_of_set(pattern + 1);
		if (end)
			return c != '/' && is_in_set(pattern + 1, end,
						     (unsigned char)c)
				       ? end
				       : NULL;
	}
	if (*pattern == '\\' && pattern[1])
		pattern++;
	return *pattern == c ? pattern + 1 : NULL;
}

struct retreat {
	const char *pattern; /* behind the star; NULL: there was none */
	const char *path;    /* what it has taken ends here */
};

static bool match(const char *pattern, const char *path)
{
	struct retreat one = {NULL, NULL}, two = {NULL, NULL};

	for (;;) {
		if (*pattern == '*') {
			bool deep = pattern[1] == '*';
			pattern += deep ? 2 : 1;
			one = (struct retreat){deep ? NULL : pattern, path};
			if (deep)
				two = (struct retreat){pattern, path};
			continue;
		}
		if (!*path && ends(*pattern))
			return true;
		const char *next = match_one(pattern, *path);
		if (next) {
			pattern = next;
			path++;
		} else if (one.pattern && *one.path && *one.path != '/') {
			pattern = one.pattern;
			path = ++one.path;
		} else if (two.pattern && *two.path) {
			one.pattern = NULL;
			pattern = two.pattern;
			path = ++two.path;
		} else {
			return false;
		}
	}
}

bool logtap_glob_match_any(const char *patterns, const char *path)
{
	while (*patterns) {
		if (*patterns != ':' && match(patterns, path))
			return true;
		while (!ends(*patterns))
			patterns += *patterns == '\\' && patterns[1] ? 2 : 1;
		patterns += *patterns == ':';
	}
	return false;
}
