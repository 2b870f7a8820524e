# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Programs that use logtap.h, with the library and without."""
import pathlib
import subprocess

from harness import case

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def attributes(record):
    return {key: value for key, value in record.attributes.items()
            if not key.startswith(("log.", "thread."))}


@case()
def without_the_library_every_call_is_nothing(t):
    done = subprocess.run([t.program("api")], capture_output=True, text=True)
    t.equal(done.returncode, 0, "status")
    t.equal(done.stdout.splitlines(),
            ["version 0", "evaluated 0 calls 0", "span "], "stdout")
    t.equal(done.stderr.splitlines(), ["a line in a span", "of an internal "
            "thread", "the last line"][0::2], "stderr")


@case()
def events_become_records(t):
    """Logger, name, severity, body, typed attributes; a threshold."""
    outcome = t.run([t.program("api")], env={"LOGTAP_LEVEL": "info"})
    out = outcome.stdout.decode().splitlines()
    t.equal(out[:2], ["version 1", "evaluated 1 calls 1"], "stdout")
    query, = [r for r in outcome.records if r.event_name == "query"]
    t.equal(query.scope, "app.db", "scope")
    t.equal(query.severity, 9, "severity")
    t.equal(query.body, "three rows", "body")
    t.equal(attributes(query), {"rows": 1, "db": "main", "ok": True,
                                "ms": 1.5, "raw": "AP8="}, "attributes")
    bodies = outcome.bodies()
    for text in ("inside a callback for called", "of an internal thread"):
        t.check(text not in bodies, f"captured: {text}")
        t.check(text.encode() in outcome.stderr, f"not written: {text}")
    t.check(b"WARN telemetry raw n=-5" in outcome.stderr, "the raw sink")
    t.check("the last line" in bodies, "after it all")


@case()
def captured_lines_carry_the_span(t):
    """Of a program's own spans, below the TRACEPARENT it was started with."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    outcome = t.run([t.program("api")], env={
        "TRACEPARENT": f"00-{trace}-b7ad6b7169203331-01"})
    said = outcome.stdout.decode().split("span ")[1].strip()
    line, = [r for r in outcome.records if r.body == "a line in a span"]
    t.equal(f"00-{line.trace_id}-{line.span_id}-01", said, "trace context")
    t.equal(line.trace_id, trace, "trace id")
    last, = [r for r in outcome.records if r.body == "the last line"]
    t.equal((last.trace_id, last.span_id), (trace, "b7ad6b7169203331"),
            "outside of it: what the process was started with")


@case()
def exceptions_leave_every_scope(t):
    outcome = t.run([t.program("api_guards")])
    t.equal(outcome.status, 0, "status")
    bodies = outcome.bodies()
    t.check("on a marked thread" not in bodies, "captured on a marked thread")
    for text in ("after the mark", "in the span", "free sink 0"):
        t.check(text in bodies, f"not captured: {text}")
    t.equal([r.event_name for r in outcome.records if r.event_name],
            ["delivered"], "events")


@case()
def python_logging(t):
    """The ctypes module: logger, level, exception, trace context."""
    program = t.write("app.py", """
import logging, sys
sys.path.insert(0, sys.argv[1])
import logtap
logging.basicConfig(level=logging.DEBUG, handlers=[logtap.Handler()])
log = logging.getLogger("app.db")
with logtap.span("request"):
    log.warning("slow %s", "query")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
print(logtap.available())
""")
    outcome = t.run(["/usr/bin/python3", program,
                     ROOT / "bindings" / "python"])
    t.equal(outcome.stdout, b"True\n", "stdout")
    slow, failed = [r for r in outcome.records
                    if r.scope == "app.db"]
    t.equal((slow.body, slow.severity), ("slow query", 13), "warning")
    t.check(slow.trace_id and slow.span_id, "no trace context")
    t.equal((failed.body, failed.severity), ("failed", 17), "error")
    t.equal(failed.attributes["exception.type"], "ZeroDivisionError", "type")
    t.check("1 / 0" in failed.attributes["exception.stacktrace"], "stack")
    t.equal(failed.trace_id, "", "outside of the span")
    bare = t.bare(["/usr/bin/python3", program, ROOT / "bindings" / "python"])
    t.equal(bare.stdout, b"False\n", "without the library")


@case()
def a_sink_that_logs_is_called_once(t):
    """Scoped, global, and for captured writes; what it writes reaches its
    destination, is not captured, and is counted."""
    collector = t.collect()
    process = t.spawn([t.program("reentry")], "preload",
                      env=t.preload_env(collector.dir))
    outcome = t.finish(process)
    t.equal(outcome.stdout.decode().split(),
            ["scoped", "1", "capturing", "2", "global", "1"], "calls")
    records = collector.end()
    t.equal([r.body for r in records], ["afterwards"], "records")
    for place in ("scoped", "capturing", "global"):
        t.check(f"{place}: inside by stdio".encode() in outcome.stderr,
                "it reached stderr")
    t.check(b"capturing: outside by stdio" in outcome.stderr, "tee")
    t.equal(collector.status()["reentrant_calls"], 8, "counted")


@case()
def threads_are_internal_by_configuration(t):
    """By their name, whoever gave it to them, and by the library of their
    start routine; what they start is, too."""
    plugin = t.program("internal_plugin.so")
    collector = t.collect()
    env = {"LOGTAP_INTERNAL_THREADS": "otel-*:nobody",
           "LOGTAP_INTERNAL_LIBRARIES": "internal_plugin.so"}
    process = t.spawn([t.program("internal"), plugin], "preload",
                      env={**t.preload_env(collector.dir), **env})
    outcome = t.finish(process)
    t.equal(outcome.status, 0, "status")
    bodies = sorted(r.body for r in collector.end())
    t.equal(bodies, ["after otel-one", "before otel-one", "other"], "records")
    t.equal(len(outcome.stderr_lines()), 8, "lines of stderr")
    t.equal(collector.status()["suppressed_calls"], 6, "counted")
    everything = t.preload([t.program("internal"), plugin])
    t.equal(len(everything.records), 9, "without configuration")


@case(timeout=120)
def threads_do_everything_at_once(t):
    """Sinks come and go while others log; every account is exact, and the
    thread sanitizer has nothing to say."""
    exact = b"global 1 channel 1 values 1 free 0\n"
    collector = t.collect()
    process = t.spawn([t.program("stress"), "3000"], "preload",
                      env=t.preload_env(collector.dir))
    t.equal(t.finish(process).stdout, exact, "preloaded")
    collector.end()
    counted, = [m for m in collector.status()["metrics"]
                if m["name"] == "stress.events"]
    t.equal(counted["total"], 9000, "counter")
    checked = t.build / "tests" / "programs" / "stress-tsan"
    if not checked.exists():
        t.skip("no thread sanitizer")
    outcome = t.bare([checked, "1000"], timeout=100)
    t.equal((outcome.status, outcome.stdout), (0, exact),
            f"sanitized: {outcome.stderr.decode(errors='replace')[:1500]}")
