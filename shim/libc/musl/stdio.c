/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* stdio of musl: see the header.  Each stream has a pointer to the function that
 * writes it; ours is put into stderr and stdout, and into what fopen(3),
 * fdopen(3) and freopen(3) give.  The functions run in the host's threads inside
 * libc, with the stream locked by the caller. */
#include "../../hook/stdio.h"

#include "../../fd/table.h"
#include "../../feedback/sending.h"
#include "../../guard/guard.h"
#include "../../real.h"
#include "../../sink/capture.h"
#include "../../sink/divert.h"
#include "../libc.h"
#include "file.h"

#include <link.h>

static logtap_file_write *libc_write;	    /* of all streams ... */
static logtap_file_write *libc_write_first; /* ... but stdout until it asked
					     * whether it is a terminal */
static logtap_file_close *libc_close;

/* As libc does after a write of all there was. */
static void settle(struct logtap_file *file)
{
	file->write_end = file->buffer + file->buffer_bytes;
	file->write_at = file->write_base = file->buffer;
}

/* What is in the stream's buffer, and what comes behind it. */
static void parts_of(struct logtap_file *file, const unsigned char *data,
		     size_t size, struct iovec parts[2])
{
	parts[0].iov_base = file->write_base;
	parts[0].iov_len = (size_t)(file->write_at - file->write_base);
	parts[1].iov_base = (void *)(uintptr_t)data;
	parts[1].iov_len = size;
}

/* Calls libc's own.  Return: the bytes of @parts that were written.  A write that
 * fails returns what it took of @data; 0 may stand for a part of the buffer as
 * well, of which nothing is known then. */
static size_t call(logtap_file_write *libc, struct logtap_file *file,
		   const struct iovec parts[2], size_t *put)
{
	*put = libc(file, parts[1].iov_base, parts[1].iov_len);
	return *put || file->write_end ? parts[0].iov_len + *put : 0;
}

/* A stream on an OTLP connection. */
static __attribute__((noinline)) size_t write_export(logtap_file_write *libc,
						     struct logtap_file *file,
						     const unsigned char *data,
						     size_t size)
{
	struct logtap_sending sending = logtap_sending_begin();
	struct iovec parts[2];
	size_t put;

	parts_of(file, data, size, parts);
	ssize_t written = (ssize_t)call(libc, file, parts, &put);
	logtap_sending_end(&sending, file->descriptor, parts, 2,
			   file->write_end ? written : -1);
	return put;
}

static size_t through(logtap_file_write *libc, struct logtap_file *file,
		      const unsigned char *data, size_t size)
{
	struct iovec parts[2];
	unsigned tracked = logtap_fd(file->descriptor);
	struct logtap_stamp stamp;
	enum logtap_diverted diverted;
	ssize_t all;
	size_t put;

	if (__builtin_expect(!tracked, 1))
		return libc(file, data, size);
	if (__builtin_expect(tracked >= LOGTAP_FD_MAYBE, 0))
		return write_export(libc, file, data, size);
	parts_of(file, data, size, parts);
	stamp = logtap_stamp_for((uint8_t)(tracked - 1));
	diverted =
		logtap_divert_parts(&stamp, file->descriptor, parts, 2, &all);
	if (diverted == LOGTAP_DIVERT_TAKEN) {
		settle(file);
		return size;
	}
	size_t written = call(libc, file, parts, &put);
	if (written && diverted == LOGTAP_DIVERT_TEE)
		logtap_capture_parts(&stamp, parts, 2, written);
	return put;
}

static size_t on_write(struct logtap_file *file, const unsigned char *data,
		       size_t size)
{
	return through(libc_write, file, data, size);
}

/* libc's own puts the other function into the stream. */
static size_t on_first_write(struct logtap_file *file,
			     const unsigned char *data, size_t size)
{
	size_t put = through(libc_write_first, file, data, size);

	if (file->write == libc_write)
		file->write = on_write;
	return put;
}

static int on_close(struct logtap_file *file)
{
	if (logtap_fd(file->descriptor))
		logtap_fd_closing(file->descriptor);
	return libc_close(file);
}

static void adopt(struct logtap_file *file)
{
	if (libc_write && file->write == libc_write)
		file->write = on_write;
	else if (libc_write_first && file->write == libc_write_first)
		file->write = on_first_write;
	if (libc_close && file->close == libc_close)
		file->close = on_close;
}

void logtap_stdio_adopt(FILE *stream)
{
	adopt(logtap_file_of(stream));
}

int logtap_stdio_descriptor(FILE *stream)
{
	return logtap_file_of(stream)->descriptor;
}

struct range {
	uintptr_t address;
	bool in_libc;
};

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	struct range *range = data;

	(void)size;
	if (!logtap_libc_is_at(info->dlpi_name))
		return 0;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;
		if (header->p_type == PT_LOAD && header->p_flags & PF_X &&
		    range->address - start < header->p_memsz)
			range->in_libc = true;
	}
	return 0;
}

static bool is_code_of_libc(const void *address)
{
	struct range range = {(uintptr_t)address, false};

	logtap_libc_objects(visit, &range);
	return range.in_libc;
}

/* Other libraries' constructors may have used the streams already. */
static bool is_as_known(const struct logtap_file *file, int descriptor)
{
	const unsigned char *base = file->write_base;

	return file->descriptor == descriptor && !file->zero &&
	       (!base || base == file->buffer) && file->write_at >= base &&
	       is_code_of_libc((const void *)file->write) &&
	       is_code_of_libc((const void *)file->close) &&
	       is_code_of_libc(file->seek);
}

enum logtap_coverage logtap_stdio_install(void)
{
	struct logtap_file *error = logtap_file_of(stderr);
	struct logtap_file *out = logtap_file_of(stdout);

	if (!is_as_known(error, STDERR_FILENO) ||
	    !is_as_known(out, STDOUT_FILENO) || error->close != out->close ||
	    error->seek != out->seek)
		return LOGTAP_COVERAGE_SELF_CHECK;
	libc_write = error->write;
	libc_close = error->close;
	if (out->write != error->write)
		libc_write_first = out->write;
	adopt(error);
	adopt(out);
	return LOGTAP_COVERAGE_INSTALLED;
}

FILE *logtap_on_fdopen(int fd, const char *mode)
{
	FILE *stream = logtap_real.fdopen(fd, mode);

	if (stream)
		logtap_stdio_adopt(stream);
	return stream;
}
