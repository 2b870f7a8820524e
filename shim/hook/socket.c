/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on sockets: fd 2 may be one, and a program may speak to a logger's
 * socket itself (logger, Python, perl, nginx, sd_journal_send).  The real call
 * runs first and decides; runs in the host's threads and handlers. */
#include "../fd/socket.h"

#include "../arch/syscall.h"
#include "../fd/table.h"
#include "../feedback/sending.h"
#include "../real.h"
#include "../sink/capture.h"
#include "../state.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A memory file larger than this is recorded as a gap. */
#define MEMORY_FILE_BYTES_MAX (1 << 20)

/* The sink of a call on @fd that may name its address. */
static uint8_t sink_of(int fd, const struct sockaddr *to, socklen_t to_bytes)
{
	if (logtap_fd_log(fd))
		return logtap_fd_sink(fd);
	return logtap_socket_sink(to, to_bytes);
}

int logtap_on_connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t to_bytes)
{
	int result = logtap_real.connect(fd, to, to_bytes);

	if (result == 0)
		logtap_socket_connected(fd, LOGTAP_SOCKADDR(to), to_bytes);
	logtap_sending_connected(fd, LOGTAP_SOCKADDR(to), to_bytes,
				 result == 0 ? 0 : errno);
	return result;
}

static ssize_t send_export(int fd, const void *buf, size_t len, int flags,
			   __CONST_SOCKADDR_ARG to, socklen_t to_bytes)
{
	struct logtap_sending sending = logtap_sending_begin();
	struct iovec part = {(void *)(uintptr_t)buf, len};
	ssize_t put = logtap_real.sendto(fd, buf, len, flags, to, to_bytes);

	logtap_sending_end(&sending, fd, &part, 1, put);
	return put;
}

static ssize_t sendmsg_export(int fd, const struct msghdr *message, int flags)
{
	struct logtap_sending sending = logtap_sending_begin();
	ssize_t put = logtap_real.sendmsg(fd, message, flags);

	logtap_sending_end(&sending, fd, put > 0 ? message->msg_iov : NULL,
			   put > 0 ? message->msg_iovlen : 0, put);
	return put;
}

static int sendmmsg_export(int fd, struct mmsghdr *messages, unsigned count,
			   int flags)
{
	struct logtap_sending sending = logtap_sending_begin();
	int put = logtap_real.sendmmsg(fd, messages, count, flags);

	if (put <= 0)
		logtap_sending_end(&sending, fd, NULL, 0, put);
	for (int i = 0; i < put; i++)
		logtap_sending_end(&sending, fd, messages[i].msg_hdr.msg_iov,
				   messages[i].msg_hdr.msg_iovlen,
				   messages[i].msg_len);
	return put;
}

ssize_t logtap_on_send(int fd, const void *buf, size_t len, int flags)
{
	if (logtap_fd_is_export(fd))
		return send_export(fd, buf, len, flags, NULL, 0);
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.send(fd, buf, len, flags);

	if (put > 0)
		logtap_capture_bytes(&stamp, buf, (size_t)put);
	return put;
}

ssize_t logtap_on_sendto(int fd, const void *buf, size_t len, int flags,
			 __CONST_SOCKADDR_ARG to, socklen_t to_bytes)
{
	if (logtap_fd_is_export(fd))
		return send_export(fd, buf, len, flags, to, to_bytes);
	struct logtap_now now = logtap_clock_now();
	ssize_t put = logtap_real.sendto(fd, buf, len, flags, to, to_bytes);
	uint8_t sink;

	if (put <= 0)
		return put;
	sink = sink_of(fd, LOGTAP_SOCKADDR(to), to_bytes);
	if (sink != LOGTAP_SINK_INDEX_UNKNOWN)
		logtap_capture_stream(now, sink, buf, (size_t)put);
	return put;
}

/* The descriptor that @message passes, -1 if it passes none or many. */
static int passed_descriptor(const struct msghdr *message)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fd;

	if (!control || control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_RIGHTS ||
	    control->cmsg_len != CMSG_LEN(sizeof fd))
		return -1;
	__builtin_memcpy(&fd, CMSG_DATA(control), sizeof fd);
	return fd;
}

/* Journal entries too large for a datagram go as a sealed memory file
 * (systemd's JOURNAL_NATIVE_PROTOCOL). */
static void capture_memory_file(const struct logtap_stamp *stamp, int fd)
{
	struct stat status;
	long memory = -ENOSYS;

	if (fd < 0 || logtap_sealed() ||
	    logtap_sys2(SYS_fstat, fd, (long)&status) != 0 ||
	    status.st_size <= 0)
		return;
	/* Read, not mapped: the file may be cut short at any time. */
	if (status.st_size <= MEMORY_FILE_BYTES_MAX)
		memory = logtap_sys6(SYS_mmap, 0, status.st_size,
				     PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory < 0 && memory > -4096) {
		logtap_capture_gap(stamp, (uint64_t)status.st_size);
		return;
	}
	long got = logtap_sys4(SYS_pread64, fd, memory, status.st_size, 0);
	if (got > 0)
		logtap_capture_bytes(stamp, (const void *)memory, (size_t)got);
	logtap_sys2(SYS_munmap, memory, status.st_size);
}

static void capture_message(const struct logtap_stamp *stamp,
			    const struct msghdr *message, size_t put)
{
	if (put)
		logtap_capture_parts(stamp, message->msg_iov,
				     message->msg_iovlen, put);
	else if (stamp->format == LOGTAP_FORMAT_JOURNAL)
		capture_memory_file(stamp, passed_descriptor(message));
}

ssize_t logtap_on_sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (logtap_fd_is_export(fd))
		return sendmsg_export(fd, message, flags);
	struct logtap_now now = logtap_clock_now();
	ssize_t put = logtap_real.sendmsg(fd, message, flags);
	struct logtap_stamp stamp;
	uint8_t sink;

	if (put < 0)
		return put;
	sink = sink_of(fd, message->msg_name, message->msg_namelen);
	if (sink == LOGTAP_SINK_INDEX_UNKNOWN)
		return put;
	stamp = logtap_stamp_at(now, sink);
	capture_message(&stamp, message, (size_t)put);
	return put;
}

int logtap_on_sendmmsg(int fd, struct mmsghdr *messages, unsigned count,
		       logtap_sendmmsg_flags flags)
{
	if (logtap_fd_is_export(fd))
		return sendmmsg_export(fd, messages, count, flags);
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	int put = logtap_real.sendmmsg(fd, messages, count, flags);

	for (int i = 0; i < put; i++)
		capture_message(&stamp, &messages[i].msg_hdr,
				messages[i].msg_len);
	return put;
}
