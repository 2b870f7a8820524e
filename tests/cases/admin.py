# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The admin endpoint: /logs in its three formats, its cursor and its filters,
/metrics, clients that behave badly, and `logtap tail` on top of it."""
import collections
import concurrent.futures
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import urllib.parse

from harness import case
from harness import otlp_wire, records
from harness.admin import Admin, body_of, record_of, samples
from harness.devlog import in_namespace
from harness.otlp_sink import OtlpSink

TEXT = re.compile(r"(\d+) (\S+)Z (\S+) (.*?)\[(\d+)/(\d+)\] ([^\t]*)(.*)")
LEVELS = ["-"] + [name + number
                  for name in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR",
                               "FATAL") for number in ("", "2", "3", "4")]
ODD = ("printf 'tab\\there, a \\\\\\\\ and \\033[2J\\n' >&2;"
       "printf '<3>an error\\n<7>detail \\303\\251 \\302\\233\\n' >&2;"
       "printf 'not \\377 UTF-8\\n' >&2")


def told(record):
    return (record.attributes["log.record.uid"], record.body, record.time_ns,
            record.observed_ns, record.severity, record.severity_text,
            record.scope, tuple(sorted(record.attributes.items())),
            tuple(sorted(record.resource.items())))


def unescape(text):
    plain = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
    return re.sub(r"\\(u([0-9a-f]{4})|.)",
                  lambda m: chr(int(m[2], 16)) if m[2] else plain[m[1]], text)


@case()
def the_formats_say_the_same(t):
    """JSON, OTLP and text decode to the same records, which are those of the
    file, whatever bytes the programs wrote."""
    admin = Admin(t)
    admin.run(t.program("lines"), "write", "3", "40")
    admin.run("/bin/sh", "-c", ODD)
    admin.await_records(124)
    as_json = admin.logs(limit=1000)["logs"]
    _, headers, data = admin.get("/logs", format="otlp", limit=1000)
    as_otlp = records.parse_request(otlp_wire.decode_request(data))
    t.equal(headers["Content-Type"], "application/x-protobuf", "type")
    _, _, data = admin.get("/logs", format="text", limit=1000)
    as_text = data.decode().splitlines()

    t.equal([log["seq"] for log in as_json], list(range(1, 125)), "numbers")
    from_json = sorted(told(record_of(log)) for log in as_json)
    t.equal(sorted(map(told, as_otlp)), from_json, "OTLP and JSON")
    t.equal(len(as_text), 124, "lines of text")
    for line, log in zip(as_text, as_json):
        match = TEXT.fullmatch(line)
        t.check(match and line.replace("\t", "").isprintable(), line)
        record = record_of(log)
        t.equal((int(match[1]), LEVELS.index(match[3]), int(match[5]),
                 int(match[6]), unescape(match[7])),
                (log["seq"], record.severity, record.pid, record.tid,
                 record.body), "text and JSON")
        t.equal(int(match[2].rsplit(".")[1]), record.time_ns % 10**9, "time")
        t.equal((log["service"], log["level"]), (match[4], match[3]), "names")
    bodies = [body_of(log) for log in as_json]
    t.check("tab\there, a \\\\ and \x1b[2J" in bodies or
            "tab\there, a \\ and \x1b[2J" in bodies, bodies[-4:])
    t.check("not \ufffd UTF-8" in bodies, "the repaired line")
    in_file = sorted(map(told, admin.collector.end()))
    t.equal(in_file, from_json, "the file and JSON")


@case()
def a_cursor_reads_everything_once(t):
    """after= and limit= walk over all records; what was evicted is counted
    and told."""
    admin = Admin(t, "--admin-records", "500")
    admin.run(t.program("lines"), "write", "1", "400")
    admin.await_records(400)
    seen, cursor = [], 0
    while True:
        reply = admin.logs(after=cursor, limit=37)
        t.check(len(reply["logs"]) <= 37, "more than the limit")
        t.equal(reply["truncated_before_seq"], None, "truncated")
        if not reply["logs"]:
            break
        seen += reply["logs"]
        t.equal(reply["next_seq"], seen[-1]["seq"], "next_seq")
        cursor = reply["next_seq"]
    t.equal([log["seq"] for log in seen], list(range(1, 401)), "numbers")
    t.equal([int(re.search(r"n=(\d+)", body_of(log))[1]) for log in seen],
            sorted(int(re.search(r"n=(\d+)", body_of(log))[1])
                   for log in seen), "order")
    admin.run(t.program("lines"), "write", "1", "400")
    admin.await_records(800)
    reply = admin.logs(after=100, limit=5)
    t.equal(reply["oldest_seq"], 301, "oldest_seq")
    t.equal(reply["newest_seq"], 800, "newest_seq")
    t.equal(reply["truncated_before_seq"], 301, "truncated_before_seq")
    t.equal(reply["dropped_on_retention"], 300, "dropped_on_retention")
    t.equal(reply["dropped_on_ingest"], 0, "dropped_on_ingest")
    t.equal(reply["retained_records"], 500, "retained_records")
    t.equal([log["seq"] for log in reply["logs"]], list(range(301, 306)),
            "the first that are left")
    t.equal(len(admin.logs()["logs"]), 100, "records without a limit")
    t.equal(len(admin.logs(limit=0)["logs"]), 1, "records with limit=0")
    t.equal(len(admin.logs(limit=1001)["logs"]), 500, "all that are left")
    t.equal(admin.logs(after=10**6)["next_seq"], 800, "beyond the end")
    _, headers, _ = admin.get("/logs", format="text", after=100)
    t.equal(headers["Logtap-Truncated-Before-Seq"], "301", "header")
    t.equal(headers["Logtap-Next-Seq"], "400", "header")
    t.equal(len(admin.collector.end()), 800, "records in the file")


@case()
def filters_choose(t):
    """level, q, service, pid, tid: only what was asked for."""
    admin = Admin(t)
    process = admin.run("/bin/sh", "-c",
                        "printf '<3>BROKEN thing\\n<6>fine\\nplain\\n' >&2")
    admin.run(t.program("lines"), "write", "2", "5")
    admin.await_records(13)

    def bodies(**parameters):
        return [body_of(log) for log in admin.logs(**parameters)["logs"]]

    t.equal(bodies(level="error"), ["BROKEN thing"], "level=error")
    t.equal(bodies(level="9"), ["BROKEN thing", "fine"], "level=9")
    t.equal(bodies(q="broken T"), ["BROKEN thing"], "q")
    t.equal(bodies(q="& %"), [], "q that nothing has")
    t.equal(bodies(pid=process.pid), ["BROKEN thing", "fine", "plain"], "pid")
    log = admin.logs(limit=1)["logs"][0]
    t.equal(len(bodies(service=log["service"])), 10, "service")
    t.equal(len(bodies(tid=log["tid"])), 5, "tid")
    t.equal(bodies(trace_id="0" * 31 + "1"), [], "trace_id of nobody")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    env = dict(t.preload_env(admin.collector.dir),
               TRACEPARENT=f"00-{trace}-00f067aa0ba902b7-01")
    t.finish(t.spawn(["sh", "-c", "echo traced >&2"], "preload", env=env))
    admin.await_records(14)
    t.equal(bodies(trace_id=trace.upper()), ["traced"], "trace_id")
    reply = admin.logs(level="fatal", after=0)
    t.equal((reply["logs"], reply["next_seq"]), ([], 14),
            "a filter that leaves all out moves on")
    admin.collector.end()


@case()
def bad_requests_are_refused_with_a_reason(t):
    """400 names the parameter; other sites' pages and names get 403."""
    admin = Admin(t)
    for query in ("limit=-1", "limit=", "limit=x", "after=-1", "level=loud",
                  "format=xml", "pid=1e3", "tid=", "trace_id=12", "colour=red",
                  "limit=1&limit=2", "q=a%00b", "after=99999999999999999999"):
        status, _, body = admin.get("/logs?" + query)
        t.equal(status, 400, query)
        name = query.split("=")[0]
        t.check(body.startswith(f"logtap: /logs: {name}=".encode()) and
                len(body) > 30, body)
    t.equal(admin.get("/nothing")[0], 404, "an unknown page")
    port = int(admin.address.rsplit(":")[1])
    for headers, wanted in (
            ({"Host": "attacker.example"}, 403),
            ({"Host": f"attacker.example:{port}"}, 403),
            ({"Host": "127.0.0.1.attacker.example"}, 403),
            ({"Origin": "http://attacker.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Host": f"localhost:{port}"}, 200),
            ({"Host": f"[::1]:{port}"}, 200),
            ({"Origin": f"http://{admin.address}"}, 200)):
        t.equal(admin.get("/logs", headers=headers)[0], wanted, str(headers))
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        link.request(method, "/logs", body=b"x" * 100)
        t.equal(link.getresponse().status, 405, method)
        link.close()
    admin.collector.end()


