/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The log lines about an OTLP destination: see the header. */
#include "otlp_health.h"

#include <inttypes.h>

#include "../base/clock.h"
#include "../base/log.h"

/* It answered: whatever that was, it can be reached. */
static void reached(struct logtap_otlp_health *health)
{
	if (!health->unreachable_ns)
		return;
	uint64_t seconds =
		(logtap_clock_monotonic_ns() - health->unreachable_ns) /
		1000000000;
	logtap_log(LOGTAP_LOG_INFO, "otlp",
		   "destination takes records again destination=%s "
		   "after_s=%" PRIu64 " failed_attempts=%" PRIu64,
		   health->name, seconds, health->attempts);
	health->unreachable_ns = 0;
	health->attempts = 0;
}

void logtap_otlp_health_retrying(struct logtap_otlp_health *health,
				 const char *error, size_t queued_records)
{
	health->attempts++;
	if (health->unreachable_ns)
		return;
	health->unreachable_ns = logtap_clock_monotonic_ns();
	logtap_log(LOGTAP_LOG_WARN, "otlp",
		   "destination takes no records, trying again until it does "
		   "destination=%s queued_records=%zu error=\"%s\"",
		   health->name, queued_records, error);
}

void logtap_otlp_health_refused(struct logtap_otlp_health *health,
				const char *error, size_t records)
{
	reached(health);
	if (!health->refused_records)
		logtap_log(LOGTAP_LOG_ERROR, "otlp",
			   "destination refuses records for good, they are "
			   "lost to it destination=%s records=%zu error=\"%s\"",
			   health->name, records, error);
	health->refused_records += records;
}

static void note_rejected(struct logtap_otlp_health *health, size_t rejected,
			  const char *message)
{
	if (!rejected && !message[0]) {
		if (health->rejected_records)
			logtap_log(LOGTAP_LOG_INFO, "otlp",
				   "destination takes whole batches again "
				   "destination=%s rejected_records=%" PRIu64,
				   health->name, health->rejected_records);
		health->rejected_records = 0;
		return;
	}
	if (!health->rejected_records)
		logtap_log(LOGTAP_LOG_WARN, "otlp",
			   rejected ? "destination rejected part of a batch "
				      "destination=%s records=%zu error=\"%s\""
				    : "destination warns destination=%s "
				      "rejected_records=%zu message=\"%s\"",
			   health->name, rejected, message);
	health->rejected_records += rejected;
}

void logtap_otlp_health_delivered(struct logtap_otlp_health *health,
				  size_t rejected, const char *message)
{
	reached(health);
	if (health->refused_records)
		logtap_log(LOGTAP_LOG_INFO, "otlp",
			   "destination takes records again destination=%s "
			   "refused_records=%" PRIu64,
			   health->name, health->refused_records);
	health->refused_records = 0;
	note_rejected(health, rejected, message);
}
