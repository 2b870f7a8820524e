# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Metrics by OTLP: sums that add up, resources that are those of the records,
the standard's environment, receivers that are not there."""
import collections
import re
import subprocess

from harness import case, segment
from harness.admin import Admin, samples
from harness.otlp_metrics import MetricsSink, values


def chunk_sums(points):
    """{who: Counter of produced, settled, dropped, in_flight} of one export."""
    rows = collections.defaultdict(collections.Counter)
    for point in points:
        match = re.fullmatch(r"logtap\.(process\.)?(produced|settled|dropped|"
                             r"in_flight)_chunks", point.name)
        if match:
            who = str(sorted(point.resource.items())) if match[1] else ""
            rows[who][match[2]] += point.value
    return rows


def environment(sink, **more):
    return {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": sink.url + "/v1/metrics",
            "OTEL_METRIC_EXPORT_INTERVAL": "50", **more}


@case(timeout=90)
def every_export_adds_up(t):
    """While programs log: produced = settled + dropped + in flight, for each
    process and in total, and the totals are the sums; at the end all of it has
    come, under the resources that the records have."""
    with MetricsSink() as sink:
        collector = t.collect(env=environment(
            sink, OTEL_METRIC_EXPORT_INTERVAL="5"))
        running = [t.spawn([t.program("lines"), "write", "2", "5000"],
                           "preload", env=t.preload_env(collector.dir))
                   for _ in range(3)]
        for process in running:
            t.finish(process)
        t.wait_for(lambda: len(sink.exports) > 2, "exports before the last")
        records = collector.end()
        status = collector.status()
    t.equal(sink.errors, [], "errors of the decoder")
    t.check(len(sink.exports) > 2, f"{len(sink.exports)} exports")
    for points in sink.exports:
        rows = chunk_sums(points)
        total = rows.pop("")
        for row in [total, *rows.values()]:
            t.equal(row["settled"] + row["dropped"] + row["in_flight"],
                    row["produced"], f"sum in {row}")
        for key in total:
            t.equal(sum(row[key] for row in rows.values()), total[key], key)
    last = sink.last()
    t.equal(values(last, "logtap.produced_chunks"), {frozenset(): 30000},
            "the last total")
    t.equal(values(last, "logtap.destination.delivered_records"),
            {frozenset({("number", "0"), ("kind", "file"),
                        ("name", str(collector.file))}): len(records)},
            "records of the file")
    told = {str(sorted(point.resource.items())) for point in last
            if point.name == "logtap.process.produced_chunks"}
    t.equal(told, {str(sorted(record.resource.items()))
                   for record in records}, "resources")
    own = {point.resource["service.name"] for point in last
           if point.name == "logtap.produced_chunks"}
    t.equal(own, {"logtap"}, "the collector's resource")
    for point in last:
        t.equal(point.scope[0], "logtap", "scope")
        t.check((point.kind == "counter") == (point.start is not None) and
                point.time > (point.start or 0), point)
    t.equal(status["metrics_export"]["exports"], len(sink.exports), "status")
    t.equal(status["metrics_export"]["failed"], 0, "failed")


@case()
def totals_are_the_sums_over_threads(t):
    """What /metrics and the last export say is what the threads' own counters
    in shared memory add up to, read without the collector."""
    directory = t.session_dir()
    t.finish(t.spawn([t.program("lines"), "mixed", "6", "500"], "preload",
                     env=t.preload_env(directory)))
    t.finish(t.spawn([t.program("children")], "preload",
                     env=t.preload_env(directory)))
    counted = collections.Counter()
    for slot in segment.read_all(directory):
        counted.update(slot.counters)
    t.check(counted["chunks"] > 3000, counted)
    with MetricsSink() as sink:
        admin = Admin(t, directory=directory, env=environment(sink))

        def shown(name):
            found = samples(admin.get("/metrics")[2].decode())
            return found[f"logtap_{name}", frozenset()]

        t.wait_for(lambda: shown("settled_chunks_total") == counted["chunks"],
                   "all chunks to be settled")
        t.equal(shown("produced_chunks_total"), counted["chunks"], "chunks")
        t.equal(shown("produced_bytes_total"), counted["bytes"], "bytes")
        admin.collector.end()
    for name in "chunks", "bytes":
        t.equal(values(sink.last(), f"logtap.produced_{name}"),
                {frozenset(): counted[name]}, f"{name} by OTLP")


