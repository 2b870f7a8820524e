/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would be in the way of a service's capture: see unit.h.  What is not here
 * does not matter: filters of system calls, NoNewPrivileges=, PrivateUsers= and
 * the like leave capture as it is, and for ProtectSystem=strict the drop-in has
 * ReadWritePaths=.
 */
#include "unit.h"

#include "../../run/left_alone.h"
#include "../../run/sessions.h"
#include "../../run/target.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct check {
	const struct logtap_unit *unit;
	const char *root;
	const char *library;
	logtap_unit_hindrance_fn *say;
	void *context;
};

__attribute__((format(printf, 3, 4))) static void say(const struct check *check,
						      const char *next,
						      const char *why, ...)
{
	char text[2 * PATH_MAX];
	va_list arguments;

	va_start(arguments, why);
	vsnprintf(text, sizeof(text), why, arguments);
	va_end(arguments);
	check->say(check->context, text, next);
}

/* Is one of the words of @list, "[-+]PATH[:...]", @path or above it? */
static bool covers(const char *list, const char *path)
{
	for (; *list; list += strcspn(list, " \t")) {
		list += strspn(list, " \t-+\"'");
		size_t size = strcspn(list, " \t:\"'");
		while (size && list[size - 1] == '/')
			size--;
		if (*list == '/' && !strncmp(list, path, size) &&
		    (path[size] == '/' || !path[size]))
			return true;
	}
	return false;
}

static bool covered(const struct check *check, const char *key,
		    const char *path)
{
	const char *list;

	for (size_t at = 0; (list = logtap_unit_next(check->unit, key, &at));)
		if (covers(list, path))
			return true;
	return false;
}

static bool is_bound(const struct check *check, const char *path)
{
	return covered(check, "BindPaths", path) ||
	       covered(check, "BindReadOnlyPaths", path);
}

static bool is_on(const struct check *check, const char *key)
{
	static const char *const off[] = {"",	 "no", "false", "0",
					  "off", "n",  "f",	"read-only"};
	const char *value = logtap_unit_get(check->unit, key);

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		if (!strcmp(value, off[i]))
			return false;
	return true;
}

/* The setting that keeps @path from being seen, or NULL. */
static const char *hidden_by(const struct check *check, const char *path)
{
	if (is_bound(check, path))
		return NULL;
	if (covered(check, "InaccessiblePaths", path))
		return "InaccessiblePaths";
	if (covered(check, "TemporaryFileSystem", path))
		return "TemporaryFileSystem";
	if (is_on(check, "ProtectHome") &&
	    covers("/home /root /run/user", path))
		return "ProtectHome";
	if (is_on(check, "PrivateTmp") && covers("/tmp /var/tmp", path))
		return "PrivateTmp";
	if (*logtap_unit_get(check->unit, "RootDirectory"))
		return "RootDirectory";
	if (*logtap_unit_get(check->unit, "RootImage"))
		return "RootImage";
	return NULL;
}

static void check_paths(const struct check *check)
{
	const char *key = hidden_by(check, check->library);

	if (key)
		say(check,
		    "install logtap where it is seen, or give the service "
		    "BindReadOnlyPaths= with the library's folder",
		    "%s= hides the library, %s", key, check->library);
	key = hidden_by(check, LOGTAP_SERVICE_DIRECTORY);
	if (key)
		say(check,
		    "give the service BindPaths=" LOGTAP_SERVICE_DIRECTORY,
		    "%s= hides " LOGTAP_SERVICE_DIRECTORY, key);
	if (covered(check, "NoExecPaths", check->library) &&
	    !covered(check, "ExecPaths", check->library))
		say(check, "give the service ExecPaths= with its folder",
		    "NoExecPaths= keeps the library from being loaded, %s",
		    check->library);
}

/* Is @name, or an assignment to it, one of the words of @list? */
static bool has_word(const char *list, const char *name)
{
	size_t size = strlen(name);

	for (; *list; list += strcspn(list, " \t")) {
		list += strspn(list, " \t\"'");
		if (!strncmp(list, name, size) &&
		    strchr("= \t\"'", list[size])) /* or the end */
			return true;
	}
	return false;
}

