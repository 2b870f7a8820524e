/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What one destination has not settled, and whether it is still waited for.  Under
 * the dispatcher's lock.
 */
#ifndef LOGTAP_EXPORT_BACKLOG_H
#define LOGTAP_EXPORT_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct logtap_backlog {
	size_t bytes;
	uint64_t since_ns; /* CLOCK_MONOTONIC: it settled something, or had
	                    * nothing to settle */
	bool dropping;
};

/* Something waits for it, and it has taken nothing for too long. */
bool logtap_backlog_stalls(const struct logtap_backlog *backlog,
			   uint64_t now_ns);

/**
 * logtap_backlog_add() - so many bytes more
 * @bound_bytes: how many may wait for one that stalls
 * @name:        of the destination, for the message
 *
 * Return: true: they are to be dropped for it; they count until they are settled.
 */
bool logtap_backlog_add(struct logtap_backlog *backlog, size_t bytes,
			size_t bound_bytes, uint64_t now_ns, const char *name);
/* @taken: by the destination, whatever it said. */
void logtap_backlog_settle(struct logtap_backlog *backlog, size_t bytes,
			   bool taken);

#endif
