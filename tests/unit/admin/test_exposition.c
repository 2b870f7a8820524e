/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics as text. */
#include "../../../collector/admin/exposition.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const struct logtap_bytes *out, const char *text)
{
	cr_assert_eq(out->size, strlen(text), "%.*s", (int)out->size,
		     (const char *)out->data);
	cr_assert_arr_eq(out->data, text, out->size, "%.*s", (int)out->size,
			 (const char *)out->data);
}

static void write_all(struct logtap_exposition *to)
{
	const struct logtap_label label = {"name", "a"};

	logtap_exposition_family(to, "x_calls", true, "Calls");
	logtap_exposition_sample(to, &label, 1, UINT64_MAX);
	logtap_exposition_family(to, "x_rings", false, "Rings");
	logtap_exposition_sample(to, NULL, 0, 0);
	logtap_exposition_end(to);
}

Test(exposition, a_counter_and_a_gauge_in_the_format_of_prometheus)
{
	struct logtap_bytes out = {0};
	struct logtap_exposition to = {.out = &out};

	write_all(&to);
	expect(&out, "# HELP x_calls_total Calls\n"
		     "# TYPE x_calls_total counter\n"
		     "x_calls_total{name=\"a\"} 18446744073709551615\n"
		     "# HELP x_rings Rings\n"
		     "# TYPE x_rings gauge\n"
		     "x_rings 0\n");
	logtap_bytes_deinit(&out);
}

Test(exposition, openmetrics_names_families_without_total_and_ends)
{
	struct logtap_bytes out = {0};
	struct logtap_exposition to = {.out = &out, .open_metrics = true};

	write_all(&to);
	expect(&out, "# HELP x_calls Calls\n"
		     "# TYPE x_calls counter\n"
		     "x_calls_total{name=\"a\"} 18446744073709551615\n"
		     "# HELP x_rings Rings\n"
		     "# TYPE x_rings gauge\n"
		     "x_rings 0\n"
		     "# EOF\n");
	logtap_bytes_deinit(&out);
}

Test(exposition, no_name_of_a_process_breaks_a_line)
{
	struct logtap_bytes out = {0};
	struct logtap_exposition to = {.out = &out};
	const struct logtap_label labels[] = {
		{NULL, "left out"},
		{"a", "\"}\n\\"},
		{"b", "\xff\xc3\xa9"},
	};

	logtap_exposition_family(&to, "x", false, "X");
	out.size = 0;
	logtap_exposition_sample(&to, labels, 3, 1);
	expect(&out, "x{a=\"\\\"}\\n\\\\\",b=\"\xef\xbf\xbd\xc3\xa9\"} 1\n");
	logtap_bytes_deinit(&out);
}

Test(exposition, nanoseconds_are_told_in_seconds)
{
	struct logtap_bytes out = {0};
	struct logtap_exposition to = {.out = &out};

	logtap_exposition_family(&to, "x_seconds", true, "X");
	out.size = 0;
	logtap_exposition_seconds(&to, NULL, 0, UINT64_C(12000000034));
	expect(&out, "x_seconds_total 12.000000034\n");
	logtap_bytes_deinit(&out);
}
