/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of modules.  The pipeline's thread.
 *
 * A library reads them whose first care is not hostile input, and a host
 * chooses which: so only files are given to it that nobody but root and our own
 * user can have written.  They are read and not mapped, because one that is cut
 * short must not end us by SIGBUS.
 */
#include "private.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MOST ((off_t)512 << 20)
#define LINES_BYTES_MOST ((off_t)64 << 20)

static bool is_trusted(const struct stat *status)
{
	uid_t self = geteuid();

	return S_ISREG(status->st_mode) && !(status->st_mode & S_IWOTH) &&
	       (status->st_uid == 0 || status->st_uid == self) &&
	       (status->st_uid == self || status->st_gid == 0 ||
		!(status->st_mode & S_IWGRP)) &&
	       status->st_size <= FILE_BYTES_MOST;
}

/* Return: -1 with *@distrust counted if it is there and may not be read. */
static int open_trusted(const char *path, struct stat *status,
			uint64_t *distrust)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -1;
	if (!fstat(fd, status) && is_trusted(status))
		return fd;
	++*distrust;
	close(fd);
	return -1;
}

static bool is_right(const struct logtap_module *module,
		     const struct stat *status, Elf *elf)
{
	const void *id;

	if (elf_kind(elf) != ELF_K_ELF)
		return false;
	if (module->inode)
		return (uint64_t)status->st_ino == module->inode;
	ssize_t bytes = dwelf_elf_gnu_build_id(elf, &id);
	return bytes > 0 && (size_t)bytes == module->build_id_bytes &&
	       !memcmp(id, module->build_id, (size_t)bytes);
}

/* As the process sees it, or by the same name in our view. */
static int open_file(const struct logtap_module *module, struct stat *status)
{
	char path[PATH_MAX + 32];
	int fd = -1;

	if (module->root) {
		snprintf(path, sizeof(path), "/proc/%d/root%s",
			 (int)module->root, module->path);
		fd = open_trusted(path, status, module->distrust);
	}
	return fd >= 0 ? fd
		       : open_trusted(module->path, status, module->distrust);
}

int logtap_stack_open(struct logtap_module *module, char **file_name, Elf **elf)
{
	struct stat status;

	if (module->failed)
		return -1;
	module->failed = true;
	int fd = open_file(module, &status);
	if (fd < 0)
		return -1;
	Elf *read = elf_begin(fd, ELF_C_READ, NULL);
	char *name = strdup(module->path);
	if (!read || !name || !is_right(module, &status, read)) {
		free(name);
		elf_end(read);
		close(fd);
		return -1;
	}
	module->failed = false;
	module->lines = status.st_size <= LINES_BYTES_MOST;
	*file_name = name;
	*elf = read;
	return fd;
}

/* Only where packages put it; nothing is asked of a network. */
int logtap_stack_open_debug(Dwfl_Module *dwfl_module, char **file_name)
{
	static const char folder[] = "/usr/lib/debug/.build-id/";
	char path[sizeof(folder) + 2 * 64 + 16];
	const unsigned char *id;
	GElf_Addr address;
	struct stat status;
	uint64_t distrust = 0;
	int bytes = dwfl_module_build_id(dwfl_module, &id, &address);

	if (bytes < 2 || bytes > 64)
		return -1;
	size_t at =
		(size_t)snprintf(path, sizeof(path), "%s%02x/", folder, id[0]);
	for (int i = 1; i < bytes; i++)
		at += (size_t)snprintf(path + at, sizeof(path) - at, "%02x",
				       id[i]);
	snprintf(path + at, sizeof(path) - at, ".debug");
	int fd = open_trusted(path, &status, &distrust);
	if (fd < 0)
		return -1;
	*file_name = strdup(path);
	if (*file_name && status.st_size <= LINES_BYTES_MOST)
		return fd;
	free(*file_name);
	*file_name = NULL;
	close(fd);
	return -1;
}
