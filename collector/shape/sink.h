/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which output is recorded: what a program wrote to where nobody of the session
 * would have seen it is left out, and counted.
 *
 * Hidden is, in a session: /dev/null; pipes and sockets other than the
 * session's own, because whoever reads them either keeps the text or passes it
 * on, and then it is recorded there (passed.h has the exception); and files that
 * a program found as its stderr when it started.  A file or terminal that a program made its stderr
 * itself is a log of its own, and recorded; so are all that are not stderr or
 * stdout.  Pure, any thread.
 */
#ifndef LOGTAP_SHAPE_SINK_H
#define LOGTAP_SHAPE_SINK_H

#include "source.h"

#include <string.h>

struct logtap_file_id {
	uint64_t device;
	uint64_t inode;
};

enum { LOGTAP_SESSION_SINKS = 2 }; /* its stderr and its stdout */

struct logtap_sink_policy {
	bool session_only;    /* false: everything is recorded */
	bool terminals_relay; /* what is shown on another terminal comes here
	                       * once more: stdout is recorded, too */
	struct logtap_file_id session[LOGTAP_SESSION_SINKS];
	unsigned session_count;
};

/* Reads the session's DEVICE:INODE,DEVICE:INODE.  Return: false if that is
 * malformed; then everything is recorded. */
bool logtap_sink_policy_read(struct logtap_sink_policy *policy,
			     const char *text);

/* The same, of a policy with session_only. */
bool logtap_sink_is_beside(const struct logtap_sink_policy *policy,
			   const struct logtap_sink_info *sink);
static inline bool logtap_sink_is_hidden(
	const struct logtap_sink_policy *policy,
	const struct logtap_sink_info *sink)
{
	return policy->session_only && logtap_sink_is_beside(policy, sink);
}

/* Is it the session's stderr? */
static inline bool logtap_sink_is_stderr(
	const struct logtap_sink_policy *policy,
	const struct logtap_sink_info *sink)
{
	return policy->session_count && sink && sink->inode &&
	       policy->session[0].inode == sink->inode &&
	       policy->session[0].device == sink->device;
}

/* What a chunk's index stands for in the table of its segment; NULL: unknown. */
const struct logtap_sink_info *logtap_sink_at(
	const struct logtap_sink_info table[LOGTAP_SINKS], uint8_t index);

/* The same file, terminal, pipe?  Each may be NULL. */
static inline bool logtap_sink_same(const struct logtap_sink_info *a,
				    const struct logtap_sink_info *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind)
		return false;
	/* a log file stays one when it is rotated */
	if (a->kind == LOGTAP_SINK_FILE)
		return !strcmp(a->path, b->path);
	return a->device == b->device && a->inode == b->inode;
}

/* What logtap.sink says: the path, or pipe:[1234] and the like.  Return: bytes
 * in @out, valid UTF-8. */
enum { LOGTAP_SINK_TEXT_BYTES = 3 * LOGTAP_SINK_PATH_BYTES + 1 };
size_t logtap_sink_text(const struct logtap_sink_info *sink,
			char out[LOGTAP_SINK_TEXT_BYTES]);

#endif
