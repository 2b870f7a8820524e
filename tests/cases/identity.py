# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Who a record is of: the process, however short its life, its service, its
host."""
import datetime
import getpass
import os
import pwd
import re
import sys
import time

from harness import case


def attribute(t, record, name):
    t.check(name in record.resource, f"no {name}: {record.resource}")
    return record.resource[name]


def two_ways(t, argv, **spawn):
    """Under run, and preloaded with a collector that comes when all is over."""
    yield t.run(argv, **spawn)
    directory = t.session_dir()
    env = {**spawn.pop("env", {}), **t.preload_env(directory),
           "LOGTAP_FOLLOW": "1"}
    outcome = t.finish(t.spawn(argv, "preload", env=env, **spawn))
    outcome.records = t.collect(directory).end()
    yield outcome


@case(timeout=120)
def processes_that_live_for_a_millisecond(t):
    """200 commands of a loop: each record has the pid, the parent and the
    executable of the one that wrote it."""
    script = ("echo shell $$ >&2; for i in $(seq 200); do ls /nowhere-$i; "
              "done; exit 0")
    for outcome in two_ways(t, ["/bin/bash", "-c", script]):
        t.equal(outcome.status, 0, "status")
        t.lines_once(outcome)
        shells = [r for r in outcome.records if r.body.startswith("shell")]
        shell = int(shells[0].body.split()[1])
        t.equal(shells[0].pid, shell, "pid of the shell")
        t.equal(attribute(t, shells[0], "process.executable.name"), "bash",
                "executable of the shell")
        commands = [r for r in outcome.records if r not in shells]
        t.equal(len({(r.pid, attribute(t, r, "process.creation.time"))
                     for r in commands}), 200, "processes")
        for record in commands:
            t.equal(attribute(t, record, "process.executable.name"), "ls",
                    "name")
            t.check(attribute(t, record, "process.executable.path") in
                    ("/usr/bin/ls", "/bin/ls"), f"path: {record.resource}")
            t.equal(attribute(t, record, "process.parent_pid"), shell,
                    "parent")
            t.equal(record.tid, record.pid, "thread")


@case()
def children_without_an_exec(t):
    """A forked child has its own pid and its parent's executable."""
    script = "for i in $(seq 50); do (echo child $BASHPID >&2); done; exit 0"
    for outcome in two_ways(t, ["/bin/bash", "-c", script]):
        t.lines_once(outcome)
        parents = {attribute(t, r, "process.parent_pid")
                   for r in outcome.records}
        t.equal(len(parents), 1, "parents")
        for record in outcome.records:
            t.equal(record.pid, int(record.body.split()[1]), "pid")
            t.equal(attribute(t, record, "process.executable.name"), "bash",
                    "executable")


@case()
def services(t):
    """service.name and OTEL_RESOURCE_ATTRIBUTES are those of the process that
    wrote, also where a child was given others."""
    script = """
        ls /nowhere-plain
        OTEL_SERVICE_NAME=inner ls /nowhere-name
        OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=t%20one,a=b \
            ls /nowhere-attributes
        OTEL_RESOURCE_ATTRIBUTES=service.name=lesser OTEL_SERVICE_NAME= \
            ls /nowhere-lesser
        env -u OTEL_SERVICE_NAME ls /nowhere-unset
        env -i ls /nowhere-scrubbed
        OTEL_SERVICE_NAME=replaced exec ls /nowhere-replaced"""
    expected = {"plain": "outer", "name": "inner", "attributes": "outer",
                "lesser": "lesser", "unset": "unknown_service:ls",
                "scrubbed": "unknown_service:ls", "replaced": "replaced"}
    for outcome in two_ways(t, ["/bin/sh", "-c", script],
                            env={"OTEL_SERVICE_NAME": "outer"}):
        found = {}
        for record in outcome.records:
            which = re.search("nowhere-([a-z]+)", record.body)[1]
            found[which] = attribute(t, record, "service.name")
            if which == "attributes":
                t.equal(attribute(t, record, "deployment.environment.name"),
                        "t one", "an attribute")
                t.equal(attribute(t, record, "a"), "b", "an attribute")
            else:
                t.check("a" not in record.resource, f"attributes of {which}")
        if outcome.how == "preload":  # nobody follows it into env -i
            found.setdefault("scrubbed", expected["scrubbed"])
        t.equal(found, expected, f"services ({outcome.how})")


