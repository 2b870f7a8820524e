/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The program to be captured: see the header.  Main thread. */
#include "target.h"

#include "../base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

/* As far as the kernel follows scripts, and as much as it reads of each. */
enum { SCRIPTS_MAX = 5, SCRIPT_BYTES = 256 };

static int executable(const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return errno;
	if (!S_ISREG(status.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

/* As execvp: a file that may not be executed does not end the search. */
static int search(const char *name, char *path)
{
	if (strlen(name) >= PATH_MAX)
		return ENAMETOOLONG;
	if (strchr(name, '/')) {
		strcpy(path, name);
		return executable(path);
	}
	const char *folder = getenv("PATH");
	int error = ENOENT;
	if (!*name)
		return ENOENT;
	if (!folder)
		folder = "/bin:/usr/bin";
	for (;; folder++) {
		size_t size = strcspn(folder, ":");
		int length = snprintf(path, PATH_MAX, "%.*s%s%s", (int)size,
				      folder, size ? "/" : "", name);
		if (length > 0 && length < PATH_MAX) {
			int found = executable(path);
			if (!found)
				return 0;
			if (found == EACCES)
				error = EACCES;
		}
		folder += size;
		if (!*folder)
			return error;
	}
}

static bool has_capabilities(const char *path)
{
	char value[64];
	return getxattr(path, "security.capability", value, sizeof(value)) > 0;
}

/* The kernel makes glibc ignore LD_PRELOAD only when executing the file would
 * really give the process something that its user does not have. */
static enum logtap_target_fault privileges(const char *path)
{
	struct stat status;
	struct statvfs fs;
	if (stat(path, &status) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return LOGTAP_TARGET_FINE;
	if (!statvfs(path, &fs) && fs.f_flag & ST_NOSUID)
		return LOGTAP_TARGET_FINE;
	if (status.st_mode & S_ISUID && status.st_uid != getuid())
		return LOGTAP_TARGET_SET_ID;
	/* Without the group's x bit it means mandatory locking. */
	if (status.st_mode & S_ISGID && status.st_mode & S_IXGRP &&
	    status.st_gid != getgid())
		return LOGTAP_TARGET_SET_ID;
	if (getuid() != 0 && has_capabilities(path))
		return LOGTAP_TARGET_CAPABILITIES;
	return LOGTAP_TARGET_FINE;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static enum logtap_target_fault judge(const struct logtap_target *target)
{
	const struct logtap_elf *elf = &target->elf;
	const char *loader = base_name(elf->interpreter);
	enum logtap_target_fault fault;

	if (!elf->native)
		return LOGTAP_TARGET_FOREIGN;
	/* The loader itself, started as a program, does load the library. */
	if (!*loader && strncmp(base_name(target->image), "ld-linux", 8))
		return elf->go ? LOGTAP_TARGET_GO : LOGTAP_TARGET_STATIC;
	fault = privileges(target->image);
	if (fault)
		return fault;
	if (elf->go)
		return LOGTAP_TARGET_GO;
#ifdef __GLIBC__
	if (!strncmp(loader, "ld-musl", 7))
		return LOGTAP_TARGET_MUSL;
#endif
	return LOGTAP_TARGET_FINE;
}

/* `#!/usr/bin/env python3': the program that matters is python3. */
static const char *behind_env(const char *interpreter, char *argument)
{
	if (strcmp(base_name(interpreter), "env"))
		return NULL;
	if (!strncmp(argument, "-S ", 3))
		argument += 3;
	argument += strspn(argument, " \t");
	argument[strcspn(argument, " \t")] = '\0';
	if (!*argument || *argument == '-' || strchr(argument, '='))
		return NULL;
	return argument;
}

/* @line: the script's first line behind #!, NUL-terminated.  The next image
 * becomes target->image.  Return: 0 or an errno value. */
static int follow(struct logtap_target *target, char *line)
{
	char *interpreter = line + strspn(line, " \t");
	char *argument = interpreter + strcspn(interpreter, " \t");
	if (*argument)
		*argument++ = '\0';
	argument += strspn(argument, " \t");
	if (!*interpreter)
		return ENOEXEC;

	const char *program = behind_env(interpreter, argument);
	if (program && !search(program, target->image))
		return 0;
	if (strlen(interpreter) >= sizeof(target->image))
		return ENAMETOOLONG;
	strcpy(target->image, interpreter);
	return executable(interpreter);
}

/* Return: 0 done, EAGAIN: look at the new image, or another errno value. */
static int look_at_image(struct logtap_target *target)
{
	char head[SCRIPT_BYTES];
	int fd = open(target->image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	/* Executable but not readable: it can be started all the same. */
	if (fd < 0)
		return 0;

	ssize_t size = pread(fd, head, sizeof(head) - 1, 0);
	int error = 0;
	if (size >= 2 && head[0] == '#' && head[1] == '!') {
		head[size] = '\0';
		head[strcspn(head, "\n")] = '\0';
		target->script = true;
		error = follow(target, head + 2);
		if (!error)
			error = EAGAIN;
	} else if (!logtap_elf_read(fd, &target->elf)) {
		target->known = true;
		target->fault = judge(target);
	}
	close(fd);
	return error;
}

int logtap_target_look(const char *name, struct logtap_target *target)
{
	*target = (struct logtap_target){0};
	int error = search(name, target->path);
	if (error)
		return error;
	strcpy(target->image, target->path);
	for (int i = 0; i < SCRIPTS_MAX; i++) {
		error = look_at_image(target);
		if (error != EAGAIN)
			return error;
	}
	return ELOOP;
}

void logtap_target_allow_musl(struct logtap_target *target)
{
	if (target->fault == LOGTAP_TARGET_MUSL)
		target->fault = LOGTAP_TARGET_FINE;
}

bool logtap_target_loads_preload(const struct logtap_target *target)
{
	return target->fault != LOGTAP_TARGET_FOREIGN &&
	       target->fault != LOGTAP_TARGET_MUSL;
}

bool logtap_target_needs_pipe(const struct logtap_target *target)
{
	switch (target->fault) {
	case LOGTAP_TARGET_STATIC:
	case LOGTAP_TARGET_GO:
	case LOGTAP_TARGET_FOREIGN:
	case LOGTAP_TARGET_MUSL:
		return true;
	default:
		return false;
	}
}

static void reason(const struct logtap_target *target, char *why, size_t size,
		   const char **next)
{
	char scratch[32], own[32];
	switch (target->fault) {
	case LOGTAP_TARGET_FINE:
		break;
	case LOGTAP_TARGET_STATIC:
		snprintf(why, size,
			 "statically linked, no library can be loaded into it");
		*next = "its own messages are not captured, those of other "
			"programs that it starts are";
		return;
	case LOGTAP_TARGET_GO:
		snprintf(why, size, "a Go program%s, it writes without libc",
			 *target->elf.interpreter ? "" : ", statically linked");
		*next = "its own messages are not captured, those of other "
			"programs that it starts are";
		return;
	case LOGTAP_TARGET_FOREIGN:
		snprintf(why, size,
			 "a %u-bit program for %s, liblogtap.so is for %zu-bit "
			 "%s",
			 target->elf.bits,
			 logtap_elf_machine_name(target->elf.machine, scratch),
			 8 * sizeof(void *),
			 logtap_elf_machine_name(logtap_elf_own_machine(),
						 own));
		*next = "nothing is captured";
		return;
	case LOGTAP_TARGET_MUSL:
		snprintf(why, size,
			 "linked with musl (%s), and no liblogtap.so for musl "
			 "is installed beside the one for glibc",
			 target->elf.interpreter);
		*next = "nothing is captured";
		return;
	case LOGTAP_TARGET_SET_ID:
		snprintf(why, size,
			 "set-user-ID or set-group-ID, so the system ignores "
			 "LD_PRELOAD");
		*next = "neither it nor what it starts is captured";
		return;
	case LOGTAP_TARGET_CAPABILITIES:
		snprintf(why, size,
			 "has file capabilities, so the system ignores "
			 "LD_PRELOAD");
		*next = "neither it nor what it starts is captured";
		return;
	}
	*next = NULL;
	snprintf(why, size, "can be captured");
}

static const char *means(unsigned piped)
{
	bool out = piped & LOGTAP_PIPED_OUTPUT;

	if (piped & LOGTAP_PIPED_LOG)
		return out ? "its standard error and output are captured "
			     "through pipes, syslog through a socket"
			   : "its standard error is captured through a pipe, "
			     "syslog through a socket";
	return out ? "its standard error and output are captured through "
		     "pipes, syslog is not"
		   : "its standard error is captured through a pipe, syslog "
		     "is not";
}

void logtap_target_explain(const struct logtap_target *target, unsigned piped,
			   char *out, size_t out_bytes)
{
	char why[384];
	char where[2 * PATH_MAX + 32];
	const char *next = NULL;

	reason(target, why, sizeof(why), &next);
	if (piped)
		next = means(piped);
	if (target->script)
		snprintf(where, sizeof(where), "%s (interpreter of %s)",
			 target->image, target->path);
	else
		snprintf(where, sizeof(where), "%s", target->image);
	logtap_error_format(out, out_bytes, where, NULL, why, next);
}
