# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Feedback loops through receivers: found, proven, broken, and nothing else is
touched."""
import json
import os
import re
import time

from harness import Failure, case, records
from harness.loops import QUICK, Loops, figure
from harness.otlp_sink import OtlpSink
from harness.servers import free_port

NGINX = """
daemon off; master_process {master}; {user}
pid {dir}/nginx.pid;
error_log {dir}/nginx-error.log;
events {{ worker_connections 64; }}
http {{
    {format}
    access_log {log};
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 10m;
        location / {{ proxy_pass http://127.0.0.1:{sink}; }}
    }}
}}
"""
def nginx(t, sink, log="/dev/stderr", format="", master="off"):
    """(command line, its environment as words, its URL)"""
    program, env = t.daemon("usr/sbin/nginx")
    port = free_port()
    config = t.write("nginx.conf", NGINX.format(
        dir=t.dir, port=port, sink=sink.port, log=log, format=format,
        master=master, user="user root;" if os.getuid() == 0 else ""))
    words = " ".join(f"{key}='{value}'" for key, value in env.items())
    return (f"{words} {program} -e stderr -p {t.dir} -c {config}",
            f"http://127.0.0.1:{port}")


def await_silence(t, sink, requests=5):
    """No more requests for longer than a loop would need for some."""
    def silent():
        before = len(sink.requests)
        for _ in range(requests):
            time.sleep(0.1)  # a flush period
        return len(sink.requests) == before
    t.wait_for(silent, "silence")


def await_said(t, sink, refused=False):
    """The numbers of what the application said, once all have come.  refused:
    also what the receiver has not taken."""
    t.wait_for(lambda: (t.dir / "silent").exists(), "the end of it")
    last = int((t.dir / "silent").read_text())
    pattern = re.compile(r"application says (\d+)$")

    def said():
        bodies = sink.bodies() if not refused else [
            record.body for request in list(sink.requests)
            for record in records.parse_request(request.decoded)]
        return [int(pattern.match(body)[1]) for body in bodies
                if pattern.match(body)]
    t.wait_for(lambda: last in said(), "all that was said")
    return said()


# Starts a daemon, says something now and then, and ends both at the end.
SCRIPT = """
{daemon} &
daemon=$!
n=0
while [ ! -e {dir}/end ]; do
    if [ -e {dir}/say ]; then
        n=$((n+1)); echo "application says $n" >&2
        rm -f {dir}/silent
    else
        echo $n >{dir}/silent.new; mv {dir}/silent.new {dir}/silent
    fi
    sleep 0.05
