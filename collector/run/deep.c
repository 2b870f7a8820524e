/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A /dev/log of one's own: see the header.  Any thread, but see there. */
#include "deep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char log_path[] = "/dev/log";

/* Sets errno if it does not fit. */
static bool put_path(struct sockaddr_un *address, const char *path)
{
	size_t size = strlen(path) + 1;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (size > sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(address->sun_path, path, size);
	return true;
}

const char *logtap_deep_obstacle(void)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool heard = fd >= 0 && put_path(&address, log_path) &&
		     !connect(fd, (struct sockaddr *)&address, sizeof(address));

	if (fd >= 0)
		close(fd);
	if (geteuid())
		return "it takes root";
	return heard ? NULL : "nobody listens at /dev/log";
}

int logtap_deep_socket(const char *path)
{
	struct sockaddr_un address;
	int yes = 1, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (put_path(&address, path) &&
	    !bind(fd, (struct sockaddr *)&address, sizeof(address)) &&
	    !chmod(path, 0666) &&
	    !setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)))
		return fd;
	int error = -errno;
	close(fd);
	return error;
}

int logtap_deep_enter(const char *path)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ||
	    mount(path, log_path, NULL, MS_BIND, NULL))
		return -errno;
	return 0;
}

static bool has_mounted(const char *pid, const char *mark)
{
	char path[300], line[4600];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%s/mountinfo", pid);
	FILE *file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, mark) != NULL;
	if (file)
		fclose(file);
	return found;
}

bool logtap_deep_is_used(const char *directory)
{
	const char *slash = strrchr(directory, '/');
	const struct dirent *entry;
	char mark[300];
	bool used = false;

	snprintf(mark, sizeof(mark), "%s/" LOGTAP_DEEP_SOCKET " ",
		 slash ? slash : directory);
	DIR *processes = opendir("/proc");
	while (processes && !used && (entry = readdir(processes)))
		used = isdigit((unsigned char)entry->d_name[0]) &&
		       has_mounted(entry->d_name, mark);
	if (processes)
		closedir(processes);
	return used;
}
