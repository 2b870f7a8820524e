/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Names of mechanisms and of the reasons why one is missing.  Pure. */
#include "coverage.h"

#include <logtap/abi/segment.h>

const char *logtap_mechanism_name(unsigned mechanism)
{
	static const char *const names[] = {
		[LOGTAP_MECHANISM_STDIO] = "stdio (printf, C++ streams)",
		[LOGTAP_MECHANISM_WRITE] = "write and its relatives",
		[LOGTAP_MECHANISM_SYSLOG] = "syslog",
		[LOGTAP_MECHANISM_PTHREAD] = "threads",
		[LOGTAP_MECHANISM_FORK] = "forks by libc",
		[LOGTAP_MECHANISM_FORK_PAGE] = "forks behind libc's back",
		[LOGTAP_MECHANISM_DEATH] = "notice of a thread's end",
		[LOGTAP_MECHANISM_EXEC] = "programs that it executes",
		[LOGTAP_MECHANISM_SOCKET] = "sockets of syslog and the journal",
		[LOGTAP_MECHANISM_WRITERS] = "libc's own writers (perror)",
		[LOGTAP_MECHANISM_OPEN] = "files opened by name",
	};

	return mechanism < sizeof(names) / sizeof(names[0]) ? names[mechanism]
							    : NULL;
}

const char *logtap_coverage_text(unsigned coverage)
{
	switch (coverage) {
	case LOGTAP_COVERAGE_ABSENT:
		return "not tried";
	case LOGTAP_COVERAGE_INSTALLED:
		return "installed";
	case LOGTAP_COVERAGE_NO_SYMBOL:
		return "missing: libc does not have the function";
	case LOGTAP_COVERAGE_SELF_CHECK:
		return "missing: libc is not built as expected";
	case LOGTAP_COVERAGE_DENIED:
		return "missing: the kernel or a filter refused it";
	case LOGTAP_COVERAGE_OWNED:
		return "missing: another library defines the function";
	case LOGTAP_COVERAGE_NOT_ASKED:
		return "not asked for";
	default:
		return "missing: for a reason that this version does not know";
	}
}
