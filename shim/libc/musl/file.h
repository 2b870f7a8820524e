/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A stream of musl, as far as logtap knows it: the same since 1.1.0, and compared
 * with what libc says of stderr and stdout before it is used.
 */
#ifndef LOGTAP_LIBC_FILE_H
#define LOGTAP_LIBC_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct logtap_file;
typedef size_t logtap_file_write(struct logtap_file *file,
				 const unsigned char *data, size_t size);
typedef int logtap_file_close(struct logtap_file *file);

struct logtap_file {
	unsigned flags;
	unsigned char *read_at, *read_end;
	logtap_file_close *close;
	unsigned char *write_end; /* NULL: not writing, or a write failed */
	unsigned char *write_at;
	unsigned char *zero;
	unsigned char *write_base;
	void *read;
	/* Writes [write_base, write_at) and @data; returns how much of @data
	 * it took. */
	logtap_file_write *write;
	void *seek;
	unsigned char *buffer;
	size_t buffer_bytes;
	struct logtap_file *previous, *next;
	int descriptor;
	int pid; /* of popen(3) */
	long lock_count;
	int mode;
	volatile int lock;
	int line_end; /* that flushes; -1: none */
};

static inline struct logtap_file *logtap_file_of(FILE *stream)
{
	return (struct logtap_file *)(void *)stream;
}

#endif
