/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Asks a collector's admin endpoint, for logtap's own commands.  One thread.
 */
#ifndef LOGTAP_ADMIN_CLIENT_H
#define LOGTAP_ADMIN_CLIENT_H

#include "../base/bytes.h"

#include <stdbool.h>

struct logtap_admin_client;

struct logtap_admin_client_options {
	const char *address;	/* [ADDRESS:]PORT or unix:PATH; NULL: what
	                         * the collector of @directory says, or the
	                         * usual one */
	const char *directory;	/* NULL: $LOGTAP_DIR, or that of the only
	                         * session of this user with an endpoint */
	const char *token_file; /* or NULL */
};

/* Return: 0, or -errno with a whole text in @error. */
int logtap_admin_client_new(const struct logtap_admin_client_options *options,
			    struct logtap_admin_client **out, char *error,
			    size_t error_bytes);
void logtap_admin_client_free(struct logtap_admin_client *client);

/* GETs "/logs?..." into @body, in place of what was there.
 * Return: the HTTP status, or -EIO with a whole text in @error. */
long logtap_admin_client_get(struct logtap_admin_client *client,
			     const char *path, struct logtap_bytes *body,
			     char *error, size_t error_bytes);
/* The same with POST, which changes something. */
long logtap_admin_client_post(struct logtap_admin_client *client,
			      const char *path, struct logtap_bytes *body,
			      char *error, size_t error_bytes);

/* Takes a line, without its line feed and with a NUL behind it, borrowed.
 * @last: no other is at hand.  Return: 0, or not to go on. */
typedef int logtap_admin_line_fn(void *context, const char *line, size_t bytes,
				 bool last);

/* GETs a stream of lines until it ends or @take says so; a body with another
 * status than 200 comes into @body.
 * Return: the HTTP status, or -EIO with a whole text in @error. */
long logtap_admin_client_follow(struct logtap_admin_client *client,
				const char *path, logtap_admin_line_fn *take,
				void *context, struct logtap_bytes *body,
				char *error, size_t error_bytes);

#endif
