/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Opens a log file in each way that C offers and writes one line to it:
 *
 *     logfiles DIRECTORY descriptors|streams
 *
 * The names of the ways go to stdout; each file is DIRECTORY/WAY.log.
 */
#undef _FILE_OFFSET_BITS /* open() and open64() are to be two */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);

enum { FLAGS = O_WRONLY | O_APPEND };

static int directory;
static char path[4096];

static const char *make(const char *root, const char *name)
{
	snprintf(path, sizeof(path), "%s/%s.log", root, name);
	close(open(path, O_RDONLY | O_CREAT, 0600));
	return path;
}

static void put(int fd, const char *name)
{
	char line[64];
	int size = snprintf(line, sizeof(line), "by %s\n", name);

	if (fd < 0 || write(fd, line, (size_t)size) != size)
		exit(1);
	close(fd);
	puts(name);
}

static void put_stream(FILE *file, const char *name)
{
	if (!file)
		exit(1);
	fprintf(file, "by %s\n", name);
	fclose(file);
	puts(name);
}

static const char *last_part(const char *name)
{
	return strrchr(name, '/') + 1;
}

static void descriptors(const char *root)
{
	directory = open(root, O_RDONLY | O_DIRECTORY);
	put(open(make(root, "open"), FLAGS), "open");
	put(open64(make(root, "open64"), FLAGS), "open64");
	put(openat(directory, last_part(make(root, "openat")), FLAGS),
	    "openat");
	put(openat64(AT_FDCWD, make(root, "openat64"), FLAGS), "openat64");
	put(__open_2(make(root, "open_2"), FLAGS), "open_2");
	put(__open64_2(make(root, "open64_2"), FLAGS), "open64_2");
	put(__openat_2(directory, last_part(make(root, "openat_2")), FLAGS),
	    "openat_2");
	put(__openat64_2(directory, last_part(make(root, "openat64_2")), FLAGS),
	    "openat64_2");
	put(creat(make(root, "creat"), 0600), "creat");
	put(creat64(make(root, "creat64"), 0600), "creat64");
	put((int)syscall(SYS_openat, AT_FDCWD, make(root, "syscall"), FLAGS),
	    "syscall");
}

static void streams(const char *root)
{
	put_stream(fopen(make(root, "fopen"), "a"), "fopen");
	put_stream(fopen64(make(root, "fopen64"), "r+"), "fopen64");
	put_stream(freopen(make(root, "freopen"), "w", fopen("/dev/null", "r")),
		   "freopen");
	put_stream(freopen64(make(root, "freopen64"), "w",
			     fopen("/dev/null", "r")),
		   "freopen64");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (*argv[2] == 'd')
		descriptors(argv[1]);
	else
		streams(argv[1]);
	return 0;
}
