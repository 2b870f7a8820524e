# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Feedback loops through OpenTelemetry's own programs."""
import json
import subprocess

from harness import case
from harness.loops import Loops, figure
from harness.otlp_sink import OtlpSink
from harness.servers import free_port


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
    # Nothing goes on from there, so a file has what was delivered.
    session = Loops(t, "", f"http://127.0.0.1:{port}",
                    ["--loops", "-o", t.dir / "loop.otlp.jsonl"],
                    command=[program, "--config", f"file:{config}"],
                    beside=False)
    session.join()
    loop = session.wait_for("confirmed")
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    # How fast it grows is a matter of who gets to run.
    loop = session.wait_for("confirmed", **{"class": "L6"})
    t.check("otelcol" in json.dumps(loop["cycle"]), loop["cycle"])
    # A static program, whose stack nobody can take: it is named, with a line.
    t.check(loop["closes"].startswith("otelcol") and
            loop["closes"] in session.show(loop["number"]), loop)
    t.check(loop["sample"]["body"], loop)
    t.equal(session.command("break", str(loop["number"]), "--drop").status, 0,
            "break")
    session.stays_out(lambda: sum(not body.startswith("bystander")
                                  for body in session.bodies()))
    session.leaves_alone()
    session.process.terminate()
    ended = t.finish(session.process)
    t.check(b"CONFIRMED  L6" in ended.stderr, ended.stderr[-1500:])


