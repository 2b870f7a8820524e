# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap run: its options, its messages, and what it does where it can not
capture: the program runs all the same, and a person is told."""
import os
import re

from harness import case, streams
from harness.devlog import in_namespace


def logtap(t, *words, **spawn):
    return t.bare([t.logtap_program, *words], **spawn)


def error_text(outcome):
    return outcome.stderr.decode(errors="replace")


@case()
def no_command(t):
    """125, and how to learn more."""
    for words in (["run"], ["run", "--"], ["run", "-q"]):
        outcome = logtap(t, *words)
        t.equal(outcome.status, 125, f"status of {words}")
        t.check(re.match(r"logtap: run: .*--help", error_text(outcome)),
                f"said {error_text(outcome)!r}")


@case()
def an_unknown_option(t):
    """125, and the option is named."""
    outcome = logtap(t, "run", "--nonsense", "--", "true")
    t.equal(outcome.status, 125, "status")
    t.check("--nonsense" in error_text(outcome),
            f"said {error_text(outcome)!r}")


@case()
def an_empty_pattern(t):
    """125: it is like no name."""
    for option in ("--file", "--exclude"):
        outcome = logtap(t, "run", option, "", "--", "echo", "started")
        t.equal((outcome.status, outcome.stdout), (125, b""), option)
        t.check(f"run {option}: the pattern is empty" in error_text(outcome),
                f"said {error_text(outcome)!r}")


@case()
def a_command_that_is_not_there(t):
    """127 as a shell has it, 126 for what cannot be executed."""
    outcome = logtap(t, "run", "-q", "--", "/nowhere/program")
    t.equal(outcome.status, 127, "status")
    t.check("/nowhere/program" in error_text(outcome),
            f"said {error_text(outcome)!r}")
    outcome = logtap(t, "run", "-q", "--", t.write("text", "text", 0o644))
    t.equal(outcome.status, 126, "status of what is not executable")


@case()
def the_summary(t):
    """One line at the end: how many records, and where they are."""
    outcome = t.run(["/bin/sh", "-c", "echo one >&2; echo two >&2; exit 4"],
                    quiet=False)
    t.equal(outcome.status, 4, "status")
    lines = error_text(outcome).splitlines()
    t.equal(lines[:2], ["one", "two"], "the program's own lines")
    t.equal(len(lines), 3, f"lines in {lines}")
    t.check(re.match(r"logtap: .*\b2 records", lines[2]) and
            f"{t.runs}-run.otlp.jsonl" in lines[2], f"said {lines[2]!r}")


@case()
def the_summary_overwrites_nothing(t):
    """What a program writes to a file by way of /dev/stderr does not move the
    position that the summary is written at."""
    lines = "".join(f"echo {n} of a log to /dev/stderr >>/dev/stderr;"
                    for n in range(9))
    script = f"echo first >&2; {lines}"
    bare = t.bare(["/bin/sh", "-c", script])
    outcome = t.run(["/bin/sh", "-c", script], quiet=False)
    t.equal(outcome.stderr[:len(bare.stderr)], bare.stderr, "standard error")
    summary = outcome.stderr[len(bare.stderr):]
    t.check(re.fullmatch(rb"logtap: 10 records .*\n", summary),
            f"said {summary!r}")
    t.lines_once(outcome, bare.stderr_lines())
    script = "echo first >&2; echo second >/dev/stderr"  # cuts it short
    outcome = t.run(["/bin/sh", "-c", script], quiet=False)
    t.check(re.fullmatch(rb"second\nlogtap: 2 records .*\n", outcome.stderr),
            f"said {outcome.stderr!r}")


@case()
def the_file_of_its_own_choice(t):
    """Without -o: logtap-CMD-PID.otlp.jsonl in the working directory."""
    outcome = logtap(t, "run", "-q", "--", "/bin/sh", "-c", "echo one >&2")
    t.equal((outcome.status, outcome.stderr), (0, b"one\n"), "outcome")
    files = list(t.dir.glob("logtap-sh-*.otlp.jsonl"))
    t.equal(len(files), 1, f"files: {os.listdir(t.dir)}")
    t.equal([r.body for r in t.read(files[0])], ["one"], "records")


@case()
def an_existing_file_is_not_overwritten(t):
    """125 without -f; with it, replaced."""
    path = t.write("here.jsonl", "precious\n")
    outcome = logtap(t, "run", "-o", path, "--", "/bin/sh", "-c",
                     "echo one >&2")
    t.equal(outcome.status, 125, "status")
    t.check(path in error_text(outcome) and "-f" in error_text(outcome),
            f"said {error_text(outcome)!r}")
    with open(path) as file:
        t.equal(file.read(), "precious\n", "the file")
    outcome = logtap(t, "run", "-q", "-f", "-o", path, "--", "/bin/sh", "-c",
                     "echo one >&2")
    t.equal(outcome.status, 0, "status with -f")
    t.equal([r.body for r in t.read(path)], ["one"], "records")


@case()
def records_on_standard_output(t):
    """-o -: OTLP lines on stdout."""
    outcome = logtap(t, "run", "-q", "-o", "-", "--", "/bin/sh", "-c",
                     "echo one >&2")
    t.equal((outcome.status, outcome.stderr), (0, b"one\n"), "outcome")
    path = t.write("stdout", outcome.stdout)
    t.equal([r.body for r in t.read(path)], ["one"], "records")


@case()
def a_static_program(t):
    """It runs; its standard error is captured through a pipe, and that is
    said."""
    program = t.program("static")
    bare = t.bare([program, "nothing"])
    outcome = t.run([program, "nothing"], quiet=False)
    t.equal(outcome.status, 42, "status")
    text = error_text(outcome)
    t.check(bare.stderr.decode() in text, f"its own line is gone: {text!r}")
    t.check(re.search(r"logtap: .*static.*through a pipe", text),
            f"no word of it: {text!r}")
    t.lines_once(outcome, bare.stderr_lines())


@case()
def records_of_a_static_program(t):
    """They name the program and not who stood between, and say how they were
    captured."""
    program = t.program("static")
    outcome = t.run(["/bin/sh", "-c", f"exec {program} nothing"])
    t.equal(outcome.status, 42, "status through a shell")
    outcome = t.run([program, "nothing"])
    record, = outcome.of("stderr")
    t.equal(record.resource["process.executable.path"], program, "executable")
    t.equal(record.resource["process.executable.name"], "static", "name")
    t.equal(record.attributes["logtap.capture"], "pipe", "how")
    t.equal((record.tid, record.attributes["thread.name"]),
            (record.pid, "static"), "thread")
    t.equal(t.run([program, "segv"]).status, -11, "status by a signal")


@case()
def a_static_program_on_a_terminal(t):
    """It finds a terminal of the same size; every byte is passed on."""
    argv = [t.program("terminal")]
    bare = streams.run(argv, t.environment({}), "pty", str(t.dir / "bare"))
    t.equal(bare[1][:2], b"1 ", "bare, it is a terminal")
    file = t.dir / "records.jsonl"
    got = streams.run([t.logtap_program, "run", "-q", "-o", file, "--", *argv],
                      t.environment({}), "pty", str(t.dir / "run"))
    t.equal(got[:2], bare[:2], "status, what it found")
    said, own = got[2].split(b"\n", 1)
    t.check(said.startswith(b"logtap: ") and b"through a pipe" in said,
            f"what logtap said: {said!r}")
    t.equal(own, bare[2], "bytes")
    t.equal([r.body for r in t.read(file)],
            bare[2].decode().rstrip("\n").split("\n"), "records")


@case()
def a_setuid_program(t):
    """The loader ignores a preload there; the program runs, it is said."""
    if os.getuid():
        t.skip("a setuid program of another user takes root to make")
    with open(t.program("dies"), "rb") as file:
        program = t.write("setuid", file.read(), 0o755)
    os.chown(program, 65534, 65534)
    os.chmod(program, 0o4755)
    t.dir.chmod(0o755)
    outcome = t.run([program, "nothing"], quiet=False)
    t.equal(outcome.status, 42, "status")
    text = error_text(outcome)
    t.check("the last line before nothing\n" in text, f"said {text!r}")
    t.check(re.search(r"logtap: .*(setuid|set-user-ID)", text),
            f"no word of it: {text!r}")


@case()
def shared_memory_that_is_full(t):
    """No room in /dev/shm: the program runs as bare, and a person is told."""
    prefix = in_namespace(
        t, "set -e; mount -t tmpfs -o size=64k tmpfs /dev/shm; "
           "dd if=/dev/zero of=/dev/shm/fill bs=4k count=15 2>/dev/null")
    program = ["/bin/sh", "-c", "echo one >&2; exit 4"]
    outcome = t.bare([t.logtap_program, "run", "-o", t.dir / "full.jsonl",
                      "--", *program], prefix=prefix)
    text = error_text(outcome)
    t.equal(outcome.status, 4, f"status; it said {text!r}")
    t.check("one\n" in text, f"said {text!r}")
    t.check(re.search(r"logtap: .*(/dev/shm|shared memory|uncaptured|not "
                      r"captured)", text), f"no word of it: {text!r}")


@case()
def shared_memory_that_is_not_there(t):
    """/dev/shm cannot be written: the program runs, and a person is told."""
    prefix = in_namespace(t, "set -e; mount -t tmpfs -o ro tmpfs /dev/shm")
    outcome = t.bare([t.logtap_program, "run", "-o", t.dir / "ro.jsonl", "--",
                      "/bin/sh", "-c", "echo one >&2; exit 4"], prefix=prefix)
    text = error_text(outcome)
    t.check("one\n" in text or outcome.status == 125,
            f"status {outcome.status}, said {text!r}")
    t.check(re.search(r"logtap: .*/dev/shm", text), f"no word of it: {text!r}")


@case()
def nothing_is_left_in_shared_memory(t):
    """Session directory and segments are gone when run has ended."""
    prefix = in_namespace(t, "set -e; mount -t tmpfs tmpfs /dev/shm")
    outcome = t.bare(["/bin/sh", "-c",
                      f"{t.logtap_program} run -q -o {t.dir}/o.jsonl -- "
                      "sh -c 'echo one >&2; kill -9 $$'; ls -A /dev/shm"],
                     prefix=prefix)
    t.equal(outcome.stdout, b"", "left in /dev/shm")
    t.equal([r.body for r in t.read(t.dir / "o.jsonl")], ["one"], "records")


@case()
def run_inside_run_joins_it(t):
    """The inner one captures nothing twice."""
    outcome = t.run(["/bin/sh", "-c",
                     f"echo outer >&2; {t.logtap_program} run -q -- "
                     "sh -c 'echo inner >&2'"])
    t.lines_once(outcome, ["outer", "inner"])


@case()
def text_that_is_not_utf8(t):
    """Bytes that are no UTF-8 are repaired and marked; empty lines are no
    records; <N> in front is a severity."""
    outcome = t.run(["/bin/bash", "-c", r"printf "
                     r"'\377bad\n\n<3>an error\ncaf\303\251\n' >&2"])
    found = {r.body: r for r in outcome.records}
    t.equal(sorted(found), ["an error", "café", "�bad"], "bodies")
    t.equal(found["an error"].severity, 17, "severity of <3>")
    t.equal(found["café"].severity, 0, "severity of a plain line")
    t.check(found["�bad"].attributes.get("logtap.encoding_fixed"),
            "the repaired record is not marked")
    t.check("logtap.encoding_fixed" not in found["café"].attributes,
            "a good record is marked as repaired")


@case()
def long_lines(t):
    """A line of 300,000 bytes is one record; one of 3 MiB is cut at 1 MiB, and
    what comes right behind it is there."""
    script = ("import sys\n"
              "sys.stderr.write('a' * 300000 + '\\n')\n"
              "sys.stderr.write('b' * (3 << 20) + '\\n')\n"
              "sys.stderr.write('end\\n')\n")
    outcome = t.run(["/usr/bin/python3", "-c", script])
    t.equal(outcome.status, 0, "status")
    bodies = outcome.bodies()
    t.equal([b for b in bodies if b.startswith("a")], ["a" * 300000],
            "the line of 300,000 bytes")
    t.check(all(len(b.encode()) <= 1 << 20 for b in bodies), "a long body")
    t.check(any(b.startswith("b") for b in bodies), "the line of 3 MiB")
    t.equal(bodies[-1], "end", "the last")


@case()
def the_summary_is_a_line_of_its_own(t):
    """Whatever was written to standard error before it, which is not changed."""
    for script, open_line in (("printf 'no end' >&2", True),
                              ("echo end >&2", False),
                              ("printf 'a\\nb' >&2; cd /nowhere", False),
                              ("echo a >&2; /bin/sh -c 'printf b >&2'", True),
                              ("printf a >&2; printf 'b\\n' >&2", False),
                              ("printf x >/dev/null", False)):
        argv = ["/bin/sh", "-c", script]
        bare = t.bare(argv)
        outcome = t.run(argv, quiet=False)
        t.equal(outcome.status, bare.status, f"status of {script}")
        end = b"\n" if open_line else b""
        t.check(outcome.stderr.startswith(bare.stderr + end + b"logtap: "),
                f"{script}: {outcome.stderr}")
        t.equal(outcome.stderr.count(b"logtap: "), 1, "summaries")
        t.equal(t.run(argv).stderr, bare.stderr, f"{script}, quiet")
