/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A record: one OTLP log record before it is encoded (data model and field
 * names: OpenTelemetry specification, "Logs Data Model").
 */
#ifndef LOGTAP_SHAPE_RECORD_H
#define LOGTAP_SHAPE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct logtap_source;	   /* shape/source.h */
struct logtap_stack_trace; /* loops/stack/stack.h */

enum logtap_value_kind {
	LOGTAP_VALUE_STRING,
	LOGTAP_VALUE_INT,
	LOGTAP_VALUE_BOOL,
	LOGTAP_VALUE_DOUBLE,
	LOGTAP_VALUE_BYTES,
};

/* One attribute.  @key is NUL-terminated, valid UTF-8 and lives as long as what
 * holds it; strings are valid UTF-8 and need no NUL. */
struct logtap_attribute {
	const char *key;
	enum logtap_value_kind kind;
	uint32_t key_bytes; /* without its NUL; 0: to be counted */
	union {
		struct {
			const char *data;
			size_t bytes;
		} string; /* also of BYTES */
		int64_t integer;
		double real;
		bool boolean;
	} value;
};

static inline size_t logtap_attribute_key_bytes(
	const struct logtap_attribute *attribute)
{
	return attribute->key_bytes ? attribute->key_bytes
				    : strlen(attribute->key);
}

/* What every record has comes first, within one line of the cache. */
struct logtap_record {
	uint64_t time_ns;     /* when it happened; 0: unknown */
	uint64_t observed_ns; /* when the collector saw it; never 0 */
	const char *body;     /* valid UTF-8, no NUL needed */
	size_t body_bytes;
	struct logtap_source *source; /* its attributes come first; borrowed,
	                               * a batch holds its own reference */
	uint32_t sequence; /* of the chunk it began in, for log.record.uid */
	uint32_t line;	   /* how many lines of that chunk came before it */
	const char *severity_text; /* constant, or NULL */
	uint32_t severity;	   /* SeverityNumber 1..24; 0: unspecified */
	uint32_t flags;		   /* low 8 bits: W3C trace flags */

	const struct logtap_attribute *attributes; /* of this record alone */
	size_t attribute_count;
	uint32_t dropped_attributes; /* left out, over the limit */
	bool has_trace;
	const char *event_name; /* or NULL */
	const char *scope;	/* the logger's name; NULL: ours */
	uint64_t position;	/* first journal byte that it came from */
	unsigned char trace_id[16];
	unsigned char span_id[8];
	/* Where its thread was, for a tap; NULL: unknown. */
	const struct logtap_stack_trace *stack;
};

#endif
