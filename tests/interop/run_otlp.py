# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap run and logtap collect with an OTLP receiver: from a program's lines
to what the receiver has."""
import collections

from harness import case
from harness.otlp_sink import OtlpSink
from harness.servers import free_port

LINES = "for i in $(seq {n}); do echo line $i >&2; done; exit 7"


def program(lines):
    return ["bash", "-c", LINES.format(n=lines)]


def lines(count):
    return [f"line {n}" for n in range(1, count + 1)]


@case()
def the_environments_endpoint(t):
    """Without -o and --otlp, records go where OTEL_EXPORTER_OTLP_ENDPOINT
    says, and no file is made; with -o they go to the file alone."""
    with OtlpSink() as sink:
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
               "OTEL_SERVICE_NAME": "here"}
        outcome = t.bare([t.logtap_program, "run", "--", *program(20)],
                         env=env)
        t.equal(outcome.status, 7, "exit status")
        t.equal(sink.bodies(), lines(20), "received")
        t.equal(sink.errors, [], "bad requests")
        t.equal(sink.records()[0].resource["service.name"], "here",
                "service.name")
        t.equal(list(t.dir.glob("*.jsonl")), [], "files made")
        summary = outcome.stderr.decode().splitlines()[-1]
        t.check("20 records" in summary and sink.url in summary, summary)
        outcome = t.run(program(5), env=env)
        t.equal(outcome.bodies(), lines(5), "in the file")
        t.equal(sink.count, 20, "received, when a file is named")


@case()
def disabled_by_the_environment(t):
    """OTEL_SDK_DISABLED=true: nothing is sent, a file is written."""
    with OtlpSink() as sink:
        outcome = t.bare(
            [t.logtap_program, "run", "--", *program(3)],
            env={"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
                 "OTEL_SDK_DISABLED": "TRUE"})
        t.equal(outcome.status, 7, "exit status")
        t.equal(len(sink.requests), 0, "requests")
        file, = t.dir.glob("*.otlp.jsonl")
        t.equal([r.body for r in t.read(file)], lines(3), "in the file")


@case()
def a_receiver_that_comes_late(t):
    """run waits at its end until the receiver is there."""
    port = free_port()
    process = t.spawn([t.logtap_program, "run", "--otlp",
                       f"http://127.0.0.1:{port}", "--", *program(3000)])
    t.wait_for(lambda: b"line 3000\n" in errors(process), "the program's end")
    with OtlpSink(port=port) as sink:
        outcome = t.finish(process)
        t.equal(outcome.status, 7, "exit status")
        t.equal(sink.bodies(), lines(3000), "received")


def errors(process):
    file = process.logtap[3]
    with open(file.name, "rb") as again:
        return again.read()


@case()
def what_was_not_delivered_is_told(t):
    """A receiver that refuses, or is not there: the program's exit status
    stays its own, and the summary says what became of the records."""
    with OtlpSink(then="400:message=wrong tenant") as sink:
        outcome = t.bare([t.logtap_program, "run", "--otlp", sink.url, "--",
                          *program(10)])
        t.equal(outcome.status, 7, "exit status")
        summary = outcome.stderr.decode().splitlines()[-1]
        t.check("wrong tenant" in summary and "10 records" in summary, summary)
    outcome = t.bare([t.logtap_program, "run", "--otlp",
                      f"http://127.0.0.1:{free_port()}", "--", *program(10)],
                     env={"OTEL_BLRP_EXPORT_TIMEOUT": "500"})
    t.equal(outcome.status, 7, "exit status")
    summary = outcome.stderr.decode().splitlines()[-1]
    t.check("10 records undelivered" in summary, summary)


@case()
def a_time_of_zero_is_no_limit(t):
    """OTEL_BLRP_EXPORT_TIMEOUT=0: what is left at the end is not given up."""
    with OtlpSink("503", "ok") as sink:
        outcome = t.bare([t.logtap_program, "run", "--otlp", sink.url, "--",
                          *program(10)],
                         env={"OTEL_BLRP_EXPORT_TIMEOUT": "0"})
        t.equal(outcome.status, 7, "exit status")
        t.equal(sink.bodies(), lines(10), "received")
        summary = outcome.stderr.decode().splitlines()[-1]
        t.check("undelivered" not in summary, summary)


@case()
def what_is_wrong_in_the_environment_is_told(t):
    """A value that makes no sense is named, once and before the program runs,
    and what stands in place of it."""
    with OtlpSink() as sink:
        for options, told in (
                (["--otlp", sink.url],
                 "logtap: OTEL_EXPORTER_OTLP_COMPRESSION=zstd: unknown "
                 "compression; using none"),
                (["-o", t.dir / "file.jsonl"], None)):
            outcome = t.bare(
                [t.logtap_program, "run", "-q", *options, "--", *program(2)],
                env={"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd"})
            t.equal(outcome.status, 7, "exit status")
            t.equal(outcome.stderr.decode().splitlines(),
                    ([told] if told else []) + lines(2), "text")


@case()
def a_delay_of_zero_is_none(t):
    """OTEL_BLRP_SCHEDULE_DELAY=0: a record is sent before one that is older and
    may wait."""
    with OtlpSink() as slow, OtlpSink() as quick:
        collectors = []
        for sink, delay in ((slow, "60000"), (quick, "0")):
            collectors.append(t.collect(
                options=["--otlp", sink.url],
                env={"OTEL_BLRP_SCHEDULE_DELAY": delay}))
            t.bare(program(1), env=t.preload_env(collectors[-1].dir))
        t.check(quick.wait_for(1), "nothing came")
        t.equal(slow.count, 0, "records of the other collector")
        for collector in collectors:
            collector.end()


@case()
def no_request_is_larger_than_proxies_take(t):
    """Many long lines: each request is below 1 MiB, beyond which nginx would
    refuse it, and a batch with it."""
    script = ("import os\n"
              "for i in range(1200): os.write(2, b'%05d' % i + b'x' * 3000 + b'\\n')")
    with OtlpSink() as sink:
        outcome = t.bare([t.logtap_program, "run", "--otlp", sink.url, "--",
                          "/usr/bin/python3", "-c", script],
                         env={"LOGTAP_FULL": "block"})
        t.equal(outcome.status, 0, "exit status")
        t.equal(sink.count, 1200, "records")
        t.check(max(request.size for request in sink.requests) < 1 << 20,
                [request.size for request in sink.requests])


@case()
def a_file_beside_a_receiver_that_is_stuck(t):
    """The file has everything, though the receiver takes nothing."""
    file = t.dir / "beside.jsonl"
    with OtlpSink(then="hang") as sink:
        outcome = t.bare(
            [t.logtap_program, "run", "-o", file, "--otlp", sink.url, "--",
             *program(6000)], env={"OTEL_BLRP_EXPORT_TIMEOUT": "1000"})
        t.equal(outcome.status, 7, "exit status")
        t.equal([r.body for r in t.read(file)], lines(6000), "in the file")


@case()
def a_bad_url(t):
    """A URL that cannot work is a usage error: nothing is run."""
    outcome = t.bare([t.logtap_program, "run", "--otlp", "localhost:4318",
                      "--", "touch", t.dir / "ran"])
    t.equal(outcome.status, 125, "exit status")
    t.check(b"--otlp: 'localhost:4318' does not begin with http://"
            in outcome.stderr, outcome.stderr)
    t.check(not (t.dir / "ran").exists(), "the program was run")


@case()
def a_collector_killed_with_records_not_delivered(t):
    """The receiver is away, the collector dies by SIGKILL: its successor
    delivers everything, and a record that comes twice has one uid."""
    directory = t.session_dir()
    with OtlpSink(then="503") as sink:
        options = ["--otlp", sink.url]
        first = t.collect(directory, options)
        outcome = t.bare(program(4000), env=t.preload_env(directory))
        t.equal(outcome.status, 7, "exit status")
        t.check(sink.wait_for_requests(1), "an attempt")
        first.process.kill()
        first.process.wait()
        sink.answer(then="ok")
        second = t.collect(directory, options)
        t.check(sink.wait_for(4000), f"{sink.count} of 4000 came")
        second.end()
        uids = collections.defaultdict(set)
        for record in sink.records():
            uids[record.attributes["log.record.uid"]].add(record.body)
        t.equal(len(uids), 4000, "different uids")
        t.equal(sorted(body for found in uids.values() for body in found),
                sorted(lines(4000)), "received")
        t.equal(sink.errors, [], "bad requests")
