# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""/logs/stream: records as they come, clients that are slow, many, or not
really there, and `logtap tail -f` on top of it."""
import json
import re
import selectors
import signal
import socket

from harness import case
from harness.admin import Admin, body_of, record_of

LINES = 20


def write(admin, count):
    admin.run(admin.t.program("lines"), "write", "1", str(count))


def numbers(logs):
    return [log["seq"] for log in logs]


def read_until(reply, last):
    """(records, words) of a stream of JSON up to record @last."""
    logs, words = [], []
    while not logs or logs[-1]["seq"] < last:
        line = json.loads(reply.readline())
        (words if "stream" in line else logs).append(line)
    return logs, words


@case()
def what_comes_is_pushed(t):
    """The last ones asked for, then those that come, each once and as /logs
    has them; when the collector ends, the stream says so and ends."""
    admin = Admin(t)
    write(admin, 30)
    admin.await_records(30)
    follow = admin.stream(limit=5)
    only_new = admin.stream(limit=0)
    after = admin.stream(after=12)
    write(admin, 20)
    admin.await_records(50)
    logs, words = read_until(follow, 50)
    t.equal(numbers(logs), list(range(26, 51)), "the last 5 and 20 more")
    t.equal([word["stream"] for word in words], ["begin"], "words")
    t.equal(logs, admin.logs(after=25, limit=100)["logs"], "as in /logs")
    t.equal(numbers(read_until(only_new, 50)[0]), list(range(31, 51)), "limit=0")
    t.equal(numbers(read_until(after, 50)[0]), list(range(13, 51)), "after=12")
    written = admin.collector.end()
    t.equal(sorted(record_of(log).body for log in logs),
            sorted(record.body for record in written[25:]), "of the file")
    for reply in (follow, only_new, after):
        rest = [json.loads(line) for line in reply.read().splitlines()]
        t.equal([(word["stream"], word["next_seq"]) for word in rest],
                [("end", 50)], "the end")


@case()
def formats_and_filters_of_a_stream(t):
    """Server-sent events go on where the last one was; text has a line each;
    a filter leaves out; what makes no sense is refused."""
    admin = Admin(t)
    plain = admin.stream(format="text", limit=0)
    errors = admin.stream(level="error", q="broken")
    events = admin.stream({"Accept": "text/event-stream"})
    t.equal(events.headers["Content-Type"], "text/event-stream", "type")
    text = "printf '<3>BROKEN %d\\n<3>other\\n<6>broken\\n' 1 >&2"
    admin.run("/bin/sh", "-c", text)
    admin.await_records(3)
    admin.run("/bin/sh", "-c", text.replace("1 >", "2 >"))
    admin.await_records(6)
    again = admin.stream({"Accept": "text/event-stream", "Last-Event-ID": "4"},
                         after=1)
    admin.collector.end()
    logs = [json.loads(line) for line in errors.read().splitlines()]
    t.equal([body_of(log) for log in logs if "seq" in log],
            ["BROKEN 1", "BROKEN 2"], "with a filter")
    t.equal(logs[-1]["next_seq"], 6, "the filter's cursor moves on")
    t.equal([line.split("\t")[0].split("] ")[-1]
             for line in plain.read().decode().splitlines()],
            ["BROKEN 1", "other", "broken", "BROKEN 2", "other", "broken",
             "# end"], "text")
    for reply, first in (events, 1), (again, 5):
        blocks = reply.read().decode().strip().split("\n\n")
        t.check(blocks[0].startswith("event: begin\ndata: {"), blocks[0])
        t.check(blocks[-1].startswith("event: end\ndata: {"), blocks[-1])
        ids = [int(re.fullmatch(r'id: (\d+)\ndata: ({"seq":\1,.*})', block)[1])
               for block in blocks[1:-1]]
        t.equal(ids, list(range(first, 7)), "ids")


@case()
def bad_parameters_of_a_stream(t):
    """400 with the reason, as for /logs."""
    admin = Admin(t)
    for query in ("format=otlp", "limit=some", "after=x", "colour=red"):
        status, _, body = admin.get("/logs/stream?" + query)
        t.equal(status, 400, query)
        t.check(body.startswith(f"logtap: /logs/stream: {query}".encode()),
                body)
    t.equal(admin.get("/logs/stream", {"Host": "attacker.example"})[0], 403,
            "another name")
    admin.collector.end()


@case(timeout=90)
def a_client_that_pauses_is_told_what_it_missed(t):
    """It delays nobody, holds nothing, and when it reads again what it gets
    and what it is told to have missed add up, exactly."""
    admin = Admin(t, "--admin-records", "200")
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect(admin.peer())
    link.sendall(b"GET /logs/stream?limit=0 HTTP/1.0\r\nHost: localhost\r\n\r\n")
    stream = link.makefile("rb")
    while stream.readline().strip():
        pass
    t.equal(json.loads(stream.readline())["stream"], "begin", "first word")
    rounds = 0
    # Until what it does not read has filled its socket's buffers.
    while not rounds or admin.logs(limit=1)["oldest_seq"] < 20000:
        write(admin, 5000)
        rounds += 1
        admin.await_records(5000 * rounds)
    t.equal(admin.get("/readyz")[0], 200, "/readyz")
    cursor, missed, got = 0, 0, 0
    while cursor < 5000 * rounds:
        line = json.loads(stream.readline())
        if "seq" in line:
            got += 1
            cursor += 1
            t.equal(line["seq"], cursor, "numbers without a hole")
        else:
            t.equal(line["stream"], "missed", "the word")
            missed += line["missed"]
            cursor += line["missed"]
    t.check(missed > 0 and got >= 200, f"missed {missed}, got {got}")
    t.equal(missed + got, 5000 * rounds, "all that there was")
    link.close()
    t.equal(len(admin.collector.end()), 5000 * rounds, "records in the file")


@case(timeout=120)
def a_thousand_clients_are_harmless(t):
    """1,000 streams at a time all get everything, beside 100 that send half of
    a request and 20 that read nothing; whoever asks is answered, and the
    records go out as ever."""
    admin = Admin(t)
    halves = [admin.connect() for _ in range(100)]
    for link in halves:
        link.sendall(b"GET /logs/str")
    mute = [admin.connect() for _ in range(20)]
    for link in mute:
        link.sendall(b"GET /logs/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    waiting = selectors.DefaultSelector()
    followers = {}
    for _ in range(1000):
        link = admin.connect()
        link.sendall(b"GET /logs/stream?format=text&limit=1000 HTTP/1.0\r\n"
                     b"Host: localhost\r\n\r\n")
        link.setblocking(False)
        followers[link] = bytearray()
        waiting.register(link, selectors.EVENT_READ)
    process = t.spawn([t.program("lines"), "write", "2", str(LINES)],
                      "preload", env=t.preload_env(admin.collector.dir))
    outcome = t.finish(process)
    admin.await_records(2 * LINES)
    for path in "/livez", "/readyz", "/metrics", "/logs", "/status":
        t.equal(admin.get(path)[0], 200, path)
    left = set(followers)
    while left:
        ready = waiting.select(20)
        t.check(ready, f"{len(left)} clients still wait")
        for key, _ in ready:
            link, text = key.fileobj, followers[key.fileobj]
            data = link.recv(1 << 16)
            text += data
            if text.count(b"\n", text.find(b"\r\n\r\n") + 4) == 2 * LINES:
                left.discard(link)
            t.check(data or link not in left, f"closed after {text[-500:]}")
    for text in followers.values():
        head, body = text.split(b"\r\n\r\n", 1)
        t.check(b" 200 " in head.split(b"\r\n")[0], head)
        t.equal([int(line.split()[0]) for line in body.splitlines()],
                list(range(1, 2 * LINES + 1)), "numbers")
    for link in [*halves, *mute, *followers]:
        link.close()
    outcome.records = admin.collector.end()
    t.lines_once(outcome)


@case()
def tail_follows_over_a_restart(t):
    """Where a collector dies and another goes on, `tail -f' says so and shows
    the other's records; when that one ends, so does tail, with status 0."""
    admin = Admin(t)
    write(admin, 3)
    admin.await_records(3)
    output, messages = t.dir / "followed", t.dir / "messages"
    with open(output, "w+b") as out, open(messages, "w+b") as err:
        tail = t.spawn([t.logtap_program, "tail", "-f", "--json", "--dir",
                        admin.collector.dir], "tail", stdout=out, stderr=err)

    def shown():
        whole, _, _ = output.read_bytes().rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]

    t.wait_for(lambda: numbers(shown()) == [1, 2, 3], "those of the first")
    admin.collector.kill()
    collector = admin.collector.restart()
    admin = Admin.of(t, collector)
    pid = admin.run(t.program("lines"), "write", "1", "4").pid
    t.wait_for(lambda: [log["pid"] for log in shown()].count(pid) == 4,
               "those of the second")
    t.check(b"another collector answers now" in messages.read_bytes(),
            messages.read_bytes())
    collector.end()
    t.equal(tail.wait(20), 0, "status of tail")
    # What the dead one had not acknowledged comes again, and is numbered anew.
    got = numbers(shown())
    t.equal(got, [1, 2, 3, *range(1, len(got) - 2)], "each once")
    t.check(len(got) in (7, 10), got)


@case()
def tail_can_be_stopped_and_goes_on(t):
    """A reader that is stopped and continued has lost nothing that /logs
    still holds."""
    admin = Admin(t)
    output = t.dir / "followed"
    with open(output, "w+b") as out:
        tail = t.spawn([t.logtap_program, "tail", "-f", "--json", "--dir",
                        admin.collector.dir], "tail", stdout=out)
    write(admin, 10)
    t.wait_for(lambda: output.read_bytes().count(b"\n") == 10, "10 records")
    tail.send_signal(signal.SIGSTOP)
    write(admin, 1000)
    admin.await_records(1010)
    tail.send_signal(signal.SIGCONT)
    t.wait_for(lambda: output.read_bytes().count(b"\n") == 1010, "all records")
    t.equal(numbers(map(json.loads, output.read_bytes().splitlines())),
            list(range(1, 1011)), "each once")
    admin.collector.end()
    t.equal(tail.wait(20), 0, "status of tail")


@case()
def the_page_follows(t):
    """What `/' loads shows records as they come, as text, filtered, with a
    token; none of its files holds what was captured, and nothing else may be
    loaded by it."""
    node = t.tool("node")
    token = t.dir / "token"
    token.write_text("a secret\n")
    admin = Admin(t, "--admin-token", token)
    for path, kind in (("/", "text/html"), ("/page.css", "text/css"),
                       ("/page.js", "text/javascript")):
        status, headers, body = admin.get(path)
        t.equal((status, headers["Content-Type"]),
                (200, kind + "; charset=utf-8"), path)
        t.check("default-src 'none'" in headers["Content-Security-Policy"],
                path)
        t.check(b"http://" not in body and b"innerHTML" not in body, path)
    page = t.spawn([node, t.root / "tests" / "programs" / "page.mjs",
                    f"http://{admin.address}", "the last", "level=warn",
                    "token=a secret"], "page")
    admin.run("/bin/sh", "-c", "printf '<3><b>BROKEN</b>\\n<6>left out\\n' >&2")
    admin.run("/bin/sh", "-c", "printf '<4>the last\\n' >&2")
    outcome = t.finish(page)
    t.equal(outcome.status, 0, f"status: {outcome.stderr}")
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    t.equal([(row[0], row[2], row[-1]) for row in rows],
            [("ERROR", "ERROR", "<b>BROKEN</b>"), ("WARN", "WARN", "the last")],
            "rows")
    t.check(all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", row[1])
                for row in rows), rows)
    admin.collector.end()
