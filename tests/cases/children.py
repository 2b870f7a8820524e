# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Children of every kind are followed, and named by their own pid."""
import re

from harness import case


def normal(data):
    return re.sub(rb"(pid|tid)=\d+", rb"\1=N", data)


@case()
def every_kind_of_child(t):
    """fork, threads of forked children, exec, vfork, spawn, system, clone."""
    _, *captured = t.compare([t.program("children")], normal=normal,
                             ordered=False, tids=r"tid=(\d+)")
    for outcome in captured:
        for record in outcome.records:
            pid = int(re.search(r"pid=(\d+)", record.body)[1])
            t.equal(record.pid, pid, f"process.pid of {record.body!r}")


@case()
def a_fork_bomb_of_a_shell(t):
    """300 short children, each with one line."""
    t.compare(["/bin/bash", "-c",
               "for i in $(seq 300); do (echo child $i >&2); done"],
              ordered=False)


@case()
def executed_programs_are_resources_of_their_own(t):
    """exec without fork: the same pid, another executable."""
    outcome = t.run(["/bin/sh", "-c", "echo shell >&2; exec " +
                     t.program("dies") + " nothing"])
    t.equal(outcome.status, 42, "status")
    names = {r.body: r.resource.get("process.executable.name")
             for r in outcome.records}
    t.check(names.get("the last line before nothing") == "dies" and
            names.get("shell") in ("sh", "dash", "bash"), f"got {names}")
    t.equal(len({r.pid for r in outcome.records}), 1, "pids")


@case()
def a_child_that_outlives_the_program(t):
    """The summary says that it lives on; what it writes is still captured."""
    outcome = t.run(["/bin/sh", "-c",
                     "echo parent >&2; (sleep 1; echo late >&2) &"],
                    quiet=False)
    text = outcome.stderr.decode()
    t.equal(outcome.status, 0, "status")
    t.check(re.search(r"logtap: .*\b\d process", text),
            f"no word of it: {text!r}")
    file = t.dir / f"{t.runs}-run.otlp.jsonl"
    t.wait_for(lambda: {r.body for r in t.read(file)} == {"parent", "late"},
               "the late line", 15)


@case()
def a_child_with_a_cleared_environment(t):
    """logtap run follows it all the same."""
    outcome = t.run(["/usr/bin/env", "-i", "/bin/sh", "-c",
                     "echo without an environment >&2"])
    t.equal(outcome.status, 0, "status")
    t.lines_once(outcome, ["without an environment"])
