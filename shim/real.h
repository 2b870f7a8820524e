/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * libc's own functions: logtap_real.NAME, generated from hooks.def.
 *
 * A member is never NULL: before the constructor it is a stub that looks its
 * one symbol up and calls it; what libc does not have fails with ENOSYS.
 */
#ifndef LOGTAP_SHIM_REAL_H
#define LOGTAP_SHIM_REAL_H

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <netdb.h>
#include <printf.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>
#include <utmp.h>

/* Exported by libc, declared in none of its headers (or not in all). */
ssize_t __write(int fd, const void *buf, size_t len);
ssize_t __pwrite64(int fd, const void *buf, size_t len, off64_t at);
int __close(int fd);
int __dup2(int fd, int to);
void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format,
		   va_list arguments);
pid_t _Fork(void);
int __vdprintf_chk(int fd, int flag, const char *format, va_list arguments);
void __assert_fail(const char *assertion, const char *file, unsigned line,
		   const char *function) __attribute__((noreturn));
void __assert_perror_fail(int error, const char *file, unsigned line,
			  const char *function) __attribute__((noreturn));
void __assert(const char *assertion, const char *file, int line)
	__attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));
void __chk_fail(void) __attribute__((noreturn));
int close_range(unsigned first, unsigned last, int flags);
void closefrom(int first);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);
int execveat(int directory, const char *path, char *const argv[],
	     char *const envp[], int flags);

/* Not hooked, but called: HELPER(return, symbol, parameters); NULL if libc
 * does not have it. */
#define LOGTAP_HELPERS                                                         \
	HELPER(int, vsnprintf,                                                 \
	       (char *to, size_t size, const char *format, va_list arguments)) \
	HELPER(const char *, hstrerror, (int error))                           \
	HELPER(int *, __h_errno_location, (void))                              \
	HELPER(int, pthread_key_create,                                        \
	       (pthread_key_t * key, void (*destructor)(void *)))              \
	HELPER(int, pthread_setspecific,                                       \
	       (pthread_key_t key, const void *value))                         \
	HELPER(char *, strsignal, (int number))                                \
	HELPER(int, pthread_getcpuclockid,                                     \
	       (pthread_t thread, clockid_t * out))                            \
	HELPER(int, pthread_attr_getstacksize,                                 \
	       (const pthread_attr_t *attributes, size_t *bytes))              \
	HELPER(int, dladdr1,                                                   \
	       (const void *at, Dl_info *info, void **map, int flags))

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

/* Next definitions of the variadic functions; NULL until they are known. */
#define HOOK(ret, name, body, params, args, interest)
#define THUNK(name, active) extern void *logtap_next_##name;
#include "hooks.def"
#undef HOOK
#undef THUNK

/* In the constructor: looks everything up.  Reports for each family whether
 * its functions are libc's own. */
struct logtap_real_report {
	bool write_found;
	bool syslog_found;
	bool syslog_is_libc;
	bool pthread_found;
	bool writers_are_libc;	  /* as far as libc has them */
	const char *libc_version; /* NULL: this is not glibc */
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
int logtap_on___dprintf_chk(int fd, int flag, const char *format, ...);
int logtap_on_fcntl(int fd, int command, ...);
int logtap_on_fcntl64(int fd, int command, ...);
void logtap_on_syslog(int priority, const char *format, ...);
void logtap_on___syslog_chk(int priority, int flag, const char *format, ...);
int logtap_on_execl(const char *path, const char *first, ...);
int logtap_on_execlp(const char *file, const char *first, ...);
int logtap_on_execle(const char *path, const char *first, ...);
int logtap_on_prctl(int option, ...);
long logtap_on_syscall(long number, long a, long b, long c, long d, long e,
		       long f);

#endif
