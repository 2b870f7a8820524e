/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of metrics as OTLP, read by protobuf-c. */
#include "../../../collector/export/encode_metrics.h"
#include "otlp.pb-c.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void family(struct logtap_metric_set *set, const char *name,
		   bool counter, enum logtap_metric_form form)
{
	const struct logtap_metric_family made = {.name = name,
						  .help = "Help",
						  .unit = "{x}",
						  .counter = counter,
						  .form = form};

	logtap_metric_set_family(set, &made);
}

static Otlp__MetricsData *encode(struct logtap_metric_set *set,
				 struct logtap_bytes *out)
{
	struct logtap_resources *resources = logtap_resources_new();

	cr_assert_eq(set->error, 0);
	cr_assert_eq(logtap_encode_metrics(set, resources, out), 0);
	logtap_resources_free(resources);
	Otlp__MetricsData *data =
		otlp__metrics_data__unpack(NULL, out->size, out->data);
	cr_assert_not_null(data);
	return data;
}

static const char *attribute(Otlp__KeyValue **list, size_t count,
			     const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i]->key, key))
			return list[i]->value->string_value;
	return NULL;
}

Test(encode_metrics, each_owner_has_a_resource_and_its_own_points)
{
	struct logtap_metric_set set = {.start_ns = 5, .time_ns = 9};
	struct logtap_bytes out = {0};
	const struct logtap_metric_owner owner = {7, 70, "app\xff"};
	const struct logtap_label label = {"reason", "full"};
	size_t app = logtap_metric_set_owner(&set, &owner);

	cr_assert_eq(logtap_metric_set_owner(&set, &owner), app);
	family(&set, "a", true, LOGTAP_FORM_COUNT);
	logtap_metric_set_point(&set, app, &label, 1, 1);
	logtap_metric_set_point(&set, LOGTAP_METRIC_COLLECTOR, &label, 1, 2);
	family(&set, "b", true, LOGTAP_FORM_COUNT);
	logtap_metric_set_point(&set, app, NULL, 0, UINT64_MAX);
	Otlp__MetricsData *data = encode(&set, &out);
	cr_assert_eq(data->n_resource_metrics, 2);
	Otlp__ResourceMetrics *own = data->resource_metrics[0];
	cr_assert_str_eq(attribute(own->resource->attributes,
				   own->resource->n_attributes, "service.name"),
			 "logtap");
	cr_assert_eq(own->scope_metrics[0]->n_metrics, 1);
	Otlp__ResourceMetrics *its = data->resource_metrics[1];
	cr_assert_str_eq(attribute(its->resource->attributes,
				   its->resource->n_attributes, "service.name"),
			 "unknown_service:app\xef\xbf\xbd");
	cr_assert_str_eq(its->scope_metrics[0]->scope->name, "logtap");
	cr_assert_eq(its->scope_metrics[0]->n_metrics, 2);
	Otlp__Metric *a = its->scope_metrics[0]->metrics[0];
	cr_assert_str_eq(a->name, "a");
	cr_assert_str_eq(a->description, "Help");
	cr_assert_str_eq(a->unit, "{x}");
	cr_assert_eq(a->data_case, OTLP__METRIC__DATA_SUM);
	cr_assert_eq(a->sum->aggregation_temporality, 2);
	cr_assert(a->sum->is_monotonic);
	cr_assert_eq(a->sum->n_data_points, 1);
	Otlp__NumberDataPoint *point = a->sum->data_points[0];
	cr_assert_eq(point->start_time_unix_nano, 5);
	cr_assert_eq(point->time_unix_nano, 9);
	cr_assert_eq(point->as_int, 1);
	cr_assert_str_eq(attribute(point->attributes, point->n_attributes,
				   "reason"),
			 "full");
	/* there is no larger number on the wire */
	cr_assert_eq(
		its->scope_metrics[0]->metrics[1]->sum->data_points[0]->as_int,
		INT64_MAX);
	otlp__metrics_data__free_unpacked(data, NULL);
	logtap_metric_set_deinit(&set);
	logtap_bytes_deinit(&out);
}

Test(encode_metrics, gauges_may_be_negative_and_times_are_seconds)
{
	struct logtap_metric_set set = {.start_ns = 5, .time_ns = 9};
	struct logtap_bytes out = {0};

	family(&set, "level", false, LOGTAP_FORM_SIGNED);
	logtap_metric_set_point(&set, LOGTAP_METRIC_COLLECTOR, NULL, 0,
				(uint64_t)-3);
	family(&set, "waited", true, LOGTAP_FORM_NANO);
	logtap_metric_set_point(&set, LOGTAP_METRIC_COLLECTOR, NULL, 0,
				2500000000);
	Otlp__MetricsData *data = encode(&set, &out);
	Otlp__ScopeMetrics *scope = data->resource_metrics[0]->scope_metrics[0];
	cr_assert_eq(scope->metrics[0]->data_case, OTLP__METRIC__DATA_GAUGE);
	Otlp__NumberDataPoint *level = scope->metrics[0]->gauge->data_points[0];
	cr_assert_eq(level->as_int, -3);
	cr_assert_eq(level->start_time_unix_nano, 0);
	Otlp__NumberDataPoint *waited = scope->metrics[1]->sum->data_points[0];
	cr_assert_eq(waited->value_case,
		     OTLP__NUMBER_DATA_POINT__VALUE_AS_DOUBLE);
	cr_assert_eq(waited->as_double, 2.5);
	otlp__metrics_data__free_unpacked(data, NULL);
	logtap_metric_set_deinit(&set);
	logtap_bytes_deinit(&out);
}

Test(encode_metrics, a_set_with_many_points_is_whole)
{
	struct logtap_metric_set set = {.time_ns = 9};
	struct logtap_bytes out = {0};
	uint64_t sum = 0;

	for (unsigned f = 0; f < 20; f++) {
		char name[16];
		snprintf(name, sizeof(name), "family%u", f);
		family(&set, name, true, LOGTAP_FORM_COUNT);
		for (uint32_t pid = 1; pid <= 300; pid++) {
			const struct logtap_metric_owner owner = {pid, 1, "p"};
			logtap_metric_set_point(
				&set, logtap_metric_set_owner(&set, &owner),
				NULL, 0, f * pid);
		}
	}
	Otlp__MetricsData *data = encode(&set, &out);
	cr_assert_eq(data->n_resource_metrics, 300);
	for (size_t i = 0; i < 300; i++) {
		Otlp__ScopeMetrics *scope =
			data->resource_metrics[i]->scope_metrics[0];
		cr_assert_eq(scope->n_metrics, 20);
		for (size_t f = 0; f < 20; f++)
			sum += (uint64_t)scope->metrics[f]
				       ->sum->data_points[0]
				       ->as_int;
	}
	cr_assert_eq(sum, 190 * 45150);
	otlp__metrics_data__free_unpacked(data, NULL);
	logtap_metric_set_deinit(&set);
	logtap_bytes_deinit(&out);
}
