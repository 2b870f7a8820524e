# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Children of every kind are followed, and named by their own pid."""
import os
import re

from harness import case, processes


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
    t.wait_for(lambda: {"parent", "late"} == {
        r.body for r in t.read(file, growing=True)}, "the late line", 15)


@case()
def a_child_with_a_cleared_environment(t):
    """logtap run follows it all the same."""
    outcome = t.run(["/usr/bin/env", "-i", "/bin/sh", "-c",
                     "echo without an environment >&2"])
    t.equal(outcome.status, 0, "status")
    t.lines_once(outcome, ["without an environment"])


def scrubbed_and_followed(t, left_out=()):
    program = t.program("scrub")
    for way in t.bare([program]).stdout.decode().split():
        if way in left_out:
            continue
        outcome = t.run([program, way])
        t.equal(outcome.status, 0, f"status of {way}")
        t.lines_once(outcome, [f"by {way}"])


@case(timeout=120)
def every_way_to_scrub_an_environment(t):
    """exec and posix_spawn of every kind, with nothing in the environment: the
    program is followed."""
    scrubbed_and_followed(t)


@case()
def what_a_scrubbed_child_is_given(t):
    """Only what following takes; the rest stays as it was scrubbed."""
    outcome = t.run(["/usr/bin/env", "-i", "A=1", "/usr/bin/env"])
    names = {line.split("=")[0] for line in outcome.stdout.decode().split()}
    t.check(names >= {"A", "LD_PRELOAD", "LOGTAP_DIR"}, f"it has {names}")
    t.equal({name for name in names if not name.startswith("LOGTAP_")},
            {"A", "LD_PRELOAD"}, "its environment")


@case()
def a_daemon(t):
    """One that detaches, closes everything and cleans its environment is
    followed to its end; then its collector ends by itself and leaves nothing
    behind."""
    script = t.write("daemon.py", r"""
import os, sys, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.chdir("/")
log = os.open(sys.argv[1] + "/daemon.log", os.O_WRONLY | os.O_CREAT, 0o644)
null = os.open("/dev/null", os.O_RDWR)
for fd in (0, 1):
    os.dup2(null, fd)
os.dup2(log, 2)
os.closerange(3, 1024)
os.write(2, b"detached\n")
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.02)
os.write(2, b"late\n")
os.execve("/bin/sh", ["sh", "-c", "echo last >&2"], {})
""")
    process = t.start_run(["/usr/bin/python3", script, t.dir], quiet=False,
                          options=["--sinks", "all"])
    outcome = t.finish(process)
    text = outcome.stderr.decode()
    t.equal(outcome.status, 0, "status")
    match = re.search(r"1 process lives on, capture goes on \(collector: pid "
                      r"(\d+)\)", text)
    t.check(match, f"said {text!r}")
    with open(f"/proc/{match[1]}/cmdline") as file:
        directory = file.read().split("\0")[3]
    t.check(os.path.isdir(directory), f"no {directory}")
    t.write("go", "")
    t.wait_for(lambda: not os.path.exists(directory),
               "the collector to remove its directory", 40)
    # An orphan of ours, which nobody else waits for.
    t.wait_for(lambda: processes.reap() or not os.path.exists(
        f"/proc/{match[1]}"), "the collector to end")
    # Of three images; between two of them the order is not defined.
    t.equal(sorted(r.body for r in t.read(process.otlp_file)),
            ["detached", "last", "late"], "records")
