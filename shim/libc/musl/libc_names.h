/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * musl: what the hooks need to be declared with; the end of real.h's headers.
 */
#ifndef LOGTAP_LIBC_NAMES_H
#define LOGTAP_LIBC_NAMES_H

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Names that old programs look up; headers make macros of them, or nothing. */
#undef pwrite64
#undef pwritev64
#undef sendfile64
#undef open64
#undef openat64
#undef creat64
#undef fopen64
#undef freopen64
#ifndef off64_t
#define off64_t off_t
#endif
ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at);
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at);
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at,
		 int flags);
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at,
		    int flags);
ssize_t sendfile64(int fd, int from, off64_t *at, size_t len);
int open64(const char *path, int flags, ...);
int openat64(int directory, const char *path, int flags, ...);
int creat64(const char *path, mode_t mode);
FILE *fopen64(const char *path, const char *mode);
FILE *freopen64(const char *path, const char *mode, FILE *stream);

#define __CONST_SOCKADDR_ARG const struct sockaddr *
#define LOGTAP_SOCKADDR(address) (address)
/* Of sendmmsg(2). */
typedef unsigned logtap_sendmmsg_flags;

/* A message whose priority has bits that mean nothing is not sent. */
#define LOGTAP_SYSLOG_COMPLAINS false

#define LOGTAP_LIBC_HELPERS

/* Functions that write by themselves: WRITER(symbol).  A library may have one
 * of its own, which need not write what libc's does. */
#define LOGTAP_LIBC_WRITERS WRITER(vdprintf) WRITER(dprintf)

#endif
