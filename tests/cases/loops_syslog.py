# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Feedback loops through rsyslogd, whose own lines are captured."""
import json
import socket

from harness import case
from harness.loops import Loops
from harness.servers import free_port

# Prints all it gets on standard error, and forwards it.
CONFIG = """
global(workDirectory="{dir}" errorMessagesToStderr.maxNumber="10000")
$ErrorMessagesToStderr on
module(load="imtcp")
input(type="imtcp" port="{port}" address="127.0.0.1")
template(name="plain" type="string"
         string="%timereported:::date-rfc3339% %hostname% %syslogtag%%msg%\\n")
action(type="omfile" file="/dev/stderr" template="plain")
action(type="omfwd" target="127.0.0.1" port="{target}" protocol="tcp"
       action.resumeRetryCount="-1" action.resumeInterval="1"
       action.reportSuspension="on" action.reportSuspensionContinuation="on"
       template="RSYSLOG_ForwardFormat")
"""
MESSAGE = b"<13>2026-01-02T03:04:05.678901+00:00 here app: the only message\n"


def rsyslogd(t, port, target):
    daemon, env = t.daemon("usr/sbin/rsyslogd")
    modules = t.rootfs / "usr/lib/x86_64-linux-gnu/rsyslog"
    config = t.write("rsyslog.conf", CONFIG.format(dir=t.dir, port=port,
                                                   target=target))
    # Left alone unless it is named: it receives logs.
    session = Loops(t, "", None, ["--loops", "--sinks=all"],
                    env={**env, "LOGTAP_ONLY": "rsyslogd:bystander",
                         "LOGTAP_OTLP_ENDPOINTS": f"127.0.0.1:{target}"},
                    command=[daemon, "-n", "-f", config, "-i",
                             t.dir / "pid", "-M", modules])

    def reached():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return True
        except OSError:
            return False
    t.wait_for(reached, "rsyslogd")
    return session


@case()
def a_daemon_that_forwards_to_itself(t):
    """One message goes round for ever, as it is: known by its time of day,
    which has passed, and by the connection of the process to itself."""
    port = free_port()
    session = rsyslogd(t, port, port)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(MESSAGE)
    loop = session.wait_for("confirmed")
    t.equal(loop["class"], "L6", "class")
    cycle = json.dumps(loop["cycle"])
    t.check("connection" in cycle or str(port) in cycle, cycle)
    stack = [frame["function"] for frame in t.wait_for(
        lambda: session.likely()[0]["stack"], "a stack")]
    t.check("wtiWorker" in stack, stack)
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    t.equal(session.command("break", "1", "--drop").status, 0, "break")
    session.stays_out(lambda: sum("the only message" in line for line in
                                  session.file.read_text().splitlines()))
    session.leaves_alone()
    session.process.terminate()
    ended = t.finish(session.process)
    t.check(b"CONFIRMED  L6" in ended.stderr, ended.stderr[-3000:])


def listen(port):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    server.settimeout(20)
    return server


@case(long=True, timeout=150)
def a_daemon_whose_target_is_dead(t):
    """It says that it cannot forward, forwards that, and says it again: only
    while nobody listens, L7."""
    port, target = free_port(), free_port()
    session = rsyslogd(t, port, target)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(MESSAGE)
    # it tries once a second
    loop = session.wait_for("likely", or_more=True, seconds=90,
                            **{"class": "L7"})
    t.note(f"found after {loop['found_after_ms']:.0f} ms")
    t.equal(len(session.likely()), 1, "loops")
    t.check("cannot connect" in loop["sample"]["body"] or "suspended" in
            loop["sample"]["body"], loop["sample"])
    session.wait_for_stack("wtiWorker", "wtpWorker")
    t.equal(session.command("break", "1", "--drop").status, 0, "break")

    def complaints():
        return sum("cannot connect" in body or "suspended" in body
                   for body in session.bodies())
    session.stays_out(complaints)
    session.comes_again(1, complaints)
    with listen(target) as server:
        taken, _ = server.accept()
        with taken:
            taken.settimeout(20)
            got = b""
            while b"the only message" not in got:
                part = taken.recv(65536)
                t.check(part, f"closed after {got[-300:]}")
                got += part
            t.equal([l["class"] for l in session.likely()], ["L7"], "loops")
            session.leaves_alone()
            session.process.terminate()
            ended = t.finish(session.process)
    t.check(b" L7 " in ended.stderr, ended.stderr[-3000:])
