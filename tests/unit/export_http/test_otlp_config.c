/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* OTLP configuration: precedence, defaults, and values that cannot be used. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../../collector/export/otlp_config.h"

enum { MAX_VARIABLES = 8 };

/* An environment of the test's own, and the last warning. */
struct world {
	bool metrics;
	const char *variables[MAX_VARIABLES][2];
	char warning[512];
	unsigned warnings;
};

static const char *world_get(void *context, const char *name)
{
	const struct world *world = context;
	for (size_t i = 0; i < MAX_VARIABLES && world->variables[i][0]; i++) {
		if (!strcmp(world->variables[i][0], name))
			return world->variables[i][1];
	}
	return NULL;
}

static void world_warn(void *context, const char *text)
{
	struct world *world = context;
	snprintf(world->warning, sizeof(world->warning), "%s", text);
	world->warnings++;
}

static char error[512];

static int init(struct logtap_otlp_config *config, const char *option,
		struct world *world)
{
	const struct logtap_otlp_environment environment = {
		.get = world_get,
		.warn = world_warn,
		.context = world,
		.metrics = world->metrics};
	return logtap_otlp_config_init(config, option, &environment, error,
				       sizeof(error));
}

static struct logtap_otlp_config read_config(const char *option,
					     struct world *world)
{
	struct logtap_otlp_config config;
	cr_assert_eq(init(&config, option, world), 0, "%s", error);
	return config;
}

static void assert_url(const char *option, struct world world, const char *url)
{
	struct logtap_otlp_config config = read_config(option, &world);
	cr_assert_str_eq(config.url, url);
	cr_assert_eq(world.warnings, 0, "%s", world.warning);
	logtap_otlp_config_deinit(&config);
}

static bool metrics_wanted(struct world world)
{
	const struct logtap_otlp_environment environment = {.get = world_get,
							    .warn = world_warn,
							    .context = &world,
							    .metrics = true};
	return logtap_otlp_metrics_wanted(&environment);
}

static bool wanted(struct world world)
{
	const struct logtap_otlp_environment environment = {
		.get = world_get, .warn = world_warn, .context = &world};
	return logtap_otlp_wanted(&environment);
}

Test(otlp_config, an_empty_environment_gives_the_specifications_defaults)
{
	struct world world = {0};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_str_eq(config.url, "http://localhost:4318/v1/logs");
	cr_assert_eq(config.protocol, LOGTAP_OTLP_PROTOBUF);
	cr_assert_not(config.gzip);
	cr_assert_eq(config.header_count, 0);
	cr_assert_null(config.certificate);
	cr_assert_null(config.client_key);
	cr_assert_null(config.client_certificate);
	cr_assert_eq(config.timeout_ms, 10000);
	cr_assert_eq(config.schedule_delay_ms, 1000);
	cr_assert_eq(config.export_timeout_ms, 30000);
	cr_assert_eq(config.max_queue_records, 16384);
	cr_assert_eq(config.max_batch_records, 512);
	cr_assert_eq(world.warnings, 0, "%s", world.warning);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, the_general_endpoint_gets_v1_logs_behind_its_path)
{
#define ENDPOINT(value)                                                 \
	(struct world)                                                  \
	{                                                               \
		.variables = { {"OTEL_EXPORTER_OTLP_ENDPOINT", value} } \
	}
	assert_url(NULL, ENDPOINT("http://a:4318"), "http://a:4318/v1/logs");
	assert_url(NULL, ENDPOINT("http://a:4318/"), "http://a:4318/v1/logs");
	assert_url(NULL, ENDPOINT("https://a/in"), "https://a/in/v1/logs");
	assert_url(NULL, ENDPOINT("https://a/in/"), "https://a/in/v1/logs");
	assert_url(NULL, ENDPOINT("http://a/in?k=v"),
		   "http://a/in/v1/logs?k=v");
	assert_url(NULL, ENDPOINT("http://[::1]:1/"), "http://[::1]:1/v1/logs");
}

Test(otlp_config, the_endpoint_for_logs_is_used_as_it_is)
{
#define LOGS_ENDPOINT(value)                                               \
	(struct world)                                                     \
	{                                                                  \
		.variables = {                                             \
			{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general"}, \
			{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", value}        \
		}                                                          \
	}
	assert_url(NULL, LOGS_ENDPOINT("http://a:1/x/"), "http://a:1/x/");
	assert_url(NULL, LOGS_ENDPOINT("http://a:1"), "http://a:1/");
	assert_url(NULL, LOGS_ENDPOINT(""), "http://general/v1/logs");
}

Test(otlp_config, the_command_line_wins_over_both_endpoints)
{
	assert_url("http://b:4318", LOGS_ENDPOINT("http://a:1/x"),
		   "http://b:4318/v1/logs");
	assert_url("http://b:4318/", LOGS_ENDPOINT("http://a:1/x"),
		   "http://b:4318/v1/logs");
	assert_url("http://b/mine", LOGS_ENDPOINT("http://a:1/x"),
		   "http://b/mine");
}

