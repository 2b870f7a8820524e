/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Breaking loops: what becomes of a record that is part of one.  Under the
 * lock. */
#include "model.h"

#include <stdio.h>

static bool has_token(struct logtap_loops_applied *applied, uint64_t now_ns)
{
	double rate = applied->what.rate_per_s;
	double most = rate > 1 ? rate : 1;

	if (now_ns > applied->filled_ns)
		applied->tokens +=
			rate * (double)(now_ns - applied->filled_ns) / 1e9;
	applied->filled_ns = now_ns;
	if (applied->tokens > most)
		applied->tokens = most;
	if (applied->tokens < 1)
		return false;
	applied->tokens -= 1;
	return true;
}

enum logtap_tap_verdict logtap_loops_judge(struct logtap_loops_loop *loop,
					   uint64_t now_ns,
					   struct logtap_tap_mark *mark)
{
	struct logtap_loops_applied *applied = &loop->applied;

	if (applied->until_ns && now_ns >= applied->until_ns)
		applied->what.step = LOGTAP_LOOPS_OBSERVE;
	if (applied->what.step == LOGTAP_LOOPS_OBSERVE)
		return LOGTAP_TAP_PASS;
	if (applied->what.step == LOGTAP_LOOPS_SUPPRESS ||
	    (applied->what.step == LOGTAP_LOOPS_RATE &&
	     !has_token(applied, now_ns))) {
		applied->suppressed++;
		return LOGTAP_TAP_DROP;
	}
	applied->tagged++;
	mark->loop = loop->number;
	mark->hop = mark->hop ? mark->hop : 1;
	return LOGTAP_TAP_TAG;
}

void logtap_loops_identity(const struct logtap_loops_loop *loop, char *out,
			   size_t out_bytes)
{
	int bytes = snprintf(out, out_bytes, "process %u", loop->pid);

	if (loop->tid && bytes > 0 && (size_t)bytes < out_bytes)
		bytes += snprintf(out + bytes, out_bytes - (size_t)bytes,
				  ", thread %u", loop->tid);
	if (bytes > 0 && (size_t)bytes < out_bytes)
		snprintf(out + bytes, out_bytes - (size_t)bytes,
			 ", lines of the forms that were seen in the loop");
}
