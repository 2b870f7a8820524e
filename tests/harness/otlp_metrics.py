# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""OTLP metrics: a strict decoder that shares nothing with our encoder, and a
receiver that keeps what it gets."""
import collections
import gzip
import http.server
import struct
import threading

from .otlp_wire import BYTES, FIXED64, VARINT, BadMessage, fields, text

Point = collections.namedtuple(
    "Point", "name kind unit resource scope attributes value start time")


def message(data, form):
    """{name: value or list} by a form {number: (name, wire type, decode)};
    a name that ends with * may be there more than once."""
    found = {name: [] for name, _, _ in form.values() if name.endswith("*")}
    for number, kind, value in fields(data):
        if number not in form or form[number][1] != kind:
            raise BadMessage(f"field {number} of wire type {kind}")
        name, _, decode = form[number]
        if name.endswith("*"):
            found[name].append(decode(value))
        elif name in found:
            raise BadMessage(f"field {number} twice")
        else:
            found[name] = decode(value)
    return found


def number(value):
    return struct.unpack("<Q", value)[0]


def any_value(data):
    found = message(data, {
        1: ("value", BYTES, text),
        3: ("value", VARINT, lambda v: v - (v >> 63 << 64))})
    return found["value"]


def key_value(data):
    found = message(data, {1: ("key", BYTES, text),
                           2: ("value", BYTES, any_value)})
    return found["key"], found["value"]


def attributes(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadMessage(f"an attribute twice: {pairs}")
    return found


def resource(data):
    return attributes(message(data, {1: ("a*", BYTES, key_value)})["a*"])


def scope(data):
    found = message(data, {1: ("name", BYTES, text), 2: ("v", BYTES, text)})
    return found["name"], found.get("v")


def data_point(data):
    found = message(data, {
        2: ("start", FIXED64, number), 3: ("time", FIXED64, number),
        4: ("value", FIXED64, lambda v: struct.unpack("<d", v)[0]),
        6: ("value", FIXED64, lambda v: struct.unpack("<q", v)[0]),
        7: ("a*", BYTES, key_value)})
    return dict(found, attributes=attributes(found.pop("a*")))


def sum_of(data):
    found = message(data, {1: ("p*", BYTES, data_point),
                           2: ("temporality", VARINT, int),
                           3: ("monotonic", VARINT, int)})
    if (found.get("temporality"), found.get("monotonic")) != (2, 1):
        raise BadMessage("a sum that is not cumulative and monotonic")
    return "counter", found["p*"]


def gauge(data):
    return "gauge", message(data, {1: ("p*", BYTES, data_point)})["p*"]


def metric(data):
    found = message(data, {
        1: ("name", BYTES, text), 2: ("description", BYTES, text),
        3: ("unit", BYTES, text), 5: ("data", BYTES, gauge),
        7: ("data", BYTES, sum_of)})
    if not found["data"][1]:
        raise BadMessage("a metric without points")
    return found


def scope_metrics(data):
    return message(data, {1: ("scope", BYTES, scope),
                          2: ("m*", BYTES, metric)})


def resource_metrics(data):
    return message(data, {1: ("resource", BYTES, resource),
                          2: ("s*", BYTES, scope_metrics)})


def points(data):
    """The points of an ExportMetricsServiceRequest; none is there twice."""
    found, seen = [], set()
    for part in message(data, {1: ("r*", BYTES, resource_metrics)})["r*"]:
        for scoped in part["s*"]:
            for m in scoped["m*"]:
                kind, data_points = m["data"]
                for p in data_points:
                    point = Point(m["name"], kind, m.get("unit", ""),
                                  part["resource"], scoped["scope"],
                                  p["attributes"], p["value"],
                                  p.get("start"), p["time"])
                    key = (point.name, str(sorted(point.resource.items())),
                           str(sorted(point.attributes.items())))
                    if key in seen:
                        raise BadMessage(f"a point twice: {point}")
                    seen.add(key)
                    found.append(point)
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.sink.take(self.path, self.headers, body))
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()


class MetricsSink:
    """statuses: the answers to the first requests; then it is 200."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.exports = []  # lists of points
        self.requests = []  # (path, headers)
        self.errors = []
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.sink = self
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       args=(0.05,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, path, headers, body):
        with self.lock:
            self.requests.append((path, dict(headers.items())))
            status = self.statuses.pop(0) if self.statuses else 200
            if status != 200:
                return status
            if headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            try:
                if headers["Content-Type"] != "application/x-protobuf":
                    raise BadMessage(headers["Content-Type"])
                self.exports.append(points(body))
            except (BadMessage, KeyError, struct.error) as error:
                self.errors.append(repr(error))
                return 400
            return 200

    def last(self):
        with self.lock:
            return self.exports[-1] if self.exports else []


def values(found, name, **resource_has):
    """{frozenset of attributes: value} of the points of that name."""
    return {frozenset(p.attributes.items()): p.value for p in found
            if p.name == name and all(p.resource.get(k.replace("_", "."))
                                      == v for k, v in resource_has.items())}
