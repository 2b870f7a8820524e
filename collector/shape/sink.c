/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Where output was going: see the header. */
#include "sink.h"

#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool is_of_session(const struct logtap_sink_policy *policy,
			  const struct logtap_sink_info *sink)
{
	for (unsigned i = 0; i < policy->session_count; i++)
		if (policy->session[i].device == sink->device &&
		    policy->session[i].inode == sink->inode)
			return true;
	return false;
}

bool logtap_sink_policy_read(struct logtap_sink_policy *policy,
			     const char *text)
{
	struct logtap_file_id *session = policy->session;
	int end = 0;

	if (sscanf(text, "%" SCNu64 ":%" SCNu64 ",%" SCNu64 ":%" SCNu64 "%n",
		   &session[0].device, &session[0].inode, &session[1].device,
		   &session[1].inode, &end) != 4 ||
	    text[end])
		return false;
	policy->session_count = LOGTAP_SESSION_SINKS;
	policy->session_only = true;
	return true;
}

bool logtap_sink_is_beside(const struct logtap_sink_policy *policy,
			   const struct logtap_sink_info *sink)
{
	if (!sink || (sink->kind != LOGTAP_SINK_STDERR &&
		      sink->kind != LOGTAP_SINK_STDOUT))
		return false;
	if (is_of_session(policy, sink))
		return false;
	switch (sink->file_type) {
	case S_IFIFO:
	case S_IFSOCK:
		return true;
	case S_IFREG:
		return sink->flags & LOGTAP_SINK_FOUND;
	case S_IFCHR:
		return sink->flags & LOGTAP_SINK_NULL ||
		       (sink->flags & LOGTAP_SINK_FOUND &&
			policy->terminals_relay);
	default: /* unknown */
		return false;
	}
}

#define MANY "one of many" /* what logtap.sink says of it */

const struct logtap_sink_info *logtap_sink_at(
	const struct logtap_sink_info table[LOGTAP_SINKS], uint8_t index)
{
	static const struct logtap_sink_info
		further[LOGTAP_SINK_INDEXES - LOGTAP_SINK_FURTHER] = {
			{.kind = LOGTAP_SINK_STDERR, .path = MANY},
			{.kind = LOGTAP_SINK_STDERR,
			 .path = MANY,
			 .file_type = S_IFCHR,
			 .flags = LOGTAP_SINK_NULL},
			{.kind = LOGTAP_SINK_STDOUT, .path = MANY},
			{.kind = LOGTAP_SINK_STDOUT,
			 .path = MANY,
			 .file_type = S_IFCHR,
			 .flags = LOGTAP_SINK_NULL},
		};

	if (index < LOGTAP_SINKS)
		return &table[index];
	return index < LOGTAP_SINK_INDEXES
		       ? &further[index - LOGTAP_SINK_FURTHER]
		       : NULL;
}

static const char *type_name(uint32_t file_type)
{
	switch (file_type) {
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFREG:
		return "file";
	case S_IFCHR:
		return "terminal";
	default:
		return "unknown";
	}
}

size_t logtap_sink_text(const struct logtap_sink_info *sink,
			char out[LOGTAP_SINK_TEXT_BYTES])
{
	const char *name = type_name(sink->file_type);
	int bytes;

	if (sink->path[0])
		return logtap_utf8_copy(out, LOGTAP_SINK_TEXT_BYTES, sink->path,
					strnlen(sink->path,
						LOGTAP_SINK_PATH_BYTES));
	if (sink->file_type == S_IFIFO || sink->file_type == S_IFSOCK)
		bytes = snprintf(out, LOGTAP_SINK_TEXT_BYTES,
				 "%s:[%" PRIu64 "]", name, sink->inode);
	else
		bytes = snprintf(out, LOGTAP_SINK_TEXT_BYTES,
				 "%s:%u:%u:%" PRIu64, name,
				 major((dev_t)sink->device),
				 minor((dev_t)sink->device), sink->inode);
	return (size_t)bytes;
}
