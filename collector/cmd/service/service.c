/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* logtap service: drop-ins that have services of systemd captured.  Main thread. */
#include "service.h"

#include "../../base/error.h"
#include "../../base/options.h"
#include "../../run/library.h"
#include "../command.h"
#include "dropin.h"
#include "systemctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct logtap_option table[] = {
	{"dry-run", 'n', LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_service, dry), NULL,
	 "say what would be done, and do nothing"},
	{"restart", 0, LOGTAP_OPTION_FLAG,
	 offsetof(struct logtap_service, restart), NULL,
	 "then restart those services that run"},
	{"root", 0, LOGTAP_OPTION_TEXT, offsetof(struct logtap_service, root),
	 "DIR", "of the system whose files are below DIR"},
};

static const struct logtap_usage usage = {
	.command = "service",
	.operands = "enable UNIT...|disable UNIT...|list",
	.about = "Has services of systemd captured by the machine's collector, "
		 "or no\nlonger, from their next start on, by a drop-in; tells "
		 "what would be\nin the way.  `list' names those that have it.",
	.options = table,
	.option_count = sizeof(table) / sizeof(table[0]),
};

/* The library below the root, and the text that names it. */
static int prepare(struct logtap_service *service)
{
	char why[2 * PATH_MAX], path[2 * PATH_MAX];
	char real[PATH_MAX];
	char *library = service->library;

	if (logtap_library_find(library, PATH_MAX, why, sizeof(why))) {
		logtap_error_say("service: %s", why);
		return LOGTAP_EXIT_BAD;
	}
	if (*service->root) {
		/* This program may be the one that is installed there. */
		size_t size = realpath(service->root, real) ? strlen(real) : 0;
		if (size && !strncmp(library, real, size) &&
		    library[size] == '/')
			memmove(library, library + size,
				strlen(library + size) + 1);
		snprintf(path, sizeof(path), "%s%s", service->root, library);
		if (access(path, R_OK))
			return logtap_service_fail(
				path, strerror(errno),
				"logtap must be installed there, too");
	}
	char preload[PATH_MAX];
	strcpy(preload, library);
	if (!*service->root)
		logtap_library_widen(preload, sizeof(preload));
	service->text = logtap_dropin_text(preload);
	return service->text
		       ? LOGTAP_EXIT_GOOD
		       : logtap_service_fail(
				 preload, "cannot be named in a unit file",
				 "install logtap in a folder without "
				 "blanks and the like in its name");
}

static void check_collector(const struct logtap_service *service)
{
	struct logtap_unit unit;
	char name[LOGTAP_UNIT_NAME_BYTES] = LOGTAP_SERVICE_COLLECTOR;
	int result = logtap_unit_load(service->root, name, &unit);

	logtap_unit_deinit(&unit);
	if (result)
		logtap_service_fail(
			LOGTAP_SERVICE_COLLECTOR,
			result < 0 ? "the collector's unit is not installed"
				   : "the collector's unit is masked",
			result < 0 ? "`meson install' brings it; nothing is "
				     "delivered until then"
				   : "`systemctl unmask' changes that");
	else if (service->live &&
		 logtap_systemctl("is-active", LOGTAP_SERVICE_COLLECTOR))
		logtap_service_fail(
			LOGTAP_SERVICE_COLLECTOR, "the collector does not run",
			"it is started with the services; `systemctl enable "
			"--now' has it run always");
}

/* Has systemd know, and if wanted restart those that are not NULL. */
static int follow(struct logtap_service *service, char **names, size_t count)
{
	char name[LOGTAP_UNIT_NAME_BYTES];
	int status = LOGTAP_EXIT_GOOD;

	if (service->dry && service->restart)
		printf("Those that run would be restarted.\n");
	if (!service->live || service->dry)
		return status;
	if (service->changed && logtap_systemctl("daemon-reload", NULL))
		return logtap_service_fail(
			"systemctl daemon-reload", "failed",
			"until then systemd does not know of the change");
	for (size_t i = 0; i < count && service->restart; i++)
		if (names[i] && !logtap_unit_name(names[i], name) &&
		    logtap_systemctl("try-restart", name))
			status = logtap_service_fail(
				name, "cannot be restarted",
				"`systemctl status' tells more");
	if (service->changed && !service->restart)
		printf("What runs now stays as it is; `systemctl try-restart "
		       "UNIT' starts it anew.\n");
	return status;
}

