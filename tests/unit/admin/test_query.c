/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of /logs. */
#include "../../../collector/admin/query.h"

#include <criterion/criterion.h>
#include <string.h>

Test(query, without_parameters_the_last_hundred_records_as_json)
{
	struct logtap_query query;

	logtap_query_init(&query, false);
	cr_assert_eq(query.format, LOGTAP_LOGS_JSON);
	cr_assert_eq(query.read.limit, 100);
	cr_assert(!query.read.has_after);
}

Test(query, each_parameter_sets_what_it_names)
{
	static const unsigned char trace[16] = {0x0a, 0xFf, 1, 2};
	struct logtap_query query;
	const char *const given[][2] = {
		{"format", "text"},
		{"after", "18446744073709551615"},
		{"limit", "1000"},
		{"level", "WARN"},
		{"q", "Some text"},
		{"service", "app"},
		{"pid", "4294967295"},
		{"tid", "0"},
		{"trace_id", "0aFf0102000000000000000000000000"},
	};

	logtap_query_init(&query, false);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		cr_assert_null(logtap_query_set(&query, given[i][0],
						given[i][1]),
			       "%s", given[i][0]);
	cr_assert_eq(query.format, LOGTAP_LOGS_TEXT);
	cr_assert(query.read.has_after);
	cr_assert_eq(query.read.after, UINT64_MAX);
	cr_assert_eq(query.read.limit, 1000);
	cr_assert_eq(query.read.filter.severity, 13);
	cr_assert_str_eq(query.read.filter.text, "Some text");
	cr_assert_str_eq(query.read.filter.service, "app");
	cr_assert(query.read.filter.has_pid);
	cr_assert_eq(query.read.filter.pid, UINT32_MAX);
	cr_assert(query.read.filter.has_tid);
	cr_assert_eq(query.read.filter.tid, 0);
	cr_assert(query.read.filter.has_trace);
	cr_assert_arr_eq(query.read.filter.trace_id, trace, 16);
}

Test(query, what_is_wrong_is_refused_with_a_reason)
{
	const char *const wrong[][2] = {
		{"format", "xml"},
		{"format", ""},
		{"after", ""},
		{"after", "-1"},
		{"after", "18446744073709551616"},
		{"after", "1x"},
		{"limit", "99999999999999999999999"},
		{"limit", "-1"},
		{"format", "events"},
		{"limit", " 5"},
		{"level", "loud"},
		{"level", "0"},
		{"level", "25"},
		{"level", "-"},
		{"pid", "4294967296"},
		{"tid", "+1"},
		{"trace_id", "0aff"},
		{"trace_id", "0aff010200000000000000000000000g"},
		{"trace", "x"},
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct logtap_query query;
		logtap_query_init(&query, false);
		const char *reason =
			logtap_query_set(&query, wrong[i][0], wrong[i][1]);
		cr_assert_not_null(reason, "%s=%s", wrong[i][0], wrong[i][1]);
		cr_assert_gt(strlen(reason), 5);
	}
}

Test(query, a_parameter_given_twice_is_refused)
{
	struct logtap_query query;

	logtap_query_init(&query, false);
	cr_assert_null(logtap_query_set(&query, "limit", "3"));
	cr_assert_not_null(logtap_query_set(&query, "limit", "4"));
}

Test(query, each_severity_has_a_name_that_means_it)
{
	for (uint32_t i = 1; i <= 24; i++)
		cr_assert_eq(logtap_level_parse(logtap_level_name(i)), i);
	cr_assert_str_eq(logtap_level_name(17), "ERROR");
	cr_assert_str_eq(logtap_level_name(0), "-");
	cr_assert_str_eq(logtap_level_name(1000), "-");
	cr_assert_eq(logtap_level_parse("fatal2"), 22);
	cr_assert_eq(logtap_level_parse("9"), 9);
}

Test(query, a_limit_out_of_bounds_means_the_nearest_bound)
{
	const struct {
		const char *given;
		size_t limit, of_stream;
	} cases[] = {{"0", 1, 0},
		     {"1", 1, 1},
		     {"1000", 1000, 1000},
		     {"1001", 1000, 1000},
		     {"18446744073709551615", 1000, 1000}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int stream = 0; stream < 2; stream++) {
			struct logtap_query query;
			logtap_query_init(&query, stream);
			cr_assert_null(logtap_query_set(&query, "limit",
							cases[i].given));
			cr_assert_eq(query.read.limit,
				     stream ? cases[i].of_stream
					    : cases[i].limit,
				     "%s", cases[i].given);
		}
}

Test(query, a_stream_has_events_and_no_otlp)
{
	struct logtap_query query;

	logtap_query_init(&query, true);
	cr_assert_null(logtap_query_set(&query, "format", "events"));
	cr_assert_eq(query.format, LOGTAP_LOGS_EVENTS);
	logtap_query_init(&query, true);
	cr_assert_not_null(logtap_query_set(&query, "format", "otlp"));
}