@case()
def host_and_owner(t):
    """host.*, os.type, process.owner and process.creation.time."""
    before = time.time()
    for outcome in two_ways(t, ["ls", "/nowhere"]):
        record, = outcome.records
        t.equal(attribute(t, record, "host.name"), os.uname().nodename,
                "host.name")
        arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(
            os.uname().machine, os.uname().machine)
        t.equal(attribute(t, record, "host.arch"), arch, "host.arch")
        t.equal(attribute(t, record, "os.type"), "linux", "os.type")
        t.equal(attribute(t, record, "process.owner"), getpass.getuser(),
                "process.owner")
        created = datetime.datetime.fromisoformat(
            attribute(t, record, "process.creation.time").replace(
                "Z", "+00:00")).timestamp()
        # The kernel counts in ticks of 10 ms.
        t.check(before - 0.02 <= created <= time.time(),
                f"created {created - before} s after the case began")
        t.check(created - 0.02 <= record.time_ns / 1e9 <= time.time(),
                f"written {record.time_ns / 1e9 - created} s after its birth")


NOBODY = pwd.getpwnam("nobody")


@case()
def those_who_give_up_root(t):
    """process.owner is who the process was when it said a line: before and
    after setuid() and its like, in forked children and in threads."""
    if os.getuid():
        t.skip("giving up root takes root")
    for outcome in two_ways(t, [t.program("owners"), str(NOBODY.pw_uid)]):
        t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
        t.lines_once(outcome)
        t.equal(len(outcome.records), 18, "lines")
        for record in outcome.records:
            uid = int(record.body.split()[1])
            t.equal(attribute(t, record, "process.owner"),
                    pwd.getpwuid(uid).pw_name, f"owner of {record.body!r}")


@case()
def one_who_gives_up_root_under_a_collector_that_is_killed(t):
    """The next one knows of it, too."""
    if os.getuid():
        t.skip("giving up root takes root")
    script = ("import os, sys\n"
              "os.write(2, b'before\\n')\n"
              f"os.setuid({NOBODY.pw_uid})\n"
              "os.write(2, b'after\\n')\n"
              "sys.stdin.readline()\n"
              "os.write(2, b'later\\n')\n")
    reader, writer = os.pipe()
    collector = t.collect()
    process = t.spawn([sys.executable, "-c", script], stdin=reader,
                      env=t.preload_env(collector.dir))
    os.close(reader)
    t.wait_for(lambda: any(r.body == "after" for r in collector.records()),
               "the record")
    collector.kill()
    second = collector.restart()
    os.close(writer)
    t.finish(process)
    records = {r.body: attribute(t, r, "process.owner")
               for r in second.end()}
    t.equal(records, {"before": "root", "after": "nobody",
                      "later": "nobody"}, "owners")


@case()
def one_who_executes_after_it_gave_up_root(t):
    """In a directory for all, the program has a segment of its own."""
    if os.getuid():
        t.skip("giving up root takes root")
    user = ["setpriv", f"--reuid={NOBODY.pw_uid}", "--clear-groups"]
    if t.bare([*user, "test", "-r", t.shim]).status:
        t.skip("the library is in a folder that is not for all")
    directory = t.session_dir()
    os.chmod(directory, 0o1733)
    t.finish(t.spawn([*user, "ls", "/nowhere"],
                     env=t.preload_env(directory)))
    record, = t.collect(directory).end()
    t.equal(attribute(t, record, "process.owner"), "nobody", "owner")
