# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Divert mode: what is captured is not written.  A line comes out in one of
the two places, and when it cannot be captured it is written."""
import collections
import re
import resource
import signal

from harness import case
from harness.devlog import DevLog, message_of
from harness.writer import Writer

PYTHON = "/usr/bin/python3"
DIVERT = {"LOGTAP_MODE": "divert"}


def one_place_each(t, lines, written, records, what):
    """Each line was either written or captured."""
    places = collections.Counter(written) + collections.Counter(records)
    expected = collections.Counter(lines)
    if places != expected:
        t.fail(f"{what}: missing {list((expected - places))[:5]}, too often "
               f"{list((places - expected))[:5]}")


def bodies(records):
    return [record.body for record in records]


@case()
def captured_and_not_written(t):
    """Under run --divert, every way to write: nothing on stderr, the same
    status and standard output, every line one record."""
    all_ways_captured_and_not_written(
        t, (["mixed", "3", "2000"], ["pieces", "1", "500"]))


def all_ways_captured_and_not_written(t, runs):
    for words in runs:
        argv = [t.program("lines"), *words]
        bare = t.bare(argv)
        outcome = t.run(argv, options=["--divert"])
        t.equal(outcome.status, 0, "status")
        t.equal(outcome.stdout, bare.stdout, "stdout")
        t.equal(outcome.stderr, b"", "written to stderr")
        t.equal(len(outcome.records), len(bare.stderr_lines()), "records")
        t.tids_match(outcome)


@case()
def a_shell_and_its_children(t):
    """Children divert, too; standard output is none of our business."""
    outcome = t.run(["/bin/sh", "-c", "echo one >&2; ls /nowhere; (echo two >&2"
                     "); echo out; exec env -i /bin/sh -c 'echo three >&2'"],
                    options=["--divert"])
    t.equal((outcome.status, outcome.stdout, outcome.stderr),
            (0, b"out\n", b""), "outcome")
    t.lines_once(outcome, ["one", "ls: cannot access '/nowhere': No such file "
                           "or directory", "two", "three"])


@case()
def syslog_is_not_sent(t):
    """No datagram reaches /dev/log; each message is a record."""
    log = DevLog(t)
    bare = t.bare([t.program("syslog")], prefix=log.prefix)
    sent = log.take()
    outcome = t.run([t.program("syslog")], options=["--divert"],
                    prefix=log.prefix)
    t.equal(outcome.status, bare.status, "status")
    got = log.take()
    texts = [message_of(data)[1] for data in got]
    # One that is too long for a ring as small as the first is sent.
    t.check(len(texts) <= 1, f"sent: {texts}")
    def without_pid(lines):
        return [re.sub(r"pid \d+", "pid N", line.rstrip("\n"))
                for line in lines]
    one_place_each(t, without_pid(message_of(data)[1] for data in sent),
                   without_pid(texts), without_pid(bodies(outcome.records)),
                   "messages")


@case(timeout=120)
def a_full_ring(t):
    """Lines that find no room are written, and only written; they are
    counted."""
    for words in (["mixed", "2", "20000"], ["write", "1", "50000"]):
        collector = t.collect()
        argv = [t.program("lines"), *words]
        lines = collections.Counter(
            line.split()[2] for line in t.bare(argv).stderr_lines())
        outcome = t.finish(t.spawn(
            argv, "preload", env={**t.preload_env(collector.dir), **DIVERT,
                                  "LOGTAP_RING_BYTES": "4096"}))
        t.equal(outcome.status, 0, "status")
        records = collector.end()
        written = outcome.stderr_lines()
        one_place_each(t, lines.elements(),
                       [line.split()[2] for line in written],
                       [r.body.split()[2] for r in records], "lines")
        t.check(written and records, f"{len(written)} lines written, "
                f"{len(records)} captured")
        status = collector.status()
        t.equal(status["fallback_calls"], len(written), "fallback_calls")
        t.equal(sum(status["dropped"].values()), 0, "dropped")
        t.equal(status["chunks"], len(records), "chunks")
        t.note(f"{len(written)} of {sum(lines.values())} lines written")


@case()
def a_full_ring_and_time(t):
    """LOGTAP_FULL=block: with time enough nothing need be written."""
    collector = t.collect()
    outcome = t.finish(t.spawn(
        [t.program("lines"), "write", "1", "20000"], "preload",
        env={**t.preload_env(collector.dir), **DIVERT,
             "LOGTAP_RING_BYTES": "4096", "LOGTAP_FULL": "block:60000"}))
    t.equal((outcome.status, outcome.stderr), (0, b""), "outcome")
    t.equal(len(collector.end()), 20000, "records")


@case()
def the_collector_is_killed(t):
    """Once it is seen to be gone lines appear where they would have gone; what
    was captured before is still there for the next one."""
    collector = t.collect()
    writer = Writer(t, collector.dir, **DIVERT)
    writer.write(100)
    t.wait_for(lambda: collector.status()["chunks"] == 100, "100 chunks")
    t.equal(writer.written(), [], "written")
    collector.kill()

    def one_more():
        writer.write(1)
        return writer.written()
    t.wait_for(one_more, "lines to be written")
    before = writer.total
    writer.write(100)
    t.equal(writer.written()[-100:], writer.expected()[before:], "written")
    first = writer.written()[0]
    outcome = writer.end()
    # From then on it is as if it were not diverting.
    t.equal(outcome.stderr_lines(), writer.expected()[
        writer.expected().index(first):], "written, in order")
    rescue = collector.restart()
    records = rescue.end()
    by_uid = {r.attributes["log.record.uid"]: r for r in records}
    captured = set(bodies(by_uid.values()))
    t.equal(len(captured), len(by_uid), "captured once")
    t.equal(captured | set(outcome.stderr_lines()), set(writer.expected()),
            "written or captured")
    t.equal(set(writer.expected()[:before]) - captured, set(),
            "captured before it was seen to be gone")
    t.check(len(by_uid) >= 100, f"{len(by_uid)} records")


@case()
def the_last_ring_is_not_overwritten(t):
    """The collector is killed and stays away: what was diverted is kept, as it
    is nowhere else, and the newest are dropped, as they are written."""
    collector = t.collect()
    writer = Writer(t, collector.dir, LOGTAP_RING_BYTES="4096", **DIVERT)
    writer.write(10)
    t.wait_for(lambda: collector.status()["chunks"] == 10, "10 chunks")
    collector.kill()
    writer.write(20)
    t.equal(writer.written(), [], "written")

    def one_more():
        writer.write(1)
        return writer.written()
    t.wait_for(one_more, "lines to be written")
    writer.write(1000)
    outcome = writer.end()
    records = collector.restart().end()
    t.equal(set(bodies(records)) | set(outcome.stderr_lines()),
            set(writer.expected()), "written or captured")
    t.equal(collector.status()["dropped"]["oldest_chunks"], 0, "overwritten")


@case()
def without_a_collector(t):
    """It is as in tee mode: written, and captured for one that comes late."""
    directory = t.session_dir()
    outcome = t.finish(t.spawn(
        [t.program("lines"), "mixed", "2", "50"], "preload",
        env={**t.preload_env(directory), **DIVERT}))
    t.equal(len(outcome.stderr_lines()), 100, "lines written")
    outcome.records = t.collect(directory).end()
    t.lines_once(outcome)


@case()
def a_ring_that_cannot_grow(t):
    """A limit on the size of files keeps rings small: a large write goes where
    it would have gone."""
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 10, 256 << 10))
    collector = t.collect()
    script = ("import os\nos.write(2, b'small\\n')\n"
              "os.write(2, b'x' * 200000 + b'\\n')\nos.write(2, b'end\\n')\n")
    outcome = t.finish(t.spawn(
        [PYTHON, "-c", script], "preload", preexec_fn=small_files,
        env={**t.preload_env(collector.dir), **DIVERT}))
    t.equal(outcome.status, 0, "status")
    t.equal(outcome.stderr, b"x" * 200000 + b"\n", "written")
    t.equal([record.body for record in collector.end()
             if "logtap.diagnostic" not in record.attributes],
            ["small", "end"], "captured")
    t.equal(collector.status()["fallback_calls"], 1, "fallback_calls")


ERRORS = r"""
import errno, os, signal, sys
def attempt(name, data=b"a line\n"):
    try:
        result = os.write(2, data)
    except OSError as error:
        result = errno.errorcode[error.errno]
    print(name, result, flush=True)
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
attempt("full")
end, pipe = os.pipe()
os.close(end)
os.dup2(pipe, 2)
attempt("pipe")
end, pipe = os.pipe2(os.O_NONBLOCK)
os.dup2(pipe, 2)
sent = 0
try:
    while sent < 1 << 22:
        sent += os.write(2, b"x" * 4095 + b"\n")
