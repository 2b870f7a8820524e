# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Where there is no feedback, none is reported."""
import http.server
import os
import threading
import time

from harness import case
from harness.otlp_sink import OtlpSink

QUICK = {"OTEL_BLRP_SCHEDULE_DELAY": "100"}


def watch(t, argv, url, env=None, options=("--loops=probe",), timeout=50):
    """Runs it; the loops that are likely or sure, and what was said."""
    process = t.spawn(argv, "watched", env={**QUICK, **(env or {})},
                      prefix=[t.logtap_program, "run", "--otlp", url,
                              "--fail-on-loop", *options, "--"])
    done = t.finish(process, timeout)
    t.check(done.status != 3 and b"LOOP" not in done.stderr,
            f"{argv}: {done.stderr[-3000:]}")
    return done


def control(t, what, seconds, url="-", env=None):
    packages = t.rootfs / "usr/lib/python3/dist-packages"
    with OtlpSink(decode=False) as sink:
        done = watch(
            t, ["/usr/bin/python3", t.root / "tests/programs/controls.py",
                what, url, str(seconds)], sink.url,
            env={"PYTHONPATH": packages, **(env or {})},
            timeout=seconds + 50)
        t.equal(done.status, 0, done.stderr[-2000:])
        t.check(sink.count > 10, f"{sink.count} records")


class Other(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def client(t, seconds):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    t.packages("urllib3")
    control(t, "client", seconds, url)
    # and where the address is that of a receiver
    control(t, "client", seconds, url, {"LOGTAP_OTLP_ENDPOINTS": url})
    server.shutdown()


@case()
def an_application_that_logs_as_often_as_we_deliver(t):
    control(t, "period", 4)


@case()
def a_storm_of_retries(t):
    control(t, "storm", 3)


@case()
def traffic_that_grows(t):
    control(t, "ramp", 4)


@case(timeout=120)
def a_debugged_client_of_something_else(t):
    """Long enough for whatever is suspected to be probed."""
    client(t, 12)


@case(long=True, timeout=4000)
def an_hour_of_all_that(t):
    """The four, and programs that log as programs do, for an hour."""
    until = time.monotonic() + float(os.environ.get("LOGTAP_HOUR", "3600"))
    rounds = 0
    while time.monotonic() < until:
        for what in ("period", "storm", "ramp"):
            control(t, what, 60)
        client(t, 60)
        ordinary(t)
        rounds += 1
    t.note(f"{rounds} rounds")


def ordinary(t):
    with OtlpSink(decode=False) as sink:
        for argv in (
                [t.program("lines"), "write", "4", "2000"],
                [t.program("lines"), "stdio", "2", "500"],
                [t.program("matrix")],
                [t.program("children")],
                ["/bin/bash", "-xc", "a=; for i in $(seq 300); do a=$a$i; "
                 "done; exit 0"],
                ["/bin/sh", "-c", "for i in $(seq 200); do "
                 "echo \"12:00:00 again and again\" >&2; sleep 0.02; done"],
                ["/usr/bin/find", "/proc/1", "-name", "x"],
                ["/usr/bin/python3", "-v", "-c", "import json, http.client"]):
            done = t.spawn(argv, "ordinary", env=QUICK, prefix=[
                t.logtap_program, "run", "--otlp", sink.url, "--loops=probe",
                "--fail-on-loop", "--sinks=all", "--"])
            said = t.finish(done)
            t.check(said.status != 3 and b"\nLOOP" not in said.stderr,
                    f"{argv}: {said.stderr[-3000:]}")
        t.check(sink.count > 1000, f"{sink.count} records")


@case()
def programs_that_log_as_programs_do(t):
    """Also such as build up what they print, and say the same again."""
    ordinary(t)
