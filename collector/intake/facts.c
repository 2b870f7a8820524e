/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a host from /proc: see the header. */
#include "facts.h"

#include "liveness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel says behind the name of a group that was removed, while the
 * last of its processes is still to be waited for. */
static void cut_deleted(char *group)
{
	static const char mark[] = " (deleted)";
	size_t size = strlen(group);

	if (size > sizeof(mark) - 1 &&
	    !strcmp(group + size - (sizeof(mark) - 1), mark))
		group[size - (sizeof(mark) - 1)] = 0;
}

/* The first group of cgroups(7) "/proc/[pid]/cgroup" that is not the root. */
static void read_cgroup(uint32_t pid, char *out, size_t room)
{
	char path[64];
	char *line = NULL;
	size_t line_room = 0;
	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	while (!out[0] && getline(&line, &line_room, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		cut_deleted(line);
		char *group = strchr(line, ':');
		group = group ? strchr(group + 1, ':') : NULL;
		if (group && group[1] == '/' && group[2])
			snprintf(out, room, "%s", group + 1);
	}
	free(line);
	fclose(file);
}

void logtap_facts_boot(struct logtap_segment *header,
		       const unsigned char boot_id[16])
{
	static const unsigned char unknown[16];
	if (!memcmp(header->boot_id, unknown, sizeof(unknown)))
		memcpy(header->boot_id, boot_id, sizeof(header->boot_id));
}

/* Is it the manager's own group, systemd's of the system or of a user?  Children
 * are moved to groups of theirs before they are executed. */
static bool is_managers(const char *group)
{
	static const char own[] = "/init.scope";
	size_t size = strlen(group);

	return size >= sizeof(own) - 1 &&
	       !strcmp(group + size - (sizeof(own) - 1), own);
}

void logtap_facts_cgroup(struct logtap_segment *header)
{
	if (header->cgroup[0])
		return;
	if (logtap_process_liveness(header->pid, header->start_ticks) ==
	    LOGTAP_ALIVE) {
		read_cgroup(header->pid, header->cgroup,
			    sizeof(header->cgroup));
		return;
	}
	/* One that began later has only the number of the parent. */
	uint64_t began = logtap_process_start(header->parent_pid);
	if (!began || (header->start_ticks && began > header->start_ticks))
		return;
	read_cgroup(header->parent_pid, header->cgroup, sizeof(header->cgroup));
	if (is_managers(header->cgroup))
		header->cgroup[0] = 0;
}
