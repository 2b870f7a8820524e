/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a collector's status.json: see the header.  Main thread. */
#include "status_file.h"

#include "../base/error.h"
#include "../base/own_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void name_it(const char *directory, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/status.json", directory);
}

json_t *logtap_status_read(const char *directory, int *error)
{
	char path[PATH_MAX];
	json_error_t why;

	name_it(directory, path);
	int fd = logtap_own_file_read(path);
	*error = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	json_t *status = json_loadfd(fd, JSON_REJECT_DUPLICATES, &why);
	close(fd);
	if (json_is_object(status))
		return status;
	json_decref(status);
	*error = -EBADMSG;
	return NULL;
}

void logtap_status_why(const char *command, const char *directory, int error,
		       char *out, size_t out_bytes)
{
	char path[PATH_MAX];

	name_it(directory, path);
	logtap_error_format(
		out, out_bytes, command, path,
		error == -EPERM	    ? "another user made it"
		: error == -EBADMSG ? "not a status of a collector"
				    : strerror(-error),
		error == -ENOENT ? "is a collector running there? (--dir DIR)"
		: error == -EACCES
			? "only root and the collector's user may read it"
			: NULL);
}
