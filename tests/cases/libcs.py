# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""One build of the library in programs of other glibcs, from 2.31 to the
newest, each with its own loader; and in musl, where it stands down."""
import re
import subprocess
import sys

from harness import case
from harness.debian import Unavailable
from harness.libcs import Libc, musl_loader

SHORT = ("bullseye", "sid")
LONG = ("trixie",)

# Ways that glibc before 2.34 has in another manner.  preinit: the slot for
# what is initialised first is libpthread's there, so a program's preinit
# functions run before the library does.  aio_write: librt calls write() as a
# program would, and is captured where a newer libc is not.
OTHER_BEFORE_2_34 = ["preinit", "aio_write"]


def cases_of(name):
    """Another file of cases: what it judges is judged here too."""
    return sys.modules[f"logtap_cases_{name}"]


def libc_of(t, suite):
    try:
        libc = Libc(suite).build()
    except Unavailable as why:
        t.skip(str(why))
    except subprocess.CalledProcessError as error:
        t.fail(f"{suite}: {' '.join(map(str, error.cmd))}: {error.stderr}")
    t.note(f"glibc {libc.version}")
    t.program = libc.program
    return libc


def number(pattern):
    return lambda data: re.sub(pattern, rb"N", data)


def threads_and_children(t, suite):
    """Threads, every way of C, fork, vfork, spawn, exec, fatal signals."""
    libc_of(t, suite)
    t.compare([t.program("lines"), "mixed", "6", "100"], ordered=False,
              normal=number(rb"(?<=tid=)\d+"), tids=r"tid=(\d+)")
    t.compare([t.program("ways")])
    cases_of("children").every_kind_of_child(t)
    for how in ("abort", "segv", "exit"):
        t.compare([t.program("dies"), how])


def syslog(t, suite):
    """The syslog family, as datagrams and records."""
    libc_of(t, suite)
    cases_of("syslog").syslog_of_c(t)


def syslog_perror(t, suite):
    """LOG_PERROR, on stderr and in syslog, but one record."""
    libc_of(t, suite)
    cases_of("syslog").log_perror_makes_one_record(t)


def matrix(t, suite, contexts, kinds):
    libc = libc_of(t, suite)
    absent = libc.absent()
    left_out = "|".join(absent + OTHER_BEFORE_2_34) if absent else None
    cases_of("ways").run_matrix(
        t, contexts, kinds, f"(?!({left_out})$).*" if left_out else None)


def every_way(t, suite):
    """Every way to stderr, on a file."""
    matrix(t, suite, ["main"], ["file"])


def every_way_everywhere(t, suite):
    """Every way to stderr, on a pipe, and from a thread and a handler."""
    matrix(t, suite, ["main"], ["pipe", "pty"])
    matrix(t, suite, ["thread", "handler", "fork"], ["file"])


def declare(function, suite, long, timeout=180):
    def one(t):
        function(t, suite)

    one.__name__ = f"{function.__name__}_{suite}"
    one.__doc__ = f"Debian {suite}'s libc: {function.__doc__}"
    one.__module__ = __name__
    case(timeout=timeout, long=long)(one)


for debian in (*SHORT, *LONG):
    for judged in (threads_and_children, syslog, syslog_perror, every_way):
        declare(judged, debian, debian in LONG)
    declare(every_way_everywhere, debian, True, 900)


PYTHON = """
import os, sys, threading
def work(n):
    for i in range(50): os.write(2, b"thread %d line %d\\n" % (n, i))
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if os.fork() == 0:
    os.write(2, b"child\\n"); os._exit(0)
os.wait()
print("printed", file=sys.stderr)
raise SystemExit("a message and status 1")
"""


def compare_old(t, libc, program, *arguments, **run):
    """As t.compare, but preloaded by hand alone: `logtap run` would take a
    loader that is given as the program for a static one."""
    argv = libc.run_with(program, *arguments)
    bare = t.bare(argv, **run)
    outcome = t.preload(argv, **run)
    t.same(bare, outcome, ordered=False)
    t.lines_once(outcome)
    t.check(outcome.records, f"{program}: nothing was captured")


@case()
def programs_of_bullseye(t):
    """Debian 11's shells, coreutils, perl and Python, with Debian 11's libc."""
    libc = libc_of(t, "bullseye")
    shell = "echo one >&2; cd /nowhere; ( echo two >&2 ); echo three; exit 3"
    compare_old(t, libc, "bin/dash", "-c", shell)
    compare_old(t, libc, "bin/bash", "-c", shell)
    compare_old(t, libc, "bin/ls", "/nowhere")
    compare_old(t, libc, "bin/cat", "/nowhere", "/nothing")
    compare_old(t, libc, "usr/bin/perl", "-e",
                'warn "warned\\n"; if (!fork) { warn "child\\n"; exit 0 } '
                'wait; die "died\\n"')
    compare_old(t, libc, "usr/bin/python3.9", "-S", "-c", PYTHON,
                env={"PYTHONHOME": str(libc.root / "usr")})


@case()
def musl_programs_run_unharmed(t):
    """The library built for glibc in a program of musl: not a byte differs,
    nothing is captured, nothing is said."""
    if not musl_loader():
        t.skip("musl-gcc is not installed")
    for name, arguments in (("children", []), ("dies", ["abort"]),
                            ("dies", ["assert"]), ("handler", ["200"]),
                            ("syslog", ["perror"])):
        program = str(t.dir / name)
        subprocess.run(["musl-gcc", "-w", "-D_GNU_SOURCE", "-pthread", "-o",
                        program, t.root / "tests/programs" / f"{name}.c"],
                       check=True)
        argv = [program, *arguments]
        bare, held = t.bare(argv), t.preload(argv)
        if name == "handler":  # how many signals came is in the output
            t.equal((held.status, bool(held.stderr)),
                    (bare.status, bool(bare.stderr)), name)
        else:
            t.same(bare, held, number(rb"\d+"), ordered=False)
        # children starts a shell, which is glibc's and captured.
        t.equal([record for record in held.records
                 if record.resource["process.executable.name"] == name], [],
                f"{name}: records")