static int list(const struct logtap_service *service)
{
	int fd = logtap_unit_open(service->root, LOGTAP_DROPIN_FOLDER,
				  O_RDONLY | O_DIRECTORY);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder)
		return logtap_service_fail(
			*service->root ? service->root : LOGTAP_DROPIN_FOLDER,
			strerror(fd < 0 ? -fd : errno), NULL);
	for (struct dirent *entry; (entry = readdir(folder));) {
		char name[LOGTAP_UNIT_NAME_BYTES], *text;
		size_t size = strlen(entry->d_name);
		if (size < 3 || strcmp(entry->d_name + size - 2, ".d"))
			continue;
		entry->d_name[size - 2] = '\0';
		if (logtap_unit_name(entry->d_name, name) ||
		    strcmp(name, entry->d_name) ||
		    logtap_dropin_read(service->root, name, &text))
			continue;
		puts(name);
		free(text);
	}
	closedir(folder);
	return LOGTAP_EXIT_GOOD;
}

static int misused(const char *where, const char *why)
{
	logtap_error_print("service", where, why, logtap_options_hint(&usage));
	return LOGTAP_EXIT_USAGE;
}

static int change(struct logtap_service *service, bool on, char **names,
		  size_t count)
{
	char name[LOGTAP_UNIT_NAME_BYTES];
	int worst = LOGTAP_EXIT_GOOD;

	/* All or none of them is begun. */
	for (size_t i = 0; i < count; i++) {
		const char *why = *names[i] == '-'
					  ? "options stand before the units"
					  : logtap_unit_name(names[i], name);
		if (why)
			return misused(names[i], why);
	}
	if (on && prepare(service))
		return LOGTAP_EXIT_BAD;
	for (size_t i = 0; i < count; i++) {
		logtap_unit_name(names[i], name);
		int status = on ? logtap_service_enable(service, name)
				: logtap_service_disable(service, name);
		if (status) {
			worst = status;
			names[i] = NULL;
		}
	}
	if (on && !worst)
		check_collector(service);
	int status = follow(service, names, count);
	free(service->text);
	return worst ? worst : status;
}

int logtap_cmd_service(int argc, char **argv)
{
	struct logtap_service service = {0};
	int first, behind;

	setvbuf(stdout, NULL, _IOLBF, 0); /* in order with the errors */
	int error = logtap_options_parse(&usage, argc, argv, &service, &first);

	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	if (first == argc)
		return misused("enable, disable or list", "is missing");
	const char *verb = argv[first];
	/* Options may stand behind the verb as well. */
	error = logtap_options_parse(&usage, argc - first, argv + first,
				     &service, &behind);
	if (error)
		return error > 0 ? LOGTAP_EXIT_GOOD : LOGTAP_EXIT_USAGE;
	char **names = argv + first + behind;
	size_t count = (size_t)(argc - first - behind);
	if (service.root && *service.root != '/')
		return misused("--root", "takes an absolute path");
	if (!service.root || !strcmp(service.root, "/"))
		service.root = "";
	service.live = !*service.root && logtap_systemd_runs();
	if (service.restart && !service.live)
		return misused("--restart", "no systemd runs here");
	if (!strcmp(verb, "list"))
		return count ? misused(*names, "list takes no name")
			     : list(&service);
	bool on = !strcmp(verb, "enable");
	if (!on && strcmp(verb, "disable"))
		return misused(verb, "is none of enable, disable and list");
	if (!count)
		return misused(verb, "no UNIT is named");
	return change(&service, on, names, count);
}
