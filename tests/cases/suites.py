# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Test suites that others wrote for their programs: each test has the same
result under `logtap run` as bare.  The long form keeps what it found in
docs/results/."""
from harness import case
from harness.debian import Unavailable
from suites import results
from suites.bash import Bash
from suites.compare import compare
from suites.cpython import CPython
from suites.perl import Perl
from suites.redis import Redis
from suites.stress import Stress


def judge(t, make, keep=False):
    try:
        suite = make()
    except Unavailable as why:
        t.skip(str(why))
    verdict = compare(t, suite)
    if keep:
        results.keep(t, [verdict.line(),
                         *("    " + text for text in verdict.details())])
    t.check(verdict.bare, f"{suite.name}: no test ran")
    t.check(verdict.processes, f"{suite.name}: nothing was captured")
    t.check(not verdict.repeated,
            "\n".join([verdict.line(), *verdict.details()]))
    t.note(verdict.line())


# ---- short ----------------------------------------------------------------

@case(timeout=240)
def cpython_some(t):
    """CPython: crashes and their tracebacks, logging, and starting programs
    with every kind of redirection."""
    judge(t, lambda: CPython(
        "some", "test_faulthandler test_logging test_subprocess test_signal",
        patterns=("FaultHandlerTests", "BasicConfigTest", "SysLogHandlerTest",
                  "HandlerTest", "StreamHandlerTest", "LoggerTest",
                  "ProcessTestCase", "POSIXProcessTestCase", "PosixTests",
                  "WakeupSignalTests", "PendingSignalsTests")))


@case(timeout=120)
def bash_some(t):
    """bash: redirections, here documents, errors, coprocesses."""
    judge(t, lambda: Bash(t, "-some", "redir heredoc errors vredir coproc "
                                      "procsub execscript comsub dbg-support"))


@case(timeout=120)
def stress_ng_some(t):
    """stress-ng: some hundred processes, signals and pipes, verified."""
    judge(t, lambda: Stress(
        "-some", "fork vfork spawn exec daemon wait sigpipe sigsegv sigchld "
                 "signest pipe sockpair splice tee pty", seconds=8))


@case(timeout=120)
def perl_open3(t):
    """Perl: IPC::Open3, whose children have redirected streams."""
    judge(t, lambda: Perl("IPC-Open3", "perl", "ext/IPC-Open3"))


# ---- long -----------------------------------------------------------------

def long_case(name, promise, make, seconds=3600):
    def function(t):
        judge(t, lambda: make(t), keep=True)

    function.__name__ = name
    function.__doc__ = promise
    function.__module__ = __name__
    case(timeout=seconds, long=True)(function)


for part, modules in {
        "processes": "test_subprocess test_signal test_faulthandler",
        "files": "test_io test_os test_logging",
        "threads": "test_threading test_socket",
        "fork": "test_multiprocessing_fork "
                "test_multiprocessing_main_handling",
        "forkserver": "test_multiprocessing_forkserver",
        "spawn": "test_multiprocessing_spawn"}.items():
    long_case(f"cpython_{part}", f"CPython: {modules}",
              lambda t, part=part, modules=modules: CPython(part, modules))

long_case("bash_all", "All of bash's tests", Bash)
long_case("stress_ng_all", "stress-ng: processes, signals and pipes",
          lambda t: Stress())

for part, (package, folder, library) in {
        "File-Temp": ("perl", "cpan/File-Temp", None),
        "IPC-Cmd": ("perl", "cpan/IPC-Cmd", None),
        "IPC-Open3": ("perl", "ext/IPC-Open3", None),
        "IO": ("perl", "dist/IO", None),
        "Carp": ("perl", "dist/Carp", None),
        "Sys-Syslog": ("perl", "cpan/Sys-Syslog", None),
        "Time-HiRes": ("perl", "dist/Time-HiRes", None),
        "threads": ("perl", "dist/threads", None),
        "POSIX": ("perl", "ext/POSIX", None),
        "Test-Simple": ("perl", "cpan/Test-Simple", None),
        "Log-Log4perl": ("liblog-log4perl-perl", ".", "lib")}.items():
    long_case(f"perl_{part.replace('-', '_').lower()}", f"CPAN: {part}",
              lambda t, part=part, package=package, folder=folder,
              library=library: Perl(part, package, folder, library))

long_case("redis_server", "redis: commands, errors, crashes and shutdown",
          lambda t: Redis("""unit/auth unit/info unit/introspection unit/other
              unit/protocol unit/quit unit/networking unit/shutdown
              unit/oom-score-adj unit/keyspace unit/multi unit/pubsub
              unit/scripting unit/type/list unit/latency-monitor""", "-server"))
long_case("redis_persistence", "redis: child processes, files and tools",
          lambda t: Redis("""unit/aofrw integration/aof integration/rdb
              integration/logging integration/shutdown integration/redis-cli
              integration/redis-benchmark integration/replication-3
              integration/dismiss-mem""", "-persistence"))
