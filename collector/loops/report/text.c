/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* One loop, for a person: see report.h.  Any thread.
 *
 *     LOOP #1 CONFIRMED  L2 cross-thread  steady (G=1.0; k=1 record/export, B=1)
 *       cycle : python3[4121] tid 4130 "exporter" -> stderr -> ring 7
 *               -> logtap collector -> 127.0.0.1:4318 -> (what closes it)
 *       proof : canary 7f3a returned in 41 ms
 *       ...
 */
#include "report.h"

#include "write.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLE_CHARACTERS = 240, NAME_CHARACTERS = 60 };

static void put_head(struct logtap_report *to, const json_t *loop)
{
	const char *confidence = logtap_report_string(loop, "confidence");
	char figures[LOGTAP_REPORT_FIGURES_BYTES];

	logtap_report_print(to, "LOOP #%.0f ",
			    logtap_report_number(loop, "number"));
	for (size_t i = 0; confidence[i] && i < NAME_CHARACTERS; i++)
		logtap_report_print(
			to, "%c",
			isalpha((unsigned char)confidence[i])
				? toupper((unsigned char)confidence[i])
				: '?');
	logtap_report_print(to, "  ");
	logtap_report_text(to, logtap_report_string(loop, "class"),
			   NAME_CHARACTERS);
	logtap_report_print(to, " ");
	logtap_report_text(to, logtap_report_string(loop, "name"),
			   NAME_CHARACTERS);
	logtap_report_print(to, "  ");
	logtap_report_text(to, logtap_report_string(loop, "mode"),
			   NAME_CHARACTERS);
	logtap_report_figures(loop, figures);
	logtap_report_print(
		to, " (%s)%s\n", figures,
		json_is_false(json_object_get(loop, "active")) ? ", over" : "");
}

static void put_gaps(struct logtap_report *to, const json_t *loop)
{
	const char *gaps = logtap_report_string(loop, "unmeasured");

	if (!*gaps)
		return;
	logtap_report_print(to, "  gaps  : ");
	logtap_report_item(to, "", gaps, "");
	logtap_report_print(to, "\n");
}

static void put_cycle(struct logtap_report *to, const json_t *loop)
{
	const json_t *cycle = json_object_get(loop, "cycle"), *step;
	const char *closes = logtap_report_string(loop, "closes");
	size_t i;

	logtap_report_print(to, "  cycle : ");
	json_array_foreach(cycle, i, step)
	{
		logtap_report_item(to, i ? " -> " : "",
				   logtap_report_string(step, "text"), "");
	}
	if (*closes)
		logtap_report_item(to, " -> (", closes, ")");
	logtap_report_print(to, "\n");
}

static void put_thread(struct logtap_report *to, const json_t *loop)
{
	const json_t *thread = json_object_get(loop, "thread");
	const char *routine = logtap_report_string(thread, "start_routine");
	const char *library = logtap_report_string(thread, "library");
	double parent = logtap_report_number(thread, "parent_tid");

	if (!json_is_object(thread))
		return;
	logtap_report_print(to, "  thread: tid %.0f",
			    logtap_report_number(thread, "tid"));
	if (parent > 0)
		logtap_report_print(to, ", created by tid %.0f", parent);
	if (*routine || *library)
		logtap_report_print(to, " to run ");
	if (*routine)
		logtap_report_text(to, routine, NAME_CHARACTERS);
	if (*library) {
		logtap_report_print(to, *routine ? " (" : "code of ");
		logtap_report_text(to, library, NAME_CHARACTERS);
		logtap_report_print(to, *routine ? ")" : "");
	}
	logtap_report_print(to, "\n");
}

static void put_signs(struct logtap_report *to, const json_t *loop)
{
	const json_t *signs = json_object_get(loop, "signs"), *item;
	size_t i;

	if (!json_array_size(signs))
		return;
	logtap_report_print(to, "  signs : ");
	json_array_foreach(signs, i, item)
	{
		const char *text = json_string_value(item);
		logtap_report_item(to, i ? "; " : "", text ? text : "", "");
	}
	logtap_report_print(to, "\n");
}

static void put_proof(struct logtap_report *to, const json_t *loop)
{
	const json_t *proof = json_object_get(loop, "proof"), *item;
	size_t i;

	put_signs(to, loop);
	if (!json_array_size(proof)) {
		logtap_report_print(
			to,
			"  proof : none yet; `logtap loops probe %.0f' "
			"holds its exports for a moment\n"
			"          to see, where --loops=probe allows it\n",
			logtap_report_number(loop, "number"));
		return;
	}
	logtap_report_print(to, "  proof : ");
	json_array_foreach(proof, i, item)
	{
		char end[48] = "";
		double trials = logtap_report_number(item, "trials");
		if (trials > 0 &&
		    !strcmp(logtap_report_string(item, "kind"), "intervention"))
			snprintf(end, sizeof(end), " (%.0f/%.0f trials)",
				 logtap_report_number(item, "held"), trials);
		logtap_report_item(to, i ? "; " : "",
				   logtap_report_string(item, "text"), end);
	}
	logtap_report_print(to, "\n");
}

