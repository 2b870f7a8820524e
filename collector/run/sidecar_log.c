/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The sidecar's log, for people: see the header.  Main thread. */
#include "sidecar_log.h"

#include "sidecar.h"

#include "../base/error.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Of whoever reads the variables of OpenTelemetry (otlp_environment.c). */
static const char WARNING[] = " WARN otlp ";

static FILE *open_log(const char *directory, char *path, size_t path_bytes)
{
	snprintf(path, path_bytes, "%s/%s", directory, LOGTAP_SIDECAR_LOG);
	return fopen(path, "re");
}

void logtap_sidecar_log_warn(const char *directory)
{
	char path[PATH_MAX], line[1024];
	FILE *file = open_log(directory, path, sizeof(path));

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		const char *warning = strstr(line, WARNING);
		if (warning)
			logtap_error_say("%s", warning + strlen(WARNING));
	}
	fclose(file);
}

void logtap_sidecar_log_show(const char *directory)
{
	char path[PATH_MAX], line[1024];
	FILE *file = open_log(directory, path, sizeof(path));

	if (!file)
		return;
	if (!fseek(file, -4096, SEEK_END) && fgets(line, sizeof(line), file))
		logtap_error_say("%s: ... the end:", path);
	else
		rewind(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		logtap_error_say("collector: %s", line);
	}
	fclose(file);
}
