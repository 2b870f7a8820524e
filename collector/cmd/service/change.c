/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The drop-in of one service, put there and taken away.  Main thread. */
#include "service.h"

#include "../../base/error.h"
#include "../command.h"
#include "dropin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int logtap_service_fail(const char *where, const char *why, const char *next)
{
	logtap_error_print("service", where, why, next);
	return LOGTAP_EXIT_BAD;
}

static int fail_file(const struct logtap_service *service, const char *name,
		     int error)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path),
		 "%s" LOGTAP_DROPIN_FOLDER "/%s.d/" LOGTAP_DROPIN_NAME,
		 service->root, name);
	if (error == -EEXIST)
		return logtap_service_fail(
			path, "is not of this command",
			"look at it, and rename or remove it");
	return logtap_service_fail(path, strerror(-error),
				   error == -EACCES || error == -EPERM
					   ? "it takes root's rights"
					   : NULL);
}

static void warn(void *context, const char *why, const char *next)
{
	logtap_error_print("service", context, why, next);
}

/* What rules out the drop-in.  Return: exit status. */
static int refuse(const char *name, const struct logtap_unit *unit)
{
	const char *value;

	if (!strcmp(name, LOGTAP_SERVICE_COLLECTOR))
		return logtap_service_fail(name, "is the collector itself",
					   NULL);
	for (size_t at = 0;
	     (value = logtap_unit_next(unit, "Environment", &at));)
		if (logtap_unit_assigns(value, "LD_PRELOAD"))
			return strstr(value, "/liblogtap.so")
				       ? logtap_service_fail(
						 name,
						 "is captured by a file of "
						 "somebody else's",
						 "remove that file first")
				       : logtap_service_fail(
						 name,
						 "has an LD_PRELOAD of its "
						 "own, which the drop-in would "
						 "replace",
						 "put both names into it, with "
						 "a colon between, and "
						 "LOGTAP_DIR=/run/logtap");
	return LOGTAP_EXIT_GOOD;
}

static int put(struct logtap_service *service, const char *name)
{
	const char *done = service->dry ? "would be captured" : "is captured";
	char *text;
	int error = logtap_dropin_read(service->root, name, &text);
	bool same = !error && !strcmp(text, service->text);

	free(text);
	if (error && error != -ENOENT)
		return fail_file(service, name, error);
	if (same) {
		printf("%s: nothing to do, it has its drop-in\n", name);
		return LOGTAP_EXIT_GOOD;
	}
	if (!service->dry) {
		error = logtap_dropin_write(service->root, name, service->text);
		if (error)
			return fail_file(service, name, error);
		service->changed = true;
	}
	printf("%s: %s from its next start on, by %s" LOGTAP_DROPIN_FOLDER
	       "/%s.d/" LOGTAP_DROPIN_NAME "\n",
	       name, done, service->root, name);
	return LOGTAP_EXIT_GOOD;
}

int logtap_service_enable(struct logtap_service *service,
			  char name[LOGTAP_UNIT_NAME_BYTES])
{
	char asked[LOGTAP_UNIT_NAME_BYTES];
	struct logtap_unit unit;

	strcpy(asked, name);
	int status, result = logtap_unit_load(service->root, name, &unit);
	if (result == LOGTAP_UNIT_MASKED) {
		status =
			logtap_service_fail(name, "is masked, and never starts",
					    "`systemctl unmask' changes that");
	} else if (result) {
		status = logtap_service_fail(
			name,
			result == -ENOENT ? "there is no such service"
					  : strerror(-result),
			result == -ENOENT
				? "`systemctl list-unit-files' lists them"
				: NULL);
	} else {
		if (strcmp(asked, name)) {
			printf("%s: is another name of ", asked);
			puts(name);
		}
		status = refuse(name, &unit);
		if (!status) {
			logtap_unit_check(&unit, service->root,
					  service->library, warn, name);
			status = put(service, name);
		}
	}
	logtap_unit_deinit(&unit);
	return status;
}

int logtap_service_disable(struct logtap_service *service,
			   char name[LOGTAP_UNIT_NAME_BYTES])
{
	struct logtap_unit unit;
	char *text;

	logtap_unit_load(service->root, name, &unit); /* if there is one */
	logtap_unit_deinit(&unit);
	int error = logtap_dropin_read(service->root, name, &text);
	free(text);
	if (error == -ENOENT) {
		printf("%s: nothing to do, it has no drop-in\n", name);
		return LOGTAP_EXIT_GOOD;
	}
	if (!error && !service->dry)
		error = logtap_dropin_remove(service->root, name);
	if (error)
		return fail_file(service, name, error);
	service->changed = !service->dry;
	printf("%s: %s no longer captured from its next start on\n", name,
	       service->dry ? "would be" : "is");
	return LOGTAP_EXIT_GOOD;
}
