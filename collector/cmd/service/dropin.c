/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The drop-in: see the header.  Its text is that of the one that is installed,
 * with another comment in front.  Main thread. */
#include "dropin.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* By this line it is known. */
#define MARK "# Written by \"logtap service enable\"; "
#define ADVICE                                                           \
	"\"logtap service disable\" removes it.\n# Changes belong into " \
	"another file of this folder: this one may be written anew.\n"
#define LIBRARY "@library@"
#define NEW "." LOGTAP_DROPIN_NAME ".new" /* systemd does not read it */

static const char template[] =
#include "capture_conf.inc"
	;

char *logtap_dropin_text(const char *library)
{
	const char *body = template;
	char *text;

	if (strpbrk(library, " \t\n:%\"'\\")) {
		errno = EINVAL;
		return NULL;
	}
	while (*body == '#')
		body = strchr(body, '\n') + 1;
	const char *at = strstr(body, LIBRARY);
	if (asprintf(&text, MARK ADVICE "%.*s%s%s", (int)(at - body), body,
		     library, at + strlen(LIBRARY)) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	return text;
}

bool logtap_dropin_is_ours(const char *text)
{
	return !strncmp(text, MARK, sizeof(MARK) - 1);
}

/* The folder of @name's drop-ins.  Return: a descriptor or -errno. */
static int open_folder(const char *root, const char *name, bool make)
{
	char folder[LOGTAP_UNIT_NAME_BYTES + 2];
	int above = logtap_unit_open(root, LOGTAP_DROPIN_FOLDER,
				     O_RDONLY | O_DIRECTORY);

	if (above < 0)
		return above;
	snprintf(folder, sizeof(folder), "%s.d", name);
	int error = make && mkdirat(above, folder, 0755) && errno != EEXIST
			    ? -errno
			    : 0;
	int fd =
		error ? error
		      : openat(above, folder,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (!error && fd < 0)
		fd = -errno;
	close(above);
	return fd;
}

int logtap_dropin_read(const char *root, const char *name, char **text)
{
	int folder = open_folder(root, name, false);

	*text = NULL;
	if (folder < 0)
		return folder;
	int fd = openat(folder, LOGTAP_DROPIN_NAME,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int error = fd < 0 ? -errno : logtap_unit_read(fd, text);
	close(folder);
	if (!error && !logtap_dropin_is_ours(*text)) {
		free(*text);
		*text = NULL;
		error = -EEXIST;
	}
	return error;
}

static int fill(int fd, const char *text)
{
	size_t size = strlen(text);
	ssize_t done = write(fd, text, size);
	int error = done < 0 || fchmod(fd, 0644) || fsync(fd) ? -errno : 0;

	if (close(fd) && !error)
		error = -errno;
	return !error && (size_t)done < size ? -ENOSPC : error;
}

/* Without the folder again, if it stayed empty. */
static void remove_folder(const char *root, const char *name)
{
	char folder[LOGTAP_UNIT_NAME_BYTES + 2];
	int above = logtap_unit_open(root, LOGTAP_DROPIN_FOLDER,
				     O_RDONLY | O_DIRECTORY);

	if (above < 0)
		return;
	snprintf(folder, sizeof(folder), "%s.d", name);
	unlinkat(above, folder, AT_REMOVEDIR);
	close(above);
}

int logtap_dropin_write(const char *root, const char *name, const char *text)
{
	int folder = open_folder(root, name, true);

	if (folder < 0)
		return folder;
	unlinkat(folder, NEW, 0); /* of one that was killed */
	int fd = openat(folder, NEW,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0644);
	int error = fd < 0 ? -errno : fill(fd, text);
	if (!error && renameat(folder, NEW, folder, LOGTAP_DROPIN_NAME))
		error = -errno;
	if (error) {
		unlinkat(folder, NEW, 0);
		remove_folder(root, name);
	}
	close(folder);
	return error;
}

int logtap_dropin_remove(const char *root, const char *name)
{
	int folder = open_folder(root, name, false);

	if (folder < 0)
		return folder;
	int error = unlinkat(folder, LOGTAP_DROPIN_NAME, 0) ? -errno : 0;
	close(folder);
	if (!error)
		remove_folder(root, name);
	return error;
}
