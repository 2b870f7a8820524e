/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loops as JSON, for /loops and for reports (report.h).  Under the lock. */
#include "model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 320 };

static const char *const class_codes[] = {"",	"L1", "L2", "L3",
					  "L4", "L5", "L6", "L7"};
static const char *const class_names[] = {
	"",	    "same thread",  "cross-thread", "collector",
	"receiver", "across hosts", "text",	    "conditional",
};

const char *logtap_loops_confidence_name(
	enum logtap_loops_confidence confidence)
{
	static const char *const names[] = {"", "suspected", "likely",
					    "confirmed"};
	return names[confidence];
}

/* What a program wrote, as a part of JSON. */
static json_t *text(const char *value)
{
	json_t *string = json_string(value);
	char clean[TEXT];
	size_t i = 0;

	if (string)
		return string;
	for (; value[i] && i + 1 < sizeof(clean); i++)
		clean[i] = value[i] & 0x80 ? '?' : value[i];
	clean[i] = 0;
	return json_string(clean);
}

static void put_step(json_t *cycle, const char *kind, json_t *rest,
		     const char *value)
{
	json_object_set_new(rest, "kind", json_string(kind));
	json_object_set_new(rest, "text", text(value));
	json_array_append_new(cycle, rest);
}

static void put_writer(json_t *cycle, const struct logtap_loops_loop *loop)
{
	char value[TEXT];

	if (loop->tid)
		snprintf(value, sizeof(value),
			 "%s[%" PRIu32 "] tid %" PRIu32 "%s%s%s", loop->comm,
			 loop->pid, loop->tid, loop->thread[0] ? " \"" : "",
			 loop->thread, loop->thread[0] ? "\"" : "");
	else
		snprintf(value, sizeof(value), "%s[%" PRIu32 "]", loop->comm,
			 loop->pid);
	put_step(cycle, loop->tid ? "thread" : "process",
		 json_pack("{s:I,s:I}", "pid", (json_int_t)loop->pid, "tid",
			   (json_int_t)loop->tid),
		 value);
}

static json_t *cycle_of(const struct logtap_loops_loop *loop)
{
	json_t *cycle = json_array();

	put_writer(cycle, loop);
	put_step(cycle, "stream", json_object(),
		 loop->stream ? loop->stream : "syslog");
	if (loop->class == LOGTAP_LOOPS_L1 && !loop->endpoint[0]) {
		put_step(cycle, "handler", json_object(),
			 "the program's own handler of records");
		return cycle;
	}
	if (loop->class == LOGTAP_LOOPS_L6 && !loop->cause) {
		put_step(cycle, "way", json_object(),
			 loop->way[0] ? loop->way : "a way that is not seen");
		return cycle;
	}
	if (loop->host)
		put_step(cycle, "queue", json_object(),
			 "the program's own exporter");
	else
		put_step(cycle, "collector", json_object(), "logtap collector");
	if (loop->endpoint[0])
		put_step(cycle, "endpoint",
			 json_pack("{s:o}", "address", text(loop->endpoint)),
			 loop->endpoint);
	if (loop->other[0])
		put_step(cycle, "collector", json_object(), loop->other);
	return cycle;
}

static void closes(const struct logtap_loops_loop *loop, char *out,
		   size_t out_bytes)
{
	const char *comm = loop->comm;

	switch (loop->class) {
	case LOGTAP_LOOPS_L1:
		snprintf(out, out_bytes, "it logs while it handles a record");
		break;
	case LOGTAP_LOOPS_L2:
		snprintf(out, out_bytes, "records caused by sends on tid %u",
			 loop->tid);
		break;
	case LOGTAP_LOOPS_L3:
		snprintf(out, out_bytes, "the collector captures itself");
		break;
	case LOGTAP_LOOPS_L4:
		snprintf(out, out_bytes, "%s logs each request that it gets",
			 comm);
		break;
	case LOGTAP_LOOPS_L5:
		snprintf(out, out_bytes, "what that one sends is logged here");
		break;
	case LOGTAP_LOOPS_L6:
		snprintf(out, out_bytes, "%s writes again what it was given%s",
			 comm, loop->byte_gain > 1.02 ? ", and more" : "");
		break;
	case LOGTAP_LOOPS_L7:
		snprintf(out, out_bytes, "%s logs each export that fails",
			 comm);
		break;
	}
}

static void put_canary(json_t *proofs, const struct logtap_loops_proof *proof)
{
	char value[TEXT];
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
	char value[TEXT];

	if (!count)
		return;
	snprintf(value, sizeof(value), "%s %" PRIu64 " times", format, count);
	json_array_append_new(proofs,
			      json_pack("{s:s,s:s,s:I}", "kind", kind, "text",
					value, "count", (json_int_t)count));
}

