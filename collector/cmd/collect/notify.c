/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Telling the service manager (sd_notify(3) has the protocol): a datagram to the
 * socket that it has named.  Main thread. */
#include "collector.h"

#include "../../base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Return: its bytes, 0 if there is none, or none that we can use. */
static socklen_t find_socket(struct sockaddr_un *address)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t bytes = name ? strlen(name) : 0;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!bytes || bytes >= sizeof(address->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	memcpy(address->sun_path, name, bytes);
	if (name[0] == '@')
		address->sun_path[0] = 0; /* an abstract name */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes);
}

void logtap_collector_notify(const struct logtap_collector *collector,
			     const char *state)
{
	struct sockaddr_un address;
	socklen_t bytes = find_socket(&address);

	/* A session is a part of some program, which says that itself. */
	if (!bytes || collector->options.session_fd > 0 ||
	    collector->options.once)
		return;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (struct sockaddr *)&address, bytes) < 0)
		logtap_log(LOGTAP_LOG_WARN, "collect",
			   "cannot tell the service manager socket=%s error=%s",
			   getenv("NOTIFY_SOCKET"), strerror(errno));
	if (fd >= 0)
		close(fd);
}
