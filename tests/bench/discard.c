/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The cheapest reader there can be: of standard input, or of the datagram
 * socket PATH that it makes.  Says "ready", then reads until it is ended. */
#include "bench.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		bench_die("the path of the socket is too long");
	strcpy(address.sun_path, path);
	if (fd < 0 || bind(fd, (void *)&address, sizeof address) != 0 ||
	    chmod(path, 0666) != 0)
		bench_die("cannot make the socket");
	return fd;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	int fd = argc > 1 ? listen_at(argv[1]) : 0;

	if (argc > 1 && write(1, "ready\n", 6) != 6)
		return 3;
	for (;;) {
		ssize_t got = read(fd, buffer, sizeof buffer);
		if (got < 0 || (got == 0 && argc == 1))
			return got < 0;
	}
}
