/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of loggers: see the header.  Runs in the host's threads, after
 * connect(2) and around sendto(2) and sendmsg(2). */
#include "socket.h"

#include "../bytes.h"
#include "../segment/create.h"
#include "table.h"

#include <stddef.h>
#include <sys/un.h>

static const struct {
	const char *path;
	enum logtap_sink_kind kind;
} loggers[] = {
	{"/dev/log", LOGTAP_SINK_SYSLOG},
	{"/run/systemd/journal/dev-log", LOGTAP_SINK_SYSLOG},
	{"/run/systemd/journal/syslog", LOGTAP_SINK_SYSLOG},
	{"/var/run/log", LOGTAP_SINK_SYSLOG},
	{"/run/systemd/journal/socket", LOGTAP_SINK_JOURNAL},
};

uint8_t logtap_socket_sink(const struct sockaddr *address, socklen_t bytes)
{
	const struct sockaddr_un *local = (const void *)address;
	char path[sizeof local->sun_path + 1];
	size_t size = 0;

	/* The kernel looks at no address that has no length: then it may be no
	 * memory at all. */
	if (bytes <= offsetof(struct sockaddr_un, sun_path) ||
	    !logtap_socket_is_local(address))
		return LOGTAP_SINK_INDEX_UNKNOWN;
	bytes -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	while (size < bytes && size < sizeof local->sun_path &&
	       local->sun_path[size]) {
		path[size] = local->sun_path[size];
		size++;
	}
	path[size] = '\0';
	for (size_t i = 0; i < sizeof loggers / sizeof loggers[0]; i++)
		if (logtap_bytes_same(path, loggers[i].path))
			/* the index stands in for an inode: sinks are told
			 * apart by it, and nothing is asked of the kernel */
			return logtap_segment_sink(
				&(struct logtap_sink_description){
					.kind = loggers[i].kind,
					.inode = i + 1,
					.path = path,
				});
	return LOGTAP_SINK_INDEX_UNKNOWN;
}

void logtap_socket_connected(int fd, const struct sockaddr *address,
			     socklen_t bytes)
{
	uint8_t sink = logtap_socket_sink(address, bytes);

	if (sink != LOGTAP_SINK_INDEX_UNKNOWN)
		logtap_fd_opened(fd, sink);
}