Test(otlp_config, a_bad_endpoint_is_an_error_that_names_the_variable)
{
	const char *bad[] = {"localhost:4318",	"ftp://a/", "http://",
			     "http://a:99999/", "/v1/logs", "http://a b/"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct world world = ENDPOINT(bad[i]);
		struct logtap_otlp_config config;
		cr_assert_eq(init(&config, NULL, &world), -EINVAL, "%s",
			     bad[i]);
		cr_assert_not_null(strstr(error, "OTEL_EXPORTER_OTLP_ENDPOINT"),
				   "%s", error);
		cr_assert_not_null(strstr(error, bad[i]), "%s", error);
		cr_assert_null(config.url);
	}
	struct world world = {0};
	struct logtap_otlp_config config;
	cr_assert_eq(init(&config, "nonsense", &world), -EINVAL);
	cr_assert_not_null(strstr(error, "--otlp: 'nonsense'"), "%s", error);
}

Test(otlp_config, messages_never_show_credentials_of_an_endpoint)
{
	struct world world = ENDPOINT("https://me:secret@a:1/in?key=secret");
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_str_eq(config.name, "https://a:1/in/v1/logs");
	cr_assert_not_null(strstr(config.url, "me:secret@"));
	logtap_otlp_config_deinit(&config);

	struct world broken = ENDPOINT("ftp://me:secret@a:1/in");
	cr_assert_eq(init(&config, NULL, &broken), -EINVAL);
	cr_assert_null(strstr(error, "secret"), "%s", error);
}

