# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Feedback loops through OpenTelemetry's own programs."""
import json
import subprocess

from harness import case
from harness.loops import Loops, free_port


def otelcol(t):
    done = subprocess.run([t.root / "tests/interop/build_otelcol"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode == 77:
        t.skip(done.stderr.strip().splitlines()[-1])
    t.equal(done.returncode, 0, f"build_otelcol: {done.stderr}")
    return done.stdout.strip()


@case(timeout=600)
def a_collector_that_prints_what_it_gets(t):
    """The OpenTelemetry Collector with its debug exporter, whose standard error
    is captured: the same lines again, with more around them each time."""
    program = otelcol(t)
    port = free_port()
    config = t.write("otelcol.yaml", json.dumps({
        "receivers": {"otlp": {"protocols": {
            "http": {"endpoint": f"127.0.0.1:{port}"}}}},
        "exporters": {"debug": {"verbosity": "detailed"}},
        "service": {
            "telemetry": {"metrics": {"level": "none"}},
            "pipelines": {"logs": {"receivers": ["otlp"],
                                   "exporters": ["debug"]}}}}))
    session = Loops(t, "", f"http://127.0.0.1:{port}",
                          command=[program, "--config", f"file:{config}"])
    loop = session.wait_for("confirmed")
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    loop = session.wait_for("confirmed", **{"class": "L6"},
                            mode="explosive")
    t.check("otelcol" in json.dumps(loop["cycle"]), loop["cycle"])
    t.equal(session.command("break", str(loop["number"]), "--drop").status, 0,
            "break")
    t.wait_for(lambda: session.loops()[0]["break"]["suppressed"] > 10,
               "what is left out")
    session.process.terminate()
    ended = t.finish(session.process)
    t.check(b"CONFIRMED  L6" in ended.stderr, ended.stderr[-1500:])
