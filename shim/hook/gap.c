/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that move bytes inside the kernel to one of our descriptors: nobody
 * shows them to us, so the record says how many there were. */
#include "../fd/table.h"
#include "../real.h"
#include "../sink/capture.h"

ssize_t logtap_on_sendfile(int fd, int from, off64_t *at, size_t len)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.sendfile64(fd, from, at, len);

	if (put > 0)
		logtap_capture_gap(&stamp, (uint64_t)put);
	return put;
}

ssize_t logtap_on_splice(int from, off64_t *from_at, int fd, off64_t *at,
			 size_t len, unsigned flags)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.splice(from, from_at, fd, at, len, flags);

	if (put > 0)
		logtap_capture_gap(&stamp, (uint64_t)put);
	return put;
}

ssize_t logtap_on_copy_file_range(int from, off64_t *from_at, int fd,
				  off64_t *at, size_t len, unsigned flags)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put =
		logtap_real.copy_file_range(from, from_at, fd, at, len, flags);

	if (put > 0)
		logtap_capture_gap(&stamp, (uint64_t)put);
	return put;
}

ssize_t logtap_on_tee(int from, int fd, size_t len, unsigned flags)
{
	struct logtap_stamp stamp = logtap_stamp_for(logtap_fd_sink(fd));
	ssize_t put = logtap_real.tee(from, fd, len, flags);

	if (put > 0)
		logtap_capture_gap(&stamp, (uint64_t)put);
	return put;
}