@case()
def who_may_ask(t):
    """Other interfaces need a token; a socket file is its user's alone."""
    token = t.dir / "token"
    token.write_text("correct horse\n")

    def refused(*options):
        outcome = t.finish(t.spawn([t.logtap_program, "collect", "--dir",
                                    t.session_dir(), *options], "collect"))
        t.equal(outcome.status != 0, True, f"status with {options}")
        return outcome.stderr.decode()

    t.check("--admin-token" in refused("--admin", "0.0.0.0:0"), "the way out")
    t.check("--admin-records" in refused("--admin", "0", "--admin-records",
                                         "0"), "0 records")
    t.check("--admin-bytes" in refused("--admin", "0", "--admin-bytes", "0"),
            "0 bytes")
    t.check("port" in refused("--admin", "nonsense"), "no address")

    admin = Admin(t, "--admin-token", token)
    t.equal(admin.get("/logs")[0], 401, "without the token")
    for wrong in ("Bearer wrong", "Bearer correct", "Bearer ", "correct horse",
                  "Bearer correct horse2"):
        t.equal(admin.get("/logs", {"Authorization": wrong})[0], 401, wrong)
    t.equal(admin.get("/logs", {"Authorization": "Bearer correct horse"})[0],
            200, "with the token")
    t.equal(admin.get("/livez")[0], 200, "/livez needs none")
    admin.collector.end()

    path = t.dir / "admin.socket"
    collector = t.collect(options=["--admin", f"unix:{path}"])
    t.equal(os.stat(path).st_mode & 0o777, 0o600, "mode of the socket")
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(20)
        link.connect(str(path))
        link.sendall(b"GET /livez HTTP/1.0\r\nHost: x\r\n\r\n")
        t.check(link.recv(4096).startswith(b"HTTP/1."), "an answer")
    collector.end()
    t.check(not path.exists(), "the socket file stays")


