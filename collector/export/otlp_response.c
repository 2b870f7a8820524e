/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of OTLP receivers: see the header.  An exporter's worker thread. */
#include "otlp_response.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../shape/utf8.h"
#include "wire.h"

/* ExportLogsServiceResponse, ExportLogsPartialSuccess and google.rpc.Status */
enum {
	RESPONSE_PARTIAL_SUCCESS = 1,
	PARTIAL_REJECTED = 1,
	PARTIAL_MESSAGE = 2,
	STATUS_MESSAGE = 2,
};

struct span {
	const unsigned char *at;
	const unsigned char *end;
};

struct field {
	uint64_t number;
	unsigned type;
	uint64_t varint;
	struct span bytes;
};

static bool read_varint(struct span *in, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
		unsigned char byte = *in->at++;
		*out |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool read_bytes(struct span *in, uint64_t bytes, struct span *out)
{
	if (bytes > (uint64_t)(in->end - in->at))
		return false;
	*out = (struct span){in->at, in->at + bytes};
	in->at += bytes;
	return true;
}

/* The next field of @in, which is not empty.  False: malformed. */
static bool read_field(struct span *in, struct field *out)
{
	uint64_t tag;
	uint64_t bytes;
	*out = (struct field){0};
	if (!read_varint(in, &tag))
		return false;
	out->number = tag >> 3;
	out->type = tag & 7;
	switch (out->type) {
	case LOGTAP_WIRE_VARINT:
		return read_varint(in, &out->varint);
	case LOGTAP_WIRE_FIXED64:
		return read_bytes(in, 8, &out->bytes);
	case LOGTAP_WIRE_FIXED32:
		return read_bytes(in, 4, &out->bytes);
	case LOGTAP_WIRE_BYTES:
		return read_varint(in, &bytes) &&
		       read_bytes(in, bytes, &out->bytes);
	default:
		return false;
	}
}

/* One line, for the log and the status. */
static void keep_message(struct logtap_otlp_response *out, const char *text,
			 size_t bytes)
{
	size_t used = logtap_utf8_copy(out->message, sizeof(out->message), text,
				       bytes);
	for (size_t i = 0; i < used; i++) {
		unsigned char byte = (unsigned char)out->message[i];
		if (byte < ' ' || byte == 127)
			out->message[i] = ' ';
	}
	while (used && out->message[used - 1] == ' ')
		out->message[--used] = 0;
}

static void keep_rejected(struct logtap_otlp_response *out, int64_t rejected)
{
	out->rejected = rejected > 0 ? (uint64_t)rejected : 0;
}

static bool parse_partial(struct logtap_otlp_response *out, struct span in)
{
	struct field field;
	while (in.at < in.end) {
		if (!read_field(&in, &field))
			return false;
		if (field.number == PARTIAL_REJECTED &&
		    field.type == LOGTAP_WIRE_VARINT)
			keep_rejected(out, (int64_t)field.varint);
		if (field.number == PARTIAL_MESSAGE &&
		    field.type == LOGTAP_WIRE_BYTES)
			keep_message(
				out, (const char *)field.bytes.at,
				(size_t)(field.bytes.end - field.bytes.at));
	}
	return true;
}

static bool parse_response(struct logtap_otlp_response *out, struct span in)
{
	struct field field;
	while (in.at < in.end) {
		if (!read_field(&in, &field))
			return false;
		if (field.number == RESPONSE_PARTIAL_SUCCESS &&
		    field.type == LOGTAP_WIRE_BYTES &&
		    !parse_partial(out, field.bytes))
			return false;
	}
	return true;
}

static bool parse_status(struct logtap_otlp_response *out, struct span in)
{
	struct field field;
	while (in.at < in.end) {
		if (!read_field(&in, &field))
			return false;
		if (field.number == STATUS_MESSAGE &&
		    field.type == LOGTAP_WIRE_BYTES)
			keep_message(
				out, (const char *)field.bytes.at,
				(size_t)(field.bytes.end - field.bytes.at));
	}
	return true;
}

static void keep_json_message(struct logtap_otlp_response *out,
			      const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);
	if (json_is_string(text))
		keep_message(out, json_string_value(text),
			     json_string_length(text));
}

static bool parse_json_response(struct logtap_otlp_response *out,
				const unsigned char *body, size_t bytes)
{
	json_t *root = json_loadb((const char *)body, bytes, 0, NULL);
	if (!json_is_object(root)) {
		json_decref(root);
		return false;
	}
	const json_t *partial = json_object_get(root, "partialSuccess");
	const json_t *count = json_object_get(partial, "rejectedLogRecords");
	/* 64-bit numbers are strings in OTLP JSON; some send them bare. */
	if (json_is_string(count))
		keep_rejected(out, strtoll(json_string_value(count), NULL, 10));
	else if (json_is_integer(count))
		keep_rejected(out, json_integer_value(count));
	keep_json_message(out, partial, "errorMessage");
	json_decref(root);
	return true;
}

static bool parse_json_status(struct logtap_otlp_response *out,
			      const unsigned char *body, size_t bytes)
{
	json_t *root = json_loadb((const char *)body, bytes, 0, NULL);
	bool good = json_is_object(root);
	if (good)
		keep_json_message(out, root, "message");
	json_decref(root);
	return good;
}

/* Without parameters ("; charset=utf-8"). */
static bool is_type(const char *content_type, const char *type)
{
	size_t size = strlen(type);
	return !strncasecmp(content_type, type, size) &&
	       (!content_type[size] || content_type[size] == ';' ||
		content_type[size] == ' ');
}

bool logtap_otlp_response_taken(struct logtap_otlp_response *out,
				const char *content_type,
				const unsigned char *body, size_t bytes)
{
	bool good = false;
	*out = (struct logtap_otlp_response){0};
	if (is_type(content_type, "application/x-protobuf"))
		good = parse_response(out, (struct span){body, body + bytes});
	else if (is_type(content_type, "application/json"))
		good = parse_json_response(out, body, bytes);
	else
		return bytes == 0;
	if (!good) /* half of a message is no message */
		*out = (struct logtap_otlp_response){0};
	return good;
}

void logtap_otlp_response_refused(struct logtap_otlp_response *out,
				  const char *content_type,
				  const unsigned char *body, size_t bytes)
{
	bool good = false;
	*out = (struct logtap_otlp_response){0};
	if (is_type(content_type, "application/x-protobuf"))
		good = parse_status(out, (struct span){body, body + bytes});
	else if (is_type(content_type, "application/json"))
		good = parse_json_status(out, body, bytes);
	if (good && out->message[0])
		return;
	keep_message(out, (const char *)body, bytes);
}
