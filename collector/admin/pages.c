/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The short pages of the admin endpoint: the status, and whether the collector
 * is alive and at work.  The endpoint's thread, but for what the main thread
 * publishes. */
#include "../base/clock.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* A main thread that has not been at work for so long is stuck. */
#define STUCK_NS UINT64_C(10000000000)

void logtap_admin_beat(struct logtap_admin *admin)
{
	atomic_store_explicit(&admin->beat_ns, logtap_clock_monotonic_ns(),
			      memory_order_relaxed);
}

void logtap_admin_set_status(struct logtap_admin *admin, const char *json)
{
	char *copy = strdup(json);

	if (!copy) /* the last one stays */
		return;
	pthread_mutex_lock(&admin->lock);
	char *last = admin->status;
	admin->status = copy;
	pthread_mutex_unlock(&admin->lock);
	free(last);
}

void logtap_page_status(struct logtap_admin *admin,
			struct MHD_Connection *connection,
			struct logtap_reply *reply)
{
	(void)connection;
	reply->type = "application/json";
	pthread_mutex_lock(&admin->lock);
	int error = !admin->status ||
		    logtap_bytes_append(&reply->body, admin->status,
					strlen(admin->status));
	pthread_mutex_unlock(&admin->lock);
	if (error)
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: there is no status yet; try again");
	else
		logtap_bytes_append(&reply->body, "\n", 1);
}

void logtap_page_livez(struct logtap_admin *admin,
		       struct MHD_Connection *connection,
		       struct logtap_reply *reply)
{
	(void)admin;
	(void)connection;
	logtap_reply_text(reply, MHD_HTTP_OK, "ok");
}

void logtap_page_readyz(struct logtap_admin *admin,
			struct MHD_Connection *connection,
			struct logtap_reply *reply)
{
	uint64_t beat_ns =
		atomic_load_explicit(&admin->beat_ns, memory_order_relaxed);
	uint64_t now_ns = logtap_clock_monotonic_ns();

	(void)connection;
	if (now_ns > beat_ns && now_ns - beat_ns > STUCK_NS)
		logtap_reply_text(reply, MHD_HTTP_SERVICE_UNAVAILABLE,
				  "logtap: the collector has not been at work "
				  "for %llu s",
				  (unsigned long long)(now_ns - beat_ns) /
					  1000000000);
	else
		logtap_reply_text(reply, MHD_HTTP_OK, "ok");
}
