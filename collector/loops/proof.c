/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What proves a loop, in words: see describe.h.  Under the lock. */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>

static void put_canary(json_t *proofs, const struct logtap_loops_proof *proof)
{
	char value[LOGTAP_LOOPS_DESCRIBED_BYTES];
	double ms = (double)proof->canary_ns / 1e6;

	if (!proof->canaries)
		return;
	snprintf(value, sizeof(value),
		 "canary %s returned %" PRIu64 " times, the last in %.0f ms",
		 proof->canary, proof->canaries, ms);
	json_array_append_new(
		proofs,
		json_pack("{s:s,s:s,s:s,s:f,s:I,s:I}", "kind", "canary", "text",
			  value, "id", proof->canary, "latency_ms", ms,
			  "returned", (json_int_t)proof->canaries, "batch",
			  (json_int_t)proof->canary_serial));
}

static void put_proof(json_t *proofs, const char *kind, uint64_t count,
		      const char *format)
{
	char value[LOGTAP_LOOPS_DESCRIBED_BYTES];

	if (!count)
		return;
	snprintf(value, sizeof(value), "%" PRIu64 " %s %s", count,
		 count == 1 ? "time" : "times", format);
	json_array_append_new(proofs,
			      json_pack("{s:s,s:s,s:I}", "kind", kind, "text",
					value, "count", (json_int_t)count));
}

json_t *logtap_loops_proofs(const struct logtap_loops_proof *proof)
{
	json_t *proofs = json_array();

	put_canary(proofs, proof);
	put_proof(proofs, "content", proof->requests,
		  "a request held the records that an earlier one caused");
	put_proof(proofs, "text", proof->returns,
		  "a text came back whole and longer");
	put_proof(proofs, "replay", proof->replays,
		  "a text came back as it was, though the time of day in "
		  "it was past");
	put_proof(proofs, "reentry", proof->reentries,
		  "a record was written inside the handling of another");
	if (proof->trials)
		json_array_append_new(
			proofs,
			json_pack("{s:s,s:s,s:i,s:i}", "kind", "intervention",
				  "text",
				  proof->held == proof->trials
					  ? "its records stop while the "
					    "exports are held"
					  : "its records went on while the "
					    "exports were held",
				  "trials", (int)proof->trials, "held",
				  (int)proof->held));
	return proofs;
}

static void put_sign(json_t *signs, const char *value)
{
	json_array_append_new(signs, json_string(value));
}

json_t *logtap_loops_signs(const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_signs *seen = &loop->signs;
	json_t *signs = json_array();
	char value[LOGTAP_LOOPS_DESCRIBED_BYTES];

	if (loop->class == LOGTAP_LOOPS_L7 && seen->failed) {
		int size =
			snprintf(value, sizeof(value),
				 "its records follow %" PRIu64
				 " of the last %" PRIu64 " exports that failed",
				 seen->failed_hits, seen->failed);
		if (seen->exports > seen->failed)
			snprintf(value + size, sizeof(value) - (size_t)size,
				 ", and %" PRIu64 " of %" PRIu64 " others",
				 seen->hits - seen->failed_hits,
				 seen->exports - seen->failed);
		put_sign(signs, value);
	} else if (seen->exports) {
		snprintf(value, sizeof(value),
			 "its records follow %" PRIu64 " of the last %" PRIu64
			 " exports",
			 seen->hits, seen->exports);
		put_sign(signs, value);
	}
	if (seen->idle) {
		snprintf(value, sizeof(value),
			 "%" PRIu64 " exports carried nothing else",
			 seen->idle);
		put_sign(signs, value);
	}
	if (seen->peer) {
		snprintf(value, sizeof(value), "%s is at the other end of %s",
			 loop->comm, loop->endpoint);
		put_sign(signs, value);
	}
	return signs;
}

static const char *why_unmeasured(struct logtap_loops *loops,
				  const struct logtap_loops_loop *loop)
{
	const struct logtap_loops_cause *cause =
		logtap_loops_cause_of(loops, loop->cause);

	if (!cause && loop->proof.reentries)
		return "no export is seen, and what a handler is called with "
		       "and does not log leaves no trace";
	if (!cause && loop->class == LOGTAP_LOOPS_L6)
		return "its text comes back without an export that is seen";
	if (!cause)
		return "no export of it is known any more";
	if (loop->k > 0 && cause->host && cause->hidden)
		return "what its requests hold cannot be read";
	return "too few of its records were seen to follow an export so far";
}

void logtap_loops_unmeasured(struct logtap_loops *loops,
			     const struct logtap_loops_loop *loop, char *out,
			     size_t out_bytes)
{
	bool k = loop->k > 0, b = loop->b > 0;

	out[0] = 0;
	if (!k || !b)
		snprintf(out, out_bytes, "%s not measured: %s",
			 k   ? "B is"
			 : b ? "k is"
			     : "k and B are",
			 why_unmeasured(loops, loop));
}
