# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Programs that no library can be loaded into, captured through pipes and
terminals of logtap's own: they behave as bare."""
import os
import pathlib
import shutil
import signal
import subprocess

from harness import case, terminal
from harness.devlog import DevLog, without_time_and_pid


def start(t, *options):
    """The interactive program on a terminal, under run; and its records."""
    file = t.dir / f"{t.runs}.jsonl"
    t.runs += 1
    screen = terminal.Terminal(
        [t.logtap_program, "run", "-q", "-o", file, *options, "--",
         t.program("interactive")], t.environment({}), t.dir)
    t.cleanups.append(screen.close)
    t.check(screen.until(b"size 24 80\r\n"), f"screen {screen.seen!r}")
    return screen, file


def bodies(t, file, stream="stderr"):
    return [r.body for r in t.read(file) if r.stream == stream]


@case()
def the_size_of_the_terminal(t):
    """Follows the real one: also when it changes over and over."""
    screen, file = start(t)
    sizes = [(30, 90), (50, 132), (10, 40)]
    for size in sizes:
        screen.resize(*size)
        t.check(screen.until(b"size %d %d\r\n" % size),
                f"screen {screen.seen!r}")
    screen.type(b"q\n")
    t.equal(screen.end(), 7, "status")
    said = bodies(t, file)
    for size in [(24, 80), *sizes]:
        t.check("size %d %d" % size in said, f"records {said}")
    t.equal(said[-1], "ends", "the last record")


@case()
def keys_of_the_terminal(t):
    """^C ends it by SIGINT, ^D is the end of its input; in raw mode both are
    keys like others, and the terminal is left as it was."""
    screen, file = start(t)
    screen.type(b"\x03")
    t.equal(screen.end(), -signal.SIGINT, "status after ^C")
    screen, file = start(t)
    screen.type(b"\x04")
    t.equal(screen.end(), 7, "status after ^D")
    screen, file = start(t)
    screen.type(b"r\n")
    t.check(screen.until(b"raw"), f"screen {screen.seen!r}")
    screen.type(b"x\x03")
    t.check(screen.until(b"key C"), f"screen {screen.seen!r}")
    screen.type(b"q")
    t.equal(screen.end(), 7, "status after raw mode")
    t.check("key x" in bodies(t, file), f"records {bodies(t, file)}")


@case()
def it_dies_by_a_signal(t):
    """So does run, and what it said before is there."""
    screen, file = start(t)
    screen.type(b"o\n")
    t.check(screen.until(b"on stderr\r\n"), f"screen {screen.seen!r}")
    screen.type(b"t\n")
    t.equal(screen.end(), -signal.SIGTERM, "status")
    t.check("on stderr" in bodies(t, file), f"records {bodies(t, file)}")


@case()
def stopped_and_continued(t):
    """^Z stops the job, and it goes on, with the terminal's size of then."""
    bash = t.tool("bash")
    file = t.dir / "stopped.jsonl"
    screen = terminal.Terminal([bash, "--norc", "-i"], t.environment({}),
                               t.dir)
    t.cleanups.append(screen.close)
    screen.type(f"{t.logtap_program} run -q -o {file} -- "
                f"{t.program('interactive')}\n".encode())
    t.check(screen.until(b"size 24 80\r\n"), f"screen {screen.seen!r}")
    screen.type(b"\x1a")
    t.check(screen.until(b"Stopped"), f"screen {screen.seen!r}")
    screen.resize(33, 99)
    screen.type(b"fg\n")
    t.check(screen.until(b"size 33 99\r\n"), f"screen {screen.seen!r}")
    screen.type(b"q\necho status $?\n")
    t.check(screen.until(b"status 7\r\n"), f"screen {screen.seen!r}")
    screen.type(b"exit\n")
    screen.end()
    t.check("size 33 99" in bodies(t, file), f"records {bodies(t, file)}")


