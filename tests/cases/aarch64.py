# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The library for aarch64, cross-built, in programs that qemu-user runs; the
collector is this machine's, for the shared format is the same."""
import pathlib
import re
import subprocess
import sys

from harness import builds, case, cross, segment, tally
from harness.debian import Unavailable

NO_DEATH_MARK = 1
COVERAGE_AT, SELF_CHECK = 216, 3
STDIO, FORK, FORK_PAGE, DEATH = 0, 4, 5, 6

# qemu-user hands a program that is executed to the kernel, which does not know
# it; a shell is this machine's, and its loader knows no library of another.
EXECUTED = ["popen_cat", "popen", "system", "posix_spawn", "posix_spawn_dup2",
            "posix_spawn_null", "vfork_exec", "vfork_redirected", "exec",
            "exec_buffered"]
# Forks that libc's handlers do not see, where no page is wiped either.
UNSEEN_FORKS = ["raw_fork", "vfork_write"]


def cases_of(name):
    return sys.modules[f"logtap_cases_{name}"]


def emulated(t):
    """t's programs are aarch64's from here on."""
    try:
        machine = cross.Aarch64().build()
    except Unavailable as why:
        t.skip(str(why))
    except subprocess.CalledProcessError as error:
        t.fail(f"{' '.join(map(str, error.cmd))}: {error.stderr}")
    except builds.BuildFailed as error:
        t.fail(str(error))
    t.libc = f"{tally.own_libc()}, aarch64"  # Debian cross-builds the same
    t.program, t.launch, t.shim = (machine.program, machine.launch,
                                   machine.shim)
    return machine


def preloaded(t, words, directory):
    argv, env = t.launch(words, t.preload_env(directory))
    return t.finish(t.spawn(argv, "preload", env=env))


def compare(t, words):
    """Bare and preloaded; each line one record."""
    collector = t.collect()
    bare = t.bare(t.launch(words, {})[0])
    held = preloaded(t, words, collector.dir)
    held.records = collector.end()
    t.same(bare, held, lambda text: re.sub(rb"(?<=[td]=)\d+", b"N", text),
           ordered=False)
    t.check(held.records, f"{words}: nothing was captured")
    t.lines_once(held, [line for line in held.stderr_lines()
                        if not line.startswith("qemu: ")])


@case(timeout=240)
def programs_under_qemu(t):
    """Every way of C, threads, a handler that logs, a fatal signal."""
    emulated(t)
    compare(t, [t.program("ways")])
    compare(t, [t.program("lines"), "mixed", "4", "50"])
    for how in ("abort", "_exit"):
        compare(t, [t.program("dies"), how])
    directory = t.session_dir()
    outcome = preloaded(t, [t.program("handler"), "200"], directory)
    t.equal(outcome.status, 0, "handler: status")
    slots = segment.read_all(directory)
    t.equal(sum(len(slot.main) + len(slot.nested) for slot in slots),
            len(outcome.stderr_lines()), "handler: chunks")


@case(timeout=240)
def what_the_emulator_lacks_is_seen(t):
    """qemu-user has no robust lists, and takes MADV_WIPEONFORK without doing it:
    the self-checks say so, and forks are captured all the same."""
    emulated(t)
    directory = t.session_dir()
    outcome = preloaded(t, [t.program("matrix"), "main", "fork"], directory)
    t.equal(sorted(outcome.stderr_lines()), ["fork child", "fork parent"],
            "what fork says")
    file = next(pathlib.Path(directory).glob("*.seg"))
    coverage = file.read_bytes()[COVERAGE_AT:COVERAGE_AT + 32]
    t.equal([coverage[at] for at in (STDIO, FORK, FORK_PAGE, DEATH)],
            [1, 1, SELF_CHECK, SELF_CHECK], "coverage")
    slots = segment.read_all(directory)
    t.equal(len({slot.pid for slot in slots}), 2, "processes")
    t.check(all(slot.flags & NO_DEATH_MARK for slot in slots),
            "a slot counts on a death mark that qemu never sets")


def matrix(t, contexts, kinds):
    emulated(t)
    left_out = "|".join(EXECUTED + UNSEEN_FORKS)
    cases_of("ways").run_matrix(t, contexts, kinds, f"(?!({left_out})$).*")


@case(timeout=240)
def every_way_under_qemu(t):
    """Every way to stderr, on a file."""
    matrix(t, ["main"], ["file"])


@case(timeout=900, long=True)
def every_way_everywhere_under_qemu(t):
    """Every way to stderr, on the other kinds, and in other contexts."""
    matrix(t, ["main"], ["pipe", "pty", "socket"])
    matrix(t, ["constructor", "handler", "fork", "thread"], ["file"])
