/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Why a process may not be read: see the header. */
#include "access.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CAP_SYS_PTRACE_BIT = 19, YAMA_NOBODY = 3, SECCOMP_FILTER = 2 };

static bool is_same(const uint64_t of[3], uint64_t own)
{
	return of[0] == own && of[1] == own && of[2] == own;
}

const char *logtap_access_why(const struct logtap_access *access)
{
	const struct logtap_credentials *own = &access->own,
					*other = &access->other;
	/* maps are asked for as the file system does, memory as kill(2) does */
	unsigned as = access->attach ? 0 : 1;
	bool may = own->effective >> CAP_SYS_PTRACE_BIT & 1;

	if (access->no_call)
		return "permission: process_vm_readv is not there, or filtered";
	if (!may && (!is_same(other->users, own->users[as]) ||
		     !is_same(other->groups, own->groups[as])))
		return "permission: it runs as another user, and the collector "
		       "has no CAP_SYS_PTRACE";
	if (!may && other->permitted &
			    ~(access->attach ? own->permitted : own->effective))
		return "permission: it has capabilities that the collector has "
		       "not";
	if (!may && access->owner != own->users[1])
		return "permission: it has forbidden it (PR_SET_DUMPABLE)";
	if (access->attach && access->yama >= (may ? YAMA_NOBODY : 1))
		return access->yama >= YAMA_NOBODY
			       ? "permission: kernel.yama.ptrace_scope is 3"
			       : "permission: kernel.yama.ptrace_scope, and "
				 "the "
				 "collector has no CAP_SYS_PTRACE";
	if (own->seccomp == SECCOMP_FILTER)
		return "permission: a filter of the collector's system calls";
	return "permission: another namespace, or a security module";
}

static void take_line(const char *line, struct logtap_credentials *out)
{
	sscanf(line, "Uid: %" SCNu64 " %" SCNu64 " %" SCNu64, &out->users[0],
	       &out->users[1], &out->users[2]);
	sscanf(line, "Gid: %" SCNu64 " %" SCNu64 " %" SCNu64, &out->groups[0],
	       &out->groups[1], &out->groups[2]);
	sscanf(line, "CapPrm: %" SCNx64, &out->permitted);
	sscanf(line, "CapEff: %" SCNx64, &out->effective);
	sscanf(line, "Seccomp: %u", &out->seccomp);
}

static void read_status(const char *path, struct logtap_credentials *out)
{
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		take_line(line, out);
	if (file)
		fclose(file);
}

static unsigned read_yama(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	unsigned scope = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &scope) != 1)
		scope = 0;
	fclose(file);
	return scope;
}

const char *logtap_access_denied(uint32_t pid, bool attach, int error)
{
	struct logtap_access access = {
		.attach = attach,
		.no_call = error == ENOSYS,
		.yama = read_yama(),
	};
	struct stat owner;
	char path[64];

	read_status("/proc/thread-self/status", &access.own);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	read_status(path, &access.other);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
	access.owner = stat(path, &owner) ? access.own.users[1] : owner.st_uid;
	return logtap_access_why(&access);
}
