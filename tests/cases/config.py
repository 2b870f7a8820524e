# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""`logtap collect --config`: what it says is done, what else is said wins over
it, mistakes are named with their place, and what would feed back is refused."""
import json
import re
import urllib.request

from harness import case
from harness.admin import Admin
from harness.otlp_metrics import MetricsSink
from harness.otlp_sink import OtlpSink

FULL = """
directory: {dir}
file:
  path: {file}
  overwrite: yes
otlp:
  - {otlp}
metrics: {{otlp: "{metrics}"}}
console: true
admin:
  listen: 127.0.0.1:0
  records: 3
  bytes: 100000
limits:
  journal_bytes: 33554432
  queue_bytes: 1048576
  line_bytes: 4
loops: probe
level: info,h2=off
stacks: trace
resource:
  attributes:
    - {{name: deployment.environment.name, value: test}}
    - {{name: host.name, value: a name}}
    - {{name: team, value: from the file}}
environment:
  - {{name: OTEL_EXPORTER_OTLP_COMPRESSION, value: gzip}}
log:
  level: warn
"""


def collect(t, config, *options, **spawn):
    """A collector with a configuration file, when it is ready."""
    path = t.write("collect.yaml", config)
    process = t.spawn([t.logtap_program, "collect", "--config", path, *options],
                      "collect", **spawn)
    return process


def status_of(t, directory, process):
    def read():
        try:
            with open(f"{directory}/status.json", encoding="utf-8") as file:
                found = json.load(file)
            return found if found["pid"] == process.pid else None
        except (OSError, ValueError):
            return None

    t.wait_for(lambda: process.poll() is not None or read(), "a status")
    t.check(process.poll() is None, "the collector has ended")
    return read()


def end(t, process):
    process.terminate()
    outcome = t.finish(process)
    t.equal(outcome.status, 0, f"status; {outcome.stderr}")
    return outcome


@case()
def all_of_a_file_is_done(t):
    """Directory, four destinations, metrics, bounds, attributes, variables."""
    directory = t.session_dir()
    with OtlpSink() as sink, MetricsSink() as metrics:
        process = collect(t, FULL.format(
            dir=directory, file=t.write("out", "old\n"), otlp=sink.url,
            metrics=metrics.url))
        address = status_of(t, directory, process)["admin"]
        env = dict(t.preload_env(directory),
                   OTEL_RESOURCE_ATTRIBUTES="team=its own,a=b",
                   LOGTAP_STACKS="trace")  # it has ended when it is read
        t.finish(t.spawn(["sh", "-c", "printf '1\\n2\\n3\\n45678\\n' >&2"],
                         "preload", env=env))
        t.check(sink.wait_for(4), "records by OTLP")
        with urllib.request.urlopen(f"http://{address}/logs") as reply:
            logs = json.load(reply)
        with urllib.request.urlopen(f"http://{address}/loops") as reply:
            t.equal(json.load(reply)["loops"], [], "loops")
        outcome = end(t, process)
    bodies = ["1", "2", "3", "4567"]
    t.equal(sink.bodies(), bodies, "lines cut behind 4 bytes")
    t.equal([request.headers["Content-Encoding"] for request in sink.requests],
            ["gzip"] * len(sink.requests), "the file's variable")
    t.equal([record.body for record in t.read(t.dir / "out")], bodies, "file")
    t.equal([log["seq"] for log in logs["logs"]], [2, 3, 4], "records: 3")
    resource = sink.records()[0].resource
    t.equal([resource[name] for name in ("deployment.environment.name",
                                         "host.name", "team", "a")],
            ["test", "a name", "its own", "b"], "attributes")
    t.check(all("code.stacktrace" in record.attributes
                for record in sink.records()), "stacks")
    t.check(metrics.exports and any(
        point.resource.get("team") == "its own" for point in metrics.last()),
        "metrics")
    lines = outcome.stderr.decode().splitlines()
    t.equal(len(lines), 4, f"console lines, and no message below warn: {lines}")


# The command line's names for keys; None: of the command line alone.
KEYS = {
    "--config": None, "--once": None, "--help": None, "--dir": "directory",
    "--output": "file.path", "--force": "file.overwrite", "--otlp": "otlp",
    "--otlp-metrics": "metrics.otlp", "--console": "console",
    "--journal-bytes": "limits.journal_bytes",
    "--queue-bytes": "limits.queue_bytes", "--line-max": "limits.line_bytes",
    "--admin": "admin.listen", "--admin-token": "admin.token_file",
    "--admin-records": "admin.records", "--admin-bytes": "admin.bytes",
    "--loops": "loops", "--level": "level", "--stacks": "stacks",
}


def keys_of(text):
    """"admin.listen" and so on, of a file in blocks."""
    keys, outer = set(), ""
    for line in text.splitlines():
        found = re.match(r"( *)(\w+):", line)
        if found:
            outer = outer if found[1] else found[2]
            keys.add(f"{outer}.{found[2]}" if found[1] else found[2])
    return keys


@case()
def every_option_has_a_key(t):
    """And the manual shows it."""
    shown = t.bare([t.logtap_program, "collect", "--help"]).stdout.decode()
    t.equal(set(re.findall(r"--[a-z-]+", shown.split("options:")[1])),
            set(KEYS), "options")
    manual = (t.root / "docs/man/logtap-collect.1").read_text()
    example = manual.split(".Sh THE CONFIGURATION FILE")[1]
    example = example.split(".Bd -literal")[1].split(".Ed")[0]
    t.equal(sorted({key for key in KEYS.values() if key} - keys_of(example)),
            [], "keys that the manual does not show")
    # each is taken, as it stands there
    outcome = t.finish(collect(t, "\n".join(
        line for line in example.splitlines()[1:]
        if not line.startswith("directory"))))
    t.check(b"--dir: is missing" in outcome.stderr, outcome.stderr)


@case()
def what_else_is_said_wins(t):
    """Command line over environment over file over default."""
    directory, other = t.session_dir(), t.session_dir()
    with OtlpSink() as of_file, OtlpSink() as of_environment, \
            OtlpSink() as of_option:
        config = (f"directory: {directory}\n"
                  f"otlp: [{of_file.url}]\n"
                  f"file: {{path: {t.dir / 'of-file'}}}\n"
                  "admin: {listen: '0', records: 7}\n"
                  "environment:\n"
                  "  - {name: OTEL_EXPORTER_OTLP_COMPRESSION, value: gzip}\n")

        def deliver(where, sink, *options, **environment):
            process = collect(t, config, *options, env=environment)
            status_of(t, where, process)
            t.finish(t.spawn(["sh", "-c", "echo one >&2"], "preload",
                             env=t.preload_env(where)))
            t.check(sink.wait_for(1), "a record")
            end(t, process)

        deliver(directory, of_environment,
                OTEL_EXPORTER_OTLP_ENDPOINT=of_environment.url,
                OTEL_EXPORTER_OTLP_COMPRESSION="none")
        t.equal((of_file.count, of_environment.count), (0, 1), "environment")
        t.check("Content-Encoding" not in of_environment.requests[0].headers,
                "the environment's variable")
        t.equal(len(t.read(t.dir / "of-file")), 1, "the file's other things")
        deliver(other, of_option, "--dir", other, "--otlp", of_option.url,
                "-o", t.dir / "of-option", "--admin-records", "2048",
                OTEL_EXPORTER_OTLP_ENDPOINT=of_environment.url)
        t.equal((of_file.count, of_environment.count, of_option.count),
                (0, 1, 1), "option")
        t.equal(len(t.read(t.dir / "of-option")), 1, "-o")
        t.equal(len(t.read(t.dir / "of-file")), 1, "its file was not used")
        deliver(directory, of_file)
        t.equal(of_file.requests[0].headers["Content-Encoding"], "gzip",
                "the file's variable")


BAD = (
    ("directory: /x\nadmin:\n  listen: '1'\n  recrods: 5\n",
     ":4: admin: Unexpected key: recrods"),
    ("\n\nadmin: {listen: '1',\n  records: many}\n", ":4: admin.records: "),
    ("console: perhaps\n", ":1: console: "),
    ("admin:\n\tlisten: '1'\n", ":2: indented with a tab"),
    ("console: on\nmetrics: {otlp: 'ftp://a'}\n",
     ":2: metrics.otlp: 'ftp://a' does not begin with http:// or https://"),
    ("admin: {records: 5}\n", ":1: admin"),
    ("admin: {listen: '1', records: -5}\n", ":1: admin.records: \"-5\" is not a number of 0 "),
    ("otlp: http://a\n", ":1: otlp: "),
    ("file: [1\n", ":1: file"),
    ("- a list\n", "collect.yaml: "),
    ("resource: {attributes: [{name: a}]}\n", ":1: resource.attributes"),
    ("environment: [{name: PATH, value: x}]\n", ": PATH: not a variable of "),
    ("log: {level: loud}\n", ":1: log.level: "),
    ("log: {to: otlp}\n", ": log.to: the collector's own messages may not"),
    ("directory: /dev/shm\nconsole: on\nadmin: {listen: '0', records: 0}\n",
     "--admin-records: 0 records could not be shown"),
    ("directory: /dev/shm\nconsole: on\nadmin: {listen: '0', bytes: 0}\n",
     "--admin-bytes: no record fits into 0 bytes"),
    ("directory: /dev/shm\nconsole: on\nstacks: loud\n",
     ":3: stacks: \"loud\" is not trace, debug, info, "),
    ("directory: /dev/shm\nconsole: on\nloops: loud\n",
     ":3: loops: \"loud\" is neither observe nor probe"),
    ("log: {level: info}\nconsole: on\nlevel: loud\n", ":3: level: "),
    ("limits:\n  line_bytes: 1\n  journal_bytes: 12k\n",
     ":3: limits.journal_bytes: \"12k\" is not a number of 0 or more"),
    ("console: on\nlimits: {}\n\nconsole: off\n",
     ":4: console: Mapping field already seen: console"),
    ("limits: {line_bytes: 1,\n  line_byte: 2}\n", ":2: limits: Unexpected"),
    ("directory: /dev/shm\n", "destinations: none is named"),
    ("console: on\n", "--dir: is missing"),
    ("", "--dir: is missing"),
)


@case()
def mistakes_are_named_with_their_place(t):
    """File, line and field, and why; status 2, and nothing was begun."""
    for config, wanted in BAD:
        outcome = t.finish(collect(t, config))
        text = outcome.stderr.decode()
        t.equal(outcome.status, 2, f"status with {config!r}: {text}")
        t.check(text.startswith("logtap: collect: ") and wanted in text,
                f"{config!r}: {text}")
    outcome = t.finish(t.spawn([t.logtap_program, "collect", "--config",
                                t.dir / "none"], "collect"))
    t.equal(outcome.status, 2, "status without a file")
    t.check(b"none: No such file" in outcome.stderr, outcome.stderr)
    outcome = t.finish(t.spawn([t.logtap_program, "collect", "--config",
                                t.dir], "collect"))
    t.equal(outcome.status, 2, "status with a directory")
    t.check(b": Is a directory" in outcome.stderr, outcome.stderr)


@case()
def what_would_feed_back_is_refused(t):
    """A file that is captured, the collector's own messages or endpoint as a
    destination: each with the reason."""
    def refused(why, *options, env=None, **spawn):
        directory = t.session_dir()
        outcome = t.finish(t.spawn(
            [t.logtap_program, "collect", "--dir", directory, *options],
            "collect", env=env, **spawn))
        t.equal(outcome.status, 1, f"status with {options}: {outcome.stderr}")
        t.check(why in outcome.stderr.decode(), outcome.stderr)

    out = t.dir / "app.log"
    captured = "would be captured again"
    refused(captured, "-o", out, env={"LOGTAP_FILES": f"/nowhere:{t.dir}/*.log"})
    admin = Admin(t)
    port = admin.peer()[1]
    admin.collector.end()
    for url in (f"http://127.0.0.1:{port}", f"http://localhost:{port}/v1/logs",
                f"http://[::1]:{port}"):
        refused("own endpoint", "--admin", str(port), "--otlp", url)
    refused("own endpoint", "--admin", f"[::1]:{port}", "--console",
            "--otlp-metrics", f"http://[::1]:{port}")
    refused("own endpoint", "--admin", str(port), "--otlp", "", env={
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://localhost:{port}"})
    with open(out, "w+b") as same:
        process = t.spawn([t.logtap_program, "collect", "--dir",
                           t.session_dir(), "-o", out], "collect", stderr=same)
        t.equal(process.wait(20), 1, "status with stderr as the file")
    t.check(b"the collector's own messages" in out.read_bytes(), "the reason")
    for pattern in ("*.log", str(t.dir / "app.*")):
        outcome = t.bare([t.logtap_program, "run", "-f", "-o", "app.log",
                          "--file", pattern, "--", "sh", "-c", "echo started"],
                         cwd=t.dir)
        t.equal((outcome.status, outcome.stdout), (125, b""), pattern)
        t.check(b"run -o: app.log: what is written to such files is captured"
                in outcome.stderr, outcome.stderr)
    outcome = t.bare([t.logtap_program, "run", "-q", "-o", "out.jsonl",
                      "--file", "*.log", "--", "sh", "-c", "echo started"],
                     cwd=t.dir)
    t.equal((outcome.status, outcome.stdout), (0, b"started\n"), "another file")
