# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Where nothing can be captured the program runs all the same, by itself, and a
person is told why; but what cannot be found out is not called a success."""
import itertools
import os
import re
import resource
import signal

from harness import case

SAYS = ["/bin/sh", "-c", "echo said >&2; exit 5"]
# A user that nobody else is: RLIMIT_NPROC counts all processes of one.
LONELY = 61427


def text_of(outcome):
    return outcome.stderr.decode(errors="replace")


def limited(name, soft, hard=None):
    def prepare():
        resource.setrlimit(name, (soft, soft if hard is None else hard))
    return prepare


def run_by_name(t, argv, options=(), prefix=(), **spawn):
    """As a person does it: no -q, the file where it comes to be."""
    return t.bare([*prefix, t.logtap_program, "run", *options, "--", *argv],
                  **spawn)


def uncaptured(t, outcome, reason):
    """It ran by itself: said once, with the reason."""
    text = text_of(outcome)
    t.equal(outcome.status, 5, f"status; it said {text!r}")
    lines = text.splitlines()
    t.equal("said" in lines, True, f"its line in {text!r}")
    told = [line for line in lines if re.search("runs uncaptured$", line)]
    t.equal(len(told), 1, f"lines that tell it in {text!r}")
    t.check(re.search(reason, told[0]), f"no {reason} in {told[0]!r}")
    t.equal([n for n in os.listdir(t.dir) if n.endswith(".jsonl")], [],
            "files left")


@case()
def few_descriptors(t):
    """Too few for a collector: uncaptured, also what was to be diverted."""
    for limit in (7, 8, 12, 15):
        for options in ([], ["--divert"], ["--loops"]):
            outcome = run_by_name(
                t, ["/bin/cat", "/nowhere/said"], options,
                preexec_fn=limited(resource.RLIMIT_NOFILE, limit))
            t.equal(outcome.status, 1, f"status; {outcome.stderr}")
            t.equal(text_of(outcome),
                    f"logtap: RLIMIT_NOFILE is {limit}, logtap needs 16 "
                    "descriptors; /bin/cat runs uncaptured\n"
                    "/bin/cat: /nowhere/said: No such file or directory\n",
                    "text")


@case()
def a_static_program_and_few_descriptors(t):
    """One that would have had a relay."""
    outcome = run_by_name(t, [t.program("interactive"), "nonsense"],
                          preexec_fn=limited(resource.RLIMIT_NOFILE, 8))
    bare = t.bare([t.program("interactive"), "nonsense"],
                  preexec_fn=limited(resource.RLIMIT_NOFILE, 8))
    t.equal(outcome.status, bare.status, "status")
    t.check("RLIMIT_NOFILE is 8" in text_of(outcome), text_of(outcome))


@case()
def a_soft_limit_of_descriptors(t):
    """logtap's own is raised; the program has the one that it would have."""
    script = ("import resource, sys; print(resource.getrlimit("
              "resource.RLIMIT_NOFILE), file=sys.stderr)")
    for words in ([], ["/sbin/ldconfig", "--nonsense"]):
        outcome = t.run(words or ["/usr/bin/python3", "-c", script],
                        preexec_fn=limited(resource.RLIMIT_NOFILE, 9, 200))
        t.equal(bool(outcome.records), True, f"records of {words}")
        if not words:
            t.equal(text_of(outcome), "(9, 200)\n", "limits")
    outcome = t.bare([t.logtap_program, "run", "--", "/usr/bin/python3", "-c",
                      script], env={"LOGTAP_LIBRARY": "/nowhere/l.so"},
                     preexec_fn=limited(resource.RLIMIT_NOFILE, 9, 200))
    t.check(text_of(outcome).endswith("(9, 200)\n"), text_of(outcome))


@case()
def few_processes(t):
    """From none at all to enough: it runs, captured or not."""
    if os.getuid():
        t.skip("being a user without other processes takes root")
    seen = set()
    for limit in range(1, 9):
        outcome = run_by_name(
            t, SAYS, ["-o", "/dev/null"],
            prefix=["setpriv", f"--reuid={LONELY}", f"--regid={LONELY}",
                    "--clear-groups", "--inh-caps=-all"],
            preexec_fn=limited(resource.RLIMIT_NPROC, limit), cwd="/")
        captured = "logtap: 1 record from 1 process" in text_of(outcome)
        seen.add(captured)
        if captured:
            t.equal(outcome.status, 5, "status")
        else:
            uncaptured(t, outcome, f"RLIMIT_NPROC is {limit}")
    t.equal(seen, {True, False}, "captured")


@case()
def little_memory(t):
    """From where logtap can be loaded to where it can work."""
    seen = set()
    for mebibytes in range(16, 128, 2):
        outcome = run_by_name(t, SAYS, ["-o", "/dev/null"], preexec_fn=limited(
            resource.RLIMIT_AS, mebibytes << 20))
        text = text_of(outcome)
        if outcome.status == 127 and "loading shared libraries" in text:
            continue
        t.equal(outcome.status, 5, f"status at {mebibytes}M, {text!r}")
        t.check("said\n" in text, text)
        captured = "1 record from 1 process" in text
        seen.add(captured)
        if captured:
            break
        t.check("uncaptured" in text, f"at {mebibytes}M: {text!r}")
    t.check(True in seen, "it never had enough")