done
kill $daemon
wait $daemon
"""


def only_those_who_mean_it(t, session):
    """Pages of other sites cannot change anything, nor can mistakes."""
    change = "/loops?action=break&number=1&step=suppress"

    def post(target, **headers):
        return session.ask("POST", target, **headers)[0]

    t.equal(post(change), 403, "without the header")
    t.equal(post(change, X_Logtap_Change="1", Origin="http://evil.example"),
            403, "of another site")
    t.equal(post("/loops?action=break&number=99&step=tag", X_Logtap_Change="1"),
            404, "of no loop")
    for wrong in ("action=burn", "action=break&number=1&step=x",
                  "action=break&number=1&step=rate&rate=-1",
                  "action=break&number=1&step=tag&source=x",
                  "action=break&number=1&step=observe&source=1"):
        t.equal(post(f"/loops?{wrong}", X_Logtap_Change="1"), 400, wrong)
    t.equal(post("/loops?action=break&number=1&step=tag&source=1",
                 X_Logtap_Change="1"), 403, "at the source, not allowed")
    t.equal(post("/status"), 405, "where nothing can be changed")
    t.equal(session.loops()[0]["break"]["step"], "observe", "break")
    for words in (["show"], ["show", "x"], ["burn", "1"], ["show", "1", "2"],
                  ["break", "1", "--rate", "much"],
                  ["break", "1", "--ttl", "x"]):
        t.equal(session.command(*words).status, 2, words)
    t.equal(session.command("show", "99").status, 1, "show 99")
    t.equal(session.command("probe", "1").status, 1, "probe, not allowed")


@case()
def a_receiver_that_logs_each_request(t):
    """nginx in front of the receiver writes its access log to captured
    standard error: L4, proven by the name that comes back; breaking it stops
    it and costs no other record."""
    with OtlpSink() as sink:
        daemon, url = nginx(t, sink)
        t.write("say", "")
        session = Loops(t, SCRIPT.format(daemon=daemon, dir=t.dir), url,
                        beside=False)
        loop = session.wait_for("confirmed")
        t.equal(loop["class"], "L4", "class")
        t.note(f"found after {loop['found_after_ms']:.0f} ms")
        t.equal(loop["proof"][0]["kind"], "canary", "proof")
        text = session.show(loop["number"])
        t.check("CONFIRMED" in text and "nginx[" in text, text)
        loop = t.wait_for(lambda: [l for l in session.likely() if l["stack"]],
                          "a stack")[0]
        t.check(any(frame["function"].startswith("ngx_http")
                    for frame in loop["stack"]), loop["stack"])
        t.check(", in ngx_http" in loop["closes"], loop["closes"])
        drawn = session.command("graph", str(loop["number"])).stdout
        t.check(drawn.startswith(b"digraph") and b"nginx[" in drawn, drawn)
        drawn = session.command("graph", str(loop["number"]), "--svg").stdout
        t.check(b"<svg" in drawn and b"nginx[" in drawn, drawn)
        whole = session.command("graph")
        t.equal(whole.status, 0, whole.stderr)
        for words in (b'digraph logtap {', b'"nginx[', b'[label="captured ',
                      b'[label="exports ', b'[label="received ',
                      b'color=red, label="loop 1: confirmed L4 ('):
            t.check(words in whole.stdout, f"{words}: {whole.stdout}")
        t.equal(session.command("graph", "--svg").status, 2, "graph --svg")
        # measured, though the application says more all the time
        loop = session.wait_for_figures(records_per_export=1)
        t.check(loop["gain"] <= 1.3 and loop["exported_records"] >= 0.7, loop)
        labels = ("loop", loop["number"]), ("class", "L4")
        t.equal(round(session.metric("logtap_loop_records_per_export",
                                     *labels)), 1, "k of the metrics")
        t.check(session.metric("logtap_loop_gain", *labels) > 0, "its gain")
        t.check("k=1 record/export, B=" in session.show(loop["number"]),
                "k of the text")
        only_those_who_mean_it(t, session)
        # also when the application is silent
        os.unlink(t.dir / "say")
        loop = t.wait_for(
            lambda: [l for l in session.likely()
                     if l["idle_exports_per_second"] > 0], "idle exports")[0]
        t.check(len(session.likely()) == 1, json.dumps(session.likely()))
        done = session.command("break", str(loop["number"]), "--drop",
                               "--ttl", "1h")
        t.equal(done.status, 0, done.stderr)
        await_silence(t, sink)
        t.write("say", "")
        count = len(sink.requests)
        t.wait_for(lambda: len(sink.requests) > count + 3, "more requests")
        broken = session.loops()[0]["break"]
        t.check(broken["suppressed"] > 0, broken)
        os.unlink(t.dir / "say")
        said = await_said(t, sink)
        t.equal(said, list(range(1, len(said) + 1)), "what was said")
        ended = session.end()
        t.equal(ended.status, 0, ended.stderr)
        t.check(b"LOOP #1 CONFIRMED" in ended.stderr, ended.stderr)


@case()
def a_receiver_that_does_not_say_whom_it_serves(t):
    """Without a name in the access log it is the connection's other end that
    tells, and holding the exports that proves."""
    with OtlpSink() as sink:
        daemon, url = nginx(
            t, sink, log="/dev/stderr few",
            format="log_format few '$remote_addr $request_method $status';")
        t.write("say", "")
        session = Loops(t, SCRIPT.format(daemon=daemon, dir=t.dir), url,
                        ["--loops=probe"])
        t.wait_for(lambda: len(sink.requests) > 3, "requests")
        os.unlink(t.dir / "say")
        likely = session.wait_for("likely")
        t.equal(likely["class"], "L4", "class")
        t.note(f"likely after {likely['found_after_ms']:.0f} ms")
        loop = session.wait_for("confirmed")
        t.equal([(p["kind"], p["trials"], p["held"]) for p in loop["proof"]],
                [("intervention", 2, 2)], "proof")
        session.wait_for_figures(records_per_export=1)
        session.wait_for_stack("ngx_http")
        t.equal(session.command("break", str(loop["number"]), "--drop").status,
                0, "break")
        session.stays_out(lambda: sum("POST" in body for body in sink.bodies()))
        session.leaves_alone(sink.bodies)
        session.end()


# An application beside a `tail -F`, until the case ends both.
BESIDE_TAIL = """
n=0
while [ ! -e {dir}/end ]; do
    n=$((n+1)); echo "application says $n" >&2
    sleep 0.05
