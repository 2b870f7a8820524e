/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways on which what a process writes comes back to it: a graph of processes
 * and of what they have open, searched from one process on until it is met
 * again.  See peers.h.  Any thread.
 */
#include "peers.h"
#include "socket_table.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROCESSES_MAX = 1024, OPEN_MAX_EACH = 256, PORTS_MAX = 8192 };

/* One direction of something that is open. */
struct port {
	uint32_t pid;
	bool writes;
	bool pipe;
	bool dropped;
	dev_t device;
	ino_t inode;
	char name[48]; /* for people */
};

struct graph {
	struct port *ports;
	size_t count;
	/* TCP connections of this machine: inode here, inode there */
	struct {
		uint64_t inode;
		struct logtap_socket_end local, remote;
	} sockets[512];
	size_t socket_count;
};

static bool on_socket(void *context, const struct logtap_socket *socket)
{
	struct graph *graph = context;

	if (socket->listens || !socket->inode)
		return true;
	graph->sockets[graph->socket_count].inode = socket->inode;
	graph->sockets[graph->socket_count].local = socket->local;
	graph->sockets[graph->socket_count].remote = socket->remote;
	return ++graph->socket_count <
	       sizeof(graph->sockets) / sizeof(graph->sockets[0]);
}

/* The inode of the socket at the other end; 0: not on this machine. */
static uint64_t other_end(const struct graph *graph, uint64_t inode)
{
	size_t i = 0;

	while (i < graph->socket_count && graph->sockets[i].inode != inode)
		i++;
	for (size_t j = 0; i < graph->socket_count && j < graph->socket_count;
	     j++)
		if (!memcmp(&graph->sockets[j].local, &graph->sockets[i].remote,
			    sizeof(graph->sockets[i].remote)) &&
		    !memcmp(&graph->sockets[j].remote, &graph->sockets[i].local,
			    sizeof(graph->sockets[i].local)))
			return graph->sockets[j].inode;
	return 0;
}

static void add(struct graph *graph, const struct port *port, bool writes)
{
	if (graph->count == PORTS_MAX)
		return;
	graph->ports[graph->count] = *port;
	graph->ports[graph->count++].writes = writes;
}

/* O_ACCMODE of an open descriptor; -1: it is gone. */
static int access_mode(uint32_t pid, const char *fd)
{
	char path[64], line[64];
	unsigned flags = 0;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%u/fdinfo/%.16s", pid, fd);
	FILE *file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "flags: %o", &flags) == 1;
	if (file)
		fclose(file);
	return found ? (int)(flags & O_ACCMODE) : -1;
}

static void look_at_open(struct graph *graph, uint32_t pid, int dir,
			 const char *fd)
{
	struct port port = {.pid = pid};
	struct stat status;
	char link[256];

	if (fstatat(dir, fd, &status, 0))
		return;
	ssize_t bytes = readlinkat(dir, fd, link, sizeof(link) - 1);
	link[bytes > 0 ? bytes : 0] = 0;
	port.device = status.st_dev;
	port.inode = status.st_ino;
	if (S_ISSOCK(status.st_mode)) {
		uint64_t other = other_end(graph, status.st_ino);
		if (!other)
			return;
		snprintf(port.name, sizeof(port.name), "a connection");
		add(graph, &port, false);
		/* what is written here is read there */
		port.inode = other;
		add(graph, &port, true);
		return;
	}
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		return;
	int mode = access_mode(pid, fd);
	port.pipe = S_ISFIFO(status.st_mode);
	snprintf(port.name, sizeof(port.name), "%.47s",
		 port.pipe ? "a pipe" : link);
	/* what was opened for both is a store, or a shell's redirection, and
	 * not how anybody follows a log */
	if (mode == O_RDONLY)
		add(graph, &port, false);
	if (mode == O_WRONLY || mode == O_RDWR)
		add(graph, &port, true);
}

/* A pipe of which a process holds both ends wakes it up, and no more. */
static void drop_own_pipes(struct graph *graph, size_t first)
{
	for (size_t i = first; i < graph->count; i++)
		for (size_t j = first; j < graph->count; j++)
			if (graph->ports[i].pipe && graph->ports[j].pipe &&
			    graph->ports[i].inode == graph->ports[j].inode &&
			    graph->ports[i].writes != graph->ports[j].writes)
				graph->ports[i].dropped = true;
}

static void look_at_process(struct graph *graph, uint32_t pid)
{
	char path[32];
	struct dirent *entry;
	unsigned looked = 0;
	size_t first = graph->count;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	DIR *dir = opendir(path);
	while (dir && looked++ < OPEN_MAX_EACH && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at_open(graph, pid, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	drop_own_pipes(graph, first);
}

static void look_around(struct graph *graph)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	unsigned looked = 0;

	logtap_socket_table_read("self", on_socket, graph);
	while (dir && looked < PROCESSES_MAX && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0])) {
			look_at_process(graph, (uint32_t)strtoul(entry->d_name,
								 NULL, 10));
			looked++;
		}
	if (dir)
		closedir(dir);
}

/* A process that is met on the way, and by what the way began. */
struct met {
	uint32_t pid;
	const char *first;
};

struct way {
	const struct graph *graph;
	struct met met[PROCESSES_MAX];
	size_t count;
};

/* Who reads what @out writes.  Return: true if that is the first of them. */
static bool follow(struct way *way, const struct port *out, const char *first)
{
	for (size_t j = 0; j < way->graph->count; j++) {
		const struct port *in = &way->graph->ports[j];
		size_t k = 0;
		if (in->writes || in->dropped || in->inode != out->inode ||
		    in->device != out->device)
			continue;
		while (k < way->count && way->met[k].pid != in->pid)
			k++;
		if (!k) {
			way->met[0].first = first;
			return true;
		}
		if (k == way->count && k < PROCESSES_MAX)
			way->met[way->count++] = (struct met){in->pid, first};
	}
	return false;
}

/* Breadth first; each process once. */
static bool search(struct way *way)
{
	for (size_t at = 0; at < way->count; at++)
		for (size_t i = 0; i < way->graph->count; i++) {
			const struct port *out = &way->graph->ports[i];
			const char *first = way->met[at].first;
			if (out->pid != way->met[at].pid || !out->writes ||
			    out->dropped)
				continue;
			if (follow(way, out, first ? first : out->name))
				return true;
		}
	return false;
}

bool logtap_peers_cycle(uint32_t pid, char name[LOGTAP_PEERS_WAY_BYTES])
{
	struct graph *graph = calloc(1, sizeof(*graph));
	struct way *way = calloc(1, sizeof(*way));
	bool found = false;

	if (graph)
		graph->ports = calloc(PORTS_MAX, sizeof(graph->ports[0]));
	name[0] = 0;
	if (graph && graph->ports && way) {
		look_around(graph);
		*way = (struct way){
			.graph = graph, .met = {{pid, NULL}}, .count = 1};
		found = search(way);
		if (found)
			snprintf(name, LOGTAP_PEERS_WAY_BYTES, "%s",
				 way->met[0].first);
	}
	if (graph)
		free(graph->ports);
	free(graph);
	free(way);
	return found;
}
