# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An OTLP/HTTP receiver that keeps what it gets and misbehaves on command.

In a case:

    with OtlpSink("503:retry-after=1", "ok") as sink:
        ... sink.url ... sink.wait_for(100) ... sink.records() ...

As a program:

    otlp_sink.py --port 0 --port-file F --out received.jsonl --answer 429

Each answer of the script is for one request, in their order ("503*3" is three
of them); then it is `ok`, or what --then says.  Answers:

    ok                  200 and an empty ExportLogsServiceResponse
    empty               200 without a body
    garbage             200 and a body that is no OTLP
    partial:N:TEXT      200, partial_success: N records rejected, because TEXT
    STATUS[:OPTIONS]    that status; options, with commas between: retry-after=S,
                        retry-date=S (the same as a date), location=URL,
                        message=TEXT (as google.rpc.Status), html
    hang[:SECONDS]      no answer for so long (60), then the connection is closed
    close               the connection is closed without an answer
    nothttp             bytes that are not HTTP, then the connection is closed

Records count as received when the answer is 2xx, and only then.
"""
import argparse
import collections
import email.utils
import gzip
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import sys
import threading
import time

if __package__:
    from . import otlp_wire, records as otlp
else:
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    from harness import otlp_wire, records as otlp

PROTOBUF, JSON = "application/x-protobuf", "application/json"

Request = collections.namedtuple(
    "Request", "time connection path headers size answer accepted decoded count")


class Answer:
    """One entry of the script."""

    def __init__(self, text):
        self.text = text
        kind, _, rest = text.partition(":")
        self.kind = kind
        self.rejected, self.message = 0, ""
        self.options = {}
        self.status = 200
        if kind == "partial":
            rejected, _, self.message = rest.partition(":")
            self.rejected = int(rejected)
        elif kind == "hang":
            self.seconds = float(rest or 60)
        elif kind.isdigit():
            self.status = int(kind)
            for option in filter(None, rest.split(",")):
                name, _, value = option.partition("=")
                if name not in ("retry-after", "retry-date", "location",
                                "message", "html"):
                    raise ValueError(f"answer {text!r}: no option {name!r}")
                self.options[name] = value
            self.message = self.options.get("message", "")
        elif kind not in ("ok", "empty", "garbage", "close", "nothttp"):
            raise ValueError(f"no such answer: {text!r}")

    @property
    def accepts(self):
        return (self.kind not in ("hang", "close", "nothttp")
                and 200 <= self.status < 300)

    def headers(self):
        found = {}
        if "retry-after" in self.options:
            found["Retry-After"] = self.options["retry-after"]
        if "retry-date" in self.options:
            # Whole seconds only: round up, so that it is never too early.
            when = time.time() + float(self.options["retry-date"]) + 1
            found["Retry-After"] = email.utils.formatdate(when, usegmt=True)
        if "location" in self.options:
            found["Location"] = self.options["location"]
        return found

    def body(self, content_type):
        """(content type, bytes) in the form of the request, as OTLP says."""
        as_json = content_type == JSON
        if self.kind == "empty":
            return None, b""
        if self.kind == "garbage":
            return content_type, b"\xff\xfe{{{ this is no OTLP \x00\x01"
        if "html" in self.options:
            return "text/html", b"<html>\r\n<h1>" + \
                self.message.encode() + b"</h1></html>"
        if self.kind == "partial":
            if as_json:
                return JSON, json.dumps({"partialSuccess": {
                    "rejectedLogRecords": str(self.rejected),
                    "errorMessage": self.message}}).encode()
            return PROTOBUF, otlp_wire.partial_success(self.rejected,
                                                       self.message)
        if self.status >= 300:
            if as_json:
                return JSON, json.dumps(
                    {"code": 13, "message": self.message}).encode()
            return PROTOBUF, otlp_wire.status(13, self.message)
        return (JSON, b"{}") if as_json else (PROTOBUF, b"")


def parse_script(texts):
    """["503*2", "ok"] -> three answers."""
    answers = []
    for text in texts:
        text, star, times = text.rpartition("*")
        if not star or not times.isdigit():
            text, times = text + star + times, 1
        answers += [Answer(text) for _ in range(int(times))]
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format, *arguments):
        pass

    def setup(self):
        super().setup()
        self.server.sink._connected(self)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass  # the other side is gone

    def do_POST(self):
        try:
            self.server.sink._post(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self):
        self.send_error(405)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def handle_error(self, request, client_address):
        sink = self.sink
        error = sys.exc_info()[1]
        if not isinstance(error, (BrokenPipeError, ConnectionResetError)):
            with sink._changed:
                sink.errors.append(f"{type(error).__name__}: {error}")
                sink._changed.notify_all()


class OtlpSink:
    """script: answers to the first requests.  then: to all after them.
    decode: False only counts records, for measurements.  certificate: files
    (certificate, key), to serve https."""

    def __init__(self, *script, then="ok", port=0, out=None, decode=True,
                 certificate=None):
        self._changed = threading.Condition()
        self._script = collections.deque(parse_script(script))
        self._then = Answer(then)
        self._ended = threading.Event()
        self._out = open(out, "w", encoding="utf-8") if out else None
        self._decode = decode
        self.requests = []
        self.errors = []  # requests that were no good OTLP
        self.connections = 0
        self.count = 0
        self._server = Server(("127.0.0.1", port), Handler)
        self._server.sink = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if certificate:
            self.url = self.url.replace("http:", "https:")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, certificate))
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True,
                do_handshake_on_connect=False)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Stop listening and cut all connections.  What came stays."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self._thread.join()
        if self._out:
            self._out.close()

    # ---- what came ----------------------------------------------------

    def records(self):
        """What was received, in order: harness.records.Record."""
        with self._changed:
            accepted = [r.decoded for r in self.requests if r.accepted]
        return [record for decoded in accepted
                for record in otlp.parse_request(decoded)]

    def bodies(self):
        return [record.body for record in self.records()]

    def uids(self):
        return [record.attributes.get("log.record.uid")
                for record in self.records()]

    # ---- commands -----------------------------------------------------

    def answer(self, *script, then=None):
        """Replace what is left of the script."""
        with self._changed:
            self._script = collections.deque(parse_script(script))
            if then is not None:
                self._then = Answer(then)

    def wait(self, condition, timeout=20):
        """Wait until condition(sink) holds; False when it does not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout)

    def wait_for(self, records, timeout=20):
        return self.wait(lambda sink: sink.count >= records, timeout)

    def wait_for_requests(self, requests, timeout=20):
        return self.wait(lambda sink: len(sink.requests) >= requests, timeout)

    # ---- one request --------------------------------------------------

    _open = ()

    def _connected(self, handler):
        with self._changed:
            if not self._open:
                self._open = set()
            self.connections += 1
            handler.connection_number = self.connections
            self._open.add(handler.connection)

    def _read(self, handler):
        """(decoded or None, number of records, size on the wire)"""
        length = handler.headers.get("Content-Length")
        if length is None:
            raise otlp_wire.BadMessage("a request without Content-Length")
        body = handler.rfile.read(int(length))
        size = len(body)
        if size < int(length):
            raise ConnectionResetError
        encoding = handler.headers.get("Content-Encoding")
        if encoding == "gzip":
            body = gzip.decompress(body)
        elif encoding is not None:
            raise otlp_wire.BadMessage(f"Content-Encoding {encoding}")
        content_type = handler.headers.get("Content-Type")
        if content_type == JSON:
            decoded = json.loads(body)
        elif content_type != PROTOBUF:
            raise otlp_wire.BadMessage(f"Content-Type {content_type}")
        elif self._decode:
            decoded = otlp_wire.decode_request(body)
        else:
            return None, otlp_wire.count_records(body), size
        # Checks each record, too.
        return decoded, len(otlp.parse_request(decoded)), size

    def _post(self, handler):
        try:
            decoded, count, size = self._read(handler)
            if not count:
                raise otlp_wire.BadMessage("a request without records")
        except (otlp_wire.BadMessage, otlp.BadOutput, ValueError, KeyError,
                TypeError, EOFError, OSError) as error:
            if isinstance(error, ConnectionError):
                raise
            with self._changed:
                self.errors.append(f"{type(error).__name__}: {error}")
                self._changed.notify_all()
            handler.send_error(400, "not OTLP")
            return
        with self._changed:
            answer = self._script.popleft() if self._script else self._then
            request = Request(
                time.monotonic(), handler.connection_number, handler.path,
                dict(handler.headers.items()), size, answer.text,
                answer.accepts, decoded, count)
            self.requests.append(request)
            if answer.accepts:
                self.count += count - answer.rejected
                if self._out:
                    self._out.write(json.dumps(decoded) + "\n")
                    self._out.flush()
            self._changed.notify_all()
        self._reply(handler, answer)

    def _reply(self, handler, answer):
        if answer.kind == "hang":
            self._ended.wait(answer.seconds)
        if answer.kind == "nothttp":
            handler.wfile.write(b"\x15\x03\x01 this is not HTTP\n\n")
        if answer.kind in ("hang", "close", "nothttp"):
            handler.close_connection = True
            return
        content_type, body = answer.body(handler.headers["Content-Type"])
        handler.send_response(answer.status)
        for name, value in answer.headers().items():
            handler.send_header(name, value)
        if content_type:
            handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    parser.add_argument("--port", type=int, default=4318)
    parser.add_argument("--port-file", help="write the port there when ready")
    parser.add_argument("--out", help="write what is received, a request a "
                        "line, as OTLP JSON")
    parser.add_argument("--answer", action="append", default=[])
    parser.add_argument("--then", default="ok")
    parser.add_argument("--count-only", action="store_true",
                        help="do not decode records")
    options = parser.parse_args()
    if options.out and options.count_only:
        parser.error("--out needs the records that --count-only skips")
    try:
        sink = OtlpSink(*options.answer, then=options.then, port=options.port,
                        out=options.out, decode=not options.count_only)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    if options.port_file:
        pathlib.Path(options.port_file + ".new").write_text(f"{sink.port}\n")
        os.rename(options.port_file + ".new", options.port_file)
    print(f"otlp_sink: listening on {sink.url}", flush=True)
    end.wait()
    sink.close()
    print(f"otlp_sink: {sink.count} records, {len(sink.requests)} requests, "
          f"{sink.connections} connections, {len(sink.errors)} bad requests")
    for error in sink.errors[:10]:
        print(f"otlp_sink: bad request: {error}")
    return 1 if sink.errors else 0


if __name__ == "__main__":
    sys.exit(main())
