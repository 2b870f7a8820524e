/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The page for people, and the two files that it needs: fixed texts that hold
 * nothing of what was captured.  The endpoint's thread. */
#include "request.h"

#include "admin/page.h" /* made of page.html, page.css and page.js */

static void put(struct logtap_reply *reply, const char *type,
		const unsigned char *data, size_t bytes)
{
	reply->type = type;
	if (logtap_bytes_append(&reply->body, data, bytes))
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: out of memory");
}

void logtap_page_index(struct logtap_admin *admin,
		       struct MHD_Connection *connection,
		       struct logtap_reply *reply)
{
	(void)admin;
	(void)connection;
	put(reply, "text/html; charset=utf-8", page_html, sizeof(page_html));
}

void logtap_page_style(struct logtap_admin *admin,
		       struct MHD_Connection *connection,
		       struct logtap_reply *reply)
{
	(void)admin;
	(void)connection;
	put(reply, "text/css; charset=utf-8", page_css, sizeof(page_css));
}

void logtap_page_script(struct logtap_admin *admin,
			struct MHD_Connection *connection,
			struct logtap_reply *reply)
{
	(void)admin;
	(void)connection;
	put(reply, "text/javascript; charset=utf-8", page_js, sizeof(page_js));
}
