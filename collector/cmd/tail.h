/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * logtap tail, what its files share: the command line and the last records
 * (tail.c), those that follow (tail_follow.c), how one is shown (tail_print.c).
 * Main thread.
 */
#ifndef LOGTAP_CMD_TAIL_H
#define LOGTAP_CMD_TAIL_H

#include "../admin/client.h"

#include <jansson.h>
#include <stdbool.h>

struct logtap_tail_options {
	struct logtap_admin_client_options client;
	long lines;
	bool follow;
	bool json;
	const char *level;
	const char *text;
	const char *service;
	const char *pid;
	const char *tid;
	const char *trace;
};

struct logtap_tail {
	struct logtap_tail_options options;
	struct logtap_admin_client *client;
	struct logtap_bytes filter; /* "&level=...", NUL-terminated */
	struct logtap_bytes body;
	char *instance; /* of the collector that answered last */
	bool colour;
};

/* One line on standard output.  @log: an element of /logs.
 * Return: 0, or not 0 without memory. */
int logtap_tail_print(const json_t *log, bool colour);
/* The same in the form that was asked for.  Return: 0 or a negative errno. */
int logtap_tail_put(const struct logtap_tail *tail, const json_t *log);
/* Return: 0, or -EIO: nobody reads any more. */
int logtap_tail_flush(void);

/* Says what the endpoint says in @tail->body. */
void logtap_tail_say_refusal(const struct logtap_tail *tail, long status);

/* Shows the last ones and those that come, until the collector ends.
 * Return: 0, or -EIO after a message. */
int logtap_tail_follow(struct logtap_tail *tail);

#endif
