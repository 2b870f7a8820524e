/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The constructor.  Runs once, before main and (with -z initfirst) before the
 * constructors of other libraries.  It allocates nothing through libc, opens no
 * library, prints nothing, and leaves errno as it was. */
#include "api/level.h"
#include "arch/syscall.h"
#include "auxv.h"
#include "bytes.h"
#include "config.h"
#include "disarm.h"
#include "fd/table.h"
#include "feedback/endpoint.h"
#include "feedback/objects.h"
#include "guard/guard.h"
#include "guard/internal.h"
#include "hook/exec.h"
#include "hook/fork.h"
#include "hook/libc_call.h"
#include "hook/pthread.h"
#include "hook/stdio.h"
#include "hook/syslog.h"
#include "identity.h"
#include "libc/libc.h"
#include "object.h"
#include "real.h"
#include "ring/clock.h"
#include "segment/beat.h"
#include "segment/claim.h"
#include "segment/create.h"
#include "segment/death.h"
#include "segment/procfs.h"
#include "sink/divert.h"
#include "span/context.h"
#include "span/item.h"
#include "state.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/vfs.h>

static void cover(enum logtap_mechanism mechanism, enum logtap_coverage how)
{
	logtap_state.identity.coverage[mechanism] = (unsigned char)how;
}

/* On a disk a store into a mapping may wait for writeback. */
static bool directory_is_memory(void)
{
	struct statfs status;

	if (logtap_filtered()) /* whoever set the filter chose the directory */
		return true;
	return logtap_sys2(SYS_statfs, (long)logtap_state.config.directory,
			   (long)&status) == 0 &&
	       (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

static void cover_hooks(const struct logtap_real_report *report)
{
	cover(LOGTAP_MECHANISM_WRITE, report->write_found
					      ? LOGTAP_COVERAGE_INSTALLED
					      : LOGTAP_COVERAGE_NO_SYMBOL);
	cover(LOGTAP_MECHANISM_PTHREAD, report->pthread_found
						? LOGTAP_COVERAGE_INSTALLED
						: LOGTAP_COVERAGE_NO_SYMBOL);
	cover(LOGTAP_MECHANISM_SOCKET, report->write_found
					       ? LOGTAP_COVERAGE_INSTALLED
					       : LOGTAP_COVERAGE_NO_SYMBOL);
	cover(LOGTAP_MECHANISM_EXEC, logtap_state.config.follow
					     ? LOGTAP_COVERAGE_INSTALLED
					     : LOGTAP_COVERAGE_NOT_ASKED);
	cover(LOGTAP_MECHANISM_OPEN, LOGTAP_COVERAGE_INSTALLED);
	cover(LOGTAP_MECHANISM_WRITERS, report->writers_are_libc
						? LOGTAP_COVERAGE_INSTALLED
						: LOGTAP_COVERAGE_OWNED);
	if (!report->syslog_found)
		cover(LOGTAP_MECHANISM_SYSLOG, LOGTAP_COVERAGE_NO_SYMBOL);
	else
		cover(LOGTAP_MECHANISM_SYSLOG,
		      report->syslog_is_libc ? LOGTAP_COVERAGE_INSTALLED
					     : LOGTAP_COVERAGE_OWNED);
}

static const char *program_name(int argc, char **argv)
{
	return logtap_bytes_base(argc > 0 && argv[0] ? argv[0] : "");
}

/* What concerns us of the environment: it is searched many times. */
#define VARIABLES 64
static char **select_variables(char **envp, char **few)
{
	static const char *const prefixes[] = {"LOGTAP_", "OTEL_", "TRACE",
					       "LD_PRELOAD="};
	size_t count = 0;

	for (char **at = envp; at && *at; at++)
		for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
			if (logtap_bytes_after(*at, prefixes[i])) {
				if (count == VARIABLES - 1)
					return envp;
				few[count++] = *at;
			}
	few[count] = NULL;
	return few;
}

/* The first segment and the main thread's slot in it. */
static bool begin_capture(uintptr_t stack)
{
	struct logtap_tls *tls = &logtap_tls;

	logtap_fd_init();
	logtap_pthread_stack(tls, stack);
	/* The kernel keeps what lies below the first stack free, and grows it
	 * without a gap. */
	tls->frames_low = tls->stack_low;
	tls->frames_high = tls->stack_high;
	tls->birth_flags = LOGTAP_SLOT_MAIN;
	if (!logtap_claim_birth(tls))
		return false;
	tls->birth_flags = LOGTAP_SLOT_FOREIGN;
	return true;
}

static void start(int argc, char **argv, char **envp)
{
	struct logtap_real_report report;
	uintptr_t stack = (uintptr_t)envp;
	char *few[VARIABLES];

	envp = select_variables(envp, few);
	/* The loader drops preloads of setuid programs; never trust one. */
	if (logtap_auxv(AT_SECURE) ||
	    !logtap_config_read(envp, &logtap_state.config))
		return;
	logtap_real_init(&report);
	if (logtap_procfs_filtered())
		atomic_store(&logtap_state.filter, LOGTAP_FILTER_INHERITED);
	if (!logtap_config_admits(envp, argv) || !directory_is_memory() ||
	    logtap_disarm_wanted())
		return;
	logtap_state.program = program_name(argc, argv);
	logtap_clock_init(logtap_state.config.clock_is_tsc ||
			  logtap_beat_has_counter());
	logtap_identity_init(envp);
	logtap_death_init();
	logtap_object_init();
	logtap_fork_init();
	logtap_libc_init();
	cover_hooks(&report);
	cover(LOGTAP_MECHANISM_STDIO, logtap_stdio_install());
	if (!begin_capture(stack)) {
		logtap_disarm();
		return;
	}
	logtap_segment_diagnose(0, NULL); /* what was said before */
	logtap_exec_init(envp, logtap_state.config.follow);
	logtap_span_init(envp);
	logtap_internal_init(
		logtap_config_variable(envp, "LOGTAP_INTERNAL_THREADS="),
		logtap_config_variable(envp, "LOGTAP_INTERNAL_LIBRARIES="));
	logtap_endpoint_init(envp);
	logtap_objects_init();
	logtap_context_init();
	logtap_level_init(logtap_config_variable(envp, "LOGTAP_LEVEL="));
	logtap_divert_settle();
	atomic_store(&logtap_armed_word, 1);
	atomic_store(&logtap_following, 1);
	atomic_store(&logtap_writers_active, report.writers_are_libc);
	atomic_store(&logtap_syslog_active,
		     report.syslog_found && report.syslog_is_libc);
}

static void construct(int argc, char **argv, char **envp)
{
	int saved;

	if (!logtap_libc_is_ours())
		return;
	saved = errno;
	logtap_libc_arguments(&argc, &argv, &envp);
	logtap_auxv_init(argc, argv);
	start(argc, argv, envp);
	errno = saved;
}

/* The first of all our data, and so all of it begins with a page: it fits into
 * one, which each process has to copy. */
__attribute__((section(".init_array.00101"), used, aligned(4096))) static void (
		*const constructor)(int argc, char **argv,
				    char **envp) = construct;
