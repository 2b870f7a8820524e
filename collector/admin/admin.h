/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The admin endpoint: what a running collector shows over HTTP, on this machine
 * alone unless a token is set.
 *
 * Requests are answered in a thread of its own, out of what the collector's
 * other parts publish; no client, however slow, is waited for by any of them.
 */
#ifndef LOGTAP_ADMIN_ADMIN_H
#define LOGTAP_ADMIN_ADMIN_H

#include "../intake/journal.h"
#include "../registry/accounting.h"
#include "../registry/logs.h"
#include "../registry/user_metrics.h"

#define LOGTAP_ADMIN_PORT 4319
/* Who changes something sends it, with any value. */
#define LOGTAP_ADMIN_CHANGE_HEADER "X-Logtap-Change"

struct logtap_admin;

/* All of it is borrowed and must outlive the endpoint. */
struct logtap_admin_options {
	const char *listen;	/* [ADDRESS:]PORT or unix:PATH */
	const char *token_file; /* whose first line clients must show; NULL:
	                         * none is asked for */
	struct logtap_logs *logs;
	struct logtap_accounting *accounting;
	struct logtap_user_metrics *metrics; /* of programs; NULL: none */
	struct logtap_dispatcher *dispatcher;
	struct logtap_journal *journal;
	struct logtap_loops *loops; /* NULL: not looked for */
};

/* Return: 0, or -errno with a whole text in @error. */
int logtap_admin_start(const struct logtap_admin_options *options,
		       struct logtap_admin **out, char *error,
		       size_t error_bytes);
/* Ends all requests.  NULL is nothing. */
void logtap_admin_free(struct logtap_admin *admin);

/* Where it listens, as a client writes it: "127.0.0.1:4319", "unix:/path". */
const char *logtap_admin_address(const struct logtap_admin *admin);

/* From the main thread: it is at work (to be said at least once a second), and
 * the text of /status. */
void logtap_admin_beat(struct logtap_admin *admin);
void logtap_admin_set_status(struct logtap_admin *admin, const char *json);

#endif