static void check_file(const struct check *check, const char *value,
		       const char *const names[2])
{
	char *text;
	int fd = logtap_unit_open(check->root, value + (*value == '-'),
				  O_RDONLY);

	if (fd < 0 || logtap_unit_read(fd, &text))
		return;
	for (int i = 0; i < 2; i++)
		if (logtap_unit_assigns(text, names[i]))
			say(check, "take it out of there",
			    "EnvironmentFile=%s sets %s, and wins", value,
			    names[i]);
	free(text);
}

static void check_environment(const struct check *check)
{
	static const char *const names[] = {"LD_PRELOAD", "LOGTAP_DIR"};
	const char *value;

	for (size_t at = 0;
	     (value = logtap_unit_next(check->unit, "UnsetEnvironment", &at));)
		for (int i = 0; i < 2; i++)
			if (has_word(value, names[i]))
				say(check, "take it out of there",
				    "UnsetEnvironment= has %s", names[i]);
	for (size_t at = 0;
	     (value = logtap_unit_next(check->unit, "EnvironmentFile", &at));)
		check_file(check, value, names);
}

/* Everybody may read the library: the service's user need not be root. */
static void check_rights(const struct check *check)
{
	char path[2 * PATH_MAX];
	struct stat status;

	if (!*logtap_unit_get(check->unit, "User") &&
	    !is_on(check, "DynamicUser"))
		return;
	snprintf(path, sizeof(path), "%s%s", check->root, check->library);
	for (char *end = path + strlen(path); end; end = strrchr(path, '/')) {
		*end = '\0';
		if (strlen(path) <= strlen(check->root))
			return;
		if (!stat(path, &status) &&
		    !(status.st_mode &
		      (S_ISDIR(status.st_mode) ? S_IXOTH : S_IROTH)))
			break;
	}
	say(check, "install logtap where everybody can read it",
	    "not everybody may read %s, perhaps not its user",
	    path + strlen(check->root));
}

static void judge(const struct check *check, const char *path)
{
	static struct logtap_target target;
	static char text[3 * PATH_MAX];
	const struct logtap_variables none = {0};

	if (logtap_target_look(path, &target))
		return; /* that is systemd's to say */
	/* Of a script below a root the interpreter is not this machine's. */
	if (*check->root && target.script)
		return;
	const char *alone = logtap_target_left_alone(&target, &none);
	if (target.fault && target.fault != LOGTAP_TARGET_MUSL) {
		logtap_target_explain(&target, LOGTAP_PIPED_NOT, text,
				      sizeof(text));
		say(check,
		    logtap_target_needs_pipe(&target)
			    ? "`logtap run' in front of the command in "
			      "ExecStart= captures its stderr"
			    : NULL,
		    "%s", text);
	} else if (alone) {
		say(check, "LOGTAP_ONLY in its Environment= changes that",
		    "%s is left alone: %s", path, alone);
	}
}

static void check_program(const struct check *check)
{
	char path[2 * PATH_MAX], real[PATH_MAX], root[PATH_MAX];
	const char *value;

	if (*logtap_unit_get(check->unit, "RootDirectory") ||
	    *logtap_unit_get(check->unit, "RootImage"))
		return;
	for (size_t at = 0;
	     (value = logtap_unit_next(check->unit, "ExecStart", &at));) {
		value += strspn(value, "@-:+!|\"'");
		snprintf(path, sizeof(path), "%s%.*s", check->root,
			 (int)strcspn(value, " \t\"'"), value);
		if (!*check->root)
			judge(check, path);
		else if (realpath(path, real) && realpath(check->root, root) &&
			 !strncmp(real, root, strlen(root)))
			judge(check, real);
	}
}

void logtap_unit_check(const struct logtap_unit *unit, const char *root,
		       const char *library, logtap_unit_hindrance_fn *say_fn,
		       void *context)
{
	const struct check check = {unit, root, library, say_fn, context};

	check_paths(&check);
	check_environment(&check);
	check_rights(&check);
	check_program(&check);
}
