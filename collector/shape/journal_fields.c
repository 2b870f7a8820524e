/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's native protocol: see the header.  Any thread.  Field names:
 * systemd.journal-fields(7). */
#include "journal_fields.h"

#include "utf8.h"

#include <endian.h>
#include <string.h>

struct field {
	const char *name;
	size_t name_bytes;
	const char *value;
	size_t value_bytes;
};

/* Return: bytes of the field with its line feed; 0: it is malformed. */
static size_t read_field(struct field *field, const char *text, size_t bytes,
			 bool cut)
{
	const char *feed = memchr(text, '\n', bytes);
	size_t line = feed ? (size_t)(feed - text) : bytes;
	const char *equals = memchr(text, '=', line);
	uint64_t length;

	field->name = text;
	if (equals) {
		field->name_bytes = (size_t)(equals - text);
		field->value = equals + 1;
		field->value_bytes = line - field->name_bytes - 1;
		return line + (feed != NULL);
	}
	size_t head = line + 1 + sizeof(length);
	if (!feed || bytes < head) {
		field->name_bytes = 0; /* of which nothing is left */
		return cut ? bytes : 0;
	}
	memcpy(&length, feed + 1, sizeof(length));
	length = le64toh(length);
	if (length > bytes - head && cut)
		length = bytes - head;
	if (length > bytes - head)
		return 0;
	field->name_bytes = line;
	field->value = text + head;
	field->value_bytes = (size_t)length;
	head += (size_t)length;
	return head + (head < bytes && text[head] == '\n');
}

/* Names that begin with _ are the journal's own; it ignores them, too. */
static bool is_name(const struct field *field)
{
	if (!field->name_bytes || field->name_bytes > LOGTAP_JOURNAL_NAME_BYTES)
		return false;
	for (size_t i = 0; i < field->name_bytes; i++) {
		char c = field->name[i];
		if (!(c >= 'A' && c <= 'Z') &&
		    !(i && ((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return true;
}

static bool is(const struct field *field, const char *name)
{
	return field->name_bytes == strlen(name) &&
	       !memcmp(field->name, name, field->name_bytes);
}

/* Return: the value as a number of at most 18 digits, or -1. */
static int64_t number_of(const struct field *field)
{
	int64_t value = 0;

	if (!field->value_bytes || field->value_bytes > 18)
		return -1;
	for (size_t i = 0; i < field->value_bytes; i++) {
		char c = field->value[i];
		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	return value;
}

/* The key that OpenTelemetry has for a field, and whether it is a number. */
static const char *known_key(const struct field *field, bool *number)
{
	static const struct {
		const char *name, *key;
		bool number;
	} known[] = {
		{"SYSLOG_IDENTIFIER", "syslog.appname", false},
		{"SYSLOG_FACILITY", "syslog.facility", true},
		{"SYSLOG_PID", "syslog.procid", false},
		{"CODE_FILE", "code.file.path", false},
		{"CODE_LINE", "code.line.number", true},
		{"CODE_FUNC", "code.function.name", false},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is(field, known[i].name)) {
			*number = known[i].number;
			return known[i].key;
		}
	return NULL;
}

static void make_key(char *key, const struct field *field)
{
	memcpy(key, "journal.", 8);
	for (size_t i = 0; i < field->name_bytes; i++) {
		char c = field->name[i];
		key[8 + i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	key[8 + field->name_bytes] = '\0';
}

static void add(struct logtap_journal_entry *out, const struct field *field)
{
	bool number = false;
	const char *key = known_key(field, &number);
	int64_t value = number ? number_of(field) : -1;

	if (out->count == LOGTAP_JOURNAL_ATTRIBUTES) {
		out->dropped++;
		return;
	}
	if (!key || (number && value < 0)) {
		make_key(out->keys[out->count], field);
		key = out->keys[out->count];
	}
	for (size_t i = 0; i < out->count; i++)
		if (!strcmp(out->attributes[i].key, key)) {
			out->dropped++;
			return;
		}
	struct logtap_attribute *attribute = &out->attributes[out->count++];
	attribute->key = key;
	attribute->key_bytes = 0;
	if (number && value >= 0) {
		attribute->kind = LOGTAP_VALUE_INT;
		attribute->value.integer = value;
		return;
	}
	attribute->kind = logtap_utf8_valid(field->value, field->value_bytes)
				  ? LOGTAP_VALUE_STRING
				  : LOGTAP_VALUE_BYTES;
	attribute->value.string.data = field->value;
	attribute->value.string.bytes = field->value_bytes;
}

static void take(struct logtap_journal_entry *out, const struct field *field)
{
	int64_t value;

	if (!is_name(field))
		return;
	if (is(field, "MESSAGE") && !out->has_message) {
		out->has_message = true;
		out->message = field->value;
		out->message_bytes = field->value_bytes;
		return;
	}
	value = is(field, "PRIORITY") ? number_of(field) : -1;
	if (value >= 0 && value <= 7)
		out->priority = (int)value;
	else
		add(out, field);
}

size_t logtap_journal_read(struct logtap_journal_entry *out, const char *text,
			   size_t bytes, bool cut)
{
	size_t at = 0;

	out->has_message = false;
	out->message = "";
	out->message_bytes = 0;
	out->priority = -1;
	out->count = 0;
	out->dropped = 0;
	out->malformed = false;
	while (at < bytes) {
		struct field field;
		if (text[at] == '\n')
			return at + 1;
		size_t read = read_field(&field, text + at, bytes - at, cut);
		if (!read) {
			out->malformed = true;
			return bytes;
		}
		take(out, &field);
		at += read;
	}
	return at;
}
