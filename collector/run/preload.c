/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD, the list: see the header.  Main thread, before any other. */
#include "preload.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the dynamic loader of glibc takes for a separator. */
static const char separators[] = " :";

static char *original;

struct word {
	const char *text;
	size_t size;
};

/* The next entry behind @at; false at the end. */
static bool next_word(const char *at, struct word *word)
{
	word->text = at + strspn(at, separators);
	word->size = strcspn(word->text, separators);
	return word->size > 0;
}

static bool is_ours(const struct word *word)
{
	static const char name[] = "liblogtap.so";
	const char *base = word->text;
	for (size_t i = 0; i < word->size; i++) {
		if (word->text[i] == '/')
			base = word->text + i + 1;
	}
	size_t size = sizeof(name) - 1;
	return (size_t)(word->text + word->size - base) >= size &&
	       !memcmp(base, name, size);
}

bool logtap_preload_contains(const char *list)
{
	struct word word;
	for (const char *at = list ? list : ""; next_word(at, &word);
	     at = word.text + word.size) {
		if (is_ours(&word))
			return true;
	}
	return false;
}

char *logtap_preload_without(const char *list)
{
	char *copy = malloc(strlen(list) + 1);
	if (!copy)
		return NULL;

	size_t size = 0;
	struct word word;
	const char *at = list;
	for (; next_word(at, &word); at = word.text + word.size) {
		const char *end = word.text + word.size;
		if (is_ours(&word)) {
			/* The first entry that stays needs no separator. */
			if (!size && *end)
				word.size++;
			continue;
		}
		memcpy(copy + size, at, (size_t)(end - at));
		size += (size_t)(end - at);
	}
	size_t rest = size ? strlen(at) : 0;
	memcpy(copy + size, at, rest);
	copy[size + rest] = '\0';
	return copy;
}

char *logtap_preload_with(const char *list, const char *library)
{
	char *with = NULL;
	struct word word;
	bool empty = !list || !next_word(list, &word);
	bool add = !logtap_preload_contains(list);
	/* Where the list has a separator already, its last one is repeated. */
	char separator = ':';
	for (const char *at = list; at && *at; at++) {
		if (strchr(separators, *at))
			separator = *at;
	}

	char before[2] = {empty ? '\0' : separator, '\0'};
	if (asprintf(&with, "%s%s%s", empty ? "" : list, add ? before : "",
		     add ? library : "") < 0)
		return NULL;
	return with;
}

const char *logtap_preload_original(void)
{
	return original ? original : getenv("LD_PRELOAD");
}

void logtap_preload_shed(char **argv)
{
	const char *shed = getenv(LOGTAP_PRELOAD_SHED);
	const char *list = getenv("LD_PRELOAD");

	if (shed) {
		original = strdup(shed);
		unsetenv(LOGTAP_PRELOAD_SHED);
		return;
	}
	if (!logtap_preload_contains(list))
		return;
	char *without = logtap_preload_without(list);
	if (!without || setenv(LOGTAP_PRELOAD_SHED, list, 1))
		goto out;
	if (strspn(without, separators) == strlen(without))
		unsetenv("LD_PRELOAD");
	else if (setenv("LD_PRELOAD", without, 1))
		goto out;
	execv("/proc/self/exe", argv);
	/* No /proc: captured after all, which harms nobody. */
	original = strdup(getenv(LOGTAP_PRELOAD_SHED));
	unsetenv(LOGTAP_PRELOAD_SHED);
out:
	free(without);
}
