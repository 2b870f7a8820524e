/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of logtap collect: what a mistake is called and where it
 * is said to be, and which values win. */
#include "../../../collector/cmd/collect/config.h"
#include "../../../collector/shape/host.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/logtap-config-XXXXXX";
static struct logtap_collect_config *config;
static struct logtap_collect_options options;
static char error[1024];

static void begin(void)
{
	close(mkstemp(path));
	options = (struct logtap_collect_options)LOGTAP_COLLECT_DEFAULTS;
	unsetenv("OTEL_EXPORTER_OTLP_COMPRESSION");
}

static void end(void)
{
	logtap_collect_config_free(config);
	unlink(path);
}

TestSuite(config, .init = begin, .fini = end);

static int load(const char *text)
{
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	return logtap_collect_config_load(path, &config, error, sizeof(error));
}

static void apply(const char *text)
{
	cr_assert_eq(load(text), 0, "%s", error);
	logtap_collect_config_apply(config, &options);
}

/* @said: what comes behind "collect: FILE". */
static void refused(const char *text, const char *said)
{
	char wanted[1024];

	cr_assert_eq(load(text), -EINVAL, "%s", text);
	snprintf(wanted, sizeof(wanted), "collect: %s%s", path, said);
	cr_assert_str_eq(error, wanted);
}

Test(config, an_empty_file_says_nothing)
{
	apply("");
	cr_assert_null(options.directory);
	cr_assert_eq(options.admin_records, -1);
}

Test(config, a_file_that_cannot_be_read_is_named_with_the_reason)
{
	cr_assert_eq(logtap_collect_config_load("/nonexistent/c", &config,
						error, sizeof(error)),
		     -ENOENT);
	cr_assert_str_eq(error, "collect: /nonexistent/c: No such file or "
				"directory; name another --config");
	cr_assert_eq(logtap_collect_config_load("/tmp", &config, error,
						sizeof(error)),
		     -EISDIR);
	cr_assert_str_eq(error, "collect: /tmp: Is a directory; name another "
				"--config");
	cr_assert_null(config);
}

Test(config, a_key_that_is_unknown_or_there_twice_has_its_line)
{
	refused("console: on\n\n\nconsloe: on\n",
		":4: Unexpected key: consloe");
	refused("limits: {line_bytes: 1,\n  line_byte: 2}\n",
		":2: limits: Unexpected key: line_byte");
	refused("admin:\n  listen: '1'\n  # records\n  recrods: 5\n",
		":4: admin: Unexpected key: recrods");
	refused("console: on\nlevel: info\nconsole: off\n",
		":3: console: Mapping field already seen: console");
}

Test(config, a_number_is_a_whole_one)
{
	refused("limits:\n  line_bytes: 1\n  journal_bytes: 12k\n",
		":3: limits.journal_bytes: \"12k\" is not a number of 0 or "
		"more");
	refused("limits: {queue_bytes: -1}\n",
		":1: limits.queue_bytes: \"-1\" is not a number of 0 or more");
	refused("admin:\n  listen: '1'\n  bytes: 99999999999999999999\n",
		":3: admin.bytes: \"99999999999999999999\" is not a number of "
		"0 or more");
	refused("\nadmin: {listen: '1', records: 0x10}\n",
		":2: admin.records: \"0x10\" is not a number of 0 or more");
}

Test(config, a_value_has_the_line_of_its_own_key)
{
	refused("log:\n  level: info\nlevel: loud\n",
		":3: level: \"loud\" is not trace, debug, info, warn, error, "
		"fatal or off");
	refused("'stacks': loud\n", ":1: stacks: \"loud\" is not trace, debug, "
				    "info, warn, error or fatal");
	refused("console: on\nloops: true\n",
		":2: loops: \"true\" is neither observe nor probe");
}

Test(config, what_is_no_yaml_is_where_it_is_said_to_be)
{
	refused("directory: /x\nadmin:\n\tlisten: '1'\n",
		":3: indented with a tab: YAML takes spaces");
	refused("console: on\n\n\t# tab\n\tlevel: info\n",
		":3: indented with a tab: YAML takes spaces");
	refused("\n\tconsole: on\n", ":2: indented with a tab: YAML takes "
				     "spaces");
	refused("console: on\n\nlevel: @info\n",
		":3: libyaml: found character that cannot start any token");
	refused("level: info\ndirectory: \"/x\n\nconsole: on\n",
		":2: libyaml: found unexpected end of stream");
	refused("console: on\nlevel\nloops: observe\n",
		":2: libyaml: could not find expected ':'");
}

