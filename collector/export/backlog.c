/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What a destination has not settled: see the header. */
#include "backlog.h"

#include "../base/clock.h"
#include "../base/log.h"

/* Who has taken nothing for so long is not waited for. */
#define STALLED_NS UINT64_C(2000000000)

bool logtap_backlog_stalls(const struct logtap_backlog *backlog,
			   uint64_t now_ns)
{
	return backlog->bytes && now_ns - backlog->since_ns > STALLED_NS;
}

bool logtap_backlog_add(struct logtap_backlog *backlog, size_t bytes,
			size_t bound_bytes, uint64_t now_ns, const char *name)
{
	bool drop = backlog->bytes + bytes > bound_bytes &&
		    logtap_backlog_stalls(backlog, now_ns);

	if (!backlog->bytes)
		backlog->since_ns = now_ns;
	if (drop && !backlog->dropping)
		logtap_log(LOGTAP_LOG_WARN, "dispatch",
			   "too much waits for a destination that takes "
			   "nothing: new records are dropped for it "
			   "destination=%s bytes=%zu",
			   name, backlog->bytes);
	backlog->bytes += bytes;
	backlog->dropping = drop;
	return drop;
}

void logtap_backlog_settle(struct logtap_backlog *backlog, size_t bytes,
			   bool taken)
{
	backlog->bytes -= bytes;
	if (taken)
		backlog->since_ns = logtap_clock_monotonic_ns();
}
