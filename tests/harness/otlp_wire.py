# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""OTLP logs in protobuf, decoded into the form of OTLP JSON.

Written from the published field numbers and sharing nothing with the encoder
it checks.  Strict: a field with the wrong wire type, an unknown field, bytes
that are not UTF-8 where text belongs or a message that ends early is an error.
"""
import base64
import struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class BadMessage(Exception):
    """The bytes are not what they say they are."""


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise BadMessage("a number that does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7


def fields(data):
    """Yield (number, wire type, value) of each field."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = varint(data, at)
        elif kind in (FIXED64, FIXED32, BYTES):
            size = 8 if kind == FIXED64 else 4
            if kind == BYTES:
                size, at = varint(data, at)
            if size > len(data) - at:
                raise BadMessage("a field that is longer than its message")
            value = data[at:at + size]
            at += size
        else:
            raise BadMessage(f"wire type {kind}")
        yield number, kind, value


def text(value):
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadMessage(f"a string that is not UTF-8: {error}") from error


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def message(data, layout):
    """Decode by layout: {number: (wire type, key, decoder, repeated)}."""
    out = {}
    for number, kind, value in fields(data):
        if number not in layout:
            raise BadMessage(f"unknown field {number} (type {kind})")
        expected, key, decode, repeated = layout[number]
        if kind != expected:
            raise BadMessage(f"{key}: wire type {kind}, not {expected}")
        if repeated:
            out.setdefault(key, []).append(decode(value))
        elif key in out:
            raise BadMessage(f"{key} twice")
        else:
            out[key] = decode(value)
    return out


def fixed64(value):
    return str(struct.unpack("<Q", value)[0])


def any_value(data):
    out = message(data, ANY_VALUE)
    if len(out) > 1:
        raise BadMessage(f"an AnyValue with {sorted(out)}")
    return out


def of(layout):
    return lambda data: message(data, layout)


def key_value(data):
    out = message(data, KEY_VALUE)
    if not out.get("key"):
        raise BadMessage("an attribute without a key")
    return out


ARRAY = {1: (BYTES, "values", any_value, True)}
KEY_VALUES = {1: (BYTES, "values", key_value, True)}
ANY_VALUE = {
    1: (BYTES, "stringValue", text, False),
    2: (VARINT, "boolValue", bool, False),
    3: (VARINT, "intValue", lambda v: str(signed(v)), False),
    4: (FIXED64, "doubleValue", lambda v: struct.unpack("<d", v)[0], False),
    5: (BYTES, "arrayValue", of(ARRAY), False),
    6: (BYTES, "kvlistValue", of(KEY_VALUES), False),
    7: (BYTES, "bytesValue",
        lambda v: base64.b64encode(v).decode("ascii"), False),
}
KEY_VALUE = {
    1: (BYTES, "key", text, False),
    2: (BYTES, "value", any_value, False),
}
RESOURCE = {
    1: (BYTES, "attributes", key_value, True),
    2: (VARINT, "droppedAttributesCount", int, False),
}
SCOPE = {
    1: (BYTES, "name", text, False),
    2: (BYTES, "version", text, False),
    3: (BYTES, "attributes", key_value, True),
    4: (VARINT, "droppedAttributesCount", int, False),
}
RECORD = {
    1: (FIXED64, "timeUnixNano", fixed64, False),
    2: (VARINT, "severityNumber", int, False),
    3: (BYTES, "severityText", text, False),
    5: (BYTES, "body", any_value, False),
    6: (BYTES, "attributes", key_value, True),
    7: (VARINT, "droppedAttributesCount", int, False),
    8: (FIXED32, "flags", lambda v: struct.unpack("<I", v)[0], False),
    9: (BYTES, "traceId", lambda v: bytes(v).hex(), False),
    10: (BYTES, "spanId", lambda v: bytes(v).hex(), False),
    11: (FIXED64, "observedTimeUnixNano", fixed64, False),
    12: (BYTES, "eventName", text, False),
}
SCOPE_LOGS = {
    1: (BYTES, "scope", of(SCOPE), False),
    2: (BYTES, "logRecords", of(RECORD), True),
    3: (BYTES, "schemaUrl", text, False),
}
RESOURCE_LOGS = {
    1: (BYTES, "resource", of(RESOURCE), False),
    2: (BYTES, "scopeLogs", of(SCOPE_LOGS), True),
    3: (BYTES, "schemaUrl", text, False),
}
REQUEST = {1: (BYTES, "resourceLogs", of(RESOURCE_LOGS), True)}


def decode_request(data):
    """An ExportLogsServiceRequest, as OTLP JSON has it."""
    return message(memoryview(data), REQUEST)


def count_records(data):
    """How many log records a request holds, without looking into them: for
    measurements, where decoding would be what is measured."""
    count = 0
    for number, _, resource_logs in fields(memoryview(data)):
        if number != 1:
            continue
        for number, _, scope_logs in fields(resource_logs):
            if number == 2:
                count += sum(1 for n, _, _ in fields(scope_logs) if n == 2)
    return count


def encode_varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_bytes(number, value):
    return encode_varint(number << 3 | BYTES) + encode_varint(len(value)) + value


def partial_success(rejected, error):
    """An ExportLogsServiceResponse with a partial_success."""
    inner = b""
    if rejected:
        inner += encode_varint(1 << 3 | VARINT) + encode_varint(rejected)
    if error:
        inner += encode_bytes(2, error.encode())
    return encode_bytes(1, inner)


def status(code, error):
    """A google.rpc.Status."""
    return (encode_varint(1 << 3 | VARINT) + encode_varint(code) +
            encode_bytes(2, error.encode()))
