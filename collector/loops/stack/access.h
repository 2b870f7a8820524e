/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Why a process may not be read: ptrace(2), "Ptrace access mode checking".  What
 * /proc says of both sides is looked at once the kernel has refused.  Stateless;
 * any thread.
 */
#ifndef LOGTAP_LOOPS_ACCESS_H
#define LOGTAP_LOOPS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

/* What is known of one side: of /proc/PID/status. */
struct logtap_credentials {
	uint64_t users[3], groups[3];  /* real, effective, saved */
	uint64_t permitted, effective; /* capabilities */
	unsigned seccomp;	       /* 2: a filter */
};

struct logtap_access {
	struct logtap_credentials own, other;
	uint64_t owner; /* of /proc/PID/maps: root if it may not be dumped */
	unsigned yama;	/* kernel.yama.ptrace_scope; 0: nothing, or not there */
	bool attach;	/* memory was to be read, not only maps */
	bool no_call;	/* ENOSYS */
};

/* "permission: ..." */
const char *logtap_access_why(const struct logtap_access *access);

/* The same of a process that is there. @error: what the kernel said. */
const char *logtap_access_denied(uint32_t pid, bool attach, int error);

#endif
