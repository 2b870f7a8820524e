/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of metrics as OTLP in protobuf: see the header.  Any thread.
 *
 * The lengths of messages are filled in when they are known, in as many bytes
 * as the largest could need (a varint may carry zero groups).
 * Field numbers: opentelemetry/proto/metrics/v1/metrics.proto.
 */
#include "encode_metrics.h"

#include "attribute.h"
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../shape/utf8.h"

enum {
	REQUEST_RESOURCE_METRICS = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_METRICS_RESOURCE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	RESOURCE_METRICS_SCOPE = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	RESOURCE_ATTRIBUTES = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_METRICS_SCOPE = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_METRICS_METRICS = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	SCOPE_NAME = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	SCOPE_VERSION = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	METRIC_NAME = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES),
	METRIC_DESCRIPTION = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_BYTES),
	METRIC_UNIT = LOGTAP_WIRE_TAG(3, LOGTAP_WIRE_BYTES),
	METRIC_GAUGE = LOGTAP_WIRE_TAG(5, LOGTAP_WIRE_BYTES),
	METRIC_SUM = LOGTAP_WIRE_TAG(7, LOGTAP_WIRE_BYTES),
	DATA_POINTS = LOGTAP_WIRE_TAG(1, LOGTAP_WIRE_BYTES), /* of both */
	SUM_TEMPORALITY = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_VARINT),
	SUM_MONOTONIC = LOGTAP_WIRE_TAG(3, LOGTAP_WIRE_VARINT),
	POINT_START = LOGTAP_WIRE_TAG(2, LOGTAP_WIRE_FIXED64),
	POINT_TIME = LOGTAP_WIRE_TAG(3, LOGTAP_WIRE_FIXED64),
	POINT_DOUBLE = LOGTAP_WIRE_TAG(4, LOGTAP_WIRE_FIXED64),
	POINT_INT = LOGTAP_WIRE_TAG(6, LOGTAP_WIRE_FIXED64),
	POINT_ATTRIBUTES = LOGTAP_WIRE_TAG(7, LOGTAP_WIRE_BYTES),
	CUMULATIVE = 2,
	LENGTH_WIDTH = 5,
	NUMBERS_BOUND = 64,
};

struct encoder {
	const struct logtap_metric_set *set;
	struct logtap_resources *resources;
	struct logtap_bytes *out;
	int error;
};

static unsigned char *room(struct encoder *encoder, size_t bytes)
{
	if (!encoder->error)
		encoder->error = logtap_bytes_reserve(encoder->out, bytes);
	return encoder->error ? NULL : encoder->out->data + encoder->out->size;
}

static void filled(struct encoder *encoder, const unsigned char *end)
{
	encoder->out->size = (size_t)(end - encoder->out->data);
}

/* Begins a message of unknown length.  Return: what finish() wants. */
static size_t begin(struct encoder *encoder, unsigned char tag)
{
	unsigned char *at = room(encoder, 1 + LENGTH_WIDTH);

	if (!at)
		return 0;
	*at = tag;
	filled(encoder, at + 1 + LENGTH_WIDTH);
	return encoder->out->size;
}

static void finish(struct encoder *encoder, size_t start)
{
	if (!encoder->error)
		logtap_wire_padded(encoder->out->data + start - LENGTH_WIDTH,
				   encoder->out->size - start, LENGTH_WIDTH);
}

static void put_text(struct encoder *encoder, unsigned char tag,
		     const char *text)
{
	size_t bytes = strlen(text);
	unsigned char *at = room(encoder, bytes + NUMBERS_BOUND);

	if (at && bytes)
		filled(encoder, logtap_wire_bytes(at, tag, text, bytes));
}

/* @text: any bytes. */
static void put_attribute(struct encoder *encoder, unsigned char tag,
			  const char *name, const char *text)
{
	struct logtap_bytes clean = {0};

	if (!encoder->error &&
	    logtap_utf8_repair(&clean, text, strlen(text)) < 0)
		encoder->error = -ENOMEM;
	const struct logtap_attribute attribute = {
		.key = name,
		.kind = LOGTAP_VALUE_STRING,
		.value.string = {(const char *)clean.data, clean.size},
	};
	unsigned char *at = room(encoder, logtap_attribute_bound(&attribute));
	if (at)
		filled(encoder, logtap_attribute_put(at, tag, &attribute));
	logtap_bytes_deinit(&clean);
}

static void put_number(struct encoder *encoder, const char *name, int64_t value)
{
	const struct logtap_attribute attribute = {
		.key = name,
		.kind = LOGTAP_VALUE_INT,
		.value.integer = value,
	};
	unsigned char *at = room(encoder, logtap_attribute_bound(&attribute));

	if (at)
		filled(encoder, logtap_attribute_put(at, RESOURCE_ATTRIBUTES,
						     &attribute));
}

static void put_collector(struct encoder *encoder)
{
	char host[256] = "", instance[300];

	gethostname(host, sizeof(host) - 1);
	snprintf(instance, sizeof(instance), "%s:%d", host, (int)getpid());
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "service.name", "logtap");
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "service.version",
		      LOGTAP_VERSION);
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "service.instance.id",
		      instance);
	put_number(encoder, "process.pid", getpid());
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "host.name", host);
}

