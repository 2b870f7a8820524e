/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a program to be started: see the header.  Main thread. */
#include "environment.h"

#include "../base/error.h"

#include <errno.h>
#include <logtap/abi/ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int logtap_environment_init(struct logtap_environment *environment,
			    char *const *from)
{
	size_t count = 0;
	while (from[count])
		count++;
	*environment = (struct logtap_environment){
		.items = calloc(count + 1, sizeof(char *)),
	};
	if (!environment->items)
		return -ENOMEM;
	for (; environment->count < count; environment->count++) {
		char *copy = strdup(from[environment->count]);
		if (!copy) {
			logtap_environment_deinit(environment);
			return -ENOMEM;
		}
		environment->items[environment->count] = copy;
	}
	return 0;
}

void logtap_environment_deinit(struct logtap_environment *environment)
{
	for (size_t i = 0; i < environment->count; i++)
		free(environment->items[i]);
	free(environment->items);
	*environment = (struct logtap_environment){0};
}

/* Index of the first at or behind @from; count when there is none. */
static size_t find(const struct logtap_environment *environment,
		   const char *name, size_t from)
{
	size_t size = strlen(name);
	while (from < environment->count &&
	       (strncmp(environment->items[from], name, size) ||
		environment->items[from][size] != '='))
		from++;
	return from;
}

const char *logtap_environment_get(const struct logtap_environment *environment,
				   const char *name)
{
	size_t at = find(environment, name, 0);
	if (at == environment->count)
		return NULL;
	return environment->items[at] + strlen(name) + 1;
}

static void take_out(struct logtap_environment *environment, size_t at)
{
	free(environment->items[at]);
	memmove(environment->items + at, environment->items + at + 1,
		(environment->count - at) * sizeof(char *));
	environment->count--;
}

void logtap_environment_unset(struct logtap_environment *environment,
			      const char *name)
{
	size_t at;
	while ((at = find(environment, name, 0)) < environment->count)
		take_out(environment, at);
}

int logtap_environment_set(struct logtap_environment *environment,
			   const char *name, const char *value)
{
	char *item;
	if (asprintf(&item, "%s=%s", name, value) < 0)
		return -ENOMEM;

	size_t at = find(environment, name, 0);
	if (at < environment->count) {
		free(environment->items[at]);
		environment->items[at] = item;
		/* Programs differ in which of two equal names they read. */
		while ((at = find(environment, name, at + 1)) <
		       environment->count)
			take_out(environment, at--);
		return 0;
	}
	char **items = realloc(environment->items,
			       (environment->count + 2) * sizeof(char *));
	if (!items) {
		free(item);
		return -ENOMEM;
	}
	items[environment->count++] = item;
	items[environment->count] = NULL;
	environment->items = items;
	return 0;
}

static int is_one_of(const char *value, const char *const *words)
{
	for (; *words; words++) {
		if (!strcmp(value, *words))
			return 1;
	}
	return 0;
}

static void check_word(struct logtap_environment *environment, const char *name,
		       const char *const *words)
{
	char why[160] = "not one of";
	const char *value = logtap_environment_get(environment, name);
	if (!value || is_one_of(value, words))
		return;
	for (; *words; words++) {
		size_t size = strlen(why);
		snprintf(why + size, sizeof(why) - size, " %s%s", *words,
			 words[1] ? "," : "");
	}
	logtap_error_print(name, value, why, "the default is used");
	logtap_environment_unset(environment, name);
}

static void check_ring_bytes(struct logtap_environment *environment)
{
	static const char name[] = "LOGTAP_RING_BYTES";
	const char *value = logtap_environment_get(environment, name);
	if (!value)
		return;

	char *end;
	errno = 0;
	unsigned long long bytes = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && !errno &&
	    bytes >= LOGTAP_RING_BYTES_MIN && bytes <= LOGTAP_RING_BYTES_MAX &&
	    !(bytes & (bytes - 1)))
		return;
	char why[96];
	snprintf(why, sizeof(why), "not a power of two from %u to %u",
		 LOGTAP_RING_BYTES_MIN, LOGTAP_RING_BYTES_MAX);
	logtap_error_print(name, value, why, "the default is used");
	logtap_environment_unset(environment, name);
}

void logtap_environment_check(struct logtap_environment *environment)
{
	static const char *const modes[] = {"tee", "divert", NULL};
	static const char *const full[] = {"auto", "drop-newest", "drop-oldest",
					   "block", NULL};
	check_word(environment, "LOGTAP_MODE", modes);
	check_word(environment, "LOGTAP_FULL", full);
	check_ring_bytes(environment);
}