done
kill $(cat {dir}/tail.pid)
wait
"""

FOLLOW = """
echo "the first line of it" >{dir}/x
sh -c 'echo $$ >{dir}/tail.pid; exec tail -n +1 -s 0.05 -F {dir}/x' |
    {reader} 2>>{dir}/x &""" + BESIDE_TAIL
# Not faster than that.
PACE = "(while read -r line; do echo \"$line\"; sleep 0.02; done)"


def text_that_comes_back(t, reader, program, head, *python, fresh=None):
    """A loop of that reader, a program, which puts a head before each line;
    broken; its report, and what the session said.  fresh: a line that begins to
    go round then."""
    with OtlpSink() as sink:
        session = Loops(t, FOLLOW.format(dir=t.dir, reader=reader), sink.url,
                        ["--loops", "--sinks=all"])
        loop = session.wait_for("confirmed", **{"class": "L6"})
        t.equal(len(session.likely()), 1, "loops")
        t.check(loop["byte_gain"] > 1, loop)
        t.check(str(t.dir / "x") in json.dumps(loop["cycle"]), loop["cycle"])
        t.note(f"found after {loop['found_after_ms']:.0f} ms")
        t.check(loop["closes"].startswith(f"{program} writes again what it "
                                          "was given") and
                loop["closes"] in " ".join(session.show(
                    loop["number"]).split()), loop["closes"])
        if python:
            session.names_python(*python)
        t.equal(session.command("break", str(loop["number"]), "--drop").status,
                0, "break")
        session.stays_out(lambda: sum(body.count(head) > 6
                                      for body in sink.bodies()))
        if fresh:
            with open(t.dir / "x", "a") as file:
                file.write(f"{fresh}\n")
            t.wait_for(lambda: any(fresh in line and line.count(head) > 6
                                   for line in (t.dir / "x").read_text(
                                       errors="replace").splitlines()),
                       "more rounds")
        session.leaves_alone(sink.bodies)
        # it was told when it came first, and no more
        t.equal(sum(fresh in body for body in sink.bodies()) if fresh else 1,
                1, fresh)
        ended = session.end()
        t.equal(ended.status, 0, ended.stderr)
        said = [int(body.split()[-1]) for body in sink.bodies()
                if body.startswith("application says")]
        t.equal(said, list(range(1, len(said) + 1)), "what was said")
        t.check(said, "nothing was said")
    return loop


@case()
def a_logger_that_reads_what_it_writes(t):
    """tail -F x | logger -s 2>>x: each line comes back with a head more."""
    t.tool("logger")
    text_that_comes_back(t, f"{PACE} | logger -s --socket-errors=off",
                         "logger", "root:", fresh="a text of somebody else")


@case()
def a_tail_of_what_it_writes(t):
    """tail -F x >&2 2>>x: the lines come back as they are, and there are more
    and more of them; once the loop is broken none is sent any more, though the
    file grows."""
    first = "2026-01-02T03:04:05 the first line"
    script = FOLLOW.replace("the first line of it", first).format(
        dir=t.dir, reader=f"{PACE} | (while read -r line; do "
        'echo "$line" >&2; done)')
    with OtlpSink() as sink:
        session = Loops(t, script, sink.url, ["--loops", "--sinks=all"])
        loop = session.wait_for("confirmed", **{"class": "L6"})
        t.note(f"found after {loop['found_after_ms']:.0f} ms")
        t.equal(len(session.likely()), 1, "loops")
        t.check("k and B are not measured: its text comes back without an "
                "export" in " ".join(session.show(1).split()), "gaps")
        t.check(str(t.dir / "x") in json.dumps(loop["cycle"]), loop["cycle"])
        t.equal(session.command("break", str(loop["number"]), "--drop").status,
                0, "break")

        def suppressed():
            return session.loops()[0]["break"]["suppressed"]
        t.wait_for(lambda: suppressed() > 10, "what is left out")
        # what was on its way has come once something later has
        def said():
            return sum(body.startswith("application") for body in sink.bodies())
        before = said()
        t.wait_for(lambda: said() > before + 5, "what the application says")
        sent, left_out = [b for b in sink.bodies() if first in b], suppressed()
        size = (t.dir / "x").stat().st_size
        t.wait_for(lambda: suppressed() > left_out + 50, "more")
        t.check((t.dir / "x").stat().st_size > size, "it has not gone on")
        t.equal(sum(first in body for body in sink.bodies()), len(sent),
                "lines that were sent")
        session.leaves_alone(sink.bodies)
        t.equal(session.end().status, 0, "status")


@case()
def a_wrapper_that_quotes_what_it_has_written(t):
    """Each round doubles the backslashes, so the lines double, too."""
    t.tool("python3")
    wrapper = t.write("wrap.py", """
import json, sys, time
for line in iter(sys.stdin.readline, ""):
    sys.stderr.write(json.dumps({"log": line.rstrip()}) + "\\n")
    time.sleep(0.05)
    if len(line) > 100000:  # enough is enough
        time.sleep(0.2)
        sys.stderr.write("the first line of it\\n")
