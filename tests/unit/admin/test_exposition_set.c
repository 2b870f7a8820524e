/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* A set of metrics in the format of Prometheus. */
#include "../../../collector/admin/exposition.h"

#include <criterion/criterion.h>
#include <string.h>

static void family(struct logtap_metric_set *set, const char *name,
		   bool counter, bool by_program)
{
	const struct logtap_metric_family made = {
		.name = name,
		.help = "Help",
		.unit = "",
		.counter = counter,
		.by_program = by_program,
		.form = counter ? LOGTAP_FORM_COUNT : LOGTAP_FORM_SIGNED};

	logtap_metric_set_family(set, &made);
}

static void expect(struct logtap_metric_set *set, const char *text)
{
	struct logtap_bytes out = {0};
	struct logtap_exposition to = {.out = &out};

	cr_assert_eq(set->error, 0);
	logtap_exposition_set(&to, set);
	cr_assert_eq(to.error, 0);
	cr_assert_eq(logtap_bytes_append(&out, "", 1), 0);
	cr_assert_str_eq((char *)out.data, text);
	logtap_bytes_deinit(&out);
	logtap_metric_set_deinit(set);
}

Test(exposition_set, dots_become_underscores_and_owners_labels)
{
	struct logtap_metric_set set = {0};
	const struct logtap_metric_owner owner = {7, 70, "a\"b"};
	const struct logtap_label label = {"reason", "full"};

	family(&set, "logtap.process.calls", true, false);
	logtap_metric_set_point(&set, logtap_metric_set_owner(&set, &owner),
				&label, 1, 3);
	expect(&set, "# HELP logtap_process_calls_total Help\n"
		     "# TYPE logtap_process_calls_total counter\n"
		     "logtap_process_calls_total{pid=\"7\",start_ticks=\"70\","
		     "name=\"a\\\"b\",reason=\"full\"} 3\n");
}

Test(exposition_set, names_of_programs_that_become_the_same_are_one_family)
{
	struct logtap_metric_set set = {0};

	family(&set, "a.b", true, true);
	logtap_metric_set_point(&set, 0, NULL, 0, 1);
	family(&set, "a.b", false, true);
	logtap_metric_set_point(&set, 0, NULL, 0, (uint64_t)-2);
	family(&set, "a/b", true, true);
	logtap_metric_set_point(&set, 0, NULL, 0, 3);
	family(&set, "a_b_total", true, true);
	logtap_metric_set_point(&set, 0, NULL, 0, 4);
	expect(&set, "# HELP logtap_program_a_b_total As a program calls it\n"
		     "# TYPE logtap_program_a_b_total counter\n"
		     "logtap_program_a_b_total{metric=\"a.b\"} 1\n"
		     "logtap_program_a_b_total{metric=\"a/b\"} 3\n"
		     "logtap_program_a_b_total{metric=\"a_b_total\"} 4\n"
		     "# HELP logtap_program_a_b_gauge As a program calls it\n"
		     "# TYPE logtap_program_a_b_gauge gauge\n"
		     "logtap_program_a_b_gauge{metric=\"a.b\"} -2\n");
}
