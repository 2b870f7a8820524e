# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Ordinary programs of a Debian system that write to stderr: the same output
and status as bare, each line one record, of the thread that wrote it."""
import re

from harness import case


def number(pattern):
    """Put N for the digits of group 1."""
    return lambda data: re.sub(pattern, rb"N", data)


@case()
def bash_echo_to_stderr(t):
    """bash builtins, a pipeline and a subshell; status 3."""
    t.compare(["/bin/bash", "-c", """
        for i in 1 2 3; do echo "line $i tid=$BASHPID" >&2; done
        printf 'no pid here\\n' >&2
        ( echo "subshell tid=$BASHPID" >&2 )
        echo "to stdout"
        cd /nowhere
        exit 3"""], normal=number(rb"(?<=tid=)\d+"), tids=r"tid=(\d+)")


@case()
def dash_and_coreutils(t):
    """A shell that runs programs, each with its own message."""
    t.compare(["/bin/sh", "-c", """
        echo one >&2
        ls /nowhere/at/all
        cat /nowhere
        rm /nowhere
        sed -n 'nonsense'
        echo two >&2
        false"""])


PYTHON_THREADS = """
import logging, os, sys, threading
logging.basicConfig(level=logging.INFO, stream=sys.stderr,
                    format="%(levelname)s tid=%(native)d %(message)s")
old = logging.getLogRecordFactory()
def factory(*args, **kwargs):
    record = old(*args, **kwargs)
    record.native = threading.get_native_id()
    return record
logging.setLogRecordFactory(factory)
def work(number):
    for i in range(250):
        logging.info("thread %d line %d", number, i)
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("unbuffered", file=sys.stderr, end=""); print(" line", file=sys.stderr)
os.write(2, b"os.write tid=%d\\n" % threading.get_native_id())
logging.error("caf\\u00e9 \\u65e5\\u672c")
raise SystemExit("a message and status 1")
"""


@case()
def python_logging_from_threads(t):
    """1500 lines of six threads of CPython."""
    script = t.write("log.py", PYTHON_THREADS)
    t.compare(["/usr/bin/python3", script], tids=r"tid=(\d+)", ordered=False,
              normal=number(rb"(?<=tid=)\d+"))


@case()
def python_traceback(t):
    """An uncaught exception: each line of the traceback is one record."""
    script = t.write("raise.py", "def inner():\n    return {}['missing']\n\n"
                                 "inner()\n")
    t.compare(["/usr/bin/python3", script])


@case()
def python_subprocesses(t):
    """multiprocessing (fork) and subprocess (vfork, exec)."""
    script = t.write("children.py", """
import multiprocessing, os, subprocess, sys, threading
def child(n):
    print(f"child {n} tid={threading.get_native_id()}", file=sys.stderr)
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        pool.map(child, range(10), chunksize=1)
    subprocess.run(["sh", "-c", "echo shell tid=$$ >&2"])
    subprocess.run(["sh", "-c", "echo hidden"], stdout=subprocess.DEVNULL)
""")
    t.compare(["/usr/bin/python3", script], tids=r"tid=(\d+)", ordered=False,
              normal=number(rb"(?<=tid=)\d+"))


@case()
def perl_warn(t):
    """warn, print STDERR, syswrite, die."""
    t.compare([t.tool("perl"), "-e", r"""
        warn "warned tid=$$\n";
        warn "without a line feed";
        print STDERR "printed ", "in ", "pieces\n";
        syswrite STDERR, "syswrite\n";
        if (!fork) { warn "child tid=$$\n"; exit 0 }
        wait;
        die "died tid=$$\n";"""], tids=r"tid=(\d+)",
        normal=number(rb"(?<=tid=)\d+"))


@case()
def cpp_cerr(t):
    """std::cerr and std::clog, in pieces, from threads and static objects."""
    t.compare([t.program("cerr")], tids=r"tid=(\d+)", ordered=False,
              normal=number(rb"(?<=tid=)\d+"))


@case()
def every_way_in_c(t):
    """Each way that C has to write a line; errno is as it was."""
    t.compare([t.program("ways")])


@case()
def awk_find_sort_and_tar(t):
    """Tools that write through buffered FILEs of their own."""
    t.compare(["/bin/sh", "-c", """
        awk 'BEGIN { for (i = 0; i < 20; i++) print "awk", i > "/dev/stderr" }'
        find /nowhere -name x
        sort --nonsense
        dd if=/dev/zero of=/dev/null bs=1 count=1 status=none
        tar tf /nowhere.tar"""])
