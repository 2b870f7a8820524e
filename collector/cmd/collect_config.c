/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file of `logtap collect': see the header.  Main thread. */
#include "collect_config.h"

#include "../base/error.h"
#include "../base/log.h"
#include "../export/otlp_config.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 128, TEXT_MAX = 4096 };

struct file {
	char *path;
	bool overwrite;
};

struct admin {
	char *listen;
	char *token_file;
	uint64_t *records;
	uint64_t *bytes;
};

struct limits {
	uint64_t journal_bytes;
	uint64_t queue_bytes;
	uint64_t line_bytes;
};

struct resource {
	struct logtap_pair *attributes;
	uint32_t attributes_count;
};

struct metrics {
	char *otlp;
};

struct own_log {
	char *to;
	enum logtap_log_level *level;
};

struct document {
	char *directory;
	struct file *file;
	char **otlp;
	uint32_t otlp_count;
	struct metrics *metrics;
	bool console;
	struct admin *admin;
	struct limits *limits;
	char *loops;
	char *level;
	char *stacks;
	struct resource *resource;
	struct logtap_pair *environment;
	uint32_t environment_count;
	struct own_log *log;
};

struct logtap_collect_config {
	struct document *document; /* NULL: an empty file */
};

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define OPTIONAL_POINTER (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

/* libcyaml's own takes any word for true */
static const cyaml_strval_t booleans[] = {
	{"false", 0}, {"no", 0}, {"off", 0}, {"true", 1}, {"yes", 1}, {"on", 1},
};
#define BOOLEAN(key, structure, member)                                        \
	CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, structure, member, \
			 booleans, sizeof(booleans) / sizeof(booleans[0]))

static const cyaml_strval_t levels[] = {
	{"error", LOGTAP_LOG_ERROR},
	{"warn", LOGTAP_LOG_WARN},
	{"info", LOGTAP_LOG_INFO},
	{"debug", LOGTAP_LOG_DEBUG},
};

static const cyaml_schema_field_t pair_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct logtap_pair,
			       name, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("value", CYAML_FLAG_POINTER, struct logtap_pair,
			       value, 0, TEXT_MAX),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t pair = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct logtap_pair,
			    pair_fields),
};
static const cyaml_schema_value_t text = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAX),
};

static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_STRING_PTR("path", CYAML_FLAG_POINTER, struct file, path, 1,
			       PATH_MAX),
	BOOLEAN("overwrite", struct file, overwrite),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t admin_fields[] = {
	CYAML_FIELD_STRING_PTR("listen", CYAML_FLAG_POINTER, struct admin,
			       listen, 1, PATH_MAX),
	CYAML_FIELD_STRING_PTR("token_file", OPTIONAL_POINTER, struct admin,
			       token_file, 1, PATH_MAX),
	CYAML_FIELD_UINT_PTR("records", OPTIONAL_POINTER, struct admin,
			     records),
	CYAML_FIELD_UINT_PTR("bytes", OPTIONAL_POINTER, struct admin, bytes),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t limits_fields[] = {
	CYAML_FIELD_UINT("journal_bytes", OPTIONAL, struct limits,
			 journal_bytes),
	CYAML_FIELD_UINT("queue_bytes", OPTIONAL, struct limits, queue_bytes),
	CYAML_FIELD_UINT("line_bytes", OPTIONAL, struct limits, line_bytes),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t resource_fields[] = {
	CYAML_FIELD_SEQUENCE("attributes", OPTIONAL_POINTER, struct resource,
			     attributes, &pair, 0, PAIRS_MAX),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t metrics_fields[] = {
	CYAML_FIELD_STRING_PTR("otlp", CYAML_FLAG_POINTER, struct metrics, otlp,
			       0, TEXT_MAX),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t log_fields[] = {
	CYAML_FIELD_STRING_PTR("to", OPTIONAL_POINTER, struct own_log, to, 1,
			       TEXT_MAX),
	CYAML_FIELD_ENUM_PTR("level", OPTIONAL_POINTER | CYAML_FLAG_STRICT,
			     struct own_log, level, levels,
			     sizeof(levels) / sizeof(levels[0])),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t document_fields[] = {
	CYAML_FIELD_STRING_PTR("directory", OPTIONAL_POINTER, struct document,
			       directory, 1, PATH_MAX),
	CYAML_FIELD_MAPPING_PTR("file", OPTIONAL_POINTER, struct document, file,
				file_fields),
	CYAML_FIELD_SEQUENCE("otlp", OPTIONAL_POINTER, struct document, otlp,
			     &text, 0, LOGTAP_OPTION_LIST_MAX),
	CYAML_FIELD_MAPPING_PTR("metrics", OPTIONAL_POINTER, struct document,
				metrics, metrics_fields),
	BOOLEAN("console", struct document, console),
	CYAML_FIELD_MAPPING_PTR("admin", OPTIONAL_POINTER, struct document,
				admin, admin_fields),
	CYAML_FIELD_MAPPING_PTR("limits", OPTIONAL_POINTER, struct document,
				limits, limits_fields),
	CYAML_FIELD_STRING_PTR("loops", OPTIONAL_POINTER, struct document,
			       loops, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("level", OPTIONAL_POINTER, struct document,
			       level, 1, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("stacks", OPTIONAL_POINTER, struct document,
			       stacks, 1, TEXT_MAX),
	CYAML_FIELD_MAPPING_PTR("resource", OPTIONAL_POINTER, struct document,
				resource, resource_fields),
	CYAML_FIELD_SEQUENCE("environment", OPTIONAL_POINTER, struct document,
			     environment, &pair, 0, PAIRS_MAX),
	CYAML_FIELD_MAPPING_PTR("log", OPTIONAL_POINTER, struct document, log,
				log_fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct document,
			    document_fields),
};

/* What libcyaml says: the reason, and the places inside out. */
struct complaint {
	char why[256];
	char field[128]; /* "admin.records" */
	unsigned line;
};

static void take_place(struct complaint *complaint, const char *said)
{
	char name[64] = "", outer[sizeof(complaint->field)];
	unsigned line;
	const char *at = strstr(said, "(line: ");

	if (!at || sscanf(at, "(line: %u", &line) != 1)
		return;
	if (!complaint->line)
		complaint->line = line;
	if (sscanf(said, " in mapping field '%63[^']'", name) != 1)
		return;
	memcpy(outer, complaint->field, sizeof(outer));
	snprintf(complaint->field, sizeof(complaint->field), "%s%s%.60s", name,
		 *outer ? "." : "", outer);
}

static void on_log(cyaml_log_t level, void *context, const char *format,
		   va_list arguments)
{
	static const char head[] = "Load: ";
	struct complaint *complaint = context;
	char said[256];

	vsnprintf(said, sizeof(said), format, arguments);
	said[strcspn(said, "\n")] = 0;
	const char *at = strncmp(said, head, sizeof(head) - 1)
				 ? said
				 : said + sizeof(head) - 1;
	if (level < CYAML_LOG_ERROR || !strncmp(at, "Backtrace", 9))
		return;
	if (*at == ' ')
		take_place(complaint, at);
	else if (!complaint->why[0])
		snprintf(complaint->why, sizeof(complaint->why), "%s", at);
}

/* libcyaml tells where the field before an unknown one is. */
static void find_key(struct complaint *complaint, const char *path)
{
	char key[64], line[512];
	unsigned number = 0;
	FILE *file;

	if (sscanf(complaint->why, "Unexpected key: %63s", key) != 1)
		return;
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		const char *at = line + strspn(line, " -{\"'");
		if (++number >= complaint->line &&
		    !strncmp(at, key, strlen(key))) {
			complaint->line = number;
			break;
		}
	}
	if (file)
		fclose(file);
}

static void complain(struct complaint *complaint, const char *path,
		     cyaml_err_t code, char *error, size_t error_bytes)
{
	char where[PATH_MAX + 64];

	find_key(complaint, path);
	if (complaint->line)
		snprintf(where, sizeof(where), "%s:%u", path, complaint->line);
	else
		snprintf(where, sizeof(where), "%s", path);
	if (complaint->field[0])
		snprintf(where + strlen(where), sizeof(where) - strlen(where),
			 ": %s", complaint->field);
	logtap_error_format(error, error_bytes, "collect", where,
			    complaint->why[0] ? complaint->why
					      : cyaml_strerror(code),
			    NULL);
}

static int refuse(const char *path, const char *field, const char *why,
		  const char *next, char *error, size_t error_bytes)
{
	char where[PATH_MAX + 128];

	snprintf(where, sizeof(where), "%s: %s", path, field);
	logtap_error_format(error, error_bytes, "collect", where, why, next);
	return -EINVAL;
}

/* What the schema cannot say. */
static int check(const struct document *document, const char *path, char *error,
		 size_t error_bytes)
{
	const struct admin *admin = document->admin;
	const struct limits *limits = document->limits;
	const struct {
		const char *field;
		uint64_t value;
	} numbers[] = {
		{"admin.records",
		 admin && admin->records ? *admin->records : 0},
		{"admin.bytes", admin && admin->bytes ? *admin->bytes : 0},
		{"limits.journal_bytes", limits ? limits->journal_bytes : 0},
		{"limits.queue_bytes", limits ? limits->queue_bytes : 0},
		{"limits.line_bytes", limits ? limits->line_bytes : 0},
	};

	/* libcyaml makes very large ones of those below 0 */
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value > LONG_MAX)
			return refuse(path, numbers[i].field,
				      "not a number of 0 or more", NULL, error,
				      error_bytes);
	for (uint32_t i = 0; i < document->environment_count; i++)
		if (strncmp(document->environment[i].name, "OTEL_", 5) != 0)
			return refuse(path, document->environment[i].name,
				      "not a variable of OpenTelemetry",
				      "environment takes names that begin with "
				      "OTEL_",
				      error, error_bytes);
	if (document->log && document->log->to &&
	    strcmp(document->log->to, "stderr") != 0 &&
	    strcmp(document->log->to, "none") != 0)
		return refuse(path, "log.to",
			      "the collector's own messages may not go where "
			      "records go: each delivery would make the next "
			      "one",
			      "stderr or none", error, error_bytes);
	return 0;
}

int logtap_collect_config_load(const char *path,
			       struct logtap_collect_config **out, char *error,
			       size_t error_bytes)
{
	struct logtap_collect_config *config = calloc(1, sizeof(*config));
	struct complaint complaint = {.line = 0};
	const cyaml_config_t how = {
		.log_fn = on_log,
		.log_ctx = &complaint,
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	FILE *readable = fopen(path, "re"); /* for the reason if it is not */
	int result = -ENOMEM;

	if (!config || !readable) {
		result = config ? -errno : -ENOMEM;
		logtap_error_format(error, error_bytes, "collect", path,
				    strerror(-result), "name another --config");
	} else {
		cyaml_err_t code =
			cyaml_load_file(path, &how, &schema,
					(cyaml_data_t **)&config->document,
					NULL);
		result = code ? -EINVAL : 0;
		if (code)
			complain(&complaint, path, code, error, error_bytes);
	}
	if (readable)
		fclose(readable);
	if (!result && config->document)
		result = check(config->document, path, error, error_bytes);
	if (result)
		logtap_collect_config_free(config);
	else
		*out = config;
	return result;
}

void logtap_collect_config_free(struct logtap_collect_config *config)
{
	const cyaml_config_t how = {
		.log_level = CYAML_LOG_ERROR,
		.mem_fn = cyaml_mem,
	};

	if (!config)
		return;
	cyaml_free(&how, &schema, config->document, 0);
	free(config);
}

static void take_text(const char **option, const char *value)
{
	if (!*option)
		*option = value;
}

static void take_number(long *option, uint64_t value)
{
	if (!*option)
		*option = (long)value;
}

static void apply_admin(const struct admin *admin,
			struct logtap_collect_options *options)
{
	if (!options->admin)
		options->admin = admin->listen;
	take_text(&options->admin_token, admin->token_file);
	if (options->admin_records < 0 && admin->records)
		options->admin_records = (long)*admin->records;
	if (options->admin_bytes < 0 && admin->bytes)
		options->admin_bytes = (long)*admin->bytes;
}

static void apply_otlp(const struct document *document,
		       struct logtap_collect_options *options)
{
	if (options->otlp.count) /* the command line's or the environment's */
		return;
	for (uint32_t i = 0; i < document->otlp_count; i++)
		options->otlp.items[options->otlp.count++] = document->otlp[i];
}

void logtap_collect_config_apply(const struct logtap_collect_config *config,
				 struct logtap_collect_options *options)
{
	const struct document *document = config->document;

	if (!document)
		return;
	take_text(&options->directory, document->directory);
	if (document->file && !options->output) {
		options->output = document->file->path;
		options->force |= document->file->overwrite;
	}
	options->console |= document->console;
	apply_otlp(document, options);
	for (uint32_t i = 0; i < document->environment_count; i++)
		setenv(document->environment[i].name,
		       document->environment[i].value, 0);
	if (document->metrics &&
	    !logtap_otlp_metrics_wanted(&logtap_otlp_process_metrics))
		take_text(&options->otlp_metrics, document->metrics->otlp);
	if (document->admin)
		apply_admin(document->admin, options);
	if (document->limits) {
		take_number(&options->journal_bytes,
			    document->limits->journal_bytes);
		take_number(&options->queue_bytes,
			    document->limits->queue_bytes);
		take_number(&options->line_max, document->limits->line_bytes);
	}
	take_text(&options->loops, document->loops);
	take_text(&options->level, document->level);
	take_text(&options->stacks, document->stacks);
	if (document->resource) {
		options->attributes = document->resource->attributes;
		options->attribute_count = document->resource->attributes_count;
	}
	if (document->log && document->log->level)
		logtap_log_set_level(*document->log->level);
	if (document->log && document->log->to &&
	    !strcmp(document->log->to, "none"))
		logtap_log_set_level(LOGTAP_LOG_NONE);
}