@case()
def both_streams(t):
    """--stdout: records of each with its name; on pipes and on a terminal."""
    program = t.program("interactive")
    outcome = t.run(["/bin/sh", "-c", f"echo oq | {program}"], ["--stdout"])
    t.equal(outcome.status, 7, "status, started by a shell")
    reader, writer = os.pipe()
    os.write(writer, b"ooq")
    os.close(writer)
    outcome = t.run([program], ["--stdout"], stdin=reader)
    os.close(reader)
    t.equal(outcome.status, 7, "status")
    t.equal(outcome.stdout, b"on stdout\n" * 2, "stdout")
    t.lines_once(outcome, ["on stdout"] * 2, stream="stdout")
    t.equal(outcome.bodies(), ["size 0 0", "on stderr", "on stderr", "ends"],
            "records of stderr")
    for record in outcome.records:
        t.equal(record.attributes["logtap.capture"], "pipe", "how")
        t.equal(record.resource["process.executable.name"], "interactive",
                "whose")
    screen, file = start(t, "--stdout")
    screen.type(b"o\nq\n")
    t.equal(screen.end(), 7, "status on a terminal")
    t.equal(bodies(t, file, "stdout"), ["on stdout"], "records of stdout")
    t.check(b"on stdout\r\n" in screen.seen, f"screen {screen.seen!r}")


@case()
def a_reader_that_leaves(t):
    """`| head -n 1': the program gets its broken pipe, and its standard error
    is captured to the end."""
    program = t.program("interactive")
    file = t.dir / "head.jsonl"
    script = (f"(printf o; sleep 0.3; printf o; sleep 0.3; printf o) | "
              f"{t.logtap_program} run -q --stdout -o {file} -- {program} | "
              "head -n 1; echo ${PIPESTATUS[1]}")
    outcome = t.bare(["/bin/bash", "-c", script])
    t.equal(outcome.stdout, b"on stdout\n141\n", "what came out, status")
    t.check(bodies(t, file)[:2] == ["size 0 0", "on stderr"],
            f"records {bodies(t, file)}")


@case()
def a_child_that_lives_on(t):
    """Is captured after the program has ended, and run with it."""
    outcome = t.bare(["/bin/sh", "-c", f"printf d | {t.logtap_program} run "
                      f"-o {t.dir}/on.jsonl -- {t.program('interactive')}"])
    t.equal(outcome.status, 0, "status")
    t.check(b"lives on, capture goes on" in outcome.stderr,
            f"said {outcome.stderr!r}")
    t.wait_for(lambda: "from one that lives on" in
               bodies(t, t.dir / "on.jsonl"), "the record")


GO = """package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	fmt.Println("on stdout")
	log.SetFlags(0)
	log.Print("by log")
	println("by println")
	fmt.Fprintln(os.Stderr, "by fmt")
	var nothing map[string]int
	nothing["x"] = 1
}
"""


@case(timeout=180)
def a_go_program(t):
    """Its own messages and those of its run-time, when it panics."""
    go = shutil.which("go", path=os.environ.get("PATH", "") +
                      ":/usr/local/go/bin:/usr/lib/go/bin")
    if not go:
        t.skip("go is not installed")
    t.write("main.go", GO)
    cache = pathlib.Path.home() / ".cache" / "go-build"
    built = subprocess.run([go, "build", "-o", "program", "main.go"],
                           cwd=t.dir, capture_output=True,
                           env={**os.environ, "GO111MODULE": "off",
                                "GOFLAGS": "-mod=mod", "GOCACHE": str(cache)})
    if built.returncode:
        t.skip(f"go cannot build: {built.stderr[:200]!r}")
    bare = t.bare([t.dir / "program"])
    outcome = t.run([t.dir / "program"], ["--stdout"])
    t.equal((outcome.status, outcome.stdout), (bare.status, bare.stdout),
            "status, stdout")
    t.check(b"a Go program" in outcome.stderr, f"said {outcome.stderr!r}")
    said = outcome.bodies()
    t.equal(said[:3], ["by log", "by println", "by fmt"], "records")
    t.check("panic: assignment to entry in nil map" in said,
            f"records {said}")
    t.lines_once(outcome, ["on stdout"], stream="stdout")