/* Of a process that has no record. */
static void put_process(struct encoder *encoder,
			const struct logtap_metric_owner *owner)
{
	char service[64];

	snprintf(service, sizeof(service), "unknown_service%s%s",
		 owner->comm[0] ? ":" : "", owner->comm);
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "service.name", service);
	if (!owner->pid) {
		put_attribute(encoder, RESOURCE_ATTRIBUTES, "logtap.processes",
			      "others");
		return;
	}
	put_number(encoder, "process.pid", owner->pid);
	put_attribute(encoder, RESOURCE_ATTRIBUTES, "process.executable.name",
		      owner->comm);
}

static void put_resource(struct encoder *encoder, size_t owner)
{
	const struct logtap_metric_owner *who =
		owner ? &encoder->set->owners[owner - 1] : NULL;
	struct logtap_resource *known =
		who && who->pid
			? logtap_resources_find(encoder->resources, who->pid,
						who->start_ticks)
			: NULL;
	size_t start = begin(encoder, RESOURCE_METRICS_RESOURCE);

	if (known) {
		unsigned char *at = room(encoder, known->protobuf_bytes);
		if (at)
			filled(encoder, logtap_wire_raw(at, known->protobuf,
							known->protobuf_bytes));
	} else if (who) {
		put_process(encoder, who);
	} else {
		put_collector(encoder);
	}
	finish(encoder, start);
	logtap_resource_unref(known);
}

static void put_scope(struct encoder *encoder)
{
	size_t start = begin(encoder, SCOPE_METRICS_SCOPE);

	put_text(encoder, SCOPE_NAME, "logtap");
	put_text(encoder, SCOPE_VERSION, LOGTAP_VERSION);
	finish(encoder, start);
}

static unsigned char *put_value(unsigned char *at, enum logtap_metric_form form,
				uint64_t value)
{
	if (form == LOGTAP_FORM_NANO) {
		double seconds = (double)value / 1e9;
		*at++ = POINT_DOUBLE;
		memcpy(&value, &seconds, sizeof(value));
		return logtap_wire_fixed64(at, value);
	}
	if (form == LOGTAP_FORM_COUNT && value > INT64_MAX)
		value = INT64_MAX;
	*at++ = POINT_INT;
	return logtap_wire_fixed64(at, value);
}

static void put_point(struct encoder *encoder,
		      const struct logtap_metric_point *point,
		      const struct logtap_metric_family *family)
{
	size_t start = begin(encoder, DATA_POINTS);
	unsigned char *at = room(encoder, NUMBERS_BOUND);

	if (at) {
		if (family->counter && encoder->set->start_ns) {
			*at++ = POINT_START;
			at = logtap_wire_fixed64(at, encoder->set->start_ns);
		}
		*at++ = POINT_TIME;
		at = logtap_wire_fixed64(at, encoder->set->time_ns);
		filled(encoder, put_value(at, family->form, point->value));
	}
	for (size_t i = 0; i < point->label_count; i++)
		put_attribute(encoder, POINT_ATTRIBUTES, point->labels[i].name,
			      point->labels[i].value);
	finish(encoder, start);
}

/* Points of one family and owner. */
static void put_metric(struct encoder *encoder,
		       const struct logtap_metric_point **points, size_t count)
{
	const struct logtap_metric_family *family =
		&encoder->set->families[points[0]->family];
	size_t start = begin(encoder, SCOPE_METRICS_METRICS);

	put_text(encoder, METRIC_NAME, family->name);
	put_text(encoder, METRIC_DESCRIPTION, family->help);
	put_text(encoder, METRIC_UNIT, family->unit);
	size_t data =
		begin(encoder, family->counter ? METRIC_SUM : METRIC_GAUGE);
	for (size_t i = 0; i < count; i++)
		put_point(encoder, points[i], family);
	unsigned char *at = room(encoder, NUMBERS_BOUND);
	if (at && family->counter) {
		*at++ = SUM_TEMPORALITY;
		*at++ = CUMULATIVE;
		*at++ = SUM_MONOTONIC;
		*at++ = 1;
		filled(encoder, at);
	}
	finish(encoder, data);
	finish(encoder, start);
}

/* Points of one owner. */
static void put_owner(struct encoder *encoder,
		      const struct logtap_metric_point **points, size_t count)
{
	size_t start = begin(encoder, REQUEST_RESOURCE_METRICS);

	put_resource(encoder, points[0]->owner);
	size_t scope = begin(encoder, RESOURCE_METRICS_SCOPE);
	put_scope(encoder);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1;
		     end < count && points[end]->family == points[i]->family;
		     end++)
			;
		put_metric(encoder, points + i, end - i);
	}
	finish(encoder, scope);
	finish(encoder, start);
}

/* By owner, and as they were. */
static int compare(const void *left, const void *right)
{
	const struct logtap_metric_point *a =
		*(const struct logtap_metric_point *const *)left;
	const struct logtap_metric_point *b =
		*(const struct logtap_metric_point *const *)right;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a < b ? -1 : a > b;
}

int logtap_encode_metrics(const struct logtap_metric_set *set,
			  struct logtap_resources *resources,
			  struct logtap_bytes *out)
{
	struct encoder encoder = {set, resources, out, 0};
	size_t before = out->size, count = set->point_count;
	const struct logtap_metric_point **points =
		calloc(count + 1, sizeof(*points));

	if (!points)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		points[i] = &set->points[i];
	qsort(points, count, sizeof(*points), compare);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1;
		     end < count && points[end]->owner == points[i]->owner;
		     end++)
			;
		put_owner(&encoder, points + i, end - i);
	}
	free(points);
	if (encoder.error)
		out->size = before;
	return encoder.error;
}