static json_t *proofs_of(const struct logtap_loops_proof *proof)
{
	json_t *proofs = json_array();

	put_canary(proofs, proof);
	put_proof(proofs, "content", proof->requests,
		  "a request held the records that an earlier one caused");
	put_proof(proofs, "text", proof->returns,
		  "a text came back whole and longer");
	put_proof(proofs, "replay", proof->replays,
		  "a text came back as it was, its time long past");
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

/* "DEBUG:urllib3.connectionpool:..." and "... DEBUG urllib3.util ..." */
static void find_logger(const char *sample, char *out, size_t out_bytes)
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

static void fix_of(const struct logtap_loops_loop *loop, const char *logger,
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

static const char *mode_of(const struct logtap_loops_loop *loop)
{
	double gain = loop->b > 0 ? loop->k / loop->b : 0;

	if (gain > 1.2 || loop->byte_gain > 1.02)
		return "explosive";
	if (gain < 0.8 && !loop->idle_since_ns)
		return "damped";
	return loop->records_per_s < 20 ? "murmur" : "steady";
}

static json_t *frames_of(const struct logtap_loops_loop *loop)
{
	json_t *frames = json_array();

	for (size_t i = 0; i < loop->frame_count; i++) {
		const struct logtap_loops_frame *frame = &loop->frames[i];
		json_array_append_new(frames,
				      json_pack("{s:o,s:o,s:i,s:o}", "function",
						text(frame->function), "file",
						text(frame->file), "line",
						(int)frame->line, "module",
						text(frame->module)));
	}
	return frames;
}

static json_t *break_of(const struct logtap_loops_loop *loop)
{
	static const char *const steps[] = {"observe", "tag", "rate",
					    "suppress"};
	const struct logtap_loops_applied *applied = &loop->applied;
	char identity[TEXT];

	logtap_loops_identity(loop, identity, sizeof(identity));
	return json_pack("{s:s,s:s,s:f,s:I,s:I,s:I,s:b,s:I}", "step",
			 steps[applied->what.step], "identity", identity,
			 "rate_per_second", applied->what.rate_per_s,
			 "until_unix_ns", (json_int_t)applied->until_ns,
			 "tagged", (json_int_t)applied->tagged, "suppressed",
			 (json_int_t)applied->suppressed, "at_source",
			 (int)applied->what.at_source, "slowed_exports",
			 (json_int_t)applied->slowed);
}

static void put_numbers(json_t *object, const struct logtap_loops_loop *loop)
{
	const struct {
		const char *name;
		double value;
	} reals[] = {
		{"records_per_export", loop->k},
		{"exported_records", loop->b},
		{"gain", loop->b > 0 ? loop->k / loop->b : 0},
		{"byte_gain", loop->byte_gain > 0 ? loop->byte_gain : 1},
		{"idle_exports_per_second", loop->idle_per_s},
		{"lag_ms", loop->lag_ms},
		{"found_after_ms",
		 loop->found_ns > loop->began_ns
			 ? (double)(loop->found_ns - loop->began_ns) / 1e6
			 : 0},
		{"records_per_second", loop->records_per_s},
		{"bytes_per_second", loop->bytes_per_s},
	};
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{"began_unix_ns", loop->began_ns},
		{"last_unix_ns", loop->last_ns},
		{"idle_since_unix_ns", loop->idle_since_ns},
		{"records", loop->records},
		{"bytes", loop->bytes},
		{"application_records", loop->own_records},
	};
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++)
		json_object_set_new(object, reals[i].name,
				    json_real(reals[i].value));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(object, numbers[i].name,
				    json_integer((json_int_t)numbers[i].value));
}

json_t *logtap_loops_describe(struct logtap_loops *loops,
			      const struct logtap_loops_loop *loop)
{
	char logger[64], value[TEXT];
	json_t *object =
		json_pack("{s:i,s:s,s:s,s:s,s:b,s:s}", "number",
			  (int)loop->number, "class", class_codes[loop->class],
			  "name", class_names[loop->class], "confidence",
			  logtap_loops_confidence_name(loop->confidence),
			  "active", logtap_loops_is_active(loops, loop), "mode",
			  mode_of(loop));

	if (!object)
		return NULL;
	put_numbers(object, loop);
	json_object_set_new(object, "cycle", cycle_of(loop));
	closes(loop, value, sizeof(value));
	json_object_set_new(object, "closes", text(value));
	json_object_set_new(object, "proof", proofs_of(&loop->proof));
	find_logger(loop->sample, logger, sizeof(logger));
	json_object_set_new(object, "sample",
			    json_pack("{s:o,s:o}", "body", text(loop->sample),
				      "logger", text(logger)));
	json_object_set_new(object, "stack", frames_of(loop));
	fix_of(loop, logger, value, sizeof(value));
	json_object_set_new(object, "fix", text(value));
	json_object_set_new(object, "break", break_of(loop));
	return object;
}
