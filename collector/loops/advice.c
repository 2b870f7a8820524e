/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a loop in the program: see describe.h.  Under the lock. */
#include "describe.h"

#include <stdio.h>
#include <string.h>

/* "DEBUG:urllib3.connectionpool:..." and "... DEBUG urllib3.util ..." */
void logtap_loops_logger(const char *sample, char *out, size_t out_bytes)
{
	static const char *const levels[] = {"DEBUG", "INFO", "WARNING",
					     "ERROR", "TRACE"};
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		const char *at = strstr(sample, levels[i]);
		if (!at)
			continue;
		at += strlen(levels[i]);
		at += strspn(at, ": []-");
		size_t bytes = strcspn(at, ": []\t");
		if (bytes < 3 || bytes >= out_bytes || !at[bytes] ||
		    strcspn(at, "/\"(") < bytes)
			continue;
		memcpy(out, at, bytes);
		out[bytes] = 0;
		return;
	}
	out[0] = 0;
}

void logtap_loops_fix(const struct logtap_loops_loop *loop, const char *logger,
		      char *out, size_t out_bytes)
{
	switch (loop->class) {
	case LOGTAP_LOOPS_L1:
	case LOGTAP_LOOPS_L2:
		snprintf(out, out_bytes,
			 "keep what the exporter logs away from the exporter: "
			 "exclude logger %s in the application",
			 logger[0] ? logger : "of its HTTP library");
		break;
	case LOGTAP_LOOPS_L4:
		snprintf(out, out_bytes,
			 "do not log these requests in %s, or leave it alone: "
			 "--exclude %s",
			 loop->comm, loop->comm);
		break;
	case LOGTAP_LOOPS_L5:
		snprintf(out, out_bytes,
			 "let one of the two not capture what receives from "
			 "the other");
		break;
	case LOGTAP_LOOPS_L6:
		snprintf(out, out_bytes,
			 "let %s not write where it reads, or not print what "
			 "it receives",
			 loop->comm);
		break;
	default:
		snprintf(out, out_bytes,
			 "let %s log that the receiver fails once, not each "
			 "time",
			 loop->comm);
	}
}
