# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""OTLP over HTTP against a receiver that answers what the case wants."""
import socket
import time

from harness import case
from harness.otlp_push import Push, bodies
from harness.otlp_sink import OtlpSink


def once(t, sink, records, first=0):
    """Each record was received once, in order."""
    t.check(sink.wait_for(first + records),
            f"{sink.count} of {first + records} records came")
    t.equal(sink.bodies(), bodies(0, first + records), "bodies received")
    t.equal(sink.errors, [], "bad requests")


def count_lines(text, part):
    return sum(part in line for line in text.splitlines())


@case()
def protobuf(t):
    """The request is what OTLP/HTTP asks for; one connection serves many."""
    with OtlpSink() as sink:
        push = Push(t, sink.url)
        for _ in range(20):
            push.push(100)
            push.settle()
        counts, = push.end()
        once(t, sink, 2000)
    t.equal(counts["delivered"], 2000, "delivered")
    t.equal(counts["batches"], 20, "batches")
    t.equal(counts["retries"], 0, "retries")
    t.equal(sink.connections, 1, "connections")
    for request in sink.requests:
        t.equal(request.path, "/v1/logs", "path")
        t.equal(request.headers["Content-Type"], "application/x-protobuf",
                "Content-Type")
        t.check("Content-Encoding" not in request.headers, "compressed")
        t.check("Expect" not in request.headers, "Expect is set")
        t.check(request.headers["User-Agent"].startswith(
            "OTel-OTLP-Exporter-logtap/"), request.headers["User-Agent"])
    t.equal(counts["bytes"], sum(r.size for r in sink.requests), "bytes")
    t.equal(push.log(), "", "log")


@case()
def json_form(t):
    """http/json carries the same records."""
    with OtlpSink() as sink:
        push = Push(t, sink.url,
                    env={"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"})
        push.push(700)
        push.end()
        once(t, sink, 700)
        t.equal(sink.requests[0].headers["Content-Type"], "application/json",
                "Content-Type")


