/* SPDX-FileCopyrightText: 2026 logtap contributors */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../collector/export/encode.h"
#include "../../collector/shape/utf8.h"
#include "fuzz.h"
#include "otlp.pb-c.h"

#include <jansson.h>
#include <string.h>

static void check_record(const struct logtap_record *record)
{
	FUZZ_CHECK(logtap_utf8_valid(record->body, record->body_bytes));
	for (size_t i = 0; i < record->attribute_count; i++) {
		const struct logtap_attribute *attribute =
			&record->attributes[i];
		FUZZ_CHECK(logtap_utf8_valid(attribute->key,
					     strlen(attribute->key)));
		if (attribute->kind == LOGTAP_VALUE_STRING)
			FUZZ_CHECK(logtap_utf8_valid(
				attribute->value.string.data,
				attribute->value.string.bytes));
	}
}

static size_t count_protobuf(const struct logtap_bytes *encoded)
{
	Otlp__LogsData *logs =
		otlp__logs_data__unpack(NULL, encoded->size, encoded->data);
	size_t count = 0;
	FUZZ_CHECK(logs);
	for (size_t i = 0; i < logs->n_resource_logs; i++)
		for (size_t j = 0; j < logs->resource_logs[i]->n_scope_logs;
		     j++)
			count += logs->resource_logs[i]
					 ->scope_logs[j]
					 ->n_log_records;
	otlp__logs_data__free_unpacked(logs, NULL);
	return count;
}

static size_t count_json(const struct logtap_bytes *encoded)
{
	json_error_t error;
	json_t *logs =
		json_loadb((const char *)encoded->data, encoded->size,
			   JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	size_t i, j, count = 0;
	json_t *resource, *scope;
	if (!logs)
		fprintf(stderr, "%s at %d\n", error.text, error.position);
	FUZZ_CHECK(logs);
	json_array_foreach(json_object_get(logs, "resourceLogs"), i, resource)
		json_array_foreach(json_object_get(resource, "scopeLogs"), j,
				   scope) count +=
		json_array_size(json_object_get(scope, "logRecords"));
	json_decref(logs);
	return count;
}

void fuzz_check_batch(const struct logtap_batch *batch)
{
	struct logtap_bytes encoded = {0};
	size_t records = logtap_batch_records(batch);
	for (size_t i = 0; i < records; i++) {
		struct logtap_record record;
		check_record(logtap_batch_record(batch, i, &record));
	}
	FUZZ_CHECK(!logtap_encode_logs(batch, &encoded));
	FUZZ_CHECK(count_protobuf(&encoded) == records);
	encoded.size = 0;
	FUZZ_CHECK(!logtap_encode_logs_json(batch, &encoded));
	FUZZ_CHECK(count_json(&encoded) == records);
	logtap_bytes_deinit(&encoded);
}
