/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /loops: the feedback loops that were found, and what is done about them.  The
 * endpoint's thread.
 *
 *     GET  /loops
 *     POST /loops?action=probe[&number=N]
 *     POST /loops?action=break&number=N&step=observe|tag|rate|suppress
 *                [&rate=R][&ttl_ms=T][&source=1]
 *
 * A POST is for programs and not for pages: it must carry a header that no page
 * of another site can send without asking first.
 */
#include "../loops/loops.h"

#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 512 };

static const char *parameter(struct MHD_Connection *connection,
			     const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
					   name);
}

static bool is_watched(const struct logtap_admin *admin,
		       struct logtap_reply *reply)
{
	if (admin->options.loops)
		return true;
	logtap_reply_text(reply, MHD_HTTP_NOT_FOUND,
			  "logtap: loops: this collector does not look for "
			  "them; start it with --loops");
	return false;
}

void logtap_page_loops(struct logtap_admin *admin,
		       struct MHD_Connection *connection,
		       struct logtap_reply *reply)
{
	(void)connection;
	if (!is_watched(admin, reply))
		return;
	json_t *loops = logtap_loops_json_all(admin->options.loops);
	char *text = loops ? json_dumps(loops, JSON_COMPACT) : NULL;
	json_decref(loops);
	reply->type = "application/json";
	if (!text || logtap_bytes_append(&reply->body, text, strlen(text)) ||
	    logtap_bytes_append(&reply->body, "\n", 1))
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: out of memory");
	free(text);
}

/* Return: false when it is not a number from 0 on. */
static bool read_number(const char *text, double *out)
{
	char *end;

	if (!text || !*text)
		return false;
	*out = strtod(text, &end);
	return !*end && *out >= 0 && *out < 1e15;
}

static int read_step(const char *name)
{
	static const char *const names[] = {"observe", "tag", "rate",
					    "suppress"};
	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return (int)i;
	return -1;
}

/* "1", or "0" as if it were not given. */
static bool read_source(const char *text, enum logtap_loops_step step,
			bool *out)
{
	*out = text && !strcmp(text, "1");
	return !text || !strcmp(text, "0") ||
	       (*out && step != LOGTAP_LOOPS_OBSERVE);
}

static int apply(struct logtap_loops *loops, struct MHD_Connection *connection,
		 unsigned number, char *error, size_t error_bytes)
{
	int step = read_step(parameter(connection, "step"));
	double rate = 0, ttl_ms = 0;
	const char *given = parameter(connection, "rate");

	if (step < 0) {
		snprintf(error, error_bytes,
			 "loops: step: observe, tag, rate or suppress");
		return -EINVAL;
	}
	if (given && !read_number(given, &rate)) {
		snprintf(error, error_bytes, "loops: rate: not a number");
		return -EINVAL;
	}
	given = parameter(connection, "ttl_ms");
	if (given && (!read_number(given, &ttl_ms) || ttl_ms > 1e12)) {
		snprintf(error, error_bytes, "loops: ttl_ms: not a number");
		return -EINVAL;
	}
	bool at_source;
	if (!read_source(parameter(connection, "source"),
			 (enum logtap_loops_step)step, &at_source)) {
		snprintf(error, error_bytes,
			 "loops: source: 0, or 1 with the step tag, rate or "
			 "suppress");
		return -EINVAL;
	}
	const struct logtap_loops_break what = {
		.step = (enum logtap_loops_step)step,
		.rate_per_s = rate,
		.ttl_ns = (uint64_t)ttl_ms * 1000000,
		.at_source = at_source,
	};
	return logtap_loops_break(loops, number, &what, error, error_bytes);
}

static unsigned status_of(int result)
{
	switch (result) {
	case -ENOENT:
		return MHD_HTTP_NOT_FOUND;
	case -EPERM:
		return MHD_HTTP_FORBIDDEN;
	case -EBUSY:
		return MHD_HTTP_CONFLICT;
	default:
		return MHD_HTTP_BAD_REQUEST;
	}
}

void logtap_action_loops(struct logtap_admin *admin,
			 struct MHD_Connection *connection,
			 struct logtap_reply *reply)
{
	const char *action = parameter(connection, "action");
	const char *given = parameter(connection, "number");
	char error[TEXT_BYTES] = "loops: action: probe or break";
	double number = 0;
	int result = -EINVAL;

	if (!is_watched(admin, reply))
		return;
	if (!MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					 LOGTAP_ADMIN_CHANGE_HEADER)) {
		logtap_reply_text(reply, MHD_HTTP_FORBIDDEN,
				  "logtap: " LOGTAP_ADMIN_CHANGE_HEADER
				  ": the header is missing; send it, with any "
				  "value");
		return;
	}
	if (given && !read_number(given, &number))
		snprintf(error, sizeof(error), "loops: number: not a number");
	else if (action && !strcmp(action, "probe"))
		result = logtap_loops_probe(admin->options.loops,
					    (unsigned)number, error,
					    sizeof(error));
	else if (action && !strcmp(action, "break"))
		result = apply(admin->options.loops, connection,
			       (unsigned)number, error, sizeof(error));
	if (result)
		logtap_reply_text(reply, status_of(result), "logtap: %s",
				  error);
	else
		logtap_page_loops(admin, connection, reply);
}
