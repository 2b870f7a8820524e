/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's lists of TCP sockets: see the header.  Any thread. */
#include "socket_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTEN = 0x0a }; /* TCP_LISTEN */

void logtap_socket_end_v4(struct logtap_socket_end *end, uint32_t address)
{
	memset(end->address, 0, 10);
	end->address[10] = end->address[11] = 0xff;
	memcpy(end->address + 12, &address, sizeof(address));
}

/* "0100007F:1F90": words of 32 bits in the machine's order. */
static bool read_end(const char *text, struct logtap_socket_end *out)
{
	size_t digits = strspn(text, "0123456789ABCDEFabcdef");
	char word[9] = "";

	if ((digits != 8 && digits != 32) || text[digits] != ':')
		return false;
	for (size_t i = 0; i < digits / 8; i++) {
		memcpy(word, text + 8 * i, 8);
		uint32_t value = (uint32_t)strtoul(word, NULL, 16);
		if (digits == 8)
			logtap_socket_end_v4(out, value);
		else
			memcpy(out->address + 4 * i, &value, sizeof(value));
	}
	out->port = (uint16_t)strtoul(text + digits + 1, NULL, 16);
	return true;
}

static bool read_line(const char *line, struct logtap_socket *out)
{
	char local[48], remote[48];
	unsigned state;
	unsigned long long inode;

	*out = (struct logtap_socket){0};
	if (sscanf(line, " %*d: %47s %47s %x %*s %*s %*s %*u %*u %llu", local,
		   remote, &state, &inode) != 4 ||
	    !read_end(local, &out->local) || !read_end(remote, &out->remote))
		return false;
	out->inode = inode;
	out->listens = state == LISTEN;
	return true;
}

void logtap_socket_table_read(const char *pid,
			      bool (*each)(void *context,
					   const struct logtap_socket *socket),
			      void *context)
{
	static const char *const names[] = {"tcp", "tcp6"};
	struct logtap_socket socket;
	char path[64], line[512];
	bool more = true;

	for (size_t i = 0; more && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/%s/net/%s", pid, names[i]);
		FILE *file = fopen(path, "re");
		while (file && more && fgets(line, sizeof(line), file))
			if (read_line(line, &socket))
				more = each(context, &socket);
		if (file)
			fclose(file);
	}
}
