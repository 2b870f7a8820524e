/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* syscall(2), as far as it does what a hooked function does.  The thunk lets
 * only the numbers below come here; everything else never sees a frame. */
#include "../fd/open.h"
#include "../fd/table.h"
#include "../feedback/sending.h"
#include "../real.h"
#include "../sink/capture.h"
#include "restrict.h"

#include <errno.h>
#include <linux/close_range.h>

enum { KIND_NONE, KIND_OURS };

/* Read by the thunk: 0 passes on. */
extern const unsigned char logtap_syscall_kinds[512];
const unsigned char logtap_syscall_kinds[512] = {
	[SYS_write] = KIND_OURS,    [SYS_writev] = KIND_OURS,
	[SYS_pwrite64] = KIND_OURS, [SYS_pwritev] = KIND_OURS,
	[SYS_pwritev2] = KIND_OURS, [SYS_sendto] = KIND_OURS,
	[SYS_sendmsg] = KIND_OURS,  [SYS_sendmmsg] = KIND_OURS,
	[SYS_sendfile] = KIND_OURS, [SYS_splice] = KIND_OURS,
	[SYS_connect] = KIND_OURS,  [SYS_close] = KIND_OURS,
	[SYS_dup] = KIND_OURS,
#ifdef SYS_dup2
	[SYS_dup2] = KIND_OURS,
#endif
	[SYS_dup3] = KIND_OURS,	    [SYS_fcntl] = KIND_OURS,
#ifdef SYS_open
	[SYS_open] = KIND_OURS,
#endif
	[SYS_openat] = KIND_OURS,   [SYS_prctl] = KIND_OURS,
	[SYS_seccomp] = KIND_OURS,  [436 /* close_range */] = KIND_OURS,
};

typedef long syscall_function(long number, long a, long b, long c, long d,
			      long e, long f);

static void before(long number, long a, long b, long c)
{
	if (number == SYS_close && logtap_fd((int)a))
		logtap_fd_closing((int)a);
	else if (number == 436 && !((unsigned)c & ~CLOSE_RANGE_UNSHARE) &&
		 (unsigned)a <= (unsigned)b &&
		 logtap_fd_any((unsigned)a, (unsigned)b))
		logtap_fd_closing_range((unsigned)a, (unsigned)b);
	else if (number == SYS_prctl)
		logtap_restrict_before_prctl((int)a, (unsigned long)b);
	else if (number == SYS_seccomp)
		logtap_restrict_before_seccomp((unsigned)a);
}

static void after_sendmmsg(const struct logtap_stamp *stamp, int fd,
			   const struct mmsghdr *messages, long count)
{
	for (long i = 0; logtap_fd_log(fd) && i < count; i++)
		logtap_capture_parts(stamp, messages[i].msg_hdr.msg_iov,
				     messages[i].msg_hdr.msg_iovlen,
				     messages[i].msg_len);
}

static void after_open(const char *path, int flags, long fd)
{
	if (fd >= 0 && logtap_open_writes(flags))
		logtap_open_noted((int)fd, path, (flags & O_ACCMODE) == O_RDWR);
}

/* Of calls that change what a descriptor is. */
static void after_descriptor(long number, long a, long b, long c, long result)
{
	switch (number) {
#ifdef SYS_open
	case SYS_open:
		after_open((const char *)a, (int)b, result);
		break;
#endif
	case SYS_openat:
		after_open((const char *)b, (int)c, result);
		break;
	case SYS_connect:
		logtap_sending_connected((int)a, (const void *)b, (socklen_t)c,
					 result == 0 ? 0 : errno);
		break;
	case SYS_fcntl:
		if (b != F_DUPFD && b != F_DUPFD_CLOEXEC)
			break;
		/* fall through */
	case SYS_dup:
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		if (result >= 0 &&
		    (logtap_fd((int)a) || logtap_fd((int)result) ||
		     (result <= STDERR_FILENO &&
		      logtap_fd_is_standard((int)result))))
			logtap_fd_duplicated((int)a, (int)result);
		break;
	}
}

static void after(const struct logtap_stamp *stamp, long number, long a, long b,
		  long c, long result)
{
	const struct msghdr *message = (const void *)b;

	switch (number) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_sendto:
		if (result > 0 && logtap_fd_log((int)a))
			logtap_capture_bytes(stamp, (const void *)b,
					     (size_t)result);
		break;
	case SYS_writev:
	case SYS_pwritev:
	case SYS_pwritev2:
		if (result > 0 && logtap_fd_log((int)a))
			logtap_capture_parts(stamp, (const struct iovec *)b,
					     (size_t)c, (size_t)result);
		break;
	case SYS_sendmsg:
		if (result > 0 && logtap_fd_log((int)a))
			logtap_capture_parts(stamp, message->msg_iov,
					     message->msg_iovlen,
					     (size_t)result);
		break;
	case SYS_sendmmsg:
		after_sendmmsg(stamp, (int)a, (const struct mmsghdr *)b,
			       result);
		break;
	case SYS_sendfile:
		if (result > 0 && logtap_fd_log((int)a))
			logtap_capture_gap(stamp, (uint64_t)result);
		break;
	case SYS_splice:
		if (result > 0 && logtap_fd_log((int)c))
			logtap_capture_gap(stamp, (uint64_t)result);
		break;
	default:
		after_descriptor(number, a, b, c, result);
	}
}

static bool sends(long number)
{
	return number == SYS_write || number == SYS_writev ||
	       number == SYS_sendto || number == SYS_sendmsg;
}

/* To an OTLP connection. */
static long send_export(long number, long a, long b, long c, long d, long e,
			long f)
{
	struct logtap_sending sending = logtap_sending_begin();
	struct iovec part = {(void *)b, (size_t)c};
	const struct iovec *parts = &part;
	const struct msghdr *message = (const void *)b;
	size_t count = 1;
	long put = ((syscall_function *)LOGTAP_NEXT(syscall))(number, a, b, c,
							      d, e, f);

	if (put > 0 && number == SYS_writev) {
		parts = (const void *)b;
		count = (size_t)c;
	} else if (put > 0 && number == SYS_sendmsg) {
		parts = message->msg_iov;
		count = message->msg_iovlen;
	}
	logtap_sending_end(&sending, (int)a, parts, count, put);
	return put;
}

long logtap_on_syscall(long number, long a, long b, long c, long d, long e,
		       long f)
{
	int fd = number == SYS_splice ? (int)c : (int)a;
	struct logtap_stamp stamp = {0};

	if (sends(number) && logtap_fd_is_export(fd))
		return send_export(number, a, b, c, d, e, f);
	if (logtap_fd_log(fd))
		stamp = logtap_stamp_for(logtap_fd_sink(fd));
	before(number, a, b, c);
	long result = ((syscall_function *)LOGTAP_NEXT(syscall))(number, a, b,
								 c, d, e, f);
	after(&stamp, number, a, b, c, result);
	return result;
}
