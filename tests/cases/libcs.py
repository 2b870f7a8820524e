# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""One build of the library in programs of other glibcs, from 2.31 to the
newest, each with its own loader; and the build for musl in those of musl."""
import os
import re
import subprocess
import sys

from harness import builds, case, segment
from harness.debian import Unavailable
from harness.libcs import Libc, Musl

OWNER_DIED, NO_DEATH_MARK = 0x40000000, 1

SHORT = ("bullseye", "sid", "musl")
LONG = ("trixie",)

# Ways that glibc before 2.34 has in another manner.  preinit: the slot for
# what is initialised first is libpthread's there, so a program's preinit
# functions run before the library does.  aio_write: librt calls write() as a
# program would, and is captured where a newer libc is not.
OTHER_BEFORE_2_34 = ["preinit", "aio_write"]

# musl has no preinit functions, its fmtmsg() writes past stdio, and aio_write()
# leaves in errno what its threads raced for.
OTHER_IN_MUSL = ["preinit", "fmtmsg", "aio_write"]


def cases_of(name):
    """Another file of cases: what it judges is judged here too."""
    return sys.modules[f"logtap_cases_{name}"]


def musl_of(t):
    """The build for musl preloaded, `logtap run` of an installation with both."""
    libc = Musl().build()
    prefix = builds.installed(t.dir / "installed")
    t.logtap_program = prefix / "bin" / "logtap"
    t.shim = next(prefix.glob("lib/**/logtap")) / "any/$LIB/liblogtap.so"
    t.libc = f"musl {libc.version}"
    t.note(t.libc)
    t.program = libc.program
    return libc


def libc_of(t, suite):
    try:
        if suite == "musl":
            return musl_of(t)
        libc = Libc(suite).build()
    except Unavailable as why:
        t.skip(str(why))
    except subprocess.CalledProcessError as error:
        t.fail(f"{suite}: {' '.join(map(str, error.cmd))}: {error.stderr}")
    except builds.BuildFailed as error:
        t.fail(str(error))
    t.libc = f"glibc {libc.version}"
    t.note(t.libc)
    t.program = libc.program
    return libc


def number(pattern):
    return lambda data: re.sub(pattern, rb"N", data)


def threads_and_children(t, suite):
    """Threads, every way of C, fork, vfork, spawn, exec, fatal signals."""
    libc_of(t, suite)
    t.compare([t.program("lines"), "mixed", "6", "100"], ordered=False,
              normal=number(rb"(?<=tid=)\d+"), tids=r"tid=(\d+)")
    if suite != "musl":  # more of them in every_way()
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
    left_out = OTHER_IN_MUSL if suite == "musl" else libc.absent() and \
        libc.absent() + OTHER_BEFORE_2_34
    cases_of("ways").run_matrix(
        t, contexts, kinds,
        f"(?!({'|'.join(left_out)})$).*" if left_out else None)


def every_way(t, suite):
    """Every way to stderr, on a file."""
    matrix(t, suite, ["main"], ["file"])


def every_way_everywhere(t, suite):
    """Every way to stderr, on the other kinds, and in other contexts."""
    matrix(t, suite, ["main"], ["pipe", "pty", "socket"])
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


def threads_end(t):
    """The kernel's mark is in the slots of threads that ended, and not in that
    of a parent whose child ended its first thread by pthread_exit()."""
    source = t.write("ends.c", """
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* Where the first thread has ended, musl can end no other but by _exit(). */
static void *outlive(void *unused)
{
    char path[64], state[256] = "";
    sprintf(path, "/proc/self/task/%d/stat", getpid());
    while (!strstr(state, ") Z ")) {
        FILE *file = fopen(path, "r");
        fgets(state, sizeof state, file);
        fclose(file);
    }
    write(2, "outlived\\n", 9);
    _exit(0);
}
static void *work(void *way)
{
    write(2, "thread\\n", 7);
    if (way)
        pthread_exit(NULL);
    return NULL;
}
int main(void)
{
    pthread_t thread;
    for (long i = 0; i < 2; i++) {
        pthread_create(&thread, NULL, work, (void *)i);
        pthread_join(thread, NULL);
    }
    write(2, "parent\\n", 7);
    pid_t pid = fork();
    if (!pid) {
        pthread_create(&thread, NULL, outlive, NULL);
        pthread_exit(NULL);
    }
    waitpid(pid, NULL, 0);
    write(1, "?\\n", 2);
    read(0, &pid, 1);
    return 0;
}
""")
    program = t.dir / "ends"
    subprocess.run(["musl-gcc", "-w", "-pthread", "-o", program, source],
                   check=True)
    directory, (ours, theirs) = t.session_dir(), os.pipe()
    process = t.spawn([program], "preload", stdin=ours,
                      env=t.preload_env(directory))
    os.close(ours)
    t.wait_for(lambda: open(process.logtap[2].name.replace(".err", ".out"))
               .read(), "the child has ended")
    slots = segment.read_all(directory)
    marks = {(slot.pid == process.pid, slot.tid == slot.pid):
             bool(slot.death_word & OWNER_DIED) for slot in slots}
    os.close(theirs)
    t.finish(process)
    t.equal({slot.flags & NO_DEATH_MARK for slot in slots}, {0}, "no mark")
    t.equal(marks, {(True, True): False, (True, False): True,
                    (False, True): True, (False, False): True},
            "(of the parent, first thread): marked")


HAZARDS = """strict_seccomp a_filter_that_allows_only_writing
    executed_under_filters_that_kill no_time_stamp_counter files_may_not_grow
    a_fork_server forks_in_a_signal_handler an_environment_that_is_cleared
    a_daemon_that_closes_everything detached_threads""".split()
MORE_HAZARDS = """memory_that_may_not_become_code neither_privileges_nor_dumps
    few_descriptors little_address_space no_processes_and_no_data
    all_memory_locked another_root another_user other_namespaces
    a_tmpfs_of_any_size little_memory a_thousand_threads_at_once a_storm_of_vforks
    ten_thousand_threads_in_sequence a_storm_of_signals
    executes_itself three_hundred_short_processes under_valgrind""".split()


@case(timeout=120)
def musl_and_what_bites(t):
    """Sandboxes, limits, threads, forks and children without an environment, in
    programs of musl; a kernel's mark for each thread's end."""
    libc_of(t, "musl")
    threads_end(t)
    for name in HAZARDS:
        getattr(cases_of("hazards"), name)(t)
    cases_of("threads").everything_at_once(t)
    cases_of("children").scrubbed_and_followed(t, ["execveat"])
    cases_of("divert").all_ways_captured_and_not_written(
        t, [[way, "3", "500"] for way in ("write", "writev", "stdio",
                                          "dprintf")])


@case(timeout=400, long=True)
def musl_and_what_else_bites(t):
    """The other hazards."""
    libc_of(t, "musl")
    for name in MORE_HAZARDS:
        getattr(cases_of("hazards"), name)(t)


@case()
def children_of_another_libc(t):
    """`logtap run` of both builds: a shell of glibc starts programs of musl, and
    a program of musl shells of glibc; all are captured, by one collector."""
    libc = libc_of(t, "musl")
    lines = libc.program("lines")
    shell = f"echo before >&2; {lines} write 1 3; {lines} stdio 1 3; " \
            "echo after >&2"
    bare, *captured = t.compare(["/bin/sh", "-c", shell],
                                normal=number(rb"(?<=tid=)\d+"),
                                tids=r"tid=(\d+)")
    t.equal(len(bare.stderr_lines()), 8, "lines")
    outcome = t.run([libc.program("scrub"), "execve"])
    t.lines_once(outcome, ["by execve"])


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


def wrong_library(t, shim, argv, loose=False):
    """The library of another libc than argv's: not a byte differs, nothing is
    captured, nothing is said."""
    bare, t.shim = t.bare(argv), shim
    held = t.preload(argv)
    if loose:  # what came is in the output
        t.equal((held.status, bool(held.stderr)),
                (bare.status, bool(bare.stderr)), str(argv))
    else:
        t.same(bare, held, number(rb"\d+"), ordered=False)
    return held.records


@case()
def the_wrong_library_stands_down(t):
    """The build for glibc in programs of musl, the build for musl in those of
    glibc."""
    glibc = t.shim
    of_glibc = {name: t.program(name) for name in
                ("children", "dies", "handler", "syslog", "matrix")}
    libc = libc_of(t, "musl")
    for name, arguments in (("children", []), ("dies", ["abort"]),
                            ("dies", ["assert"]), ("handler", ["200"]),
                            ("syslog", ["perror"]),
                            ("matrix", ["main", "perror", "dprintf"])):
        for shim, program in ((glibc, libc.program(name)),
                              (builds.musl() / "shim/liblogtap.so",
                               of_glibc[name])):
            records = wrong_library(t, shim, [program, *arguments],
                                    name == "handler")
            # children starts a shell, which is glibc's and captured.
            t.equal([record.body for record in records if record.resource[
                "process.executable.name"] == name], [], f"{name}: records")
    wrong_library(t, builds.musl() / "shim/liblogtap.so",
                  ["/bin/bash", "-c", "ls /nowhere; echo $BASHPID; exit 3"])
