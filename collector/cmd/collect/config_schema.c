/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in a configuration file.  No code. */
#include "config_private.h"

#include <limits.h>

enum { PAIRS_MAX = 128, TEXT_MAX = 4096 };

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define OPTIONAL_POINTER (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

/* libcyaml's own takes any word for true */
static const cyaml_strval_t booleans[] = {
	{"false", 0}, {"no", 0}, {"off", 0}, {"true", 1}, {"yes", 1}, {"on", 1},
};
#define BOOLEAN(key, structure, member)                                        \
	CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, structure, member, \
			 booleans, sizeof(booleans) / sizeof(booleans[0]))

#define NUMBER(structure, member)                                    \
	CYAML_FIELD_STRING_PTR(#member, OPTIONAL_POINTER, structure, \
			       member.text, 1, TEXT_MAX)

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
	NUMBER(struct admin, records),
	NUMBER(struct admin, bytes),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t limits_fields[] = {
	NUMBER(struct limits, journal_bytes),
	NUMBER(struct limits, queue_bytes),
	NUMBER(struct limits, line_bytes),
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
const cyaml_schema_value_t logtap_collect_config_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct document,
			    document_fields),
};
