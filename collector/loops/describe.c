/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Loops as JSON, for /loops and for reports (report.h).  Under the lock. */
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const class_names[] = {
	"",	    "same thread",  "cross-thread", "collector",
	"receiver", "across hosts", "text",	    "conditional",
};

const char *logtap_loops_class_code(enum logtap_loops_class class)
{
	static const char *const codes[] = {"",	  "L1", "L2", "L3",
					    "L4", "L5", "L6", "L7"};
	return codes[class];
}

const char *logtap_loops_confidence_name(
	enum logtap_loops_confidence confidence)
{
	static const char *const names[] = {"", "suspected", "likely",
					    "confirmed"};
	return names[confidence];
}

json_t *logtap_loops_text(const char *value)
{
	json_t *string = json_string(value);
	char clean[LOGTAP_LOOPS_DESCRIBED_BYTES];
	size_t i = 0;

	if (string)
		return string;
	for (; value[i] && i + 1 < sizeof(clean); i++)
		clean[i] = value[i] & 0x80 ? '?' : value[i];
	clean[i] = 0;
	return json_string(clean);
}

static const char *mode_of(const struct logtap_loops_loop *loop)
{
	double gain = logtap_loops_gain(loop);

	if (gain > 1.2 || loop->byte_gain > 1.02)
		return "explosive";
	if (gain > 0 && gain < 0.8 && !loop->idle_since_ns)
		return "damped";
	/* the library does not let it go round */
	if (loop->class == LOGTAP_LOOPS_L1 && loop->proof.reentries)
		return "guarded";
	return loop->rated_records && loop->records_per_s < 20 ? "murmur"
							       : "steady";
}

static json_t *frames_of(const struct logtap_loops_loop *loop)
{
	json_t *frames = json_array();

	for (size_t i = 0; i < loop->frame_count; i++) {
		const struct logtap_loops_frame *frame = &loop->frames[i];
		json_array_append_new(
			frames,
			json_pack("{s:o,s:o,s:i,s:o}", "function",
				  logtap_loops_text(frame->function), "file",
				  logtap_loops_text(frame->file), "line",
				  (int)frame->line, "module",
				  logtap_loops_text(frame->module)));
	}
	return frames;
}

static json_t *break_of(const struct logtap_loops_loop *loop)
{
	static const char *const steps[] = {"observe", "tag", "rate",
					    "suppress"};
	const struct logtap_loops_applied *applied = &loop->applied;
	char identity[LOGTAP_LOOPS_DESCRIBED_BYTES];

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
		bool measured; /* if it is 0; else it is */
	} figures[] = {
		{"records_per_export", loop->k, false},
		{"exported_records", loop->b, false},
		{"gain", logtap_loops_gain(loop), false},
		{"records_per_second", loop->records_per_s,
		 loop->rated_records > 0},
		{"bytes_per_second", loop->bytes_per_s,
		 loop->rated_records > 0},
	};
	const struct {
		const char *name;
		double value;
	} reals[] = {
		{"byte_gain", loop->byte_gain > 0 ? loop->byte_gain : 1},
		{"idle_exports_per_second", loop->idle_per_s},
		{"lag_ms", loop->lag_ms},
		{"found_after_ms",
		 loop->found_ns > loop->began_ns
			 ? (double)(loop->found_ns - loop->began_ns) / 1e6
			 : 0},
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
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		json_object_set_new(object, figures[i].name,
				    figures[i].value > 0 || figures[i].measured
					    ? json_real(figures[i].value)
					    : json_null());
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
	char logger[64], value[LOGTAP_LOOPS_DESCRIBED_BYTES];
	json_t *object = json_pack(
		"{s:i,s:s,s:s,s:s,s:b,s:s}", "number", (int)loop->number,
		"class", logtap_loops_class_code(loop->class), "name",
		class_names[loop->class], "confidence",
		logtap_loops_confidence_name(loop->confidence), "active",
		logtap_loops_is_active(loops, loop), "mode", mode_of(loop));

	if (!object)
		return NULL;
	put_numbers(object, loop);
	logtap_loops_unmeasured(loops, loop, value, sizeof(value));
	json_object_set_new(object, "unmeasured", logtap_loops_text(value));
	json_object_set_new(object, "cycle", logtap_loops_cycle(loop));
	json_t *thread = logtap_loops_thread(loop);
	if (thread)
		json_object_set_new(object, "thread", thread);
	logtap_loops_closes(loop, value, sizeof(value));
	json_object_set_new(object, "closes", logtap_loops_text(value));
	json_object_set_new(object, "signs", logtap_loops_signs(loop));
	json_object_set_new(object, "proof", logtap_loops_proofs(&loop->proof));
	logtap_loops_logger(loop->sample, logger, sizeof(logger));
	json_object_set_new(object, "sample",
			    json_pack("{s:o,s:o}", "body",
				      logtap_loops_text(loop->sample), "logger",
				      logtap_loops_text(logger)));
	json_object_set_new(object, "stack", frames_of(loop));
	json_object_set_new(object, "stack_not_read",
			    json_string(!loop->frame_count && loop->unread
						? loop->unread
						: ""));
	json_t *python = logtap_loops_python_json(loop);
	if (python)
		json_object_set_new(object, "python", python);
	logtap_loops_fix(loop, logger, value, sizeof(value));
	json_object_set_new(object, "fix", logtap_loops_text(value));
	json_object_set_new(object, "break", break_of(loop));
	return object;
}
