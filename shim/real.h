/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * libc's own functions: logtap_real.NAME, generated from hooks.def.
 *
 * A member is never NULL: until its symbol is known it is a stub that looks it
 * up and calls it; what libc does not have fails with ENOSYS.
 */
#ifndef LOGTAP_SHIM_REAL_H
#define LOGTAP_SHIM_REAL_H

#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>
#include <utmp.h>
#include <wordexp.h>

#include "libc_names.h"

/* Exported by some libc, declared in none of its headers (or not in all). */
int close_range(unsigned first, unsigned last, int flags);
pid_t _Fork(void);
int execveat(int directory, const char *path, char *const argv[],
	     char *const envp[], int flags);

/* Not hooked, but called: HELPER(return, symbol, parameters); NULL if libc
 * does not have it. */
#define LOGTAP_HELPERS                                                         \
	HELPER(int, vsnprintf,                                                 \
	       (char *to, size_t size, const char *format, va_list arguments)) \
	HELPER(int, pthread_key_create,                                        \
	       (pthread_key_t * key, void (*destructor)(void *)))              \
	HELPER(int, pthread_setspecific,                                       \
	       (pthread_key_t key, const void *value))                         \
	HELPER(int, pthread_getcpuclockid,                                     \
	       (pthread_t thread, clockid_t * out))                            \
	HELPER(int, pthread_attr_getstacksize,                                 \
	       (const pthread_attr_t *attributes, size_t *bytes))              \
	LOGTAP_LIBC_HELPERS

struct logtap_real {
#define HOOK(ret, name, body, params, args, interest) ret(*name) params;
#define THUNK(name, active)
#include "hooks.def"
#undef HOOK
#undef THUNK
#define HELPER(ret, name, params) ret(*name) params;
	LOGTAP_HELPERS
#undef HELPER
};
extern struct logtap_real logtap_real __attribute__((visibility("hidden")));

/* Next definitions of the variadic functions; NULL until they are known, so
 * they are called through LOGTAP_NEXT(). */
#define HOOK(ret, name, body, params, args, interest)
#define THUNK(name, active) extern void *logtap_next_##name;
#include "hooks.def"
#undef HOOK
#undef THUNK

void *logtap_real_resolve_thunk(void **next, const char *name);
#define LOGTAP_NEXT(name)             \
	(logtap_next_##name           \
		 ? logtap_next_##name \
		 : logtap_real_resolve_thunk(&logtap_next_##name, #name))

/* In the constructor: looks up what cannot wait for its first call.  Reports for
 * each family whether its functions are libc's own. */
struct logtap_real_report {
	bool write_found;
	bool syslog_found;
	bool syslog_is_libc;
	bool pthread_found;
	bool writers_are_libc; /* as far as libc has them */
};
void logtap_real_init(struct logtap_real_report *report);

/* The bodies. */
#define HOOK(ret, name, body, params, args, interest) \
	ret logtap_on_##body params;
#define THUNK(name, active)
#include "hooks.def"
#undef HOOK
#undef THUNK

/* @tracked: what fd/table.h has for @fd. */
ssize_t logtap_on_tracked_write(int fd, const void *buf, size_t len,
				size_t tracked);
int logtap_on_open(const char *path, int flags, ...);
int logtap_on_open64(const char *path, int flags, ...);
int logtap_on_openat(int directory, const char *path, int flags, ...);
int logtap_on_openat64(int directory, const char *path, int flags, ...);
int logtap_on_dprintf(int fd, const char *format, ...);
int logtap_on_fcntl(int fd, int command, ...);
void logtap_on_syslog(int priority, const char *format, ...);
int logtap_on_execl(const char *path, const char *first, ...);
int logtap_on_execlp(const char *file, const char *first, ...);
int logtap_on_execle(const char *path, const char *first, ...);
int logtap_on_prctl(int option, ...);
int logtap_on_chroot(const char *path);
long logtap_on_syscall(long number, long a, long b, long c, long d, long e,
		       long f);

#endif
