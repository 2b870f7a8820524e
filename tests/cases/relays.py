# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Text that passes through others on its way to a person: each line is one
record, whoever passes it on, and whether that one is captured or not."""
import collections
import re

from harness import case, terminal

SAYS = "{ ls /nowhere/one; ls /nowhere/two; }"

# Shell command, and the names that must be recorded: once each, and nothing
# else.  What a parent keeps to itself is none of them.
SHAPES = (
    (f"{SAYS}", "one two"),
    (f"{SAYS} 2>&1 | cat >&2", "one two"),
    (f"{SAYS} 2>&1 | cat", "one two"),
    (f"{SAYS} 2>&1 | tee log", "one two"),
    (f"{SAYS} 2>&1 | tee log >&2", "one two"),
    (f"{SAYS} 2>&1 | cat | cat | tee log", "one two"),
    (f"{SAYS} 2>&1 | cat | cat >&2", "one two"),
    (f"{SAYS} 2>&1 | (sleep 0.3; exec cat)", "one two"),
    (f"{SAYS} 2>&1 | timeout 20 tee log", "one two"),
    (f"{SAYS} 2>&1 | sh -c 'cat >&2'", "one two"),
    (f"{SAYS} 2>&1 | while read -r line; do echo \"$line\" >&2; done",
     "one two"),
    (f"{SAYS} 2> >(cat >&2); wait $!", "one two"),
    (f"{SAYS} 2> >(tee log); wait $!", "one two"),
    (f"{SAYS} |& cat >&2", "one two"),
    (f"{SAYS} 2>/dev/null", ""),
    (f"{SAYS} 2>&1 | cat >/dev/null", ""),
    (f"{SAYS} 2>&1 | cat >kept", ""),
    (f"x=$({SAYS} 2>&1)", ""),
    (f"x=$({SAYS} 2>&1); echo \"$x\" >&2", "one two"),
    ("timeout 20 ls /nowhere/one; nohup ls /nowhere/two", "one two"),
    ("setsid -w ls /nowhere/one; env nice ls /nowhere/two", "one two"),
    (f"exec 3>&1; {SAYS} 2>&1 >&3 | cat >&2", "one two"),
    (f"mkfifo f; cat <f >&2 & {SAYS} 2>f; wait", "one two"),
    ("python3 -c 'import subprocess, sys\n"
     "p = subprocess.run([\"sh\", \"-c\", \"" + SAYS + "\"],"
     " stderr=subprocess.PIPE)\n"
     "sys.stderr.buffer.write(p.stderr)'", "one two"),
    ("perl -e 'print STDERR `ls /nowhere/one 2>&1`'; ls /nowhere/two",
     "one two"),
)


def names(records):
    """How often each of one and two was recorded."""
    return dict(collections.Counter(
        name for record in records
        for name in re.findall(r"/nowhere/(\w+)", record.body)))


def expected(text):
    return {name: 1 for name in text.split()}


@case(timeout=200)
def shapes_on_a_terminal(t):
    """stdout and stderr are one terminal: what cat and tee write there cannot
    be told from other output, so the text is recorded at its source."""
    for number, (script, recorded) in enumerate(SHAPES):
        argv = ["/bin/bash", "-c", script]
        where = t.dir / f"shape-{number}"
        (where / "bare").mkdir(parents=True)
        (where / "run").mkdir()
        bare = terminal.run(argv, t.environment({}), where / "bare")
        file = where / "records.jsonl"
        got = terminal.run([t.logtap_program, "run", "-q", "-o", file, "--",
                            *argv], t.environment({}), where / "run")
        t.equal(sorted(got[1].splitlines()), sorted(bare[1].splitlines()),
                f"the screen of {script}")
        t.equal(got[0], bare[0], f"status of {script}")
        t.equal(names(t.read(file)), expected(recorded),
                f"records of {script}")


@case(timeout=200)
def shapes_with_files(t):
    """stdout and stderr are two files: what leads to stderr is recorded there,
    what leads to stdout at its source; nothing twice."""
    for script, recorded in SHAPES:
        where = t.dir / f"shape-{t.runs}"
        where.mkdir()
        outcome = t.run(["/bin/bash", "-c", script], cwd=where)
        t.equal(names(outcome.records), expected(recorded),
                f"records of {script}")


@case(timeout=120)
def shapes_with_stdout_captured(t):
    """--stdout: each line is recorded where it comes out, as what it is
    there."""
    for script, recorded in SHAPES:
        where = t.dir / f"shape-{t.runs}"
        where.mkdir()
        outcome = t.run(["/bin/bash", "-c", script], ["--stdout"], cwd=where)
        t.equal(names(outcome.records), expected(recorded),
                f"records of {script}")


@case()
def a_logger_is_a_log(t):
    """`2>&1 | logger': recorded as syslog, not a second time."""
    t.tool("logger")
    outcome = t.run(["/bin/bash", "-c", "ls /nowhere/one 2>&1 | "
                     "logger -t shape --socket-errors=off"])
    kinds = [record.stream for record in outcome.records
             if "/nowhere/one" in record.body]
    t.check(len(kinds) <= 1 and "stderr" not in kinds, f"records {kinds}")


@case()
def script_and_its_terminal(t):
    """script(1) gives its child a terminal and copies that to its own."""
    t.tool("script")
    outcome = t.run(["script", "-qec", "ls /nowhere/one; ls /nowhere/two",
                     "typescript"])
    t.equal(names(outcome.records), expected("one two"), "records")


@case()
def much_text_and_a_late_reader(t):
    """More than a pipe holds, to a reader that starts late: in order, once."""
    program = t.write("many.py", "import os\nfor i in range(20000):"
                      " os.write(2, b'line %d\\n' % i)\n")
    outcome = t.run(["/bin/bash", "-c", f"/usr/bin/python3 {program} 2>&1 | "
                     "(sleep 0.3; exec cat)"])
    t.equal([r.body for r in outcome.records],
            [f"line {i}" for i in range(20000)], "records")


@case()
def a_static_reader(t):
    """One that no library is in is found in the process list, if it lives for a
    while: what it passes on is recorded at its source."""
    copy = t.program("static_cat")
    for end in ("", ">&2", "| cat >&2"):
        outcome = t.run(["/bin/bash", "-c", "{ ls /nowhere/one; sleep 2.5; ls "
                         f"/nowhere/two; }} 2>&1 | {copy} {end}"])
        t.equal(names(outcome.records), expected("one two"),
                f"records ({end})")
