/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that write memory to one of our descriptors.  The real call runs
 * first, unguarded, and decides the result; what it took is recorded after.
 * Runs in the host's threads and signal handlers. */
#include "../fd/table.h"
#include "../feedback/sending.h"
#include "../real.h"
#include "../sink/at_once.h"
#include "../sink/capture.h"
#include "../sink/divert.h"

/* errno is the real call's: nothing after it touches errno. */

/* To an OTLP connection. */
static __attribute__((noinline)) ssize_t write_export(int fd, const void *buf,
						      size_t len)
{
	struct logtap_sending sending = logtap_sending_begin();
	struct iovec part = {(void *)(uintptr_t)buf, len};
	ssize_t put = logtap_real.write(fd, buf, len);

	logtap_sending_end(&sending, fd, &part, 1, put);
	return put;
}

static __attribute__((noinline)) ssize_t writev_export(
	int fd, const struct iovec *parts, int count)
{
	struct logtap_sending sending = logtap_sending_begin();
	ssize_t put = logtap_real.writev(fd, parts, count);

	logtap_sending_end(&sending, fd, parts, put > 0 ? (size_t)count : 0,
			   put);
	return put;
}

static __attribute__((noinline)) ssize_t write_through(int fd, const void *buf,
						       size_t len)
{
	uint8_t sink = logtap_fd_sink(fd);
	struct logtap_now now = logtap_clock_now();

	logtap_guard_expire(&logtap_tls, LOGTAP_STACK_POINTER());
	enum logtap_diverted diverted = logtap_divert(now, sink, fd, buf, len);
	if (diverted == LOGTAP_DIVERT_TAKEN)
		return (ssize_t)len;
	ssize_t put = logtap_real.write(fd, buf, len);
	if (put > 0 && diverted == LOGTAP_DIVERT_TEE)
		logtap_capture_stream(now, sink, buf, (size_t)put);
	return put;
}

static __attribute__((noinline)) ssize_t write_and_capture(int fd,
							   const void *buf,
							   size_t len,
							   size_t tracked)
{
	struct logtap_now now = logtap_clock_now();
	ssize_t put = logtap_real.write(fd, buf, len);
	struct logtap_frame frame;

	if (put > 0 &&
	    !logtap_at_once_capture(&frame, now, tracked, buf, (size_t)put))
		logtap_capture_stream_slowly(
			&frame, now, (uint8_t)(tracked - 1), buf, (size_t)put);
	return put;
}

ssize_t logtap_on_tracked_write(int fd, const void *buf, size_t len,
				size_t tracked)
{
	if (__builtin_expect(tracked >= LOGTAP_FD_MAYBE, 0))
		return write_export(fd, buf, len);
	if (logtap_diverts_at_once) {
		if (logtap_at_once_divert(tracked, buf, len))
			return (ssize_t)len;
	} else if (logtap_state.config.mode == LOGTAP_MODE_TEE) {
		return write_and_capture(fd, buf, len, tracked);
	}
	return write_through(fd, buf, len);
}

ssize_t logtap_on_write(int fd, const void *buf, size_t len)
{
	return logtap_on_tracked_write(fd, buf, len, logtap_fd(fd));
}

ssize_t logtap_on_writev(int fd, const struct iovec *parts, int count)
{
	if (logtap_fd_is_export(fd))
		return writev_export(fd, parts, count);
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	enum logtap_diverted diverted;
	ssize_t put;

	diverted = logtap_divert_parts(&stamp, fd, parts, count, &put);
	if (diverted == LOGTAP_DIVERT_TAKEN)
		return put;
	put = logtap_real.writev(fd, parts, count);
	if (put > 0 && diverted == LOGTAP_DIVERT_TEE)
		logtap_capture_parts(&stamp, parts, (size_t)count, (size_t)put);
	return put;
}

ssize_t logtap_on_pwrite(int fd, const void *buf, size_t len, off64_t at)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.pwrite64(fd, buf, len, at);

	if (put > 0)
		logtap_capture_bytes(&stamp, buf, (size_t)put);
	return put;
}

ssize_t logtap_on_pwritev(int fd, const struct iovec *parts, int count,
			  off64_t at)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.pwritev64(fd, parts, count, at);

	if (put > 0)
		logtap_capture_parts(&stamp, parts, (size_t)count, (size_t)put);
	return put;
}

ssize_t logtap_on_pwritev2(int fd, const struct iovec *parts, int count,
			   off64_t at, int flags)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	enum logtap_diverted diverted = LOGTAP_DIVERT_TEE;
	ssize_t put;

	if (at == -1 && !flags) /* a writev */
		diverted = logtap_divert_parts(&stamp, fd, parts, count, &put);
	if (diverted == LOGTAP_DIVERT_TAKEN)
		return put;
	put = logtap_real.pwritev64v2(fd, parts, count, at, flags);
	if (put > 0 && diverted == LOGTAP_DIVERT_TEE)
		logtap_capture_parts(&stamp, parts, (size_t)count, (size_t)put);
	return put;
}

ssize_t logtap_on_vmsplice(int fd, const struct iovec *parts, size_t count,
			   unsigned flags)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.vmsplice(fd, parts, count, flags);

	/* On the read end of a pipe it reads instead: that is no output, but
	 * fd 2 is not such an end. */
	if (put > 0)
		logtap_capture_parts(&stamp, parts, count, (size_t)put);
	return put;
}
