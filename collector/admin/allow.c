/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask the admin endpoint.  The endpoint's thread.
 *
 * On the loopback interface the danger is a web page in the user's browser: its
 * requests carry an Origin that is not ours, or, when its own name was made to
 * mean 127.0.0.1, a Host that is not ours.  With a token the token decides, and
 * Host may be any name.
 */
#include "request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Not told by the time it takes how much of it was right. */
static bool same(const char *token, const char *shown)
{
	size_t bytes = strlen(token), shown_bytes = strlen(shown);
	unsigned char differences = bytes != shown_bytes;

	for (size_t i = 0; i < shown_bytes; i++)
		differences |=
			(unsigned char)(token[i % (bytes + 1)] ^ shown[i]);
	return !differences;
}

static bool shows_token(const struct logtap_admin *admin,
			struct MHD_Connection *connection)
{
	static const char scheme[] = "Bearer ";
	const char *shown = header(connection, "Authorization");

	return shown && !strncmp(shown, scheme, sizeof(scheme) - 1) &&
	       same(admin->token, shown + sizeof(scheme) - 1);
}

/* Is it a name of the loopback interface that nobody else can give away? */
static bool is_own_name(const char *host)
{
	char name[INET6_ADDRSTRLEN + 2];
	struct in_addr v4;
	struct in6_addr v6;
	size_t bytes = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");

	if (host[0] == '[') {
		host++;
		bytes--;
	}
	if (bytes >= sizeof(name))
		return false;
	memcpy(name, host, bytes);
	name[bytes] = 0;
	if (!strcasecmp(name, "localhost"))
		return true;
	if (inet_pton(AF_INET, name, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_own_origin(const char *origin, const char *host)
{
	static const char scheme[] = "http://";

	return host && !strncmp(origin, scheme, sizeof(scheme) - 1) &&
	       !strcasecmp(origin + sizeof(scheme) - 1, host);
}

/* Pages that tell nothing of what was captured: a browser that loads the page
 * for people cannot show the token yet. */
static bool is_open(const char *path)
{
	static const char *const pages[] = {"/livez", "/readyz", "/",
					    "/page.css", "/page.js"};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!strcmp(path, pages[i]))
			return true;
	return false;
}

bool logtap_admin_allows(const struct logtap_admin *admin,
			 struct MHD_Connection *connection, const char *path,
			 struct logtap_reply *reply)
{
	const char *host = header(connection, "Host");
	const char *origin = header(connection, "Origin");
	bool local = admin->address.name.any.sa_family == AF_UNIX;
	bool open = is_open(path);

	if (origin && !is_own_origin(origin, host)) {
		logtap_reply_text(reply, MHD_HTTP_FORBIDDEN,
				  "logtap: Origin: another site's pages may "
				  "not read this");
		return false;
	}
	if (admin->token) {
		if (open || shows_token(admin, connection))
			return true;
		logtap_reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
				    "Bearer");
		logtap_reply_text(reply, MHD_HTTP_UNAUTHORIZED,
				  "logtap: Authorization: the token is missing "
				  "or wrong; send `Authorization: Bearer "
				  "TOKEN'");
		return false;
	}
	if (local || (host && is_own_name(host)))
		return true;
	logtap_reply_text(reply, MHD_HTTP_FORBIDDEN,
			  "logtap: Host: not a name of this machine's own; use "
			  "%s",
			  admin->address.text);
	return false;
}
