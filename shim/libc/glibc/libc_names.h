/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * glibc: what the hooks need to be declared with; the end of real.h's headers.
 */
#ifndef LOGTAP_LIBC_NAMES_H
#define LOGTAP_LIBC_NAMES_H

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <netdb.h>
#include <printf.h>
#include <stdarg.h>
#include <stdbool.h>

/* A parameter of type __CONST_SOCKADDR_ARG is a transparent union in C. */
#define LOGTAP_SOCKADDR(address) ((address).__sockaddr__)
/* Of sendmmsg(2). */
typedef int logtap_sendmmsg_flags;

/* Exported by libc, declared in none of its headers (or not in all). */
ssize_t __write(int fd, const void *buf, size_t len);
ssize_t __pwrite64(int fd, const void *buf, size_t len, off64_t at);
int __close(int fd);
int __dup2(int fd, int to);
void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format,
		   va_list arguments);
int __vdprintf_chk(int fd, int flag, const char *format, va_list arguments);
void __assert_fail(const char *assertion, const char *file, unsigned line,
		   const char *function) __attribute__((noreturn));
void __assert_perror_fail(int error, const char *file, unsigned line,
			  const char *function) __attribute__((noreturn));
void __assert(const char *assertion, const char *file, int line)
	__attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));
void __chk_fail(void) __attribute__((noreturn));
void closefrom(int first);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);

/* Of bits in a priority that mean nothing syslog(3) complains in a message. */
#define LOGTAP_SYSLOG_COMPLAINS true

#define LOGTAP_LIBC_HELPERS                          \
	HELPER(const char *, hstrerror, (int error)) \
	HELPER(int *, __h_errno_location, (void))    \
	HELPER(char *, strsignal, (int number))      \
	HELPER(int, dladdr1,                         \
	       (const void *at, Dl_info *info, void **map, int flags))

/* Functions that write by themselves: WRITER(symbol).  A library may have one
 * of its own, which need not write what libc's does. */
#define LOGTAP_LIBC_WRITERS          \
	WRITER(perror)               \
	WRITER(herror)               \
	WRITER(psiginfo)             \
	WRITER(backtrace_symbols_fd) \
	WRITER(vdprintf)             \
	WRITER(__vdprintf_chk)       \
	WRITER(dprintf)              \
	WRITER(__dprintf_chk)        \
	WRITER(__assert_fail)        \
	WRITER(__assert_perror_fail) \
	WRITER(__assert)

/* Variadic functions that only this libc has. */
#define FILTER_fcntl64 ""
#define FILTER___dprintf_chk ""
#define FILTER___syslog_chk ""
int logtap_on_fcntl64(int fd, int command, ...);
int logtap_on___dprintf_chk(int fd, int flag, const char *format, ...);
void logtap_on___syslog_chk(int priority, int flag, const char *format, ...);

#endif
