/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Why a process is not captured, in words: each cause has its own. */
#include "../../../collector/run/running.h"

#include "folder.h"

#include <logtap/abi/control.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char why[LOGTAP_RUNNING_WHY_BYTES];
static char first[] = "program", *words[] = {first, NULL};

TestSuite(why_not, .init = folder_begin, .fini = folder_end, .timeout = 30);

/* Of a process with the library in it, or without. */
static const char *ask_for(pid_t pid, bool loaded, const char *environment,
			   size_t bytes)
{
	struct logtap_running running = {
		.pid = pid,
		.executable = "/usr/bin/program",
		.environment = (char *)environment,
		.environment_bytes = bytes,
		.argv = words,
	};

	if (loaded)
		strcpy(running.library, "/lib/liblogtap.so");
	logtap_running_why_not(&running, why);
	return why;
}
#define LOADED(environment) \
	ask_for(getpid(), true, environment, sizeof(environment) - 1)
#define NOT_LOADED(environment) \
	ask_for(getpid(), false, environment, sizeof(environment) - 1)

Test(why_not, a_library_that_is_not_asked_for)
{
	cr_assert_str_eq(NOT_LOADED(""), "LD_PRELOAD does not name it");
	cr_assert_str_eq(NOT_LOADED("LD_PRELOAD=/lib/other.so\0"),
			 "LD_PRELOAD does not name it");
}

Test(why_not, a_library_that_the_loader_did_not_take)
{
	NOT_LOADED("LD_PRELOAD=/nowhere/liblogtap.so\0");
	cr_assert_eq(strncmp(why, "LD_PRELOAD names it, but", 24), 0, "%s",
		     why);
}

Test(why_not, a_static_program)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		const char *program = getenv("LOGTAP_TEST_STATIC");
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		execl(program, program, NULL);
		_exit(1);
	}
	/* stopped at its first instruction */
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSTOPPED(status));
	cr_assert_str_eq(ask_for(pid, false, "", 0), "it is statically linked");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

Test(why_not, a_library_without_a_directory)
{
	cr_assert_str_eq(LOADED(""), "LOGTAP_DIR is not set");
	cr_assert_str_eq(LOADED("LOGTAP_DIR=\0"), "LOGTAP_DIR is not set");
	cr_assert_str_eq(LOADED("LOGTAP_DIR=here\0"),
			 "LOGTAP_DIR is not an absolute path");
}

Test(why_not, a_library_that_was_told_to_do_nothing)
{
	cr_assert_str_eq(LOADED("LOGTAP_DIR=/d\0LOGTAP_DISABLED=1\0"),
			 "LOGTAP_DISABLED is set");
	LOADED("LOGTAP_DIR=/d\0LOGTAP_DISABLED=0\0");
	cr_assert_neq(strcmp(why, "LOGTAP_DISABLED is set"), 0);
}

Test(why_not, a_program_that_is_left_alone)
{
	cr_assert_str_eq(LOADED("LOGTAP_DIR=/d\0LOGTAP_ONLY=other\0"),
			 "LOGTAP_ONLY does not name the program");
	cr_assert_str_eq(LOADED("LOGTAP_DIR=/d\0LOGTAP_EXCLUDE=prog*\0"),
			 "LOGTAP_EXCLUDE names the program");
	LOADED("LOGTAP_DIR=/d\0LOGTAP_ONLY=program\0");
	cr_assert_null(strstr(why, "LOGTAP_ONLY"));
}

static const char *loaded_here(void)
{
	char environment[64];

	return ask_for(getpid(), true, environment,
		       (size_t)snprintf(environment, sizeof(environment),
					"LOGTAP_DIR=%s", folder) +
			       1);
}

Test(why_not, a_directory_in_which_all_is_disarmed)
{
	loaded_here();
	cr_assert_eq(strncmp(why, "when it started, ", 17), 0, "%s", why);
	fclose(fopen(LOGTAP_DISARM_NAME, "w"));
	cr_assert_str_eq(loaded_here(),
			 "the file " LOGTAP_DISARM_NAME " is in LOGTAP_DIR");
}