@case()
def a_program_for_another_machine(t):
    """A 32-bit one: also as the interpreter of a script."""
    program = t.foreign_program()
    script = t.write("script", f"#!{program}\n")
    os.chmod(script, 0o755)
    for argv in ([program, "x"], [script]):
        bare = t.bare(argv)
        outcome = t.run(argv, ["--stdout"])
        t.equal(outcome.status, bare.status, "status")
        t.check(b"a 32-bit program for i386" in outcome.stderr and
                b"captured through pipes" in outcome.stderr,
                f"said {outcome.stderr!r}")
        t.check(outcome.stderr.endswith(bare.stderr),
                f"stderr {outcome.stderr!r}")
        t.equal(outcome.bodies(), ["on stderr"], "records")
        t.equal(outcome.stdout, bare.stdout, "its environment")
        t.lines_once(outcome, bare.stdout.decode().splitlines(),
                     stream="stdout")


def deep(t, log, argv, *options):
    """A program under run --deep, with a /dev/log of the test's own."""
    return t.run(argv, ["--deep", *options], prefix=log.prefix)


def messages(records):
    return [r.body for r in records if "syslog.facility" in r.attributes]


@case()
def its_system_logger(t):
    """--deep: what a static program says there is captured on its way, and
    arrives in its own name."""
    if os.getuid():
        t.skip("--deep takes root")
    log = DevLog(t)
    program = t.program("static_syslog")
    bare = t.bare([program, "300"], prefix=log.prefix)
    expected = log.take()
    outcome = deep(t, log, [program, "300"])
    t.equal((outcome.status, bare.status), (0, 0), "status")
    got = log.take()
    pid = outcome.of("stderr")[0].pid
    t.equal(without_time_and_pid(got), without_time_and_pid(expected),
            "datagrams")
    t.check(all(f"[{pid}]".encode() in data for data in got), "their pid")
    t.equal(messages(outcome.records), [f"message {i}" for i in range(300)],
            "records")
    for record in outcome.records:
        t.equal(record.resource["process.executable.path"], program, "whose")
        t.equal(record.attributes["logtap.capture"], "pipe", "how")
    record = outcome.records[-1]
    t.equal((record.attributes["syslog.appname"],
             record.attributes["syslog.procid"]), ("static", str(pid)), "who")
    t.equal(outcome.of("stderr")[0].body, "on stderr", "stderr")
    t.check(b"syslog through a socket" in outcome.stderr,
            f"said {outcome.stderr!r}")


@case()
def a_daemon_and_its_system_logger(t):
    """One that has closed everything and outlives run: still captured, and the
    relay ends when it does."""
    if os.getuid():
        t.skip("--deep takes root")
    log = DevLog(t)
    outcome = deep(t, log, [t.program("static_syslog"), "5", "daemon"])
    t.equal(outcome.status, 0, "status")
    file = t.dir / f"{t.runs}-run.otlp.jsonl"
    t.wait_for(lambda: len(messages(t.read(file, growing=True))) == 5,
               "the records")
    t.equal(len(log.take()), 5, "datagrams")


@case()
def why_not_deep(t):
    """Who is not root, where nobody listens, and for programs that are captured
    anyhow: said, and the program runs."""
    outcome = t.run(["/bin/sh", "-c", "echo hello >&2"], ["--deep"])
    t.check(b"it is for programs that no library is loaded into" in outcome.stderr,
            f"said {outcome.stderr!r}")
    t.lines_once(outcome, ["hello"])
    if os.getuid():
        t.skip("the rest takes root")
    program = t.program("static_syslog")
    os.chmod(t.dir, 0o777)
    outcome = t.run([program, "1"], ["--deep"],
                    prefix=["setpriv", "--reuid=65534", "--clear-groups"])
    t.check(b"--deep: it takes root" in outcome.stderr,
            f"said {outcome.stderr!r}")
    t.equal(outcome.bodies(), ["on stderr"], "records")


@case()
def mounts_in_a_deep_session(t):
    """What the program mounts is its own, and gone with it."""
    if os.getuid():
        t.skip("--deep takes root")
    log = DevLog(t)
    folder = t.dir / "mounted"
    folder.mkdir()
    (folder / "outside").touch()
    outcome = deep(t, log, [t.program("static_syslog"), "mount", folder])
    t.equal((outcome.status, outcome.bodies()), (0, ["inside"]), "outcome")
    t.check((folder / "outside").exists(), "seen outside")
