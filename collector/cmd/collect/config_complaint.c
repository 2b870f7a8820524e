/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration file, and where: made of what libcyaml logs.
 * Main thread. */
#include "config_private.h"

#include "../../base/error.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void take_place(struct complaint *complaint, const char *said)
{
	char name[64] = "", outer[sizeof(complaint->field)];
	unsigned line;
	const char *at = strstr(said, "(line: ");

	if (!at || sscanf(at, "(line: %u", &line) != 1)
		return;
	if (!complaint->line)
		complaint->line = line;
	if (sscanf(said, " in mapping field '%63[^']'", name) != 1)
		return;
	memcpy(outer, complaint->field, sizeof(outer));
	snprintf(complaint->field, sizeof(complaint->field), "%s%s%.60s", name,
		 *outer ? "." : "", outer);
}

void logtap_collect_config_listen(cyaml_log_t level, void *context,
				  const char *format, va_list arguments)
{
	static const char head[] = "Load: ";
	struct complaint *complaint = context;
	char said[256];

	vsnprintf(said, sizeof(said), format, arguments);
	said[strcspn(said, "\n")] = 0;
	const char *at = strncmp(said, head, sizeof(head) - 1)
				 ? said
				 : said + sizeof(head) - 1;
	if (level < CYAML_LOG_ERROR || !strncmp(at, "Backtrace", 9))
		return;
	if (*at == ' ')
		take_place(complaint, at);
	else if (!complaint->why[0])
		snprintf(complaint->why, sizeof(complaint->why), "%s", at);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* Does the line give a value to the key?  @indented: or in what it is in. */
static bool has_key(const char *line, const char *key, bool indented)
{
	size_t bytes = strlen(key);

	for (const char *at = line; (at = strstr(at, key)); at++) {
		const char *end = at + bytes;
		const char *begin = line + strspn(line, "{\"'");
		end += *end == '"' || *end == '\'';
		end += strspn(end, " ");
		if (*end == ':' && (at == line || !is_word(at[-1])) &&
		    (indented || at == begin))
			return true;
	}
	return false;
}

/* Return: the first such line, not before @from; 0: there is none. */
static unsigned find_key(const char *path, const char *key, bool indented,
			 unsigned from)
{
	char line[512];
	unsigned number = 0, found = 0;
	FILE *file = fopen(path, "re");

	while (file && !found && fgets(line, sizeof(line), file))
		if (++number >= from && has_key(line, key, indented))
			found = number;
	if (file)
		fclose(file);
	return found;
}

static void say(const char *path, unsigned line, const char *field,
		const char *why, const char *next, char *error,
		size_t error_bytes)
{
	char where[PATH_MAX + 160], number[16] = "";

	if (line)
		snprintf(number, sizeof(number), ":%u", line);
	snprintf(where, sizeof(where), "%s%s%s%s", path, number,
		 *field ? ": " : "", field);
	logtap_error_format(error, error_bytes, "collect", where, why, next);
}

/* libcyaml tells where the field before an unknown one is. */
static void correct_line(struct complaint *complaint, const char *path)
{
	char key[64];

	if (sscanf(complaint->why, "Unexpected key: %63s", key) != 1 &&
	    sscanf(complaint->why, "Mapping field already seen: %63s", key) !=
		    1)
		return;
	unsigned line = find_key(path, key, true, complaint->line);
	if (line)
		complaint->line = line;
}

void logtap_collect_config_complain(struct complaint *complaint,
				    const char *path, cyaml_err_t code,
				    char *error, size_t error_bytes)
{
	if (!strncmp(complaint->why, "libyaml: ", 9))
		logtap_collect_config_locate(complaint, path);
	else
		correct_line(complaint, path);
	say(path, complaint->line, complaint->field,
	    complaint->why[0] ? complaint->why : cyaml_strerror(code), NULL,
	    error, error_bytes);
}

int logtap_collect_config_refuse(const char *path, const char *field,
				 const char *why, const char *next, char *error,
				 size_t error_bytes)
{
	const char *dot = strchr(field, '.');
	char outer[64];
	unsigned line;

	snprintf(outer, sizeof(outer), "%.*s", (int)strcspn(field, "."), field);
	line = find_key(path, outer, false, 1);
	if (dot)
		line = find_key(path, dot + 1, true, line ? line : 1);
	say(path, line, field, why, next, error, error_bytes);
	return -EINVAL;
}
