# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A collector with an admin endpoint, its clients, and what they read."""
import http.client
import json
import re
import socket
import urllib.error
import urllib.parse
import urllib.request

from . import records

SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Admin:
    """A collector with an admin endpoint, and a client of it."""

    def __init__(self, t, *options, **spawn):
        self.look(t, t.collect(options=["--admin", "0", *options], **spawn))

    @classmethod
    def of(cls, t, collector):
        """Of a collector that runs."""
        found = cls.__new__(cls)
        found.look(t, collector)
        return found

    def look(self, t, collector):
        self.t = t
        self.collector = collector
        self.address = collector.status()["admin"]
        # whatever the environment says of proxies
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}))

    def get(self, path, headers=None, **parameters):
        """(status, headers, body)"""
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        request = urllib.request.Request(f"http://{self.address}{path}",
                                         headers=headers or {})
        try:
            with self.opener.open(request, timeout=30) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def logs(self, **parameters):
        status, _, body = self.get("/logs", **parameters)
        self.t.equal(status, 200, f"status of /logs: {body[:200]}")
        return json.loads(body)

    def await_records(self, count):
        self.t.wait_for(lambda: self.logs(limit=1)["newest_seq"] == count,
                        f"{count} records in /logs")

    def run(self, *argv):
        process = self.t.spawn(
            argv, "preload", env=dict(self.t.preload_env(self.collector.dir),
                                      LOGTAP_FULL="block"))
        self.t.equal(self.t.finish(process).status, 0, "status of a program")
        return process

    def stream(self, headers=None, **parameters):
        """The open reply of /logs/stream; its status must be 200."""
        link = http.client.HTTPConnection(*self.peer(), timeout=30)
        link.request("GET", "/logs/stream?" + urllib.parse.urlencode(
            parameters), headers=headers or {})
        reply = link.getresponse()
        self.t.equal(reply.status, 200, "status of /logs/stream")
        return reply

    def peer(self):
        host, port = self.address.rsplit(":", 1)
        return host, int(port)

    def connect(self):
        return socket.create_connection(self.peer(), timeout=30)


def record_of(log):
    """An element of logs[] as a record."""
    found, = records.parse_request({"resourceLogs": [{
        "resource": log["resource"],
        "scopeLogs": [{"scope": log["scope"],
                       "logRecords": [log["record"]]}]}]})
    return found


def body_of(log):
    return log["record"]["body"]["stringValue"]


def samples(text):
    """{(name, labels): value} of an exposition, each only once."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        key = match[1], frozenset(LABEL.findall(match[2] or ""))
        if key in found:
            raise AssertionError(f"twice: {line}")
        found[key] = float(match[3])
    return found
