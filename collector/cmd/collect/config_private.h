/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the parts of the configuration file's reader share: the document as it
 * is in memory, its schema, and what libcyaml says of a bad one.  Main thread.
 */
#ifndef LOGTAP_CMD_COLLECT_CONFIG_PRIVATE_H
#define LOGTAP_CMD_COLLECT_CONFIG_PRIVATE_H

#include "../../base/log.h"
#include "../../shape/host.h"
#include "config.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>

struct file {
	char *path;
	bool overwrite;
};

/* libcyaml's own takes "12k" for 12, and those below 0 for very large ones. */
struct number {
	char *text; /* NULL: not given */
	long value; /* set when that was checked */
};

struct admin {
	char *listen;
	char *token_file;
	struct number records;
	struct number bytes;
};

struct limits {
	struct number journal_bytes;
	struct number queue_bytes;
	struct number line_bytes;
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

/* Of a pointer to a struct document. */
extern const cyaml_schema_value_t logtap_collect_config_schema;

/* What libcyaml says: the reason, and the places inside out. */
struct complaint {
	char why[256];
	char field[128]; /* "admin.records" */
	unsigned line;
};

/* libcyaml's log, into @context, a struct complaint. */
void logtap_collect_config_listen(cyaml_log_t level, void *context,
				  const char *format, va_list arguments);
/* What it said, as a message for a person.  @code: what libcyaml returned. */
void logtap_collect_config_complain(struct complaint *complaint,
				    const char *path, cyaml_err_t code,
				    char *error, size_t error_bytes);
/* Corrects its place, when what libyaml says is wrong with the file at @path. */
void logtap_collect_config_locate(struct complaint *complaint,
				  const char *path);
/* Such a message of our own.  Return: -EINVAL. */
int logtap_collect_config_refuse(const char *path, const char *field,
				 const char *why, const char *next, char *error,
				 size_t error_bytes);
/* What the schema cannot say; reads numbers.  Return: 0, or -EINVAL with such
 * a message. */
int logtap_collect_config_check(struct document *document, const char *path,
				char *error, size_t error_bytes);

#endif
