/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who is at the other end: processes of this machine that hold the other end of
 * a connection of ours, and ways on which what a process writes comes back to
 * it.  Told by /proc, so what its permissions hide is not found.
 *
 * These read many small files: not for each record.  Any thread.
 */
#ifndef LOGTAP_LOOPS_PEERS_H
#define LOGTAP_LOOPS_PEERS_H

#include "../export/tap.h"

#include <sys/types.h>

enum { LOGTAP_PEERS_MAX = 16 };

struct logtap_peers {
	uint32_t pids[LOGTAP_PEERS_MAX];
	size_t count;
};

/**
 * logtap_peers_find() - the processes at the other end
 * @connection: as our socket sees it
 * @namespaces: processes in whose network namespaces to look as well, when
 *              they are not in ours
 * The one that took the connection, else those that listen there; none if the
 * address is another machine's.
 */
void logtap_peers_find(const struct logtap_connection *connection,
		       const uint32_t *namespaces, size_t namespace_count,
		       struct logtap_peers *out);
/* Is @pid one of them, or the same program as its parent or child that is? */
bool logtap_peers_have(const struct logtap_peers *peers, uint32_t pid);

/* 0: unknown. */
uint32_t logtap_peers_parent(uint32_t pid);

#define LOGTAP_PEERS_WAY_BYTES 160
/**
 * logtap_peers_cycle() - can what @pid writes come back to it?
 *
 * Through files, pipes and TCP connections within the machine, from process to
 * process.  @way becomes the first thing on that way that is not a process, for
 * people: a path, "pipe", an address.
 */
bool logtap_peers_cycle(uint32_t pid, char way[LOGTAP_PEERS_WAY_BYTES]);

#endif
