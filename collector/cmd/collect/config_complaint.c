/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration file, and where: made of what libcyaml logs.
 * Main thread. */
#include "config_private.h"

#include "../../base/error.h"

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

/* libcyaml tells where the field before an unknown one is. */
static void find_key(struct complaint *complaint, const char *path)
{
	char key[64], line[512];
	unsigned number = 0;
	FILE *file;

	if (sscanf(complaint->why, "Unexpected key: %63s", key) != 1)
		return;
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		const char *at = line + strspn(line, " -{\"'");
		if (++number >= complaint->line &&
		    !strncmp(at, key, strlen(key))) {
			complaint->line = number;
			break;
		}
	}
	if (file)
		fclose(file);
}

void logtap_collect_config_complain(struct complaint *complaint,
				    const char *path, cyaml_err_t code,
				    char *error, size_t error_bytes)
{
	char where[PATH_MAX + 64];

	find_key(complaint, path);
	if (complaint->line)
		snprintf(where, sizeof(where), "%s:%u", path, complaint->line);
	else
		snprintf(where, sizeof(where), "%s", path);
	if (complaint->field[0])
		snprintf(where + strlen(where), sizeof(where) - strlen(where),
			 ": %s", complaint->field);
	logtap_error_format(error, error_bytes, "collect", where,
			    complaint->why[0] ? complaint->why
					      : cyaml_strerror(code),
			    NULL);
}
