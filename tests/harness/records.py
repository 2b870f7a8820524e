# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads what logtap wrote: OTLP JSON, one ExportLogsServiceRequest a line.

Strict on purpose: a field of the wrong JSON type, or one that OTLP does not
know, is an error here, so that every case checks the form of the output too.
"""
import json

RECORD_FIELDS = {
    "timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText",
    "body", "attributes", "droppedAttributesCount", "flags", "traceId",
    "spanId", "eventName",
}
VALUE_FIELDS = {
    "stringValue": str, "intValue": str, "boolValue": bool,
    "doubleValue": (int, float), "bytesValue": str, "arrayValue": dict,
    "kvlistValue": dict,
}


class BadOutput(Exception):
    """The output is not what OTLP JSON says."""


def value_of(value):
    if not isinstance(value, dict) or len(value) != 1:
        raise BadOutput(f"not an AnyValue: {value!r}")
    (kind, content), = value.items()
    if kind not in VALUE_FIELDS or not isinstance(content, VALUE_FIELDS[kind]):
        raise BadOutput(f"not an AnyValue: {value!r}")
    if kind == "intValue":
        return int(content)
    if kind == "arrayValue":
        return [value_of(item) for item in content.get("values", [])]
    if kind == "kvlistValue":
        return attributes_of(content.get("values", []))
    return content


def attributes_of(pairs):
    found = {}
    for pair in pairs:
        if set(pair) != {"key", "value"} or pair["key"] in found:
            raise BadOutput(f"bad or repeated attribute: {pair!r}")
        found[pair["key"]] = value_of(pair["value"])
    return found


def uint64(value):
    if not isinstance(value, str) or not value.isdigit():
        raise BadOutput(f"64-bit numbers are strings of digits: {value!r}")
    return int(value)


class Record:
    """One log record, with its resource and scope."""

    def __init__(self, fields, resource, scope):
        unknown = set(fields) - RECORD_FIELDS
        if unknown:
            raise BadOutput(f"unknown fields in a record: {sorted(unknown)}")
        self.resource = resource
        self.scope = scope
        self.attributes = attributes_of(fields.get("attributes", []))
        self.body = value_of(fields["body"]) if "body" in fields else None
        self.time_ns = uint64(fields.get("timeUnixNano", "0"))
        self.observed_ns = uint64(fields.get("observedTimeUnixNano", "0"))
        self.severity = fields.get("severityNumber", 0)
        self.severity_text = fields.get("severityText")
        self.event_name = fields.get("eventName", "")
        self.trace_id = fields.get("traceId", "")
        self.span_id = fields.get("spanId", "")
        if not isinstance(self.severity, int):
            raise BadOutput(f"severityNumber is a number: {fields!r}")
        if not self.observed_ns:
            raise BadOutput(f"a record without observedTimeUnixNano: {fields!r}")

    @property
    def tid(self):
        return self.attributes.get("thread.id")

    @property
    def pid(self):
        return self.resource.get("process.pid")

    @property
    def stream(self):
        """stderr, stdout, or syslog for what has no stream."""
        return self.attributes.get("log.iostream", "syslog")

    def __repr__(self):
        return f"<{self.stream} pid={self.pid} tid={self.tid} {self.body!r}>"


def parse_request(request):
    """The records of one ExportLogsServiceRequest, in order."""
    records = []
    if set(request) != {"resourceLogs"}:
        raise BadOutput(f"a line with the keys {sorted(request)}")
    for resource_logs in request["resourceLogs"]:
        resource = attributes_of(
            resource_logs.get("resource", {}).get("attributes", []))
        for scope_logs in resource_logs["scopeLogs"]:
            scope = scope_logs.get("scope", {}).get("name", "")
            for fields in scope_logs["logRecords"]:
                records.append(Record(fields, resource, scope))
    return records


def each_in_file(path, growing=False):
    """The records of a file, one by one.  A line that does not end is an
    error, unless it is being written (growing)."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                if growing:
                    return
                raise BadOutput(f"{path}:{number}: the line is cut")
            try:
                records = parse_request(json.loads(line))
            except (BadOutput, ValueError, KeyError, TypeError) as error:
                raise BadOutput(f"{path}:{number}: {error}") from error
            yield from records


def read_file(path, growing=False):
    """All records of a file."""
    return list(each_in_file(path, growing))