static void put_times(struct logtap_report *to, const json_t *loop)
{
	struct logtap_report_scratch began, idle, count, own, found, rate, lag;
	double application = logtap_report_number(loop, "application_records");
	double exports = logtap_report_number(loop, "idle_exports_per_second");
	double after = logtap_report_number(loop, "found_after_ms");
	char text[160];

	logtap_report_clock(logtap_report_number(loop, "idle_since_unix_ns"),
			    "%H:%M:%S", &idle);
	logtap_report_print(
		to, "  began : %s, found %s%s",
		logtap_report_clock(logtap_report_number(loop, "began_unix_ns"),
				    "%Y-%m-%d %H:%M:%S", &began),
		after >= 0.05 ? "after " : "at once",
		after >= 0.05 ? logtap_report_time(after, &found) : "");
	snprintf(text, sizeof(text), "%s records, %s from application code%s%s",
		 logtap_report_count(logtap_report_number(loop, "records"),
				     &count),
		 logtap_report_count(application, &own),
		 *idle.text ? " since " : "", idle.text);
	logtap_report_item(to, "; ", text, "");
	logtap_report_print(to, "\n");
	if (exports <= 0)
		return;
	logtap_report_print(
		to, "  idle  : %s exports/s while the application is silent",
		logtap_report_quantity(exports, &rate));
	snprintf(text, sizeof(text), "records come %s after an export",
		 logtap_report_time(logtap_report_number(loop, "lag_ms"),
				    &lag));
	logtap_report_item(to, "; ", text, "");
	logtap_report_print(to, "\n");
}

static void put_sample(struct logtap_report *to, const json_t *loop)
{
	static const char *const keys[] = {"logger", "severity"};
	const json_t *sample = json_object_get(loop, "sample");

	if (!*logtap_report_string(sample, "body"))
		return;
	logtap_report_print(to, "  sample: ");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *text = logtap_report_string(sample, keys[i]);
		logtap_report_text(to, text, NAME_CHARACTERS);
		logtap_report_print(to, "%s", *text ? " " : "");
	}
	logtap_report_text(to, logtap_report_string(sample, "body"),
			   SAMPLE_CHARACTERS);
	logtap_report_print(to, "\n");
}

static void put_cost(struct logtap_report *to, const json_t *loop)
{
	struct logtap_report_scratch records, bytes;
	const char *fix = logtap_report_string(loop, "fix");

	if (json_is_null(json_object_get(loop, "records_per_second")))
		logtap_report_print(to, "  cost  : not measured yet\n");
	else
		logtap_report_print(
			to, "  cost  : %s records/s, %s/s\n",
			logtap_report_quantity(
				logtap_report_number(loop,
						     "records_per_second"),
				&records),
			logtap_report_bytes(
				logtap_report_number(loop, "bytes_per_second"),
				&bytes));
	if (!*fix)
		return;
	logtap_report_print(to, "  fix   : ");
	logtap_report_text(to, fix, 400);
	logtap_report_print(to, "\n");
}

static void put_step(struct logtap_report *to, const json_t *applied,
		     const char *step)
{
	struct logtap_report_scratch rate;

	if (!strcmp(step, "tag"))
		logtap_report_print(to, "its records are tagged");
	else if (!strcmp(step, "rate"))
		logtap_report_print(to, "at most %s of its records/s pass",
				    logtap_report_quantity(
					    logtap_report_number(
						    applied, "rate_per_second"),
					    &rate));
	else if (!strcmp(step, "suppress"))
		logtap_report_print(to, "its records are suppressed");
	else
		logtap_report_text(to, step, NAME_CHARACTERS);
}

static void put_slowed(struct logtap_report *to, const json_t *applied)
{
	struct logtap_report_scratch slowed;

	if (json_is_true(json_object_get(applied, "at_source")))
		logtap_report_print(
			to,
			"          its exports are slowed at their source: %s "
			"so far\n",
			logtap_report_count(
				logtap_report_number(applied, "slowed_exports"),
				&slowed));
}

static void put_break(struct logtap_report *to, const json_t *loop)
{
	const json_t *applied = json_object_get(loop, "break");
	const char *step = logtap_report_string(applied, "step");
	const char *identity = logtap_report_string(applied, "identity");
	double number = logtap_report_number(loop, "number");
	struct logtap_report_scratch until, tagged, suppressed;

	logtap_report_print(to, "  now   : ");
	if (!*step || !strcmp(step, "observe")) {
		logtap_report_print(to,
				    "logtap loops break %.0f [--rate 1/s | "
				    "--drop] [--ttl 1h]   (not applied)\n",
				    number);
		return;
	}
	put_step(to, applied, step);
	logtap_report_clock(logtap_report_number(applied, "until_unix_ns"),
			    "%Y-%m-%d %H:%M:%S", &until);
	if (*until.text)
		logtap_report_print(to, " until %s", until.text);
	logtap_report_print(
		to, ": %s tagged, %s suppressed\n",
		logtap_report_count(logtap_report_number(applied, "tagged"),
				    &tagged),
		logtap_report_count(logtap_report_number(applied, "suppressed"),
				    &suppressed));
	put_slowed(to, applied);
	if (*identity) {
		logtap_report_print(to, "          its records: ");
		logtap_report_text(to, identity, 240);
		logtap_report_print(to, "\n");
	}
	logtap_report_print(to, "          logtap loops break %.0f --off\n",
			    number);
}

int logtap_loops_report_text(const json_t *loop, struct logtap_bytes *out)
{
	struct logtap_report to = {.out = out};

	put_head(&to, loop);
	put_gaps(&to, loop);
	put_cycle(&to, loop);
	put_thread(&to, loop);
	put_proof(&to, loop);
	put_times(&to, loop);
	put_sample(&to, loop);
	logtap_report_stack(&to, loop);
	logtap_report_python(&to, loop);
	put_cost(&to, loop);
	put_break(&to, loop);
	return to.error;
}
