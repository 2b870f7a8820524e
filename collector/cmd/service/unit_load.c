/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a unit, in the folders where systemd looks: see the header. */
#include "unit.h"

#include "dropin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 1 << 20, DROPINS_MAX = 128 };

/* The first that has a file of a name has it for all. */
static const char *const folders[] = {
	"/etc/systemd/system",	      "/run/systemd/system",
	"/run/systemd/generator",     "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",    "/lib/systemd/system",
	"/run/systemd/generator.late"};
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

int logtap_unit_open(const char *root, const char *path, int flags)
{
	/* What is no file must not hold us, or become our terminal. */
	int all = flags | O_CLOEXEC |
		  (flags & O_PATH ? 0 : O_NONBLOCK | O_NOCTTY);
	struct open_how how = {.flags = (unsigned)all,
			       .resolve = RESOLVE_IN_ROOT};
	int fd;

	if (!*root) {
		fd = open(path, all);
		return fd < 0 ? -errno : fd;
	}
	int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	int error = fd < 0 ? -errno : 0;
	close(folder);
	return error ? error : fd;
}

int logtap_unit_read(int fd, char **text)
{
	struct stat status;
	int error = 0;
	ssize_t size = 0;

	*text = NULL;
	if (fstat(fd, &status))
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = -EINVAL;
	else if (status.st_size > TEXT_BYTES_MAX)
		error = -EFBIG;
	else if (!(*text = calloc(1, (size_t)status.st_size + 1)))
		error = -ENOMEM;
	else if ((size = read(fd, *text, (size_t)status.st_size)) < 0)
		error = -errno;
	close(fd);
	if (error) {
		free(*text);
		*text = NULL;
	}
	return error;
}

static int parse_file(const char *root, const char *path,
		      struct logtap_unit *unit)
{
	char *text;
	int fd = logtap_unit_open(root, path, O_RDONLY);

	if (fd < 0)
		return fd;
	int error = logtap_unit_read(fd, &text);
	if (!error)
		error = *text ? logtap_unit_parse(unit, text)
			      : LOGTAP_UNIT_MASKED;
	free(text);
	return error;
}

/* What a link in one of the folders is for: an alias, or a mask. */
static int follow(const char *root, const char *path,
		  char name[LOGTAP_UNIT_NAME_BYTES])
{
	char target[PATH_MAX], real[LOGTAP_UNIT_NAME_BYTES];
	int fd = logtap_unit_open(root, path, O_PATH | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	ssize_t size = readlinkat(fd, "", target, sizeof(target) - 1);
	close(fd);
	if (size < 0)
		return 0; /* it is no link */
	target[size] = '\0';
	if (!strcmp(target, "/dev/null"))
		return LOGTAP_UNIT_MASKED;
	const char *slash = strrchr(target, '/');
	if (!logtap_unit_name(slash ? slash + 1 : target, real))
		strcpy(name, real);
	return 0;
}

static int load_main(const char *root, const char *file,
		     char name[LOGTAP_UNIT_NAME_BYTES],
		     struct logtap_unit *unit)
{
	char path[PATH_MAX];

	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], file);
		int result = follow(root, path, name);
		if (!result)
			result = parse_file(root, path, unit);
		if (result != -ENOENT && result != -ENOTDIR)
			return result;
	}
	return -ENOENT;
}

struct dropins {
	char *paths[DROPINS_MAX];
	size_t count;
};

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_new(const struct dropins *dropins, const char *name)
{
	for (size_t i = 0; i < dropins->count; i++)
		if (!strcmp(base_name(dropins->paths[i]), name))
			return false;
	return dropins->count < DROPINS_MAX;
}

static void collect(const char *root, const char *folder, const char *name,
		    struct dropins *out)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.d", folder, name);
	int fd = logtap_unit_open(root, path, O_RDONLY | O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	for (struct dirent *entry; directory && (entry = readdir(directory));) {
		size_t size = strlen(entry->d_name);
		if (size > 5 && !strcmp(entry->d_name + size - 5, ".conf") &&
		    strcmp(entry->d_name, LOGTAP_DROPIN_NAME) &&
		    is_new(out, entry->d_name) &&
		    asprintf(&out->paths[out->count], "%s/%s", path,
			     entry->d_name) > 0)
			out->count++;
	}
	if (directory)
		closedir(directory);
}

static int by_name(const void *one, const void *other)
{
	return strcmp(base_name(*(char *const *)one),
		      base_name(*(char *const *)other));
}

static void load_dropins(const char *root, const char *name,
			 struct logtap_unit *unit)
{
	struct dropins dropins = {0};
	char template[LOGTAP_UNIT_NAME_BYTES];
	bool instance = logtap_unit_template(name, template);

	for (int i = 0; i < FOLDERS; i++)
		collect(root, folders[i], name, &dropins);
	for (int i = 0; instance && i < FOLDERS; i++)
		collect(root, folders[i], template, &dropins);
	for (int i = 0; i < FOLDERS; i++)
		collect(root, folders[i], "service", &dropins);
	if (dropins.count)
		qsort(dropins.paths, dropins.count, sizeof(*dropins.paths),
		      by_name);
	for (size_t i = 0; i < dropins.count; i++) {
		parse_file(root, dropins.paths[i], unit);
		free(dropins.paths[i]);
	}
}

int logtap_unit_load(const char *root, char name[LOGTAP_UNIT_NAME_BYTES],
		     struct logtap_unit *unit)
{
	char template[LOGTAP_UNIT_NAME_BYTES], ignored[LOGTAP_UNIT_NAME_BYTES];
	char asked[LOGTAP_UNIT_NAME_BYTES];

	*unit = (struct logtap_unit){0};
	strcpy(asked, name);
	int result = load_main(root, asked, name, unit);
	if (result == -ENOENT && logtap_unit_template(name, template))
		result = load_main(root, template, ignored, unit);
	if (!result)
		load_dropins(root, name, unit);
	return result;
}