def sdk(t, name):
    """Its packages' folder."""
    done = subprocess.run([t.root / f"tests/interop/build_{name}_sdk"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode == 77:
        t.skip(done.stderr.strip().splitlines()[-1])
    t.equal(done.returncode, 0, done.stderr)
    return done.stdout.strip()


@case(timeout=300)
def an_exporter_by_grpc(t):
    """On a port that nobody has named: known by the path of its calls, which
    come behind other frames of HTTP/2, and whose messages hold what the
    earlier ones have caused."""
    env = {"PYTHONPATH": sdk(t, "python")}
    program = ["/usr/bin/python3", t.root / "tests/programs/grpc_exporter.py"]
    t.spawn([*program, "receive", t.dir], "receiver", env=env)
    t.wait_for((t.dir / "port").exists, "the receiver")
    port = (t.dir / "port").read_text()
    session = Loops(t, f"exec {program[0]} {program[1]} export {port} {t.dir}",
                    None, env=env)
    loop = session.wait_for("confirmed", **{"class": "L2"})
    t.note(f"found after {loop['found_after_ms']:.0f} ms; k={figure(loop)}")
    loop = session.wait_for_figures(records_per_export=1, exported_records=1,
                                    mode="murmur")
    t.equal([p["kind"] for p in loop["proof"]], ["content"], "proof")
    session.names_python("export", "grpc_exporter.py")
    t.equal(session.command("break", str(loop["number"]), "--drop").status, 0,
            "break")
    session.stays_out(lambda: sum("taken a batch" in body
                                      for body in session.bodies()))
    t.write("say", "")
    t.wait_for(lambda: "application says 20" in session.file.read_text(),
               "what the application says")
    session.leaves_alone()
    ended = session.end()
    t.equal(ended.status, 0, ended.stderr[-1500:])
    said = [int(r.body.split()[-1]) for r in t.read(session.file)
            if "application says" in r.body]
    t.equal(said, list(range(1, len(said) + 1)), "what was said")


def goes_on_without(t, session, word, begins):
    """What has the word is left out; the application goes on, and ends.  Return:
    the numbers of its lines, which begin like that, as they were delivered."""
    t.equal(session.command("break", "1", "--drop").status, 0, "break")
    session.stays_out(lambda: sum(word in body for body in session.bodies()))
    t.write("say", "")
    t.wait_for(lambda: "application says 20" in session.file.read_text(),
               "what the application says")
    session.leaves_alone()
    ended = session.end()
    t.equal(ended.status, 0, ended.stderr[-1500:])
    said = [int(r.body.split()[-1]) for r in t.read(session.file)
            if r.body.startswith(begins)]
    t.check(len(said) >= 20, f"{len(said)} lines of the application")
    return said


@case(timeout=300)
def an_sdk_whose_http_client_logs(t):
    """OpenTelemetry's SDK for Python exports what urllib3 says of its exports,
    from a thread of its own."""
    packages = sdk(t, "python")
    with OtlpSink(decode=False) as sink:
        program = t.root / "tests/programs/sdk_exporter.py"
        session = Loops(
            t, f"exec /usr/bin/python3 {program} {sink.url} {t.dir}", None,
            env={"PYTHONPATH": packages,
                 "LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("confirmed", **{"class": "L2"})
        t.note(f"found after {loop['found_after_ms']:.0f} ms; "
               f"k={figure(loop)}")
        session.wait_for_figures(records_per_export=1, exported_records=1,
                                 gain=1)
        t.check("urllib3.connectionpool" in loop["fix"], loop["fix"])
        session.names_python("HTTPConnectionPool._make_request",
                             "urllib3/connectionpool.py",
                             "opentelemetry/exporter/otlp/proto/http/"
                             "_log_exporter/__init__.py")
        said = goes_on_without(t, session, "urllib3",
                               "INFO:root:application says")
        t.equal(said, list(range(1, len(said) + 1)), "what was said")


@case(timeout=300)
def an_sdk_on_an_only_thread(t):
    """OpenTelemetry's SDK for JavaScript, whose own messages are exported: all
    of it in one thread, so that nothing tells it from an application that logs
    whenever it has exported.  It is suspected, with what came back."""
    packages = sdk(t, "node")
    node = t.tool("node")
    with OtlpSink(decode=False) as sink:
        program = t.root / "tests/programs/sdk_exporter.js"
        session = Loops(
            t, f"exec {node} {program} {sink.url} {t.dir}", None,
            env={"NODE_PATH": packages, "LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("suspected", **{"class": "L1"})
        t.note(f"found after {loop['found_after_ms']:.0f} ms; "
               f"k={figure(loop)}")
        t.check("statusCode" in loop["sample"]["body"], loop["sample"])
        t.check(loop["proof"], loop)
        t.equal(session.likely(), [], "loops that are likely")
        said = goes_on_without(t, session, "statusCode",
                               "info application says")
        t.equal(said, list(range(1, len(said) + 1)), "what was said")


@case(timeout=400)
def an_sdk_whose_threads_share_a_connection(t):
    """OpenTelemetry's SDK for Java on the JDK's HTTP client, which sends by
    whichever thread has time and says so by another: one loop, not one of each
    thread, with figures that are true."""
    packages = sdk(t, "java")
    java = t.tool("java")
    with OtlpSink(decode=False) as sink:
        program = t.root / "tests/programs/SdkExporter.java"
        session = Loops(
            t, f"exec {java} -Djdk.httpclient.HttpClient.log=requests "
            "-Djava.util.logging.SimpleFormatter.format='%4$s %3$s %5$s%n' "
            f"-cp '{packages}/*' {program} {sink.url} {t.dir}", None,
            env={"LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("confirmed", seconds=60, **{"class": "L2"})
        t.note(f"found after {loop['found_after_ms']:.0f} ms")
        loop = session.wait_for_figures(
            records_per_export=2, exported_records=2, gain=1, seconds=30)
        t.equal(len(session.likely()), 1, "loops")
        t.check("jdk.httpclient.HttpClient" in loop["fix"], loop["fix"])
        # what all that Java writes comes through is not to blame
        t.check("libjava" not in loop["closes"], loop["closes"])
        said = goes_on_without(t, session, "jdk.httpclient",
                               "INFO application application says")
        # a line may be written by another thread, which has its own order
        t.equal(sorted(said), list(range(1, len(said) + 1)), "what was said")
