/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The list of LD_PRELOAD, and our entry in it: see the header.  Safe in a vfork
 * child and in a signal handler: reads, and writes where it is told to. */
#include "../bytes.h"
#include "exec.h"

static const char *library; /* our entry of LD_PRELOAD */

void logtap_exec_set_library(const char *entry)
{
	library = entry;
}

const char *logtap_exec_library(void)
{
	return library;
}

static bool is_separator(char c)
{
	return c == ':' || c == ' ';
}

static const char *end_of_entry(const char *entry)
{
	while (*entry && !is_separator(*entry))
		entry++;
	return entry;
}

/* Does [@entry, @end) name a file called liblogtap.so? */
static bool is_ours(const char *entry, const char *end)
{
	static const char name[] = "liblogtap.so";
	size_t size = sizeof name - 1;

	if ((size_t)(end - entry) < size)
		return false;
	if ((size_t)(end - entry) > size && end[-(long)size - 1] != '/')
		return false;
	return logtap_bytes_after(end - size, name) != NULL;
}

/* Is [@entry, @end) what we were loaded by? */
static bool is_library(const char *entry, const char *end)
{
	const char *rest = logtap_bytes_after(entry, library);

	return rest == end;
}

const char *logtap_exec_find_entry(const char *value, size_t *size)
{
	while (*value) {
		const char *end = end_of_entry(value);
		if (is_ours(value, end)) {
			*size = (size_t)(end - value);
			return value;
		}
		value = *end ? end + 1 : end;
	}
	return NULL;
}

long logtap_exec_put_others(char *to, size_t size, const char *existing)
{
	size_t at = 0, name;

	logtap_bytes_put(to, size, &at, "LD_PRELOAD=");
	name = at;
	while (*existing) {
		const char *end = end_of_entry(existing);
		const char *next = *end ? end + 1 : end;
		/* the separator goes with what it stands behind */
		size_t length = (size_t)(next - existing);
		if (!is_library(existing, end)) {
			if (at + length >= size)
				return -1;
			logtap_bytes_copy(to + at, existing, length);
			at += length;
		} else if (!*next && at > name) {
			at--;
		}
		existing = next;
	}
	to[at] = '\0';
	return (long)(at - name);
}

bool logtap_exec_has_library(const char *list)
{
	for (; *list; list = end_of_entry(list), list += *list != '\0')
		if (is_library(list, end_of_entry(list)))
			return true;
	return false;
}
