/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The other ends of connections: see the header.  Any thread. */
#include "peers.h"

#include "socket_table.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROCESSES_MAX = 4096 };

uint32_t logtap_peers_parent(uint32_t pid)
{
	char path[32], text[512];
	unsigned parent = 0;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	size_t bytes = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[bytes] = 0;
	/* the name may hold anything, parentheses, too */
	const char *end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %*c %u", &parent) != 1)
		return 0;
	return parent;
}

static bool is_same_program(uint32_t a, uint32_t b)
{
	char path[48];
	struct stat one, other;

	snprintf(path, sizeof(path), "/proc/%u/exe", a);
	if (stat(path, &one))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/exe", b);
	return !stat(path, &other) && one.st_ino == other.st_ino &&
	       one.st_dev == other.st_dev;
}

bool logtap_peers_have(const struct logtap_peers *peers, uint32_t pid)
{
	uint32_t parent = peers->count ? logtap_peers_parent(pid) : 0;

	for (size_t i = 0; i < peers->count; i++)
		if (peers->pids[i] == pid)
			return true;
	for (size_t i = 0; i < peers->count; i++)
		if ((peers->pids[i] == parent ||
		     logtap_peers_parent(peers->pids[i]) == pid) &&
		    is_same_program(peers->pids[i], pid))
			return true;
	return false;
}

static void add(struct logtap_peers *peers, uint32_t pid)
{
	if (peers->count < LOGTAP_PEERS_MAX)
		peers->pids[peers->count++] = pid;
}

static bool holds_socket(uint32_t pid, uint64_t inode)
{
	char path[64], wanted[48], link[48];
	struct dirent *entry;
	bool found = false;

	snprintf(wanted, sizeof(wanted), "socket:[%llu]",
		 (unsigned long long)inode);
	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	DIR *dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		ssize_t bytes = readlinkat(dirfd(dir), entry->d_name, link,
					   sizeof(link) - 1);
		if (bytes <= 0)
			continue;
		link[bytes] = 0;
		found = !strcmp(link, wanted);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void add_holders(struct logtap_peers *peers, uint64_t inode)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	unsigned looked = 0;

	while (dir && looked < PROCESSES_MAX && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		looked++;
		if (holds_socket(pid, inode))
			add(peers, pid);
	}
	if (dir)
		closedir(dir);
}

static bool read_end(const char *address, uint16_t port,
		     struct logtap_socket_end *out)
{
	struct in_addr v4;

	*out = (struct logtap_socket_end){.port = port};
	if (inet_pton(AF_INET, address, &v4) == 1) {
		logtap_socket_end_v4(out, v4.s_addr);
		return true;
	}
	return inet_pton(AF_INET6, address, out->address) == 1;
}

struct search {
	struct logtap_socket_end ours, peer;
	uint64_t connected; /* inodes */
	uint64_t listening;
};

static bool on_socket(void *context, const struct logtap_socket *socket)
{
	static const unsigned char any[16], any_v4[16] = {[10] = 0xff, 0xff};
	struct search *search = context;

	if (socket->local.port != search->peer.port || !socket->inode)
		return true;
	if (socket->listens &&
	    (!memcmp(socket->local.address, any, 16) ||
	     !memcmp(socket->local.address, any_v4, 16) ||
	     !memcmp(socket->local.address, search->peer.address, 16)))
		search->listening = socket->inode;
	if (!memcmp(&socket->local, &search->peer, sizeof(search->peer)) &&
	    !memcmp(&socket->remote, &search->ours, sizeof(search->ours)))
		search->connected = socket->inode;
	return true;
}

static ino_t namespace_of(const char *pid)
{
	char path[48];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	return stat(path, &status) ? 0 : status.st_ino;
}

void logtap_peers_find(const struct logtap_connection *connection,
		       const uint32_t *namespaces, size_t namespace_count,
		       struct logtap_peers *out)
{
	struct search search = {0};
	ino_t seen = namespace_of("self");
	char pid[16];

	out->count = 0;
	if (!connection->peer_port ||
	    !read_end(connection->peer, connection->peer_port, &search.peer) ||
	    !read_end(connection->local, connection->local_port, &search.ours))
		return;
	/* a listener on any address says nothing about another machine's */
	bool local = !strcmp(connection->peer, connection->local);
	logtap_socket_table_read("self", on_socket, &search);
	if (!local)
		search.listening = 0;
	for (size_t i = 0; !search.connected && !search.listening && !local &&
			   i < namespace_count;
	     i++) {
		snprintf(pid, sizeof(pid), "%u", namespaces[i]);
		ino_t there = namespace_of(pid);
		if (!there || there == seen)
			continue;
		seen = there;
		logtap_socket_table_read(pid, on_socket, &search);
		search.listening = 0;
	}
	if (search.connected)
		add_holders(out, search.connected);
	if (!out->count && search.listening)
		add_holders(out, search.listening);
}
