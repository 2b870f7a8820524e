/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a program to be started: see the header.  Main thread. */
#include "variables.h"

#include "../../shim/admit.h"
#include "../base/error.h"

#include <errno.h>
#include <logtap/abi/ring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MS_MAX 3600000

int logtap_variables_init(struct logtap_variables *variables, char *const *from)
{
	size_t count = 0;
	while (from[count])
		count++;
	*variables = (struct logtap_variables){
		.items = calloc(count + 1, sizeof(char *)),
	};
	if (!variables->items)
		return -ENOMEM;
	for (; variables->count < count; variables->count++) {
		char *copy = strdup(from[variables->count]);
		if (!copy) {
			logtap_variables_deinit(variables);
			return -ENOMEM;
		}
		variables->items[variables->count] = copy;
	}
	return 0;
}

void logtap_variables_deinit(struct logtap_variables *variables)
{
	for (size_t i = 0; i < variables->count; i++)
		free(variables->items[i]);
	free(variables->items);
	*variables = (struct logtap_variables){0};
}

/* Index of the first at or behind @from; count when there is none. */
static size_t find(const struct logtap_variables *variables, const char *name,
		   size_t from)
{
	size_t size = strlen(name);
	while (from < variables->count &&
	       (strncmp(variables->items[from], name, size) ||
		variables->items[from][size] != '='))
		from++;
	return from;
}

const char *logtap_variables_get(const struct logtap_variables *variables,
				 const char *name)
{
	size_t at = find(variables, name, 0);
	if (at == variables->count)
		return NULL;
	return variables->items[at] + strlen(name) + 1;
}

static void take_out(struct logtap_variables *variables, size_t at)
{
	free(variables->items[at]);
	memmove(variables->items + at, variables->items + at + 1,
		(variables->count - at) * sizeof(char *));
	variables->count--;
}

void logtap_variables_unset(struct logtap_variables *variables,
			    const char *name)
{
	size_t at;
	while ((at = find(variables, name, 0)) < variables->count)
		take_out(variables, at);
}

int logtap_variables_set(struct logtap_variables *variables, const char *name,
			 const char *value)
{
	char *item;
	if (asprintf(&item, "%s=%s", name, value) < 0)
		return -ENOMEM;

	size_t at = find(variables, name, 0);
	if (at < variables->count) {
		free(variables->items[at]);
		variables->items[at] = item;
		/* Programs differ in which of two equal names they read. */
		while ((at = find(variables, name, at + 1)) < variables->count)
			take_out(variables, at--);
		return 0;
	}
	char **items = realloc(variables->items,
			       (variables->count + 2) * sizeof(char *));
	if (!items) {
		free(item);
		return -ENOMEM;
	}
	items[variables->count++] = item;
	items[variables->count] = NULL;
	variables->items = items;
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

static void check_word(struct logtap_variables *variables, const char *name,
		       const char *const *words)
{
	char why[160] = "not one of";
	const char *value = logtap_variables_get(variables, name);
	if (!value || !*value || is_one_of(value, words))
		return;
	for (; *words; words++) {
		size_t size = strlen(why);
		snprintf(why + size, sizeof(why) - size, " %s%s", *words,
			 words[1] ? "," : "");
	}
	logtap_error_print(name, value, why, "the default is used");
	logtap_variables_unset(variables, name);
}

/* block:MS, which is not in the list of words */
static bool is_block_ms(const char *value)
{
	size_t digits;
	if (!value || strncmp(value, "block:", 6))
		return false;
	value += 6;
	digits = strspn(value, "0123456789");
	return digits && !value[digits] && digits < 8 &&
	       strtoul(value, NULL, 10) <= BLOCK_MS_MAX;
}

static void check_ring_bytes(struct logtap_variables *variables)
{
	static const char name[] = "LOGTAP_RING_BYTES";
	const char *value = logtap_variables_get(variables, name);
	if (!value || !*value)
		return;

	char *end;
	errno = 0;
	unsigned long long bytes = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && !errno &&
	    bytes >= LOGTAP_RING_BYTES_MIN && bytes <= LOGTAP_RING_BYTES_MAX)
		return;
	char why[96];
	snprintf(why, sizeof(why), "not a number from %u to %u",
		 LOGTAP_RING_BYTES_MIN, LOGTAP_RING_BYTES_MAX);
	logtap_error_print(name, value, why, "the default is used");
	logtap_variables_unset(variables, name);
}

static void check_list(struct logtap_variables *variables, const char *name)
{
	const char *value = logtap_variables_get(variables, name);
	if (!value || !*value || logtap_admit_list_good(value))
		return;
	logtap_error_print(name, value, "not a list of patterns",
			   "it is ignored");
	logtap_variables_unset(variables, name);
}

void logtap_variables_check(struct logtap_variables *variables)
{
	static const char *const modes[] = {"tee", "divert", NULL};
	static const char *const full[] = {"auto", "drop-newest", "drop-oldest",
					   "block", NULL};
	const char *disabled =
		logtap_variables_get(variables, "LOGTAP_DISABLED");
	if (disabled && *disabled && strcmp(disabled, "0"))
		logtap_error_print("LOGTAP_DISABLED", disabled,
				   "nothing is captured",
				   "unset it to capture");
	static const char *const sinks[] = {"session", "all", NULL};
	check_word(variables, "LOGTAP_MODE", modes);
	if (!is_block_ms(logtap_variables_get(variables, "LOGTAP_FULL")))
		check_word(variables, "LOGTAP_FULL", full);
	check_word(variables, "LOGTAP_SINKS", sinks);
	check_ring_bytes(variables);
	check_list(variables, "LOGTAP_ONLY");
	check_list(variables, "LOGTAP_EXCLUDE");
}