Test(config, a_url_is_one_that_can_be_sent_to)
{
	refused("console: on\notlp:\n  - http://a:4318\n  - ftp://b/\n",
		":2: otlp: 'ftp://b/' does not begin with http:// or "
		"https://; write it as http://HOST:4318 or "
		"https://HOST:PORT/PATH");
	refused("otlp: [http://a]\nmetrics:\n  otlp: 'http://u:secret@'\n",
		":3: metrics.otlp: '...@' is no URL; write it as "
		"http://HOST:4318 or https://HOST:PORT/PATH");
	refused("{level: info, metrics: {otlp: 'http://'}}\n",
		":1: metrics.otlp: 'http://' is no URL; write it as "
		"http://HOST:4318 or https://HOST:PORT/PATH");
	cr_assert_eq(load("metrics: {otlp: ''}\n"), 0, "the environment's");
}

Test(config, what_would_feed_back_or_is_not_ours_is_refused)
{
	refused("console: on\nlog: {to: otlp}\n",
		":2: log.to: the collector's own messages may not go where "
		"records go: each delivery would make the next one; stderr or "
		"none");
	cr_assert_eq(load("environment: [{name: PATH, value: /}]\n"), -EINVAL);
	cr_assert_not_null(strstr(error, "PATH: not a variable of "
					 "OpenTelemetry"));
}

static const char everything[] =
	"directory: /d\nfile: {path: /f, overwrite: yes}\n"
	"otlp: [http://a, http://b]\nconsole: on\n"
	"admin: {listen: '1', token_file: /t, records: 0, bytes: 7}\n"
	"limits: {journal_bytes: 8, queue_bytes: 9, line_bytes: 10}\n"
	"loops: ''\nlevel: info\nstacks: error\n"
	"resource: {attributes: [{name: n, value: v}]}\n"
	"environment:\n"
	"  - {name: OTEL_EXPORTER_OTLP_COMPRESSION, value: gzip}\n"
	"log: {to: none}\n";

Test(config, every_value_arrives)
{
	apply(everything);
	cr_assert_str_eq(options.directory, "/d");
	cr_assert_str_eq(options.output, "/f");
	cr_assert(options.force && options.console);
	cr_assert_eq(options.otlp.count, 2);
	cr_assert_str_eq(options.otlp.items[1], "http://b");
	cr_assert_str_eq(options.admin, "1");
	cr_assert_str_eq(options.admin_token, "/t");
	cr_assert_eq(options.admin_records, 0);
	cr_assert_eq(options.admin_bytes, 7);
	cr_assert_eq(options.journal_bytes, 8);
	cr_assert_eq(options.queue_bytes, 9);
	cr_assert_eq(options.line_max, 10);
	cr_assert_str_eq(options.wishes.loops, "");
	cr_assert_str_eq(options.wishes.level, "info");
	cr_assert_str_eq(options.wishes.stacks, "error");
	cr_assert_eq(options.attribute_count, 1);
	cr_assert_str_eq(options.attributes[0].value, "v");
	cr_assert_str_eq(getenv("OTEL_EXPORTER_OTLP_COMPRESSION"), "gzip");
}

Test(config, the_command_line_and_the_environment_win)
{
	options.directory = "/mine";
	options.output = "/mine";
	options.otlp.items[options.otlp.count++] = "http://mine";
	options.admin_records = 3;
	options.line_max = 4;
	options.wishes.stacks = "fatal";
	setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none", 1);
	apply(everything);
	cr_assert_str_eq(options.directory, "/mine");
	cr_assert_str_eq(options.output, "/mine");
	cr_assert_not(options.force, "that is of the file's own output");
	cr_assert_eq(options.otlp.count, 1);
	cr_assert_eq(options.admin_records, 3);
	cr_assert_eq(options.line_max, 4);
	cr_assert_str_eq(options.wishes.stacks, "fatal");
	cr_assert_str_eq(getenv("OTEL_EXPORTER_OTLP_COMPRESSION"), "none");
	cr_assert_eq(options.admin_bytes, 7, "what was not said is the file's");
}