Test(otlp_config, json_is_chosen_by_the_protocol)
{
	struct world world = {
		.variables = {{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
			      {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",
			       "http/json"}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_eq(config.protocol, LOGTAP_OTLP_JSON);
	cr_assert_eq(world.warnings, 0);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, grpc_is_an_error_that_says_what_to_set)
{
	struct world world = {
		.variables = {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}};
	struct logtap_otlp_config config;
	cr_assert_eq(init(&config, NULL, &world), -EPROTONOSUPPORT);
	cr_assert_not_null(strstr(error, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"));
	cr_assert_not_null(strstr(error, "not built in"));
	cr_assert_not_null(strstr(error, "http/protobuf"));
}

/* One variable with a value that cannot be used: the warning names it, the
 * value, and what is used instead. */
static struct logtap_otlp_config warned(const char *name, const char *value,
					const char *instead)
{
	struct world world = {.variables = {{name, value}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_eq(world.warnings, 1, "%s=%s", name, value);
	cr_assert_not_null(strstr(world.warning, name), "%s", world.warning);
	cr_assert_not_null(strstr(world.warning, value), "%s", world.warning);
	cr_assert_not_null(strstr(world.warning, instead), "%s", world.warning);
	return config;
}

Test(otlp_config, unknown_values_are_warned_about_and_the_default_is_used)
{
	struct logtap_otlp_config config = warned(
		"OTEL_EXPORTER_OTLP_PROTOCOL", "thrift", "using http/protobuf");
	cr_assert_eq(config.protocol, LOGTAP_OTLP_PROTOBUF);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "zstd",
			"using none");
	cr_assert_not(config.gzip);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_EXPORTER_OTLP_TIMEOUT", "-5", "using 10000");
	cr_assert_eq(config.timeout_ms, 10000);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_BLRP_SCHEDULE_DELAY", "1s", "using 1000");
	cr_assert_eq(config.schedule_delay_ms, 1000);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_BLRP_EXPORT_TIMEOUT", "99999999999999999999",
			"using 30000");
	cr_assert_eq(config.export_timeout_ms, 30000);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_BLRP_MAX_QUEUE_SIZE", "0", "using 16384");
	cr_assert_eq(config.max_queue_records, 16384);
	logtap_otlp_config_deinit(&config);
	config = warned("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "65536",
			"using 16384");
	cr_assert_eq(config.max_batch_records, 16384);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, numbers_files_and_compression_are_taken)
{
	struct world world = {
		.variables = {
			{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
			{"OTEL_EXPORTER_OTLP_TIMEOUT", " 0 "},
			{"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"},
			{"OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/logs.pem"},
			{"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key.pem"},
			{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/c.pem"},
			{"OTEL_BLRP_MAX_QUEUE_SIZE", "100"},
			{"OTEL_BLRP_SCHEDULE_DELAY", "5"}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert(config.gzip);
	cr_assert_eq(config.timeout_ms, 0);
	cr_assert_str_eq(config.certificate, "/logs.pem");
	cr_assert_str_eq(config.client_key, "/key.pem");
	cr_assert_str_eq(config.client_certificate, "/c.pem");
	cr_assert_eq(config.max_queue_records, 100);
	cr_assert_eq(config.max_batch_records, 100);
	cr_assert_eq(config.schedule_delay_ms, 5);
	cr_assert_eq(world.warnings, 0, "%s", world.warning);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, words_are_taken_whatever_their_case)
{
	struct world world = {
		.variables = {{"OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"},
			      {"OTEL_EXPORTER_OTLP_PROTOCOL", "Http/JSON"}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert(config.gzip);
	cr_assert_eq(config.protocol, LOGTAP_OTLP_JSON);
	cr_assert_eq(world.warnings, 0, "%s", world.warning);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, no_time_to_deliver_is_no_limit)
{
	struct world world = {.variables = {{"OTEL_BLRP_EXPORT_TIMEOUT", "0"}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_eq(config.export_timeout_ms, INT32_MAX);
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, a_header_that_is_left_out_is_warned_about_without_its_text)
{
	struct world world = {.variables = {{"OTEL_EXPORTER_OTLP_HEADERS",
					     "a=1,secret%zz=hidden"}}};
	struct logtap_otlp_config config = read_config(NULL, &world);
	cr_assert_eq(config.header_count, 1);
	cr_assert_eq(world.warnings, 1);
	cr_assert_not_null(strstr(world.warning, "OTEL_EXPORTER_OTLP_HEADERS"));
	cr_assert_not_null(strstr(world.warning, "entry 2"));
	cr_assert_null(strstr(world.warning, "secret"));
	cr_assert_null(strstr(world.warning, "hidden"));
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, the_environment_asks_for_export_only_with_an_endpoint)
{
	cr_assert_not(wanted((struct world){0}));
	cr_assert(wanted(ENDPOINT("http://a")));
	cr_assert_not(wanted(ENDPOINT("")));
	cr_assert(wanted(LOGS_ENDPOINT("http://b")));
}

Test(otlp_config, only_true_disables_the_sdk_whatever_its_case)
{
#define DISABLED(value)                                              \
	(struct world)                                               \
	{                                                            \
		.variables = {                                       \
			{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"}, \
			{"OTEL_SDK_DISABLED", value}                 \
		}                                                    \
	}
	cr_assert_not(wanted(DISABLED("true")));
	cr_assert_not(wanted(DISABLED("TRUE")));
	cr_assert(wanted(DISABLED("1")));
	cr_assert(wanted(DISABLED("")));
}

Test(otlp_config, metrics_go_out_only_where_somebody_asks_for_them)
{
#define WORLD(...)                           \
	(struct world)                       \
	{                                    \
		.variables = { __VA_ARGS__ } \
	}
	cr_assert_not(metrics_wanted((struct world){0}));
	cr_assert_not(metrics_wanted(ENDPOINT("http://a")));
	cr_assert_not(metrics_wanted(LOGS_ENDPOINT("http://a")));
	cr_assert(metrics_wanted(
		WORLD({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m"})));
	cr_assert(metrics_wanted(WORLD({"OTEL_METRICS_EXPORTER", "otlp"})));
	cr_assert_not(metrics_wanted(
		WORLD({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m"},
		      {"OTEL_METRICS_EXPORTER", "none"})));
	cr_assert_not(metrics_wanted(WORLD({"OTEL_METRICS_EXPORTER", "otlp"},
					   {"OTEL_SDK_DISABLED", "true"})));
}

static struct logtap_otlp_config read_metrics(const char *option,
					      struct world world)
{
	world.metrics = true;
	return read_config(option, &world);
}

Test(otlp_config, metrics_have_variables_and_a_path_of_their_own)
{
	struct logtap_otlp_config config = read_metrics(
		NULL, WORLD({"OTEL_EXPORTER_OTLP_ENDPOINT", "http://all/base"},
			    {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://l"},
			    {"OTEL_METRIC_EXPORT_INTERVAL", "1500"},
			    {"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "7"}));
	cr_assert_str_eq(config.url, "http://all/base/v1/metrics");
	cr_assert_eq(config.metric_interval_ms, 1500);
	cr_assert_eq(config.metric_timeout_ms, 30000);
	cr_assert_eq(config.timeout_ms, 7);
	logtap_otlp_config_deinit(&config);
	config =
		read_metrics(NULL, WORLD({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
					  "http://m/x"}));
	cr_assert_str_eq(config.url, "http://m/x");
	cr_assert_eq(config.metric_interval_ms, 60000);
	logtap_otlp_config_deinit(&config);
	config = read_metrics("http://option", (struct world){0});
	cr_assert_str_eq(config.url, "http://option/v1/metrics");
	logtap_otlp_config_deinit(&config);
}

Test(otlp_config, what_metrics_cannot_do_is_said_and_replaced)
{
	struct world world =
		WORLD({"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"});
	world.metrics = true;
	struct logtap_otlp_config config = read_config("http://m", &world);
	cr_assert_eq(config.protocol, LOGTAP_OTLP_PROTOBUF);
	cr_assert_not_null(strstr(world.warning, "http/protobuf"));
	logtap_otlp_config_deinit(&config);
	world = WORLD(
		{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"});
	world.metrics = true;
	config = read_config("http://m", &world);
	cr_assert_not_null(strstr(world.warning, "cumulative"));
	logtap_otlp_config_deinit(&config);
}