@case()
def gzip(t):
    """Compressed when asked, in both forms, and smaller on the wire."""
    for protocol in ("http/protobuf", "http/json"):
        with OtlpSink() as sink:
            push = Push(t, sink.url,
                        env={"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                             "OTEL_EXPORTER_OTLP_PROTOCOL": protocol})
            push.push(1500)
            counts, = push.end()
            once(t, sink, 1500)
            t.equal(sink.requests[0].headers["Content-Encoding"], "gzip",
                    "Content-Encoding")
            t.check(sum(r.size for r in sink.requests) < counts["bytes"] / 2,
                    "not smaller")


@case()
def endpoint_and_headers_of_the_environment(t):
    """The endpoint for logs is used as it is, headers are sent decoded."""
    with OtlpSink() as sink:
        push = Push(t, env={
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": sink.url + "/in/here?x=1",
            "OTEL_EXPORTER_OTLP_HEADERS":
                "authorization=Bearer%20t%2C1, x-empty=,x-two=b"})
        push.push(3)
        push.end()
        once(t, sink, 3)
        request = sink.requests[0]
        t.equal(request.path, "/in/here?x=1", "path")
        t.equal(request.headers["authorization"], "Bearer t,1", "header")
        t.equal(request.headers["x-empty"], "", "header without a value")
        t.equal(request.headers["x-two"], "b", "header")


@case(timeout=120)
def every_retryable_status(t):
    """429, 502, 503 and 504 are tried again until the batch is taken, once."""
    for status in (429, 502, 503, 504):
        with OtlpSink(f"{status}*2") as sink:
            push = Push(t, sink.url)
            push.push(10)
            counts = push.settle()
            once(t, sink, 10)
            t.equal(counts["delivered"], 10, f"delivered after {status}")
            t.equal(counts["retries"], 2, f"retries after {status}")
            push.end()
            log = push.log()
            t.check(f"HTTP status {status}" in log, f"log: {log}")
            t.equal(count_lines(log, "takes no records"), 1, "WARN lines")
            t.equal(count_lines(log, "takes records again"), 1, "INFO lines")


@case(timeout=120)
def every_final_status(t):
    """Any other status refuses the batch for good; the next is still sent."""
    for status in (301, 400, 401, 403, 404, 413, 500, 501):
        with OtlpSink(f"{status}:message=no thanks,location=/x") as sink:
            push = Push(t, sink.url)
            push.push(10)
            counts = push.settle()
            t.equal(counts["refused"], 10, f"refused with {status}")
            t.equal(counts["retries"], 0, f"retries with {status}")
            t.check(f"HTTP status {status}: no thanks" in counts["error"],
                    counts["error"])
            push.push(5)
            t.equal(push.settle()["delivered"], 5, "delivered after it")
            push.end()
            t.equal(sink.bodies(), bodies(10, 5), "received after it")
            t.equal(count_lines(push.log(), "refuses records for good"), 1,
                    "ERROR lines")


@case()
def refusals_are_logged_once(t):
    """Many refused batches make one line, and one when it works again."""
    with OtlpSink("400:html,message=go away*6") as sink:
        push = Push(t, sink.url)
        for _ in range(6):
            push.push(2)
            push.settle()  # or they go out together
        push.push(1)
        counts, = push.end()
        t.equal(counts["refused"], 12, "refused")
        t.equal(counts["delivered"], 1, "delivered")
        log = push.log()
        t.equal(count_lines(log, "ERROR"), 1, "ERROR lines")
        t.check("<h1>go away</h1>" in log, "the body's text is not logged")
        t.check("refused_records=12" in log, f"count in the log: {log}")


@case()
def refused_together_sent_alone(t):
    """Batches that wait go out together; when that is refused, each alone, so
    that one which the receiver does not want costs no other."""
    answers = ("503:retry-after=1", "ok", "400", "ok", "400", "ok")
    with OtlpSink(*answers) as sink:
        push = Push(t, sink.url)
        push.push(2)
        t.wait_for(lambda: sink.requests, "the first request")
        for _ in range(3):
            push.push(2)
        push.settle()
        counts, = push.end()
        t.equal(counts["delivered"], 6, "delivered")
        t.equal(counts["refused"], 2, "refused")
        t.equal(len(sink.requests), len(answers), "requests")


@case(timeout=120)
def retry_after(t):
    """Retry-After is kept, as seconds and as a date."""
    for answer in ("503:retry-after=3", "429:retry-date=3"):
        with OtlpSink(answer) as sink:
            push = Push(t, sink.url)
            push.push(10)
            push.settle()
            once(t, sink, 10)
            first, second = sink.requests
            waited = second.time - first.time
            # Our own first back-off is 0.75 s at most.
            t.check(waited > 2.5, f"{answer}: waited {waited:.2f} s only")
            push.end()


@case()
def connection_refused_then_back(t):
    """Nobody listens, then somebody does: all arrives, in order, once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    push = Push(t, f"http://127.0.0.1:{port}")
    push.push(600)
    t.wait_for(lambda: push.counts()[0]["retries"] >= 2, "two attempts")
    push.push(600)
    with OtlpSink(port=port) as sink:
        t.equal(push.settle()["delivered"], 1200, "delivered")
        once(t, sink, 1200)
    push.end()
    log = push.log()
    t.equal(count_lines(log, "takes no records"), 1, "WARN lines")
    t.equal(count_lines(log, "takes records again"), 1, "INFO lines")


@case(timeout=120)
def connections_that_break(t):
    """Closed without an answer, answered with noise, answered never: tried
    again.  The receiver did not take it, so nothing comes twice."""
    for answer in ("close", "nothttp", "hang"):
        with OtlpSink(answer) as sink:
            push = Push(t, sink.url,
                        env={"OTEL_EXPORTER_OTLP_TIMEOUT": "1000"})
            push.push(10)
            counts = push.settle()
            once(t, sink, 10)
            # libcurl itself repeats a request on a connection that was kept
            # and closed; this was the first one, so the retry is ours.
            t.equal(counts["retries"], 1, f"retries after {answer}")
            push.end()


@case()
def a_kept_connection_that_was_closed(t):
    """A receiver that restarts between two batches costs no record."""
    with OtlpSink() as sink:
        port = sink.port
        push = Push(t, sink.url)
        push.push(10)
        push.settle()
    with OtlpSink(port=port) as again:
        push.push(10)
        push.settle()
        t.equal(again.bodies(), bodies(10, 10), "received after the restart")
    push.end()


@case()
def success_without_an_answer_to_read(t):
    """2xx is success whatever its body is."""
    with OtlpSink("empty", "garbage", "202", "204", "ok") as sink:
        push = Push(t, sink.url)
        for _ in range(5):
            push.push(2)
        counts, = push.end()
        once(t, sink, 10)
        t.equal(counts["delivered"], 10, "delivered")
        t.equal(counts["retries"], 0, "retries")


@case()
def partial_success(t):
    """Rejected records are counted, the reason is kept, nothing is retried."""
    for protocol in ("http/protobuf", "http/json"):
        with OtlpSink("partial:3:three are too old", "partial:0:be quick",
                      "ok", "partial:99999:all") as sink:
            push = Push(t, sink.url,
                        env={"OTEL_EXPORTER_OTLP_PROTOCOL": protocol})
            push.push(10)
            counts = push.settle()
            t.equal(counts["delivered"], 7, "delivered")
            t.equal(counts["refused"], 3, "refused")
            t.equal(counts["error"], "three are too old", "error")
            for _ in range(3):
                push.push(10)
                push.settle()
            counts, = push.end()
            t.equal(counts["refused"], 13, "refused, never more than a batch")
            t.equal(counts["retries"], 0, "retries")
            t.equal(len(sink.requests), 4, "requests")
            t.check("three are too old" in push.log(), "reason not logged")


@case()
def a_destination_that_is_behind_is_full(t):
    """It asks to be given no more than the queue's size, then takes again."""
    with OtlpSink(then="503") as sink:
        push = Push(t, sink.url, env={"OTEL_BLRP_MAX_QUEUE_SIZE": "100",
                                      "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "10"})
        t.equal(push.ask("full"), "false", "full at first")
        push.push(100)
        t.equal(push.ask("full"), "true", "full with 100 records")
        t.check(sink.wait_for_requests(2), "two attempts")
        push.say("push 300")
        sink.answer(then="ok")
        t.equal(push.line(), "pushed", "otlp_push")
        push.settle()
        once(t, sink, 400)
        t.equal(push.ask("full"), "false", "full at the end")
        counts, = push.end()
        t.equal(counts["dropped"], 0, "dropped")


@case()
def stopped_while_it_waits(t):
    """stop() cuts a wait of ours short: what can be delivered is."""
    with OtlpSink("503*6") as sink:
        push = Push(t, sink.url, stop_ms=30000)
        push.push(10)
        t.check(sink.wait_for_requests(4), "four attempts")
        sink.answer(then="ok")
        counts, = push.end()
        t.equal(counts["delivered"], 10, "delivered")
        t.equal(counts["dropped"], 0, "dropped")


@case()
def stopped_in_vain(t):
    """Past the deadline what is left is dropped, and counted."""
    for then in ("503", "hang", "503:retry-after=100", "close"):
        with OtlpSink(then=then) as sink:
            push = Push(t, sink.url, stop_ms=2000,
                        env={"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "10"})
            push.push(40)
            t.check(sink.wait_for_requests(1), "an attempt")
            started = time.monotonic()
            counts, = push.end()
            took = time.monotonic() - started
            t.equal(counts["dropped"], 40, f"dropped ({then})")
            t.check("given up at the end" in counts["error"], counts["error"])
            t.check(took < 15, f"{then}: stop took {took:.1f} s")


@case()
def two_destinations(t):
    """One that does not answer takes nothing from the other."""
    with OtlpSink(then="hang") as silent, OtlpSink() as sink:
        push = Push(t, silent.url, sink.url, stop_ms=1000)
        push.push(500)
        once(t, sink, 500)
        first, second = push.end()
        t.equal(first["dropped"], 500, "dropped by the silent one")
        t.equal(second["delivered"], 500, "delivered to the other")


@case()
def secrets_stay_out_of_the_log(t):
    """Neither credentials of the URL nor headers are ever logged."""
    with OtlpSink("503", "400:message=bad") as sink:
        url = sink.url.replace("http://", "http://me:pa55@") + "/?t=pa55"
        push = Push(t, url, env={
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=pa55,broken%zz=pa55"})
        push.push(1)
        counts = push.settle()
        push.end()
        log = push.log()
        t.check("OTEL_EXPORTER_OTLP_HEADERS: entry 2" in log, f"log: {log}")
        t.check("pa55" not in log + counts["error"], f"a secret: {log}")
        t.equal(sink.requests[0].headers["x-key"], "pa55", "header")


@case()
def configuration_that_cannot_work(t):
    """Said at the start, with the variable, the reason and what to do."""
    for env, part in (
            ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "not built in"),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
             "does not begin with http:// or https://"),
            ({"OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such.pem"},
             "/no/such.pem: No such file or directory")):
        outcome = t.bare([t.program("otlp_push")], env=env)
        t.equal(outcome.status, 1, f"exit status with {env}")
        t.check(part.encode() in outcome.stderr, f"{env}: {outcome.stderr}")


@case()
def tls_is_verified(t):
    """https to a receiver whose certificate nobody vouches for is no
    delivery."""
    t.tool("openssl")
    key, certificate = t.dir / "key.pem", t.dir / "cert.pem"
    made = t.bare(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                   "-keyout", key, "-out", certificate, "-days", "2",
                   "-subj", "/CN=localhost",
                   "-addext", "subjectAltName=IP:127.0.0.1"])
    t.equal(made.status, 0, "openssl")
    with OtlpSink(certificate=(certificate, key)) as sink:
        push = Push(t, sink.url, stop_ms=0)
        push.push(1)
        t.wait_for(lambda: push.counts()[0]["retries"], "an attempt")
        counts, = push.end()
        t.equal(counts["delivered"], 0, "delivered to a stranger")
        t.check("certificate" in counts["error"].lower(), counts["error"])
        push = Push(t, sink.url, env={
            "OTEL_EXPORTER_OTLP_CERTIFICATE": certificate})
        push.push(7)
        t.equal(push.settle()["delivered"], 7, "delivered with its CA")
        push.end()
