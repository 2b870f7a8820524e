/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The exported functions, generated from hooks.def: the only file with default
 * visibility.  Each is the fast way out for calls that are none of ours. */
#include "fd/socket.h"
#include "fd/table.h"
#include "hook/exec.h"
#include "hook/libc_call.h"
#include "hook/syslog.h"
#include "real.h"
#include "state.h"

#define EXPORT __attribute__((visibility("default")))

#define FD(fd) (__builtin_expect(logtap_fd(fd) != 0, 0))
#define LOG(fd) (__builtin_expect(logtap_fd_log(fd) != 0, 0))
#define ALWAYS true
#define ARMED logtap_armed()
#define FOLLOW (logtap_following != 0)
#define SYSLOG (logtap_syslog_active != 0)
#define WRITER (logtap_writers_active != 0)
/* dup() gives the lowest free descriptor: fd 2 only when it is closed. */
#define DUP_TO_STANDARD                                                    \
	((!logtap_fd(2) || (!logtap_fd(1) && logtap_fd_is_standard(1))) && \
	 ARMED)
#define STANDARD(fd) (logtap_fd_is_standard(fd) && ARMED)

/* An address is looked at after the real call: the kernel may refuse it. */
#define GIVEN(address) ((address) != NULL && ARMED)

/* The lookup is not made twice. */
#define logtap_on_write(fd, buf, len) \
	logtap_on_tracked_write(fd, buf, len, logtap_fd(fd))

#define HOOK(ret, name, body, params, args, interest) \
	EXPORT ret name params                        \
	{                                             \
		if (!(interest))                      \
			return logtap_real.name args; \
		return logtap_on_##body args;         \
	}
#define LAST_HOOK(name, body, params, args, interest) \
	EXPORT void name params                       \
	{                                             \
		if (interest)                         \
			logtap_on_##body args;        \
		logtap_real.name args;                \
		__builtin_trap();                     \
	}
#define THUNK(name, active)
#include "hooks.def"
#undef HOOK
#undef THUNK
