/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a relay speaks for: see the header.  A host wrote it: it may name any
 * process, as it may say anything of itself. */
#include "relayed.h"

#include "../shape/resource.h"

#include <stdio.h>
#include <string.h>

bool logtap_relayed_process(struct logtap_process *process)
{
	const char *value = logtap_environment_get(process->environment,
						   sizeof(process->environment),
						   "LOGTAP_FOR");
	unsigned pid;
	unsigned long long start_ticks;
	int path = 0;

	/* sscanf(3) takes a sign and blanks, too */
	if (!value || strspn(value, "0123456789:") != strcspn(value, "/") ||
	    sscanf(value, "%9u:%20llu:%n", &pid, &start_ticks, &path) != 2 ||
	    !path || !pid || value[path] != '/')
		return false;
	process->parent_pid = 0;
	process->pid = pid;
	process->start_ticks = start_ticks;
	snprintf(process->executable, sizeof(process->executable), "%s",
		 value + path);
	snprintf(process->comm, sizeof(process->comm), "%.*s",
		 LOGTAP_COMM_BYTES - 1, strrchr(value + path, '/') + 1);
	return true;
}
