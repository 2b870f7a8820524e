# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Ways to keep a program from being captured, and values of LOGTAP_* that make
no sense."""
import os
import re
import shutil

from harness import case, segment
from harness.context import ROOT


def start_idle(t, directory, env=None):
    """A shell that says a line for each line it is told."""
    read, write = os.pipe()
    process = t.spawn(
        ["/bin/sh", "-c", "while read word; do echo $word >&2; done"],
        "preload", env={**t.preload_env(directory), **(env or {})},
        stdin=read)
    os.close(read)
    return process, write


@case()
def excluded_by_name_path_and_argument(t):
    """Neither captured nor changed; what they start is still captured."""
    program = t.program("dies")
    for value in ("dies", program, os.path.dirname(program) + "/d*",
                  "other:dies nothing"):
        outcome = t.preload(["/bin/sh", "-c", f"{program} nothing; "
                             "echo after >&2"],
                            env={"LOGTAP_EXCLUDE": value})
        t.equal(outcome.stderr_lines(),
                ["the last line before nothing", "after"], "stderr")
        t.lines_once(outcome, ["after"])


@case()
def only_those_that_are_named(t):
    """LOGTAP_ONLY: all others are left alone."""
    outcome = t.preload(["/bin/sh", "-c", t.program("dies") + " nothing; "
                         "echo after >&2"], env={"LOGTAP_ONLY": "dies"})
    t.lines_once(outcome, ["the last line before nothing"])


@case()
def run_says_what_is_left_alone_by_itself(t):
    """A program of the built-in list is run, uncaptured, and that is said;
    named by LOGTAP_ONLY it is captured."""
    program = t.dir / "vector"
    shutil.copy(t.program("dies"), program)
    outcome = t.run([program, "nothing"])
    t.check(b"is left alone: it receives logs" in outcome.stderr,
            f"said {outcome.stderr!r}")
    t.equal(outcome.of("stderr"), [], "records")
    told = {r.attributes["logtap.diagnostic"] for r in outcome.records}
    t.check("process" in told, f"records that tell it: {told}")
    outcome = t.run([program, "nothing"], env={"LOGTAP_ONLY": "vector"})
    t.equal(outcome.stderr_lines(), ["the last line before nothing"], "said")
    t.lines_once(outcome)


@case()
def run_with_exclude(t):
    """logtap run --exclude, twice, behind LOGTAP_EXCLUDE."""
    outcome = t.run(["/bin/sh", "-c", "echo shell >&2; " +
                     t.program("dies") + " nothing; " + t.program("ways")],
                    options=["--exclude", "dies", "--exclude", "w*"],
                    env={"LOGTAP_EXCLUDE": "nothing-else"})
    t.lines_once(outcome, ["shell"])


@case()
def a_kill_file_keeps_programs_from_being_captured(t):
    """Nothing is created; without the file they are captured again."""
    directory = t.session_dir()
    kill = os.path.join(directory, "disarm")
    open(kill, "w").close()
    bare = t.bare([t.program("ways")])
    outcome = t.finish(t.spawn([t.program("ways")], "preload",
                               env=t.preload_env(directory)))
    t.same(bare, outcome)
    t.equal(os.listdir(directory), ["disarm"], "files")
    os.unlink(kill)
    t.finish(t.spawn([t.program("ways")], "preload",
                     env=t.preload_env(directory)))
    t.equal(len(os.listdir(directory)), 1, "files")


@case()
def a_kill_file_of_a_stranger_does_nothing(t):
    """In a directory that all may write to, capture stays on."""
    if os.getuid():
        t.skip("making a file of another user takes root")
    directory = t.session_dir()
    kill = os.path.join(directory, "disarm")
    open(kill, "w").close()
    os.chown(kill, 65534, 65534)
    t.finish(t.spawn([t.program("ways")], "preload",
                     env=t.preload_env(directory)))
    t.equal(len(os.listdir(directory)), 2, "files")


@case()
def a_kill_file_disarms_what_runs(t):
    """What is said before is captured, what is said after is only written."""
    collector = t.collect()
    process, pipe = start_idle(t, collector.dir)
    error = process.logtap[3].name

    def says(word):
        os.write(pipe, word + b"\n")
        t.wait_for(lambda: open(error, "rb").read().endswith(word + b"\n"),
                   "the line")

    says(b"before")
    t.wait_for(lambda: collector.file.exists() and
               b"before" in collector.file.read_bytes(), "the record")
    (collector.dir / "disarm").touch()

    def is_told():
        pages = [path.read_bytes()[2 * 4096:2 * 4096 + 64]
                 for path in collector.dir.glob("*.seg")]
        return pages and all(page[40] == 1 for page in pages)

    t.wait_for(is_told, "the order to stand down")
    says(b"after")
    os.close(pipe)
    outcome = t.finish(process)
    t.equal((outcome.status, outcome.stderr), (0, b"before\nafter\n"),
            "what the program did")
    t.equal([r.body for r in collector.end() if r.stream == "stderr"],
            ["before"], "records")


NONSENSE = {
    "LOGTAP_MODE": ["sideways", "TEE", "\xff\xfe", "x" * 5000],
    "LOGTAP_FULL": ["half", "block:", "drop-newest ", "0"],
    "LOGTAP_RING_BYTES": ["-1", "4095", "1e6", "99999999999999999999", "64k"],
    "LOGTAP_CLOCK": ["sundial", "TSC"],
    "LOGTAP_FOLLOW": ["perhaps", "-1"],
    "LOGTAP_STDOUT": ["yes please", "2"],
    "LOGTAP_ONLY": [":", " x", "y" * 4000],
    "LOGTAP_EXCLUDE": ["::", " x", "y" * 4000],
    "LOGTAP_FILES": ["/z" * 3000],
    "LOGTAP_SINK": ["nonsense", "1:2", "1:2,99999999999999999999999:4", ","],
    "LOGTAP_STACKS": ["loud", "-1", "25", "x" * 5000],
    "LOGTAP_LEVEL": ["loud", "=", "a=b=c", "x" * 5000],
    "LOGTAP_INTERNAL_THREADS": ["t" * 2000],
    "LOGTAP_INTERNAL_LIBRARIES": ["l" * 2000],
    "LOGTAP_OTLP_ENDPOINTS": ["nowhere", "1.2.3.4:99999", "[::1", "x" * 5000],
}

# Those without a diagnostic, and why.
NO_DIAGNOSTIC = {
    "LOGTAP_DIR": "without it there is no segment",
    "LOGTAP_DISABLED": "any value but 0 means it",
    "LOGTAP_FOR": "for a relay of logtap's own; the collector checks it",
    "LOGTAP_SINKS": "the collector's; of its words the library needs one",
}


@case()
def every_variable_that_the_library_reads(t):
    """Is in one of the two tables above."""
    read = {name for path in (ROOT / "shim").rglob("*.c")
            for name in re.findall(r'"(LOGTAP_[A-Z_]+)="', path.read_text())}
    t.equal(sorted(read), sorted([*NONSENSE, *NO_DIAGNOSTIC]), "variables")


@case()
def nonsense_in_whom_a_relay_speaks_for(t):
    """LOGTAP_FOR that makes no sense: the records are those of the process."""
    for value in ("x", "1:2", "0:0:/bin/x", "-1:3:/bin/x", "1:2:relative",
                  "9" * 400 + ":1:/x", "1:2:/" + "y" * 3000, "\xff:\xff:/"):
        outcome = t.preload([t.program("dies"), "nothing"],
                            env={"LOGTAP_FOR": value})
        t.lines_once(outcome)
        t.equal({r.resource["process.executable.name"]
                 for r in outcome.records}, {"dies"}, f"whose, by {value[:20]}")


@case(timeout=120)
def nonsense_in_variables(t):
    """Ignored, with a diagnostic in the segment; the program does not change,
    and is captured by the defaults."""
    bare = t.bare([t.program("dies"), "nothing"])
    for name, values in NONSENSE.items():
        for value in values:
            directory = t.session_dir()
            outcome = t.finish(t.spawn(
                [t.program("dies"), "nothing"], "preload",
                env={**t.preload_env(directory), name: value}))
            t.same(bare, outcome)
            texts = [text for path in os.listdir(directory)
                     for text in segment.diagnostics(
                         os.path.join(directory, path))]
            t.check(any(text.startswith(name + ": ") for text in texts),
                    f"{name}={value[:40]!r}: diagnostics {texts}")
            slots = segment.read_all(directory)
            t.equal(b"".join(segment.text_of(slots).values()), bare.stderr,
                    f"{name}={value[:40]!r}: captured")


@case()
def nonsense_is_a_record(t):
    """What the library found to be nonsense is told beside the program's own
    lines."""
    outcome = t.preload([t.program("dies"), "nothing"], env={
        "LOGTAP_MODE": "sideways", "LOGTAP_RING_BYTES": "many"})
    t.lines_once(outcome)
    told = sorted(r.body for r in outcome.records
                  if r.attributes.get("logtap.diagnostic") == "diagnostic")
    t.equal([text.split(":")[0] for text in told],
            ["LOGTAP_MODE", "LOGTAP_RING_BYTES"], f"diagnostics {told}")
    t.equal({r.resource["process.executable.name"] for r in outcome.records},
            {"dies"}, "whose they are")


@case()
def nonsense_in_the_directory(t):
    """LOGTAP_DIR that cannot be one: the program runs as bare."""
    bare = t.bare([t.program("ways")])
    for directory in ("x" * 5000, "/dev/shm/" + "y" * 300, "/dev/null",
                      "/proc/self", "relative/one", "/dev/shm/\xff", "//"):
        outcome = t.finish(t.spawn([t.program("ways")], "preload",
                                   env=t.preload_env(directory)))
        t.same(bare, outcome)
    for value in ("1", "yes", "\xff", " "):
        directory = t.session_dir()
        outcome = t.finish(t.spawn(
            [t.program("ways")], "preload",
            env={**t.preload_env(directory), "LOGTAP_DISABLED": value}))
        t.same(bare, outcome)
        t.equal(os.listdir(directory), [], "files")
