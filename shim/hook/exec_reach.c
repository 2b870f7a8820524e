/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Can the next program load the library, and capture?  See the header.  Safe in
 * a vfork child and in a signal handler. */
#include "../arch/syscall.h"
#include "../bytes.h"
#include "../segment/create.h"
#include "../state.h"
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *sought; /* NULL: nothing that can be looked for */

/* As it was when the host forbade further calls. */
static bool sealed_out;

/* Of all calls the one that the loader makes first, so a filter that was there
 * before us allows it.  It asks for the real user: where the effective one is
 * another, the loader preloads nothing. */
long logtap_exec_look(const char *path, int mode)
{
#ifdef SYS_access
	return logtap_sys2(SYS_access, (long)path, mode);
#else
	return logtap_sys3(SYS_faccessat, AT_FDCWD, (long)path, mode);
#endif
}

static bool is_out_of_reach(const char *path, int mode)
{
	long error = logtap_exec_look(path, mode);

	return error == -ENOENT || error == -EACCES || error == -ENOTDIR;
}

void logtap_exec_reach_init(const char *path)
{
	sought = path;
}

bool logtap_exec_in_reach(void)
{
	if (logtap_sealed())
		return !sealed_out;
	return !sought || !is_out_of_reach(sought, R_OK);
}

void logtap_exec_seal(void)
{
	if (!logtap_sealed())
		sealed_out = !logtap_exec_in_reach();
}

/* The kernel tells the loader of it, and that preloads nothing from folders that
 * are not its own. */
static bool has_two_users(void)
{
	return !logtap_filtered() &&
	       (logtap_sys1(SYS_getuid, 0) != logtap_sys1(SYS_geteuid, 0) ||
		logtap_sys1(SYS_getgid, 0) != logtap_sys1(SYS_getegid, 0));
}

void logtap_exec_tell(bool in_reach)
{
	if (!in_reach)
		logtap_segment_diagnose(
			0, "what it starts is not captured: liblogtap.so "
			   "cannot be read from there");
	else if (!logtap_sealed() &&
		 is_out_of_reach(logtap_state.config.directory, W_OK | X_OK))
		logtap_segment_diagnose(
			0, "what it starts is not captured: LOGTAP_DIR cannot "
			   "be written to from there");
	else if (has_two_users())
		logtap_segment_diagnose(
			0, "what it starts is not captured: its effective "
			   "user or group is not its real one");
}
