/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The text of units, and their names: see the header.  Pure. */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".service"
#define SUFFIX_BYTES (sizeof(SUFFIX) - 1)
#define ALLOWED                                                \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789:-_.\\@"

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), part = strlen(end);

	return size >= part && !strcmp(text + size - part, end);
}

static bool is_other_kind(const char *name)
{
	static const char *const kinds[] = {".socket",	  ".target", ".timer",
					    ".path",	  ".mount",  ".swap",
					    ".automount", ".slice",  ".scope",
					    ".device"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (ends_with(name, kinds[i]))
			return true;
	return false;
}

const char *logtap_unit_name(const char *typed,
			     char name[LOGTAP_UNIT_NAME_BYTES])
{
	if (!*typed || typed[strspn(typed, ALLOWED)] || *typed == '.' ||
	    *typed == '@')
		return "is no name of a service";
	if (is_other_kind(typed))
		return "is a unit that is no service";
	int size = snprintf(name, LOGTAP_UNIT_NAME_BYTES, "%s%s", typed,
			    ends_with(typed, SUFFIX) ? "" : SUFFIX);
	if (size >= LOGTAP_UNIT_NAME_BYTES)
		return "is longer than the name of a unit can be";
	if (ends_with(name, "@" SUFFIX))
		return "is a template: name an instance, as getty@tty1";
	return NULL;
}

bool logtap_unit_template(const char *name, char out[LOGTAP_UNIT_NAME_BYTES])
{
	const char *at = strchr(name, '@');

	if (at)
		snprintf(out, LOGTAP_UNIT_NAME_BYTES, "%.*s@" SUFFIX,
			 (int)(at - name), name);
	return at;
}

static void forget(struct logtap_unit *unit, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < unit->count; i++) {
		if (strcmp(unit->items[i].text, key))
			unit->items[kept++] = unit->items[i];
		else
			free(unit->items[i].text);
	}
	unit->count = kept;
}

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* Takes @line, "KEY=VALUE".  Return: 0 or -ENOMEM. */
static int add(struct logtap_unit *unit, const char *line)
{
	char *text = strdup(line);
	char *value = text ? strchr(text, '=') : NULL;

	if (!value) {
		bool failed = !text;
		free(text);
		return failed ? -ENOMEM : 0;
	}
	*value++ = '\0';
	trim(text);
	value = trim(value);
	if (!*value) {
		forget(unit, text);
		free(text);
		return 0;
	}
	void *more =
		realloc(unit->items, (unit->count + 1) * sizeof(*unit->items));
	if (!more) {
		free(text);
		return -ENOMEM;
	}
	unit->items = more;
	unit->items[unit->count++] =
		(struct logtap_unit_setting){.text = text, .value = value};
	return 0;
}

/* Makes one line of those that end in a backslash, without the comments between.
 * Return: where the next begins. */
static const char *join(const char *text, char *line)
{
	bool more = true;

	for (size_t used = 0; more && *text;) {
		size_t size = strcspn(text, "\n");
		const char *first = text + strspn(text, " \t");
		bool comment = *first == '#' || *first == ';';
		if (!comment) {
			more = size && text[size - 1] == '\\';
			memcpy(line + used, text, size - more);
			used += size - more;
			line[used] = more ? ' ' : '\0';
			used += more;
			line[used] = '\0';
		} else {
			more = used > 0;
		}
		text += size + (text[size] == '\n');
	}
	return text;
}

int logtap_unit_parse(struct logtap_unit *unit, const char *text)
{
	char *line = calloc(1, strlen(text) + 2);
	bool ours = false;
	int error = line ? 0 : -ENOMEM;

	while (!error && *text) {
		*line = '\0';
		text = join(text, line);
		char *start = trim(line);
		if (*start == '[')
			ours = !strcmp(start, "[Service]");
		else if (ours)
			error = add(unit, start);
	}
	free(line);
	return error;
}

const char *logtap_unit_next(const struct logtap_unit *unit, const char *key,
			     size_t *at)
{
	while (*at < unit->count) {
		const struct logtap_unit_setting *item = &unit->items[(*at)++];
		if (!strcmp(item->text, key))
			return item->value;
	}
	return NULL;
}

const char *logtap_unit_get(const struct logtap_unit *unit, const char *key)
{
	const char *value, *last = "";

	for (size_t at = 0; (value = logtap_unit_next(unit, key, &at));)
		last = value;
	return last;
}

bool logtap_unit_assigns(const char *text, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = text; (at = strstr(at, name)); at += size)
		if (at[size] == '=' &&
		    (at == text || strchr(" \t\n\"'", at[-1])))
			return true;
	return false;
}

void logtap_unit_deinit(struct logtap_unit *unit)
{
	for (size_t i = 0; i < unit->count; i++)
		free(unit->items[i].text);
	free(unit->items);
	*unit = (struct logtap_unit){0};
}
