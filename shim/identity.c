/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Who this process is: read once in the constructor from auxv, proc(5) and the
 * environment, by the calls that procfs.h names. */
#include "identity.h"

#include "arch/syscall.h"
#include "auxv.h"
#include "bytes.h"
#include "ring/clock.h"
#include "segment/procfs.h"

#include <fcntl.h>
#include <sys/stat.h>

/* The only variables that are passed on: never headers or other secrets. */
static const char *const kept[] = {
	"LOGTAP_FOR=", /* of a relay: whom it speaks for */
	"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES=",
	"TRACEPARENT=",	      "TRACESTATE=",
};

static void keep_environment(struct logtap_identity *identity, char **envp)
{
	size_t at = 0;

	for (; envp && *envp; envp++)
		for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
			if (!logtap_bytes_after(*envp, kept[i]))
				continue;
			size_t size = logtap_bytes_length(*envp) + 1;
			if (size > sizeof logtap_state.environment - at)
				continue;
			logtap_bytes_copy(logtap_state.environment + at, *envp,
					  size);
			at += size;
		}
	identity->environment_bytes = (uint32_t)at;
}

/* What a number of a process means.  0: unknown. */
static uint64_t pid_namespace(void)
{
	struct stat status;

	return !logtap_filtered() && !logtap_sys4(SYS_newfstatat, AT_FDCWD,
						  (long)"/proc/self/ns/pid",
						  (long)&status, 0)
		       ? status.st_ino
		       : 0;
}

void logtap_identity_init(char **envp)
{
	struct logtap_identity *identity = &logtap_state.identity;
	struct logtap_procfs_stat stat;
	bool known = logtap_procfs_stat(&stat);

	identity->pid = known ? (uint32_t)stat.pid : 0;
	identity->parent_pid = known ? (uint32_t)stat.parent_pid : 0;
	/* proc(5) may be that of another pid namespace. */
	if (!logtap_filtered() || !known) {
		identity->pid = (uint32_t)logtap_sys1(SYS_getpid, 0);
		identity->parent_pid = (uint32_t)logtap_sys1(SYS_getppid, 0);
	}
	identity->uid = (uint32_t)logtap_auxv(AT_EUID);
	identity->gid = (uint32_t)logtap_auxv(AT_EGID);
	identity->start_ticks = stat.start_ticks;
	identity->pid_namespace = pid_namespace();
	logtap_bytes_copy(identity->comm, stat.comm, sizeof identity->comm);
	/* The boot id and the cgroup the collector asks for itself: reading
	 * them took a tenth of the start of a small program. */
	if (!logtap_filtered())
		logtap_procfs_link("/proc/self/exe", identity->executable,
				   sizeof identity->executable);
	if (!identity->executable[0] && logtap_auxv(AT_EXECFN))
		logtap_bytes_string(identity->executable,
				    sizeof identity->executable,
				    (const char *)logtap_auxv(AT_EXECFN));
	keep_environment(identity, envp);
	identity->realtime_ns = logtap_clock_ns(CLOCK_REALTIME);
	identity->monotonic_ns = logtap_clock_ns(CLOCK_MONOTONIC);
#if defined(__x86_64__)
	if (logtap_clock_unit() == LOGTAP_CLOCK_TSC)
		identity->tsc = __builtin_ia32_rdtsc();
#endif
}
