/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who may write into a directory of segments: processes that have, or are about
 * to have, a file of it mapped.  Asked of /proc; stateless, any thread.
 */
#ifndef LOGTAP_INTAKE_USERS_H
#define LOGTAP_INTAKE_USERS_H

#include <stdint.h>

/* What a process has to do with a directory of segments (its path). */
enum logtap_use {
	LOGTAP_USE_NONE,
	LOGTAP_USE_MAPPING,  /* it has a file of it mapped */
	LOGTAP_USE_STARTING, /* it has it as its LOGTAP_DIR, and nothing mapped:
			      * an image that is being loaded, or one that cannot
			      * be captured */
	LOGTAP_USE_UNCLEAR,  /* it says nothing: it has no memory any more, so
			      * that a child of its may not be in a list that it
			      * was in; or no environment, as it is while the
			      * kernel loads an image */
};
enum logtap_use logtap_process_use(uint32_t pid, const char *directory);

/* How many there are of each, but for ours. */
struct logtap_users {
	uint64_t mapping;
	uint64_t starting;
	uint64_t unclear;
};
/* Looks at processes that began no earlier than a few seconds before ours. */
void logtap_users_count(const char *directory, struct logtap_users *users);

#endif
