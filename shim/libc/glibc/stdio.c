/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* stdio of glibc: see the header.  Every FILE writes through the table
 * _IO_file_jumps (wide ones: _IO_wfile_jumps); the contents of its write and
 * close slots are replaced.  The slot functions run in the host's threads inside
 * libc, with the stream locked by the caller. */
#include "../../hook/stdio.h"

#include "../../arch/syscall.h"
#include "../../fd/table.h"
#include "../../feedback/sending.h"
#include "../../guard/guard.h"
#include "../../hook/libc_call.h"
#include "../../loaded.h"
#include "../../real.h"
#include "../../sink/at_once.h"
#include "../../sink/capture.h"
#include "../../sink/divert.h"
#include "../../symbols.h"

#include <sys/mman.h>

/* Slots of struct _IO_jump_t, the same since glibc 2.1. */
enum { SLOT_WRITE = 15, SLOT_CLOSE = 17, SLOTS = 21 };

/* More than libc has of such memory. */
#define PAGES_MOST 16

#define STREAM_UNBUFFERED 2 /* in FILE's _flags since glibc 2.0 */

typedef ssize_t write_slot(FILE *stream, const void *data, ssize_t size);
typedef int close_slot(FILE *stream);

static write_slot *libc_write;
static close_slot *libc_close;
static FILE *const *libc_stderr;

/* Is this the copy that syslog(3) makes for LOG_PERROR?  libc then prints
 * through a temporary stream; the message itself is captured already. */
static bool is_syslog_copy(const FILE *stream)
{
	const struct logtap_tls *tls = &logtap_tls;

	return tls->syslog_sp && stream != *libc_stderr &&
	       stream->_fileno == STDERR_FILENO &&
	       !logtap_guard_is_stale(tls, tls->syslog_sp,
				      LOGTAP_STACK_POINTER());
}

/* A stream on an OTLP connection. */
static __attribute__((noinline)) ssize_t write_export(FILE *stream,
						      const void *data,
						      ssize_t size)
{
	struct iovec part = {(void *)(uintptr_t)data, (size_t)size};
	struct logtap_sending sending = logtap_sending_begin();
	ssize_t put = libc_write(stream, data, size);

	logtap_sending_end(&sending, stream->_fileno, &part, 1, put);
	return put;
}

/* As libc's own does after a write. */
static ssize_t took(FILE *stream, ssize_t size)
{
	if (stream->_offset >= 0)
		stream->_offset += size;
	return size;
}

static ssize_t on_write(FILE *stream, const void *data, ssize_t size)
{
	unsigned tracked = logtap_fd(stream->_fileno);
	size_t keep = (size_t)size;
	struct logtap_now now;
	enum logtap_diverted diverted = LOGTAP_DIVERT_TEE;
	uint8_t sink;
	ssize_t put;

	if (__builtin_expect(logtap_tls.libc_call.frame != 0, 0) && size > 0)
		tracked = logtap_libc_look(stream, data, keep, tracked, &keep);
	if (__builtin_expect(!tracked, 1) || is_syslog_copy(stream))
		return libc_write(stream, data, size);
	if (__builtin_expect(tracked >= LOGTAP_FD_MAYBE, 0))
		return write_export(stream, data, size);
	if (logtap_diverts_at_once && keep == (size_t)size &&
	    logtap_at_once_divert(tracked, data, keep))
		return took(stream, size);
	sink = (uint8_t)(tracked - 1);
	now = logtap_clock_now();
	if (size > 0 && keep == (size_t)size)
		diverted = logtap_divert(now, sink, stream->_fileno, data,
					 (size_t)size);
	if (diverted == LOGTAP_DIVERT_TAKEN)
		return took(stream, size);
	put = libc_write(stream, data, size);
	if (put > 0 && keep > (size_t)put)
		keep = (size_t)put;
	if (put > 0 && keep && diverted == LOGTAP_DIVERT_TEE)
		logtap_capture_stream(now, sink, data, keep);
	return put;
}

