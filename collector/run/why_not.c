/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Why a process that runs is not captured: see running.h. */
#include "preload.h"
#include "running.h"
#include "target.h"

#include "../../shim/admit.h"
#include "../intake/disarm.h"

#include <fcntl.h>
#include <logtap/abi/control.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What its file says; NULL: nothing. */
static const char *why_not_loadable(const struct logtap_running *running)
{
	struct logtap_target target;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)running->pid);
	if (logtap_target_look(path, &target))
		return NULL;
	switch (target.fault) {
	case LOGTAP_TARGET_STATIC:
		return "it is statically linked";
	case LOGTAP_TARGET_GO:
		return *target.elf.interpreter
			       ? NULL
			       : "it is a Go program, statically linked";
	case LOGTAP_TARGET_FOREIGN:
		return "it is built for another machine";
	case LOGTAP_TARGET_MUSL:
		return "it is linked with musl";
	default:
		return NULL;
	}
}

/* 0: unknown. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[1024];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *file = fopen(path, "re");
	const char *at = file && fgets(line, sizeof(line), file)
				 ? strrchr(line, ')')
				 : NULL;
	if (at && sscanf(at + 1, " %*c %d", &parent) != 1)
		parent = 0;
	if (file)
		fclose(file);
	return parent;
}

/* Has who started it, most likely, taken our variables away? */
static pid_t captured_parent(const struct logtap_running *running)
{
	struct logtap_running parent;
	pid_t pid = parent_of(running->pid), found = 0;

	if (pid > 0 && !logtap_running_read(pid, &parent)) {
		if (parent.segment_count &&
		    !logtap_running_variable(running, "LOGTAP_DIR"))
			found = pid;
		logtap_running_deinit(&parent);
	}
	return found;
}

static void why_not_loaded(const struct logtap_running *running,
			   char why[LOGTAP_RUNNING_WHY_BYTES])
{
	const char *text = why_not_loadable(running);
	pid_t parent = 0;

	if (!text && logtap_preload_contains(
			     logtap_running_variable(running, "LD_PRELOAD")))
		text = "LD_PRELOAD names it, but the loader did not take it: "
		       "set-user-ID, file capabilities, executed as another "
		       "user than the real one, or no such file";
	if (!text)
		parent = captured_parent(running);
	if (parent)
		snprintf(why, LOGTAP_RUNNING_WHY_BYTES,
			 "LD_PRELOAD does not name it: process %d, which is "
			 "captured, executed it with another environment; "
			 "LOGTAP_FOLLOW=1 there would have kept it",
			 (int)parent);
	else
		snprintf(why, LOGTAP_RUNNING_WHY_BYTES, "%s",
			 text ? text : "LD_PRELOAD does not name it");
}

static const char *why_left_alone(const struct logtap_running *running)
{
	struct logtap_admit program = {
		.only = logtap_running_variable(running, "LOGTAP_ONLY"),
		.exclude = logtap_running_variable(running, "LOGTAP_EXCLUDE"),
		.file = running->executable,
		.executed = running->executable,
		.argv = (const char *const *)running->argv,
	};
	const char *reason = NULL;

	switch (logtap_admit(&program, &reason)) {
	case LOGTAP_ADMITTED:
		return NULL;
	case LOGTAP_ADMIT_NOT_ONLY:
		return "LOGTAP_ONLY does not name the program";
	case LOGTAP_ADMIT_EXCLUDED:
		return "LOGTAP_EXCLUDE names the program";
	case LOGTAP_ADMIT_BUILT_IN:
		return reason;
	}
	return NULL;
}

/* Root if it is not known. */
static uid_t owner_of(const struct logtap_running *running)
{
	char path[64];
	struct stat process;

	snprintf(path, sizeof(path), "/proc/%d", (int)running->pid);
	return stat(path, &process) ? 0 : process.st_uid;
}

/* Root changed the user after it had started the session. */
static bool is_of_another_user(const struct logtap_running *running,
			       const char *directory)
{
	uid_t user = owner_of(running);
	struct stat status;

	return user && !stat(directory, &status) && user != status.st_uid &&
	       !(status.st_mode & S_IWOTH);
}

/* Why the library that is loaded does nothing. */
static const char *why_inert(const struct logtap_running *running)
{
	const char *directory = logtap_running_variable(running, "LOGTAP_DIR");
	const char *disabled =
		logtap_running_variable(running, "LOGTAP_DISABLED");
	char path[PATH_MAX];

	if (!directory)
		return "LOGTAP_DIR is not set";
	if (disabled && strcmp(disabled, "0"))
		return "LOGTAP_DISABLED is set";
	if (*directory != '/')
		return "LOGTAP_DIR is not an absolute path";
	const char *why = why_left_alone(running);
	if (why)
		return why;
	uid_t user = owner_of(running);
	snprintf(path, sizeof(path), "%s/" LOGTAP_DISARM_NAME, directory);
	if (logtap_disarm_is_for(AT_FDCWD, path, user))
		return "the file " LOGTAP_DISARM_NAME " is in LOGTAP_DIR";
	if (logtap_disarm_is_for(AT_FDCWD,
				 LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME,
				 user))
		return "there is " LOGTAP_DISARM_FOLDER "/" LOGTAP_DISARM_NAME;
	if (is_of_another_user(running, directory))
		return "it runs as another user, who may not write to "
		       "LOGTAP_DIR";
	return "when it started, LOGTAP_DIR was not on a tmpfs, full, or not "
	       "to be written, or its file size limit was too low";
}

void logtap_running_why_not(const struct logtap_running *running,
			    char why[LOGTAP_RUNNING_WHY_BYTES])
{
	if (running->library[0])
		snprintf(why, LOGTAP_RUNNING_WHY_BYTES, "%s",
			 why_inert(running));
	else
		why_not_loaded(running, why);
}