def sums(found, prefix):
    """{process: Counter of produced, settled, dropped, in flight}"""
    rows = collections.defaultdict(collections.Counter)
    for (name, labels), value in found.items():
        match = re.fullmatch(prefix + r"(produced|settled|dropped|in_flight)"
                             r"_chunks(_total)?", name)
        if match:
            process = frozenset(label for label in labels if label[0] in
                                ("pid", "start_ticks", "name"))
            rows[process][match[1]] += value
    return rows


@case(timeout=90)
def metrics_add_up_at_every_scrape(t):
    """produced = settled + dropped + in flight, in total and for each process,
    while programs log; totals are the sums, and at the end the status says the
    same."""
    admin = Admin(t)
    running = [t.spawn([t.program("lines"), "write", "2", "5000"], "preload",
                       env=t.preload_env(admin.collector.dir))
               for _ in range(3)]
    scrapes = 0
    while any(process.poll() is None for process in running) or not scrapes:
        found = samples(admin.get("/metrics")[2].decode())
        total = sums(found, "logtap_")[frozenset()]
        rows = sums(found, "logtap_process_")
        for row in [total, *rows.values()]:
            t.equal(row["settled"] + row["dropped"] + row["in_flight"],
                    row["produced"], f"sum in {row}")
        for key in ("produced", "settled", "dropped", "in_flight"):
            t.equal(sum(row[key] for row in rows.values()), total[key], key)
        scrapes += 1
    for process in running:
        t.finish(process)
    t.wait_for(lambda: sums(samples(admin.get("/metrics")[2].decode()),
                            "logtap_")[frozenset()].items() >=
               {"produced": 30000, "in_flight": 0}.items(),
               "everything to be settled")
    text = admin.get("/metrics")[2].decode()
    found = samples(text)
    t.wait_for(lambda: admin.collector.status()["settled_chunks"] ==
               found["logtap_settled_chunks_total", frozenset()],
               "the status to say the same")
    status, headers, body = admin.get("/metrics", {
        "Accept": "application/openmetrics-text; version=1.0.0"})
    t.check(headers["Content-Type"].startswith("application/openmetrics-text"),
            headers["Content-Type"])
    t.check(body.endswith(b"\n# EOF\n"), "the end of OpenMetrics")
    t.equal(set(samples(body.decode())), set(found), "samples of OpenMetrics")
    admin.collector.end()