static int on_close(FILE *stream)
{
	if (logtap_fd(stream->_fileno))
		logtap_fd_closing(stream->_fileno);
	return libc_close(stream);
}

static void *address_of(const char *name)
{
	struct logtap_symbol symbol;

	return logtap_symbol_of_libc(name, &symbol) ? symbol.address : NULL;
}

/* Makes the pages of both tables writable, stores, makes them read-only again.
 * The tables lie in memory that ld.so protected after relocation: all of that
 * at once, which need not be taken apart for it. */
static bool store(void **wide, void **narrow)
{
	uintptr_t low = (uintptr_t)(wide < narrow ? wide : narrow);
	uintptr_t high = (uintptr_t)((wide < narrow ? narrow : wide) + SLOTS);
	struct logtap_object_span pages = logtap_loaded_relro(narrow);
	/* What shares its pages with data of libc stays as that must be. */
	bool protected = low >= pages.start && high <= pages.end;

	if (!protected)
		pages = (struct logtap_object_span){
			low & ~(uintptr_t)(LOGTAP_PAGE_BYTES - 1),
			(high + LOGTAP_PAGE_BYTES - 1) &
				~(uintptr_t)(LOGTAP_PAGE_BYTES - 1)};
	long start = (long)pages.start, size = (long)(pages.end - pages.start);
	if (size > PAGES_MOST * LOGTAP_PAGE_BYTES ||
	    (low | high) % sizeof(void *) ||
	    logtap_sys3(SYS_mprotect, start, size, PROT_READ | PROT_WRITE) != 0)
		return false;
	narrow[SLOT_WRITE] = (void *)on_write;
	narrow[SLOT_CLOSE] = (void *)on_close;
	wide[SLOT_WRITE] = (void *)on_write;
	wide[SLOT_CLOSE] = (void *)on_close;
	if (protected)
		logtap_sys3(SYS_mprotect, start, size, PROT_READ);
	return true;
}

enum logtap_coverage logtap_stdio_install(void)
{
	void **narrow = address_of("_IO_file_jumps");
	void **wide = address_of("_IO_wfile_jumps");
	void **table_of_stderr;

	libc_write = (write_slot *)address_of("_IO_file_write");
	libc_close = (close_slot *)address_of("_IO_file_close");
	libc_stderr = address_of("stderr");
	if (!narrow || !wide || !libc_write || !libc_close || !libc_stderr)
		return LOGTAP_COVERAGE_NO_SYMBOL;
	/* The table pointer follows the FILE; see <bits/types/struct_FILE.h>.
	 * An executable's copy of `stderr` holds the same pointer. */
	FILE *stream = address_of("_IO_2_1_stderr_");
	if (!stream)
		return LOGTAP_COVERAGE_NO_SYMBOL;
	table_of_stderr = *(void ***)(void *)(stream + 1);
	if (narrow[SLOT_WRITE] != (void *)libc_write ||
	    narrow[SLOT_CLOSE] != (void *)libc_close ||
	    wide[SLOT_WRITE] != (void *)libc_write ||
	    wide[SLOT_CLOSE] != (void *)libc_close || table_of_stderr != narrow)
		return LOGTAP_COVERAGE_SELF_CHECK;
	return store(wide, narrow) ? LOGTAP_COVERAGE_INSTALLED
				   : LOGTAP_COVERAGE_DENIED;
}

unsigned logtap_libc_stderr(void)
{
	return stderr ? logtap_fd_log(stderr->_fileno) : 0;
}

bool logtap_libc_stderr_is_direct(void)
{
	return stderr && (stderr->_flags & STREAM_UNBUFFERED);
}

int logtap_stdio_descriptor(FILE *stream)
{
	return stream->_fileno;
}

void logtap_stdio_adopt(FILE *stream)
{
	(void)stream; /* all streams share the tables */
}
