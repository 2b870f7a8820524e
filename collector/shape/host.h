/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Facts about the machine that every resource shares, and the names of users.
 * One owner, not thread-safe.
 */
#ifndef LOGTAP_SHAPE_HOST_H
#define LOGTAP_SHAPE_HOST_H

#include <stddef.h>
#include <stdint.h>

/* An attribute of every resource; UTF-8 or repaired to it. */
struct logtap_pair {
	char *name;
	char *value;
};

enum { LOGTAP_HOST_OWNERS = 8 };

/* Strings are valid UTF-8, empty when unknown. */
struct logtap_host {
	char name[256];
	char id[40];		  /* of /etc/machine-id */
	const char *architecture; /* a value of host.arch */
	/* Of this collector, by which it knows what it has sent when that comes
	 * back; NULL: it does not look for that.  Borrowed. */
	const char *instance;
	/* what a process does not say itself; borrowed */
	const struct logtap_pair *attributes;
	size_t attribute_count;
	/* the last users asked for: a look-up may go over the network */
	struct {
		uint32_t uid;
		char name[64]; /* empty: the entry is free */
	} owners[LOGTAP_HOST_OWNERS];
	unsigned next_owner;
};

void logtap_host_init(struct logtap_host *host);
/* The user's name, or the number in decimal when it has none.
 * Valid until the next call. */
const char *logtap_host_owner(struct logtap_host *host, uint32_t uid);

#endif