@case()
def metrics_of_programs(t):
    """What a program counts comes by OTLP under its own name and resource, and
    to Prometheus."""
    with MetricsSink() as sink:
        admin = Admin(t, env=environment(sink))
        process = t.spawn([t.program("counters")], "preload",
                          env=t.preload_env(admin.collector.dir),
                          stdin=subprocess.PIPE)
        wanted = {process.pid: 6 * 20000 + 1}

        def sent(points):
            return {point.resource["process.pid"]: point.value
                    for point in points if point.name == "test.sent"
                    and point.resource["process.pid"] in wanted}

        def level(points):
            return [(point.kind, point.unit, point.value) for point in points
                    if point.name == "test.level" and point.value]

        t.wait_for(lambda: sent(sink.last()) == wanted and
                   level(sink.last()) == [("gauge", "By", 4)],
                   "the counter and the gauge")
        found = samples(admin.get("/metrics")[2].decode())
        shown = {dict(labels)["pid"]: value for (name, labels), value
                 in found.items() if name == "logtap_program_test_sent_total"}
        t.equal(shown[str(process.pid)], wanted[process.pid], "in /metrics")
        t.equal(sum(shown.values()), sum(
            point.value for point in sink.last()
            if point.name == "test.sent"), "of all processes")
        t.check(any(name == "logtap_program_test_level" and value == 4 and
                    ("metric", "test.level") in labels
                    for (name, labels), value in found.items()), "the gauge")
        process.stdin.close()
        t.finish(process)
        admin.collector.end()
    t.equal(sink.errors, [], "errors of the decoder")
    t.equal(level(sink.last()), [], "the gauge has gone")
    t.equal(sent(sink.last()), wanted, "the counter stays")


@case()
def the_environment_and_the_option(t):
    """--otlp-metrics completes a URL; gzip and headers are the standard's; an
    endpoint for all signals alone does not make metrics go out."""
    with MetricsSink() as sink:
        outcome = t.run(["sh", "-c", "echo one >&2"], env={
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": sink.url + "/own/path",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "a-key=secret%20one"})
        t.equal(len(outcome.records), 1, "records")
        (path, headers), = sink.requests
        t.equal((path, headers["Content-Encoding"], headers["a-key"]),
                ("/own/path", "gzip", "secret one"), "the request")
        t.check(headers["User-Agent"].startswith("OTel-OTLP-Exporter-logtap/"),
                headers)
        t.equal(values(sink.last(), "logtap.produced_chunks"),
                {frozenset(): 1}, "the last export of a run")
        t.run(["sh", "-c", "echo one >&2"],
              env={"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url})
        t.run(["sh", "-c", "echo one >&2"], env=environment(
            sink, OTEL_METRICS_EXPORTER="none"))
        t.run(["sh", "-c", "echo one >&2"], env=environment(
            sink, OTEL_SDK_DISABLED="true"))
        t.equal(len(sink.requests), 1, "requests that nobody asked for")
        t.collect(options=["--otlp-metrics", sink.url]).end()
        t.run(["sh", "-c", "echo one >&2"], ["--otlp-metrics", sink.url])
        t.equal([path for path, _ in sink.requests[1:]], ["/v1/metrics"] * 2,
                "the option's path")
    t.equal(sink.errors, [], "errors of the decoder")


@case()
def a_receiver_that_fails_is_told_of(t):
    """It delays nothing, the next export says it all, and the status and the
    log say why; one that is not there does not keep a run from its end."""
    with MetricsSink(404, 503) as sink:
        collector = t.collect(env=environment(sink))
        t.wait_for(lambda: len(sink.exports) > 1, "exports after failures")
        collector.end()
        export = collector.status()["metrics_export"]
        # one is refused for good, the other is tried again
        t.equal((export["failed"], export["exports"]),
                (1, len(sink.exports)), "counts")
        t.check("404" in export["last_error"], export)
        t.check(b"cannot export metrics" in collector.stderr and
                b"takes metrics again" in collector.stderr, collector.stderr)
    outcome = t.run(["sh", "-c", "echo one >&2"], env=environment(sink))
    t.equal((outcome.status, len(outcome.records)), (0, 1), "with nobody there")