""")
    loop = text_that_comes_back(t, f"/usr/bin/python3 -u {wrapper}", "python3",
                                "log", "<module>", "wrap.py")
    t.check(loop["byte_gain"] > 1.2, loop)


def two_hosts(t, prefixes=((), ()), addresses=("127.0.0.1",) * 2,
              sinks=None):
    """Each of two sessions captures a receiver, and sends to the other's, and
    to a file.  sinks: what those receivers pass it on to."""
    program, env = t.daemon("usr/sbin/nginx")
    words = " ".join(f"{key}='{value}'" for key, value in env.items())
    ports = [free_port(), free_port()]
    sessions = []
    for i, name in enumerate("ab"):
        folder = t.dir / name
        folder.mkdir()
        text = NGINX.format(
            dir=folder, port=ports[i], sink=sinks[i].port if sinks else 1,
            log="/dev/stderr", format="", master="off",
            user="user root;" if os.getuid() == 0 else "")
        text = text.replace("127.0.0.1:", f"{addresses[i]}:", 1)
        if not sinks:
            text = text.replace("proxy_pass http://127.0.0.1:1;",
                                "return 200;")
        config = t.write(f"{name}.conf", text)
        file = t.dir / f"{name}.otlp.jsonl"
        sessions.append(Loops(
            t, SCRIPT.format(
                daemon=f"{words} {program} -e stderr -p {folder} -c {config}",
                dir=folder),
            f"http://{addresses[1 - i]}:{ports[1 - i]}",
            ["--loops", "-o", str(file)], prefix=prefixes[i], name=name))
    return sessions


def across_hosts(t, a, b, bodies=(None, None)):
    """One record is enough to keep both busy, until it has come too far.
    bodies: of the records that were delivered, to a's receiver and to b's."""
    silent = t.dir / "a/silent"
    t.wait_for(silent.exists, "the application")
    t.write("a/say", "")
    t.wait_for(lambda: not silent.exists(), "a record")
    os.unlink(t.dir / "a/say")
    for session in (a, b):
        loop = session.wait_for("confirmed")
        t.equal(loop["class"], "L5", "class")
        t.equal(len(session.likely()), 1, "loops")
        text = session.show(loop["number"])
        t.check("logtap-" in text and "canary" in text, text)
        t.note(f"found after {loop['found_after_ms']:.0f} ms")
        session.wait_for_stack("ngx_http")
    # Not for ever: the hop limit ends it.
    def over():
        return sum(json.loads(session.command("--json").stdout)
                   ["hop_limit_drops"] for session in (a, b)) > 0
    t.wait_for(over, "the hop limit")
    for session, delivered in ((a, bodies[1]), (b, bodies[0])):
        t.equal(session.command("break", "1", "--drop").status, 0, "break")

        # what the other sends of its own is logged once, and goes no further
        def returned():
            return sum(" via logtap-" in body for body in session.bodies())
        session.stays_out(returned)
        session.comes_again(1, returned)
        session.stays_out(returned)
        # broken here, it ends there
        t.equal([len(x.likely()) for x in (a, b)], [1, 1], "loops")
        t.equal(session.command("break", "1", "--off").status, 0, "off")
    for session, delivered in ((a, bodies[1]), (b, bodies[0])):
        t.equal(session.command("break", "1", "--drop").status, 0, "break")
        session.leaves_alone()
        if delivered:
            session.leaves_alone(delivered)
    t.write("a/end", "")
    t.write("b/end", "")
    for session in (a, b):
        t.equal(t.finish(session.process).status, 0, "status")


@case()
def two_collectors_that_forward_to_each_other(t):
    """A's exports are logged by B's receiver, B's by A's: L5 on both sides,
    and held at the hop limit."""
    with OtlpSink() as one, OtlpSink() as two:
        across_hosts(t, *two_hosts(t, sinks=(one, two)),
                     (one.bodies, two.bodies))


@case(long=True)
def two_network_namespaces_that_forward_to_each_other(t):
    """The same where neither sees the other's processes' sockets."""
    if os.getuid():
        t.skip("network namespaces take root")
    ip, enter = t.tool("ip"), t.tool("nsenter")
    prefixes, addresses, holders = [], ["198.18.77.1", "198.18.77.2"], []
    for _ in range(4):
        holder = t.spawn([t.tool("unshare"), "-n", "sleep", "100"], "namespace")
        own = os.readlink("/proc/self/ns/net")
        t.wait_for(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own,
                   "a namespace")
        holders.append(holder)
        prefixes.append([enter, "-t", str(holder.pid), "-n"])
    made = t.bare([*prefixes[0], ip, "link", "add", "lt0", "type", "veth",
                   "peer", "name", "lt1", "netns", str(holders[1].pid)])
    if made.status:
        t.skip(f"no veth: {made.stderr.decode().strip()}")
    for i in range(2):
        for words in (["link", "set", "lo", "up"],
                      ["address", "add", f"{addresses[i]}/30", "dev", f"lt{i}"],
                      ["link", "set", f"lt{i}", "up"]):
            t.equal(t.bare([*prefixes[i], ip, *words]).status, 0, words)
    across_hosts(t, *two_hosts(t, prefixes, addresses))
    for holder in holders:
        t.stop(holder)


def an_exporter_that_logs(t, period, *more, python="3.11", **wanted):
    """A thread that exports with urllib3 at DEBUG what is logged, in one of
    four modes.  wanted: of the loop, once it goes on by itself."""
    python = t.python(python)
    packages = t.packages("urllib3")
    with OtlpSink(decode=False) as sink:
        program = t.root / "tests" / "programs" / "exporter.py"
        session = Loops(
            t, f"exec {python} {program} {sink.url} {period} {t.dir} "
            + " ".join(more), None, ["--fail-on-loop"],
            env={"PYTHONPATH": packages, "LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("confirmed", **{"class": "L2"})
        t.note(f"found after {loop['found_after_ms']:.0f} ms; "
               f"k={figure(loop)} G={figure(loop, 'gain')}")
        loop = t.wait_for(lambda: [l for l in session.likely()
                                   if l["idle_exports_per_second"] > 0],
                          "idle exports")[0]
        loop = session.wait_for_figures(**wanted)
        t.check("content" in [p["kind"] for p in loop["proof"]], loop)
        t.equal(loop["cycle"][0]["kind"], "thread", "what writes")
        t.check("urllib3.connectionpool" in loop["fix"], loop["fix"])
        session.names_python("HTTPConnectionPool._", "urllib3/connectionpool.py",
                             "exporter.py")
        t.equal(session.command("break", str(loop["number"]), "--drop").status,
                0, "break")
        session.stays_out(lambda: sum("urllib3" in body
                                      for body in session.bodies()))
        t.write("say", "")
        t.wait_for(lambda: "application says 30" in session.file.read_text(),
                   "what the application says")
        session.leaves_alone()
        ended = session.end()
        t.equal(ended.status, 3, ended.stderr[-1500:])
        t.check(b"CONFIRMED  L2" in ended.stderr, ended.stderr[-1500:])
        said = [int(r.body.split()[-1]) for r in t.read(session.file)
                if "application says" in r.body and "INFO" in r.body]
        t.equal(said, list(range(1, len(said) + 1)), "what was said")
    return loop


@case()
def an_exporter_that_compresses(t):
    """What it sends cannot be read; that its records stop while its sends are
    held, and come again, proves it."""
    packages = t.packages("urllib3")
    with OtlpSink(decode=False) as sink:
        program = t.root / "tests" / "programs" / "exporter.py"
        session = Loops(
            t, f"exec /usr/bin/python3 {program} {sink.url} 0.1 {t.dir} --gzip",
            None, ["--loops=probe"],
            env={"PYTHONPATH": packages, "LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("confirmed", **{"class": "L2"})
        t.equal([(p["kind"], p["trials"], p["held"]) for p in loop["proof"]],
                [("intervention", 2, 2)], "proof")
        session.names_python("HTTPConnectionPool._",
                             "urllib3/connectionpool.py", "exporter.py")
        t.equal(session.command("break", str(loop["number"]), "--drop").status,
                0, "break")
        session.stays_out(lambda: sum("urllib3" in body
                                      for body in session.bodies()))
        session.leaves_alone()
        t.equal(session.end().status, 0, "status")


@case()
def an_exporter_that_logs_its_failures(t):
    """Nobody listens, and each failure is logged and exported, which fails: L7
    until the receiver is there."""
    packages = t.packages("urllib3")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    program = t.root / "tests" / "programs" / "exporter.py"
    session = Loops(
        t, f"exec /usr/bin/python3 {program} {url} 0.1 {t.dir} --info", None,
        env={"PYTHONPATH": packages, "LOGTAP_OTLP_ENDPOINTS": url})
    loop = session.wait_for("likely", or_more=True, **{"class": "L7"})
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    session.names_python("export", "exporter.py")
    t.equal(session.command("break", "1", "--drop").status, 0, "break")

    def failures():
        return sum("the export failed" in body for body in session.bodies())
    session.stays_out(failures)
    session.comes_again(1, failures)
    with OtlpSink(port=port) as sink:
        sink.wait_for_requests(1)
        t.write("say", "")
        t.wait_for(lambda: any("application says 30" in body
                               for body in sink.bodies()), "records")
        os.unlink(t.dir / "say")
        await_silence(t, sink)
        t.equal([loop["class"] for loop in session.likely()], ["L7"], "loops")
        session.leaves_alone()
        t.equal(session.end().status, 0, "status")


@case()
def an_exporter_that_is_slowed_at_its_source(t):
    """Its thread waits between exports, until that is taken back; only where
    probes are allowed, and none of its records is lost."""
    packages = t.packages("urllib3")
    slow = ["break", "1", "--rate", "3/s", "--at-source"]
    with OtlpSink() as sink:
        program = t.root / "tests" / "programs" / "exporter.py"
        words = f"exec /usr/bin/python3 {program} {sink.url} 0 {t.dir}"
        env = {"PYTHONPATH": packages, "LOGTAP_OTLP_ENDPOINTS": sink.url}
        session = Loops(t, words, None, ["--loops"], env=env, name="observed",
                        beside=False)
        session.wait_for("confirmed", **{"class": "L2"})
        refused = session.command(*slow)
        t.equal(refused.status, 1, "where probes are not allowed")
        t.check(b"--loops=probe" in refused.stderr, refused.stderr)
        t.equal(session.loops()[0]["break"]["step"], "observe", "break")
        session.end()
        os.unlink(t.dir / "end")

        session = Loops(t, words, None, ["--loops=probe"], env=env)
        session.wait_for("confirmed", **{"class": "L2"})

        def exports(wanted):
            def found():
                # each causes one
                rate = session.loops()[0]["records_per_second"] or 0
                return rate > 0 and wanted(rate) and rate
            try:
                return t.wait_for(found, "that many exports")
            except Failure as failure:
                t.fail(f"{failure}: {session.loops()}")
        before = exports(lambda rate: rate > 10)
        t.equal(session.command(*slow).status, 0, "break")
        slowed = exports(lambda rate: rate < before / 5)
        t.note(f"{before:.0f} exports a second, slowed {slowed:.1f}")
        t.check(session.loops()[0]["break"]["slowed_exports"] > 1, "count")
        t.check("slowed at their source" in session.show(1), session.show(1))
        t.equal(session.command("break", "1", "--off", "--at-source").status, 2,
                "what makes no sense")
        t.equal(session.command("break", "1", "--off").status, 0, "off")
        exports(lambda rate: rate > 10)
        t.write("say", "")
        t.wait_for(lambda: "application says 30" in session.file.read_text(),
                   "what the application says")
        session.leaves_alone()
        ended = session.end()
        t.equal(ended.status, 0, ended.stderr[-1500:])
        said = [int(r.body.split()[-1]) for r in t.read(session.file)
                if "application says" in r.body and "INFO" in r.body]
        t.equal(said, list(range(1, len(said) + 1)), "what was said")


@case()
def an_exporter_that_logs_each_export(t):
    """One record an export over one connection: steady, and for ever."""
    an_exporter_that_logs(t, 0, records_per_export=1, gain=1, mode="steady")


@case()
def an_exporter_that_logs_each_connection(t):
    """Two records an export: the more it exports, the more there is."""
    an_exporter_that_logs(t, 0, "--new-connections", records_per_export=2,
                          gain=2, mode="explosive")


@case()
def an_exporter_that_logs_each_batch(t):
    """A few records a second, which no alarm on rates would notice."""
    an_exporter_that_logs(t, 0.2, records_per_export=1, gain=1, mode="murmur")


@case()
def an_exporter_that_logs_each_connection_of_a_batch(t):
    """The same with a connection for each batch."""
    an_exporter_that_logs(t, 0.2, "--new-connections", records_per_export=2,
                          gain=1, mode="murmur")


@case()
def an_exporter_of_python_3_12(t):
    an_exporter_that_logs(t, 0.2, python="3.12", records_per_export=1, gain=1)


@case()
def an_exporter_of_python_3_13(t):
    an_exporter_that_logs(t, 0.2, python="3.13", records_per_export=1, gain=1)


@case()
def a_verbose_exporter_in_c(t):
    """libcurl tells of each export on standard error, in a dozen lines that
    are exported next: k is far above 1."""
    with OtlpSink(decode=False) as sink:
        log = t.dir / "app.log"
        url = f"{sink.url}/v1/logs"
        session = Loops(
            t, f"exec {t.program('curl_exporter')} {url} {log} {t.dir} 2>{log}",
            None, ["--loops", "--sinks=all"],
            env={"LOGTAP_OTLP_ENDPOINTS": sink.url})
        loop = session.wait_for("confirmed", **{"class": "L2"})
        loop = t.wait_for(lambda: [l for l in session.likely()
                                   if (l["records_per_export"] or 0) > 5], "k")[0]
        t.equal(len(session.likely()), 1, "loops")
        t.note(f"found after {loop['found_after_ms']:.0f} ms; "
               f"k={figure(loop)}")
        stack = [frame["function"] for frame in t.wait_for(
            lambda: session.likely()[0]["stack"], "a stack")]
        t.check("export" in stack, stack)
        loop = session.wait_for("confirmed", **{"class": "L2"})
        thread = loop["thread"]
        t.equal((thread["parent_tid"], thread["library"],
                 thread["start_routine"]),
                (loop["cycle"][0]["pid"], "curl_exporter", "export"), "thread")
        t.check("to run export (curl_exporter)" in session.show(1),
                session.show(1))
        t.check("in export (curl_exporter.c:" in loop["closes"] and
                "export (curl_exporter.c:" in loop["fix"], loop)
        t.equal(session.command("break", "1", "--rate", "1/s").status, 0,
                "break")
        t.wait_for(lambda: session.loops()[0]["break"]["suppressed"] > 30,
                   "what is left out")
        t.write("say", "")
        t.wait_for(lambda: "application says 20" in session.file.read_text(),
                   "what the application says")
        os.unlink(t.dir / "say")
        session.leaves_alone()
        ended = session.end()
        t.equal(ended.status, 0, ended.stderr)
        said = [int(r.body.split()[-1]) for r in t.read(session.file)
                if r.body.startswith("application says")]
        t.equal(said, list(range(1, len(said) + 1)), "what was said")


ERRORS = """map $status $bad { default 0; ~^[45] 1; }
    log_format short '$remote_addr "$request" $status';"""


def a_receiver_that_fails(t, answer):
    """nginx logs what fails, and only that."""
    with OtlpSink(then=answer) as sink:
        daemon, url = nginx(t, sink, log="/dev/stderr short if=$bad",
                            format=ERRORS)
        session = Loops(t, SCRIPT.format(daemon=daemon, dir=t.dir), url,
                        beside=False)
        t.write("say", "")
        t.wait_for(lambda: len(sink.requests) > 1, "requests")
        os.unlink(t.dir / "say")
        loop = session.wait_for("likely", seconds=60, **{"class": "L7"})
        t.note(f"{answer}: found after {loop['found_after_ms']:.0f} ms")
        if answer == "400":  # retries come too seldom for one at once
            session.wait_for_stack("ngx_http")
        sink.answer(then="ok")

        def taken(text):
            return sum(text in body for body in sink.bodies())
        # what is not refused for good is sent again, later each time
        t.wait_for(lambda: taken('"POST') if answer == "429" else
                   len(sink.requests) > 3, "requests", 40)
        await_silence(t, sink)

        def fails_again():
            """What nginx says is left out; it works again."""
            before = session.loops()[0]["break"]["suppressed"]
            sink.answer(then=answer)
            t.wait_for(lambda: session.loops()[0]["break"]["suppressed"] >
                       before + 1, "what is left out")
            sink.answer(then="ok")
            before = taken("application says")
            t.wait_for(lambda: taken("application says") > before + 3,
                       "records")
        t.equal(session.command("break", "1", "--drop").status, 0, "break")
        sent = taken('"POST')
        t.write("say", "")
        fails_again()
        t.equal(taken('"POST'), sent, "what nginx says")
        t.equal(session.command("break", "1", "--off").status, 0, "off")
        sink.answer(then=answer)
        wanted = len(sink.requests) + 3
        t.wait_for(lambda: len(sink.requests) > wanted, "refusals", 30)
        session.wait_for_stack("ngx_http")
        sink.answer(then="ok")
        t.wait_for(lambda: taken('"POST') > sent, "what nginx says, again", 30)
        os.unlink(t.dir / "say")
        loop, = session.likely()
        t.equal(loop["class"], "L7", f"class of {loop}")
        # what is refused for good is not sent again
        said = await_said(t, sink, refused=answer == "400")
        t.equal(said, list(range(1, len(said) + 1)), "what was said")
        session.end()


@case()
def a_receiver_that_refuses(t):
    a_receiver_that_fails(t, "400")


@case(long=True, timeout=200)
def a_receiver_that_is_overloaded(t):
    a_receiver_that_fails(t, "429")


TAILED_LOG = """
sh -c 'echo $$ >{dir}/tail.pid; exec tail -n +1 -s 0.05 -F {dir}/log' |
    while read -r line; do echo "$line" >&2; done &""" + BESIDE_TAIL


@case()
def a_collector_whose_own_log_is_captured(t):
    """Its receiver is down, works, fails and works again, and each line that
    it says of that is delivered: one for each change, however often it has
    tried."""
    log = t.dir / "log"
    port = free_port()
    admin = f"--admin=unix:{t.dir}/own.sock"
    with open(log, "w+b") as file:
        collector = t.collect(
            options=["--otlp", f"http://127.0.0.1:{port}", "--loops", admin],
            env=QUICK, stderr=file)
        script = t.write("own.sh", TAILED_LOG.format(dir=t.dir))
        program = t.spawn(["/bin/sh", script], "preload",
                          env=t.preload_env(collector.dir))
        failing, working = "takes no records", "takes records again"

        def said(text):
            return log.read_text().count(text)
        t.wait_for(lambda: said(failing) == 1, "that nobody listens")
        with OtlpSink(then="503", port=port) as sink:
            sink.wait_for_requests(2)
            sink.answer(then="ok")
            t.wait_for(lambda: said(working) == 1, "that it works")
            sink.answer(then="503")
            t.wait_for(lambda: said(failing) == 2, "that it fails")
            sink.wait_for_requests(len(sink.requests) + 1)
            sink.answer(then="ok")
            t.wait_for(lambda: sum(working in body
                                   for body in sink.bodies()) == 2,
                       "what it said of all that")
            found = json.loads(t.bare([t.logtap_program, "loops", admin,
                                       "--json"]).stdout)["loops"]
            t.equal([loop for loop in found
                     if loop["confidence"] != "suspected"], [], "loops")
            t.write("end", "")
            t.equal(t.finish(program).status, 0, "status")
            numbers = [int(body.split()[-1]) for body in sink.bodies()
                       if body.startswith("application says")]
            t.equal(numbers, list(range(1, len(numbers) + 1)),
                    "what was said, here and before")
            for text in (failing, working):
                t.equal((sum(text in body for body in sink.bodies()),
                         said(text)), (2, 2), text)
            collector.end()


def a_handler_that_logs(t, url, said, *culprit):
    packages = t.packages("urllib3")
    program = t.root / "tests" / "programs" / "handler_exporter.py"
    session = Loops(
        t, f"exec /usr/bin/python3 {program} {url} {t.dir}", None,
        env={"PYTHONPATH": packages, "LOGTAP_OTLP_ENDPOINTS": url})
    loop = session.wait_for("likely", **{"class": "L1"}, or_more=True)
    t.note(f"{loop['confidence']} after {loop['found_after_ms']:.0f} ms; "
           f"k={figure(loop)}")
    t.equal(len(session.likely()), 1, "loops")
    if culprit:
        session.names_python(*culprit)
    t.equal(session.command("break", str(loop["number"]), "--drop").status, 0,
            "break")
    session.stays_out(lambda: sum(said in body for body in session.bodies()))
    session.leaves_alone()
    ended = session.end()
    t.check(b" L1 " in ended.stderr, ended.stderr[-1500:])
    numbers = [int(r.body.split()[-1]) for r in t.read(session.file)
               if "application says" in r.body and "INFO" in r.body]
    t.equal(numbers, list(range(1, len(numbers) + 1)), "what was said")


@case()
def a_handler_whose_library_logs(t):
    """Each record is exported by the thread that logs it, whose HTTP library
    logs: that record is handled inside of the handling of the first."""
    with OtlpSink(decode=False) as sink:
        a_handler_that_logs(t, sink.url, "urllib3", "HTTPConnectionPool._",
                            "urllib3/connectionpool.py", "handler_exporter.py")


@case()
def a_handler_that_logs_its_own_failure(t):
    """The same where nobody listens."""
    # what urllib3 says before counts as well
    a_handler_that_logs(t, f"http://127.0.0.1:{free_port()}", "export failed",
                        ("Exporter.export", "HTTPConnectionPool._new_conn"),
                        ("handler_exporter.py", "urllib3/connectionpool.py"))


@case()
def a_sink_that_logs_what_it_gets(t):
    """A program's callback for events writes to standard error and to syslog:
    L1, with the function that does it; both texts reach standard error, once
    each, and are not captured."""
    session = Loops(t, f"exec {t.program('callback_logs')} {t.dir}", None)
    loop = session.wait_for("confirmed", **{"class": "L1"})
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    loop = t.wait_for(lambda: [l for l in session.likely() if l["stack"]],
                      "a stack")[0]
    t.equal(len(session.likely()), 1, "loops")
    t.check(any(p["kind"] == "reentry" for p in loop["proof"]), loop["proof"])
    found = [frame["function"] for frame in loop["stack"]]
    t.check("forwarding_function" in found and "working_function" in
            found[found.index("forwarding_function"):], found)
    frame = loop["stack"][found.index("forwarding_function")]
    t.equal(frame["file"].split("/")[-1], "callback_logs.c", "file")
    text = session.show(loop["number"])
    t.check("forwarding_function" in text and "L1" in text, text)
    session.leaves_alone()
    ended = session.end()
    t.equal(ended.status, 0, ended.stderr[-1500:])
    events = int(ended.stdout)
    lines = ended.stderr.decode().splitlines()
    for way in ("stdio", "syslog"):
        said = [int(found[1]) for found in
                (re.search(rf"forwards step (\d+) by {way}$", line)
                 for line in lines) if found]
        t.equal(said, list(range(1, events + 1)), f"by {way}")
    bodies = [r.body for r in t.read(session.file)]
    t.equal([body for body in bodies if body.startswith("application")],
            [f"application says {i}" for i in range(1, events + 1)], "records")
    t.check(not any("forwards" in body for body in bodies), bodies)


@case()
def a_sink_that_makes_events_of_what_it_gets(t):
    """The same where the callback makes an event: nothing is written, and the
    attempt is what tells."""
    session = Loops(t, f"exec {t.program('callback_logs')} {t.dir} events",
                    None)
    session.wait_for("confirmed", **{"class": "L1"})
    loop = t.wait_for(lambda: [l for l in session.likely() if l["stack"]],
                      "a stack")[0]
    t.equal(len(session.likely()), 1, "loops")
    found = [frame["function"] for frame in loop["stack"]]
    t.equal(found[0], "forwarding_function", "the culprit")
    t.check("handler of records, forwarding_function (callback_logs.c:" in
            loop["fix"], loop["fix"])
    session.leaves_alone()
    ended = session.end()
    t.equal(ended.status, 0, ended.stderr[-1500:])
    events = int(ended.stdout)
    t.equal([r.body for r in t.read(session.file)
             if not r.body.startswith("bystander")],
            [f"application says {i}" for i in range(1, events + 1)], "records")


@case()
def a_collector_does_not_capture_itself(t):
    """Under its own library it says nothing into it."""
    collector = t.collect()
    done = t.bare([t.logtap_program, "collect", "--dir", t.session_dir(), "-o",
                   "/nowhere/at/all"], env=t.preload_env(collector.dir))
    t.check(done.status != 0 and done.stderr, "it had nothing to say")
    t.equal([r.body for r in collector.end()], [], "records")


@case()
def a_record_names_the_request_that_carried_it(t):
    """/logs has the batch of each record, the request's header the same."""
    script = """i=0
while [ ! -e {dir}/end ]; do i=$((i+1)); echo "line $i" >&2; sleep 0.05; done
while [ ! -e {dir}/over ]; do sleep 0.05; done
"""
    with OtlpSink() as sink:
        session = Loops(t, script.format(dir=t.dir), sink.url, beside=False)
        t.wait_for(lambda: len(sink.requests) > 4, "some requests")
        (t.dir / "end").touch()
        carried = {}

        def all_have_come():
            carried.clear()
            for request in list(sink.requests):
                name = request.headers["logtap-instance"].split(";")[0]
                serial = int(name.split(".")[1])
                for record in records.parse_request(request.decoded):
                    carried[record.attributes["log.record.uid"]] = serial
            return len(carried) == len(told())

        def told():
            _, text = session.ask("GET", "/logs?limit=1000")
            return {
                next(a["value"]["stringValue"] for a in
                     log["record"]["attributes"]
                     if a["key"] == "log.record.uid"): log["batch"]
                for log in json.loads(text)["logs"]}
        t.wait_for(all_have_come, "all that /logs has")
        t.equal(told(), carried, "batches")
        t.check(len(set(carried.values())) > 4, f"{carried}")
        (t.dir / "over").touch()
        t.finish(session.process)
