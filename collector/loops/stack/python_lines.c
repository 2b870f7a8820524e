/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* co_linetable, as Objects/locations.md of CPython describes it: see
 * python_private.h.  The pipeline's thread. */
#include "python_private.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_BYTES_MOST = 65536 };
/* Kinds of entries; those below are short ones, on the same line. */
enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NONE = 15 };

struct table {
	const unsigned char *at, *end;
};

static uint32_t varint(struct table *table)
{
	uint32_t value = 0;

	for (unsigned shift = 0; table->at < table->end && shift < 30;
	     shift += 6) {
		unsigned byte = *table->at++;
		value |= (uint32_t)(byte & 63) << shift;
		if (!(byte & 64))
			break;
	}
	return value;
}

static int64_t signed_varint(struct table *table)
{
	uint32_t value = varint(table);

	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static void skip(struct table *table, size_t bytes)
{
	size_t left = (size_t)(table->end - table->at);

	table->at += bytes < left ? bytes : left;
}

/* Reads one entry behind its first byte.  Return: how the line changes. */
static int64_t entry(struct table *table, unsigned kind)
{
	int64_t delta = 0;

	if (kind < ONE_LINE) {
		skip(table, 1);
	} else if (kind < NO_COLUMNS) {
		delta = kind - ONE_LINE;
		skip(table, 2);
	} else if (kind == NO_COLUMNS) {
		delta = signed_varint(table);
	} else if (kind == LONG) {
		delta = signed_varint(table);
		for (int i = 0; i < 3; i++)
			varint(table);
	}
	return delta;
}

static bool find(struct table *table, int64_t line, uint64_t unit,
		 struct logtap_python_place *out)
{
	uint64_t at = 0;

	while (table->at < table->end) {
		unsigned first = *table->at++;
		unsigned kind = first >> 3 & 15, units = (first & 7) + 1;
		if (!(first & 0x80))
			return false;
		line += entry(table, kind);
		if (unit < at + units) {
			*out = (struct logtap_python_place){
				.first = at,
				.units = units,
			};
			if (kind != NONE && line > 0 && line < INT32_MAX)
				out->line = (unsigned)line;
			return true;
		}
		at += units;
	}
	return false;
}

bool logtap_python_line(const struct logtap_python *python,
			const struct logtap_python_memory *memory,
			const struct logtap_python_code *code, uint64_t unit,
			struct logtap_python_place *out)
{
	const struct logtap_python_layout *layout = python->layout;
	unsigned char head[64];
	uint64_t type, bytes;

	if (!memory->read(memory->context, code->lines, head, sizeof(head)))
		return false;
	memcpy(&type, head + layout->type, sizeof(type));
	memcpy(&bytes, head + layout->size, sizeof(bytes));
	if (type != python->bytes_type || !bytes || bytes > TABLE_BYTES_MOST)
		return false;
	unsigned char *data = malloc(bytes);
	bool found = data && memory->read(memory->context,
					  code->lines + layout->bytes_data,
					  data, bytes);
	struct table table = {.at = data, .end = data ? data + bytes : data};
	found = found && find(&table, code->first_line, unit, out);
	free(data);
	return found;
}