@case()
def prometheus_reads_the_metrics(t):
    """promtool finds nothing to object to, even with odd process names."""
    promtool, env = t.daemon("usr/bin/promtool")
    admin = Admin(t)
    odd = t.dir / 'a"b\\c'
    odd.symlink_to("/bin/sh")
    admin.run(odd, "-c", "echo one >&2; echo two >&2")
    admin.await_records(2)
    checked = subprocess.run([promtool, "check", "metrics"], check=False,
                             input=admin.get("/metrics")[2],
                             env=dict(os.environ, **env),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.equal((checked.returncode, checked.stdout), (0, b""), "promtool")
    admin.collector.end()


PROMETHEUS = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: logtap
    static_configs: [{{targets: ["{address}"]}}]
"""


@case(timeout=90)
def a_real_prometheus_scrapes(t):
    """It understands what it negotiates (OpenMetrics), and its own sums say
    that all adds up, for programs' counters, too."""
    prometheus, env = t.daemon("usr/bin/prometheus")
    admin = Admin(t)
    admin.run(t.program("lines"), "write", "2", "500")
    admin.await_records(1000)
    t.bare([t.program("counters")], env=t.preload_env(admin.collector.dir))

    def count(name):
        return samples(admin.get("/metrics")[2].decode())[name, frozenset()]

    t.wait_for(lambda: count("logtap_live_processes") == 0, "both to end")
    chunks = count("logtap_produced_chunks_total")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = t.spawn(
        [prometheus, "--config.file",
         t.write("prometheus.yaml", PROMETHEUS.format(address=admin.address)),
         f"--web.listen-address=127.0.0.1:{port}",
         f"--storage.tsdb.path={t.dir}/tsdb"], "prometheus", env=env)

    def ask(query):
        try:
            with admin.opener.open(
                    f"http://127.0.0.1:{port}/api/v1/query?" +
                    urllib.parse.urlencode({"query": query})) as reply:
                found = json.load(reply)["data"]["result"]
        except OSError:
            t.check(server.poll() is None, "prometheus has ended")
            return None
        return float(found[0]["value"][1]) if found else None

    t.wait_for(lambda: ask("up") == 1, "a scrape", 40)
    for query, value in (
            ("logtap_produced_chunks_total", chunks),
            ("sum(logtap_process_produced_chunks_total)", chunks),
            ("sum(logtap_settled_chunks_total) + "
             "sum(logtap_dropped_chunks_total) + "
             "sum(logtap_in_flight_chunks)", chunks),
            ('sum(logtap_program_test_child_total{metric="test.child"})', 6)):
        t.wait_for(lambda: ask(query) == value, f"{query} = {value}")
    server.terminate()
    server.wait(30)
    admin.collector.end()


@case()
def a_collector_does_not_capture_itself(t):
    """Under its own library, with its directory in its environment and each
    record on its standard error, it finds the program's records alone."""
    directory = t.session_dir()
    collector = t.collect(directory=directory, options=["--console"],
                          env=t.preload_env(directory))
    outcome = t.finish(t.spawn([t.program("lines"), "write", "1", "50"],
                               "preload", env=t.preload_env(directory)))
    t.wait_for(lambda: len(t.read(collector.file, growing=True)) == 50,
               "the records")
    outcome.records = collector.end()
    t.check(collector.stderr.count(b" end\n") == 50, "the console's lines")
    t.lines_once(outcome)


@case(timeout=90)
def many_and_bad_clients_are_harmless(t):
    """200 at a time all get answers, beside others that send half of a request
    or take nothing of a reply; the records go out as ever."""
    admin = Admin(t)
    port = int(admin.address.rsplit(":")[1])
    process = t.spawn([t.program("lines"), "write", "2", "20000"], "preload",
                      env=dict(t.preload_env(admin.collector.dir),
                               LOGTAP_FULL="block"))
    bad = []
    for number in range(60):
        link = socket.create_connection(("127.0.0.1", port))
        bad.append(link)
        if number % 3 == 0:
            link.sendall(b"GET /logs HTT")
        elif number % 3 == 1:
            link.sendall(b"GET /logs?limit=1000 HTTP/1.1\r\n"
                         b"Host: 127.0.0.1\r\n\r\n" * 4)

    def ask(number):
        return [admin.get(path)[0] for path in
                ("/logs?limit=20", "/metrics", "/logs?format=text")]

    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        for statuses in pool.map(ask, range(200)):
            t.equal(statuses, [200] * 3, "statuses")
    outcome = t.finish(process)
    for link in bad:
        link.close()
    t.equal(admin.get("/readyz")[0], 200, "/readyz")
    outcome.records = admin.collector.end()
    t.lines_once(outcome)


@case()
def a_destination_that_fails_leaves_logs_working(t):
    """/logs shows what a receiver that is not there cannot take."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        admin = Admin(t, "--otlp", url,
                      env={"OTEL_BLRP_EXPORT_TIMEOUT": "200"})
        admin.run(t.program("lines"), "write", "1", "50")
        admin.await_records(50)
        found = samples(admin.get("/metrics")[2].decode())
        delivered = {dict(labels)["kind"]: value
                     for (name, labels), value in found.items() if name ==
                     "logtap_destination_delivered_records_total"}
        t.equal(delivered["registry"], 50, "delivered to the registry")
        t.equal(delivered["otlp-http"], 0, "delivered to nobody")
        t.wait_for(lambda: t.read(admin.collector.file, growing=True),
                   "the file's records")
        admin.collector.kill()


@case()
def tail_shows_and_follows(t):
    """The last ones, then those that come, each once; filters; JSON."""
    admin = Admin(t)
    where = ["--dir", admin.collector.dir]
    admin.run(t.program("lines"), "write", "1", "30")
    admin.await_records(30)

    def tail(*options):
        return t.finish(t.spawn([t.logtap_program, "tail", *where, *options],
                                "tail"))

    last = tail().stdout.decode().splitlines()
    t.equal(len(last), 10, "lines")
    t.check(" n=29 end" in last[-1] and "\x1b" not in last[-1], last[-1])
    objects = [json.loads(line)
               for line in tail("--json", "-n", "3").stdout.splitlines()]
    t.equal([log["seq"] for log in objects], [28, 29, 30], "of --json")

    output = t.dir / "followed"
    process = t.spawn([t.logtap_program, "tail", *where, "-f", "-n", "0",
                       "--grep", "WAY=", "--json"], "tail",
                      stdout=open(output, "w+b"))
    # The first ones may come before it has asked.
    rounds = 0
    while not output.stat().st_size:
        rounds += 1
        admin.run(t.program("lines"), "write", "1", "20")
        admin.await_records(30 + 20 * rounds)
        t.check(process.poll() is None, "tail ended by itself")
    t.wait_for(lambda: f'"seq":{30 + 20 * rounds},'.encode()
               in output.read_bytes(), "the last record")
    process.send_signal(signal.SIGTERM)
    t.finish(process)
    numbers = [json.loads(line)["seq"]
               for line in output.read_bytes().splitlines()]
    t.equal(numbers, list(range(numbers[0], 31 + 20 * rounds)), "each once")

    wrong = tail("--level", "loud")
    t.equal(wrong.status, 1, "status")
    t.check(b"tail: /logs: level=loud" in wrong.stderr, wrong.stderr)
    admin.collector.end()
    gone = tail()
    t.equal(gone.status, 1, "status without a collector")
    t.check(b"--admin" in gone.stderr, gone.stderr)
    never = t.finish(t.spawn([t.logtap_program, "tail", "--dir", t.dir],
                             "tail"))
    t.equal(never.status, 1, "status where no collector was")
    t.check(f"tail: --dir: {t.dir}: no collector".encode() in never.stderr,
            never.stderr)


# With one session it is found by itself; with two none is.
LOOKS = """
session() { $LOGTAP run -q -o $1.jsonl --admin -- \\
    sh -c 'echo one line >&2; touch $1.runs
           until [ -e end ]; do sleep 0.01; done' sh $1 &
    until [ -e $1.runs ]; do :; done; }
session first
until $LOGTAP tail | grep -q 'one line'; do :; done
socket=$($LOGTAP status | grep -o '/dev/shm/.*/admin.sock'); echo $socket
curl -s --unix-socket $socket http://localhost/metrics \\
    | grep -c '^logtap_produced_chunks_total [1-9]'
session second
$LOGTAP tail || $LOGTAP status || touch end
wait
"""


@case()
def a_session_is_found_without_a_name(t):
    """`logtap run --admin' serves a socket in the session's directory, which
    tail and status find if it is the only session of the user."""
    t.tool("curl")
    prefix = in_namespace(t, "set -e; mount -t tmpfs tmpfs /dev/shm")
    outcome = t.bare(["sh", "-c", LOOKS], prefix=prefix,
                     env={"LOGTAP": str(t.logtap_program)})
    text = outcome.stderr.decode()
    out = outcome.stdout.decode().splitlines()
    t.equal((len(out), out[1:]), (2, ["1"]), f"stdout {out}; stderr {text}")
    t.check(re.fullmatch(r"/dev/shm/logtap-run-\w+/admin.sock", out[0]),
            out[0])
    for what in ("tail: --dir", "status --dir"):
        t.check(re.search(what + r": (/dev/shm/logtap-run-\w+(: | )){2}more "
                          "than one session runs; name one of them", text),
                text)


@case()
def an_endpoint_that_cannot_be_opened_stops_a_run(t):
    """Whoever asks for it is told before the program starts."""
    for address, why in (("0.0.0.0:0", "other machines could read all logs"),
                         ("nowhere", "does not end with a port")):
        outcome = t.bare([t.logtap_program, "run", f"--admin={address}", "--",
                          "sh", "-c", "echo started"])
        t.equal((outcome.status, outcome.stdout), (125, b""), address)
        t.check(why in outcome.stderr.decode(), outcome.stderr)
    outcome = t.run(["sh", "-c", "cat $LOGTAP_DIR/status.json"],
                    ["--admin=127.0.0.1:0"])
    t.check(re.search(rb'"admin": ?"127.0.0.1:\d+"', outcome.stdout),
            outcome.stdout)


@case()
def a_receiver_that_stalls_leaves_the_others_working(t):
    """Behind one that takes a request and never answers, the file, the console
    and /logs get everything at once, also far beyond what may wait for it; it
    loses nothing of what it did not take."""
    with OtlpSink(then="hang") as sink:
        admin = Admin(t, "--otlp", sink.url, "--console", env={
            "OTEL_BLRP_MAX_QUEUE_SIZE": "100",
            "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE": "50",
            "OTEL_BLRP_EXPORT_TIMEOUT": "200"})
        collector = admin.collector
        console = open(collector.process.logtap[3].name, "rb")
        for rounds in range(1, 6):
            admin.run(t.program("lines"), "write", "1", "1000")
            admin.await_records(1000 * rounds)
        t.wait_for(lambda: len(t.read(collector.file, growing=True)) == 5000,
                   "the file")
        t.wait_for(lambda: b"".join(console.seek(0) or console.readlines())
                   .count(b" end\n") == 5000, "the console")
        states = {each["kind"]: each
                  for each in json.loads(admin.get("/status")[2])
                  ["destinations"]}
        t.equal(states["otlp-http"]["delivered"], 0, "delivered to nobody")
        collector.kill()
    with OtlpSink() as sink:
        again = t.collect(directory=collector.dir,
                          options=["--otlp", sink.url])
        t.check(sink.wait_for(5000), f"{sink.count} records")
        again.end()
        t.equal(len(set(sink.uids())), 5000, "different records")


@case()
def status_asks_the_endpoint(t):
    """By its address, with a token, or found by the directory; a collector that
    has gone has left its last word in the file."""
    token = t.dir / "token"
    token.write_text("a secret\n")
    admin = Admin(t, "--admin-token", token)
    admin.run(t.program("lines"), "write", "1", "30")

    def status(*options):
        return t.finish(t.spawn([t.logtap_program, "status", *options],
                                "status"))

    t.wait_for(lambda: admin.collector.status()["settled_chunks"] == 30,
               "the status to have it")
    outcome = status("--admin", admin.address, "--admin-token", token)
    t.check(re.search(rb"(?m)^records +30 \(", outcome.stdout), outcome.stdout)
    refused = status("--admin", admin.address)
    t.equal(refused.status, 1, "status without the token")
    t.check(b"asks for a token" in refused.stderr, refused.stderr)
    # Found by the directory, and asked: the file alone would say less.
    path = admin.collector.dir / "status.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({"admin": whole["admin"], "pid": whole["pid"]}))
    told = json.loads(status("--json", "--dir", admin.collector.dir,
                             "--admin-token", token).stdout)
    t.equal((told["pid"], told["settled_chunks"]), (whole["pid"], 30), "asked")
    admin.collector.end()
    ended = status("--dir", admin.collector.dir)
    t.check(b"(not running)" in ended.stdout and re.search(
        rb"(?m)^settled +30$", ended.stdout), ended.stdout)
    gone = status("--admin", admin.address)
    t.equal(gone.status, 1, "status when nobody answers")
