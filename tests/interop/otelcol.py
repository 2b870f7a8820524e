# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A real OpenTelemetry Collector between logtap and the sink: what it was given
and what it passes on must be the same."""
import json
import subprocess

from harness import Skip, case
from harness.otlp_metrics import MetricsSink, values
from harness.otlp_push import Push, bodies
from harness.otlp_sink import OtlpSink
from harness.servers import accepts, free_port

# Without a queue and a batch processor it answers only when the sink has taken
# the records: what is lost when it is killed was not acknowledged.
CONFIG = {
    "receivers": {"otlp": {"protocols": {"http": {"endpoint": None}}}},
    "exporters": {"otlphttp": {"endpoint": None, "compression": "none",
                               "sending_queue": {"enabled": False},
                               "retry_on_failure": {"enabled": False}}},
    "service": {
        "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "warn"}},
        "pipelines": {"logs": {"receivers": ["otlp"], "processors": [],
                               "exporters": ["otlphttp"]}},
    },
}


def build(t):
    """The program; built once, which takes minutes."""
    script = t.root / "tests" / "interop" / "build_otelcol"
    done = subprocess.run([script], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == 77:
        raise Skip(done.stderr.strip().splitlines()[-1])
    t.equal(done.returncode, 0, f"build_otelcol: {done.stderr}")
    return done.stdout.strip()


class Otelcol:
    def __init__(self, t, sink, processors=None, exporter=None):
        self.t = t
        self.program = build(t)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = json.loads(json.dumps(CONFIG))  # YAML is a superset of JSON
        config["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = \
            f"127.0.0.1:{self.port}"
        config["exporters"]["otlphttp"]["endpoint"] = sink.url
        config["exporters"]["otlphttp"].update(exporter or {})
        config["processors"] = processors or {}
        pipeline = config["service"]["pipelines"]["logs"]
        pipeline["processors"] = list(processors or {})
        config["service"]["pipelines"]["metrics"] = pipeline
        self.config = t.write(f"otelcol-{self.port}.yaml", json.dumps(config))
        self.start()

    def start(self):
        self.process = self.t.spawn(
            [self.program, "--config", "file:" + self.config], "otelcol")
        self.t.wait_for(
            lambda: self.process.poll() is not None or accepts(self.port),
            "the OpenTelemetry Collector to listen", 60)
        self.t.check(self.process.poll() is None, self.log())

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        self.t.equal(self.process.wait(30), 0, "otelcol's exit status")

    def log(self):
        file = self.process.logtap[3]
        file.seek(0)
        return file.read().decode()


def content(record):
    return (record.body, record.severity, record.severity_text, record.time_ns,
            record.observed_ns, sorted(record.attributes.items()),
            sorted((k, str(v)) for k, v in record.resource.items()),
            record.scope)


@case(timeout=600)
def every_form(t):
    """Protobuf, JSON and gzip: the Collector understands all, and passes on
    as many records as went in, in order."""
    for protocol in ("http/protobuf", "http/json"):
        for compression in ("none", "gzip"):
            with OtlpSink() as sink:
                otelcol = Otelcol(t, sink)
                push = Push(t, otelcol.url, env={
                    "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
                    "OTEL_EXPORTER_OTLP_COMPRESSION": compression})
                push.push(2000)
                counts, = push.end()
                t.equal(counts["delivered"], 2000, "delivered")
                t.equal(counts["refused"], 0, "refused")
                otelcol.end()
                t.equal(sink.bodies(), bodies(0, 2000),
                        f"passed on, {protocol} {compression}")
                t.equal(sink.errors, [], "bad requests")


@case(timeout=600)
def records_arrive_unchanged(t):
    """A program's records, all their fields, are the same straight from
    logtap and through the Collector, and both are what it wrote."""
    script = ("echo plain >&2; printf 'caf\\303\\251 \\377 \\t end\\n' >&2; "
              "echo 'ERROR: it broke' >&2; echo '<7>debug' >&2; "
              "(echo from a child >&2); printf 'no line feed' >&2")
    with OtlpSink() as direct, OtlpSink() as behind:
        otelcol = Otelcol(t, behind)
        outcome = t.bare([t.logtap_program, "run", "--otlp", direct.url,
                          "--otlp", otelcol.url, "--", "bash", "-c", script])
        t.equal(outcome.status, 0, f"exit status; {outcome.stderr}")
        otelcol.end()
        straight = [content(record) for record in direct.records()]
        passed = [content(record) for record in behind.records()]
        t.equal(len(straight), 6, "records straight from logtap")
        t.equal(passed, straight, "records through the Collector")
        t.equal(direct.errors + behind.errors, [], "bad requests")
        uids = direct.uids()
        t.check(None not in uids, "a record without log.record.uid")
        t.equal(len(set(uids)), 6, "different log.record.uid")


@case(timeout=600)
def metrics_arrive(t):
    """The Collector takes our metrics, gzip or not, and passes on the same."""
    for compression in ("none", "gzip"):
        with MetricsSink() as behind:
            otelcol = Otelcol(t, behind)
            outcome = t.bare(
                [t.logtap_program, "run", "-q", "-o", t.dir / compression, "--",
                 t.program("lines"), "write", "2", "500"], env={
                     "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT":
                         otelcol.url + "/v1/metrics",
                     "OTEL_EXPORTER_OTLP_COMPRESSION": compression})
            t.equal(outcome.status, 0, f"exit status; {outcome.stderr}")
            otelcol.end()
        t.equal(behind.errors, [], "bad requests")
        points = behind.last()
        t.equal(values(points, "logtap.produced_chunks"), {frozenset(): 1000},
                "chunks")
        t.equal(sum(values(points, "logtap.process.settled_chunks").values()),
                1000, "of the process")
        t.check({"counter", "gauge"} == {point.kind for point in points},
                "kinds")


@case(timeout=600)
def killed_and_restarted_under_load(t):
    """No record is lost when the Collector dies three times while it receives;
    what comes twice is the same record again."""
    total = 30000
    with OtlpSink() as sink:
        otelcol = Otelcol(t, sink)
        push = Push(t, otelcol.url, stop_ms=60000)
        push.say(f"push {total}")
        for part in (1, 2, 3):
            t.check(sink.wait_for(total * part // 5, 60), "it receives")
            otelcol.kill()
            otelcol.start()
        t.equal(push.line(120), "pushed", "otlp_push")
        counts = push.settle(120)
        push.end()
        otelcol.end()
        t.equal(counts["delivered"], total, "delivered")
        t.check(counts["retries"] >= 1, "it was never noticed to be dead")
        got = sink.bodies()
        t.equal(sorted(set(got)), sorted(bodies(0, total)), "records received")
        # Batches that wait go out together, eight at most.
        t.check(len(got) - total <= 3 * 8 * 512,
                f"{len(got) - total} duplicates: more than a request a death")


@case(timeout=600)
def memory_limiter(t):
    """A Collector that is out of memory refuses for a while: everything waits
    and then arrives once."""
    total = 800000
    # Go collects garbage only above the hard limit, which is spike_limit above
    # the one where the limiter refuses: with more than 1 MiB between the two it
    # may refuse for the two minutes until the next collection by the clock.
    with OtlpSink(then="503", decode=False) as sink:
        otelcol = Otelcol(
            t, sink,
            processors={"memory_limiter": {
                "check_interval": "100ms", "limit_mib": 60,
                "spike_limit_mib": 1}},
            exporter={
                "sending_queue": {"enabled": True, "queue_size": 100000,
                                  "num_consumers": 2},
                "retry_on_failure": {
                    "enabled": True, "initial_interval": "200ms",
                    "max_interval": "500ms", "max_elapsed_time": "0s"}})
        push = Push(t, otelcol.url, stop_ms=60000)
        push.say(f"push {total}")
        t.wait_for(lambda: "takes no records" in push.log(),
                   "the memory limiter to refuse", 120)
        log = push.log()
        t.check("HTTP status 503" in log or "HTTP status 429" in log,
                f"another failure: {log}")
        sink.answer(then="ok")
        t.equal(push.line(240), "pushed", "otlp_push")
        counts = push.settle(120)
        push.end()
        t.equal(counts["delivered"], total, "delivered")
        t.check(counts["retries"] >= 1, "no retry")
        t.check(sink.wait_for(total, 120), f"{sink.count} of {total} came")
        otelcol.end()
        t.equal(sink.count, total, "records passed on")
        t.check("takes records again" in push.log(), "recovery not logged")