except OSError as error:
    sent = errno.errorcode[error.errno]
print("non-blocking", sent if isinstance(sent, str) else "takes all")
attempt("nothing", b"")
os.dup2(os.open("/dev/null", os.O_RDONLY), 2)
attempt("read-only")
os.close(2)
attempt("closed")
"""


def errors(text):
    return dict(line.rsplit(" ", 1) for line in text.decode().splitlines())


@case()
def content_and_not_errors(t):
    """ENOSPC, EPIPE and EAGAIN are not met, EBADF is; bare they all are."""
    bare = errors(t.bare([PYTHON, "-c", ERRORS]).stdout)
    t.equal(bare, {"full": "ENOSPC", "pipe": "EPIPE", "non-blocking": "EAGAIN",
                   "nothing": "0", "read-only": "EBADF", "closed": "EBADF"},
            "bare")
    # Without a session: in one, only its own stderr is diverted.
    collector = t.collect()
    outcome = t.finish(t.spawn(
        [PYTHON, "-c", ERRORS], "preload",
        env={**t.preload_env(collector.dir), **DIVERT,
             "LOGTAP_RING_BYTES": 8 << 20, "LOGTAP_FULL": "block:60000"}))
    t.equal(errors(outcome.stdout),
            {"full": "7", "pipe": "7", "non-blocking takes": "all",
             "nothing": "0", "read-only": "EBADF", "closed": "EBADF"},
            "diverted")
    t.equal(sum(r.body == "a line" for r in collector.end()), 2,
            "captured lines that bare would have failed")


@case()
def a_bad_pointer(t):
    """Faults, as any read of it would; the kernel would have said EFAULT."""
    script = ("import ctypes, os\n"
              "libc = ctypes.CDLL(None, use_errno=True)\n"
              "put = libc.write(2, ctypes.c_void_p(8), ctypes.c_size_t(100))\n"
              "print(put, ctypes.get_errno())\n")
    bare = t.bare([PYTHON, "-c", script])
    t.equal(bare.stdout, b"-1 14\n", "bare")
    tee = t.run([PYTHON, "-c", script])
    t.equal((tee.status, tee.stdout), (0, b"-1 14\n"), "tee")
    outcome = t.run([PYTHON, "-c", script], options=["--divert"])
    t.equal(outcome.status, -signal.SIGSEGV, "status")
