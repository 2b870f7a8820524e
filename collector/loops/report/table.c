/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* All loops of a collector, a line each: see report.h.  Any thread. */
#include "report.h"

#include "write.h"

#include <stdbool.h>
#include <string.h>

/* What most tells one loop from another: the thread, else the process, else
 * whatever comes first. */
static const char *where(const json_t *loop)
{
	static const char *const kinds[] = {"thread", "process"};
	const json_t *cycle = json_object_get(loop, "cycle"), *step;
	size_t i;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		json_array_foreach(cycle, i, step)
		{
			if (!strcmp(logtap_report_string(step, "kind"),
				    kinds[k]))
				return logtap_report_string(step, "text");
		}
	return logtap_report_string(json_array_get(cycle, 0), "text");
}

static void cell(struct logtap_report *to, size_t until, const char *text)
{
	size_t room = to->column + 4 < until ? until - to->column - 1 : 3;

	logtap_report_text(to, text,
			   strlen(text) > room ? room - 3 : strlen(text));
	while (!to->error && to->column < until)
		logtap_report_print(to, " ");
}

static void put_row(struct logtap_report *to, const json_t *loop)
{
	struct logtap_report_scratch scratch;
	const char *step =
		logtap_report_string(json_object_get(loop, "break"), "step");
	bool over = json_is_false(json_object_get(loop, "active"));
	double gain = logtap_report_number(loop, "gain");

	logtap_report_print(to, "%3.0f  ",
			    logtap_report_number(loop, "number"));
	cell(to, 16, logtap_report_string(loop, "confidence"));
	cell(to, 19, logtap_report_string(loop, "class"));
	cell(to, 35, logtap_report_string(loop, "name"));
	cell(to, 45, over ? "over" : logtap_report_string(loop, "mode"));
	logtap_report_print(to, "%6s ",
			    gain > 0 ? logtap_report_ratio(gain, &scratch)
				     : "-");
	logtap_report_print(
		to, "%7s ",
		json_is_null(json_object_get(loop, "records_per_second"))
			? "-"
			: logtap_report_quantity(
				  logtap_report_number(loop,
						       "records_per_second"),
				  &scratch));
	logtap_report_print(
		to, "%7s ",
		logtap_report_quantity(
			logtap_report_number(loop, "idle_exports_per_second"),
			&scratch));
	logtap_report_print(
		to, "%12s  ",
		logtap_report_count(logtap_report_number(loop, "records"),
				    &scratch));
	cell(to, 92, *step && strcmp(step, "observe") != 0 ? step : "-");
	logtap_report_text(to, where(loop), 60);
	logtap_report_print(to, "\n");
}

int logtap_loops_report_table(const json_t *reply, struct logtap_bytes *out)
{
	struct logtap_report to = {.out = out};
	const json_t *loops = json_object_get(reply, "loops"), *loop;
	size_t i;

	if (!json_array_size(loops)) {
		logtap_report_print(&to, "no loops found\n");
		return to.error;
	}
	logtap_report_print(&to,
			    "  #  CONFIDENCE CLASS              MODE      "
			    "GAIN     REC/S  IDLE/S      RECORDS  BREAK     "
			    "WHERE\n");
	json_array_foreach(loops, i, loop)
	{
		put_row(&to, loop);
	}
	return to.error;
}

const json_t *logtap_loops_report_find(const json_t *reply,
				       unsigned long long number)
{
	const json_t *loops = json_object_get(reply, "loops"), *loop;
	size_t i;

	json_array_foreach(loops, i, loop)
	{
		if (json_integer_value(json_object_get(loop, "number")) ==
		    (json_int_t)number)
			return loop;
	}
	return NULL;
}