@case()
def no_file_may_grow(t):
    """RLIMIT_FSIZE 0, output into pipes: no wait at the end."""
    reader, writer = os.pipe()
    process = t.spawn([t.logtap_program, "run", "--", *SAYS], stderr=writer,
                      preexec_fn=limited(resource.RLIMIT_FSIZE, 0))
    os.close(writer)
    with open(reader, "rb") as pipe:
        text = pipe.read().decode()
    t.equal(process.wait(20), 5, "status")
    t.equal(text, "logtap: RLIMIT_FSIZE is 0, logtap needs 65536 bytes; "
            "/bin/sh runs uncaptured\nsaid\n", "text")


@case()
def no_working_directory(t):
    """It was removed: the records are elsewhere, $TMPDIR or not."""
    for temporary in (t.dir / "tmp", "/nowhere"):
        if temporary != "/nowhere":
            temporary.mkdir()
        gone = t.dir / "gone"
        gone.mkdir()
        outcome = t.bare(["/bin/sh", "-c",
                          f"rmdir {gone}; exec {t.logtap_program} run -- "
                          "/bin/cat /nowhere/said"], cwd=gone,
                         env={"TMPDIR": temporary})
        text = text_of(outcome)
        t.equal(outcome.status, 1, f"status; it said {text!r}")
        found = re.search(r"not writable: records go to (/\S+)", text)
        t.check(found, f"said {text!r}")
        t.equal([r.body for r in t.read(found[1])],
                ["/bin/cat: /nowhere/said: No such file or directory"],
                "records")
        os.unlink(found[1])
        os.rmdir(os.path.dirname(found[1]))


@case()
def standard_descriptors_that_are_closed(t):
    """Each combination, captured and through a relay: as bare."""
    for closed in itertools.product((False, True), repeat=3):
        def prepare():
            for fd in range(3):
                if closed[fd]:
                    os.close(fd)
        for argv in (SAYS, ["/sbin/ldconfig", "--nonsense"]):
            bare = t.bare(argv, preexec_fn=prepare)
            outcome = t.run(argv, preexec_fn=prepare)
            t.equal(outcome.status, bare.status, f"{argv[0]} {closed}")


@case()
def an_environment_that_makes_no_sense(t):
    """What nobody asked for on the command line stops no program."""
    for name, value in (("ENDPOINT", "garbage"), ("CERTIFICATE", "/nowhere")):
        env = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:1",
               f"OTEL_EXPORTER_OTLP_{name}": value}
        uncaptured(t, run_by_name(t, SAYS, env=env),
                   f"OTEL_EXPORTER_OTLP_{name}")
    outcome = run_by_name(t, SAYS, ["--otlp", "garbage"])
    t.equal(outcome.status, 125, "status of a wrong --otlp")
    t.check("said" not in text_of(outcome), "it was started")


@case()
def nobody_who_could_tell_of_feedback(t):
    """--fail-on-loop: not started, or not a success."""
    started = ["/bin/sh", "-c", "echo started; exit 0"]

    def refused(outcome, reason):
        t.equal((outcome.status, outcome.stdout), (125, b""), reason)
        t.check(reason in text_of(outcome), f"said {text_of(outcome)!r}")
        t.check("fail-on-loop" in text_of(outcome), text_of(outcome))

    refused(run_by_name(t, started, ["--fail-on-loop"], preexec_fn=limited(
        resource.RLIMIT_NOFILE, 8)), "RLIMIT_NOFILE is 8")
    refused(run_by_name(t, started, ["--fail-on-loop"],
                        env={"LOGTAP_LIBRARY": "/nowhere/l.so"}), "/nowhere")
    refused(run_by_name(t, started, ["--fail-on-loop"], env={
        "OTEL_EXPORTER_OTLP_ENDPOINT": "garbage"}), "garbage")
    refused(t.run([t.logtap_program, "run", "--fail-on-loop", "--", *started]),
            "inside a running session")


# Takes each collector away, as soon as it is there.
TAKES_COLLECTORS = """
import os, signal, sys, time
parent, seen = os.getppid(), set()
while len(seen) < 7:
    for pid in open(f"/proc/{parent}/task/{parent}/children").read().split():
        try:
            words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\\0")
        except OSError:
            continue
        if words[1:2] == [b"collect"] and pid not in seen:
            seen.add(pid)
            os.kill(int(pid), signal.SIGKILL)
"""


@case()
def a_collector_that_was_lost(t):
    """The program's own status, unless --fail-on-loop promises more of 0."""
    argv = ["/usr/bin/python3", "-c", TAKES_COLLECTORS]
    for options, status in (([], 0), (["--fail-on-loop"], 125)):
        outcome = run_by_name(t, argv, ["-o", "/dev/null", *options])
        text = text_of(outcome)
        t.equal(outcome.status, status, f"{options}: {text!r}")
        t.equal("whether there was feedback is not known" in text,
                bool(options), f"{options}: {text!r}")
        found = re.search(r"what it left is in (\S+);", text)
        t.check(found, f"said {text!r}")
        t.bare(["rm", "-r", found[1]])


@case()
def nobody_reads_what_logtap_says(t):
    """Standard error is a pipe without a reader, or a file that is full:
    neither ends logtap before the program is there."""
    def file_limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, -1))

    def default():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    env = {"LOGTAP_LIBRARY": "/nowhere/l.so"}  # which is to be told
    reader, writer = os.pipe()
    os.close(reader)
    for how in ({"stderr": writer, "preexec_fn": default},
                {"preexec_fn": file_limit}):
        process = t.spawn([t.logtap_program, "run", "--", "/bin/sh", "-c",
                           "exit 5"], env=env, **how)
        t.equal(process.wait(20), 5, f"status with {how}")
    os.close(writer)
