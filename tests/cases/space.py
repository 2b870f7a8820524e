# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""File systems that are full, and directories that go away, while programs log:
these run as bare, what is captured and what is not adds up, and the collector
says what is wrong once, and comes to its end."""
import os
import pathlib
import shutil

from harness import case
from harness.small_fs import enter_tmpfs, fill, small_tmpfs
from harness.writer import Writer

# Threads, each with lines of many lengths; begins at the end of its input.
THREADS = r"""
import os, sys, threading
count, size = int(sys.argv[1]), int(sys.argv[2])
sys.stdin.buffer.read()
def work(k):
    for i in range(count):
        os.write(2, b"%d:%d %s\n" % (k, i, b"x" * (i * 37 % size)))
threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
# The same in three children that are forked then, and in itself.
FORKS = THREADS.replace("def work(k)", """
children = []
for child in range(3):
    pid = os.fork()
    if not pid: break
    children.append(pid)
def work(k)""") + r"""
for pid in children: os.waitpid(pid, 0)
"""


def python(script, *arguments):
    return ["/usr/bin/python3", "-c", script, *arguments]


def gated(t, argv, directory, count, **env):
    """So many preloaded ones, and what lets them begin."""
    reading, writing = os.pipe()
    hosts = [t.spawn(argv, "preload", stdin=reading,
                     env={**t.preload_env(directory), **env})
             for _ in range(count)]
    os.close(reading)
    return hosts, lambda: os.close(writing)


def judge(t, bare, outcomes, records, status, told=True):
    """As bare, and each byte that was written is accounted for.  told: of every
    process there is a segment."""
    for outcome in outcomes:
        t.same(bare, outcome, ordered=False)
    written = set(bare.stderr_lines())
    for record in records:
        if "logtap.diagnostic" in record.attributes:
            continue
        body = record.body
        t.check(body in written or
                ("logtap.truncated" in record.attributes and
                 any(body in line for line in written)),
                f"not of a line: {body[:60]!r}")
    dropped = status["dropped"]
    t.equal(status["in_flight_chunks"], 0, "in flight")
    t.equal(status["chunks"],
            status["settled_chunks"] + sum(dropped.values()), "chunks")
    t.equal(status["bytes"], status["journalled_bytes"] +
            sum(status["dropped_bytes"].values()), "bytes")
    if told:
        t.equal(status["bytes"] + status["uncaptured_bytes"],
                len(outcomes) * len(bare.stderr), "bytes written")


def lines_of(records):
    return [r.body for r in records
            if "logtap.diagnostic" not in r.attributes]


def said(t, collector, what, most=1):
    """It said that, with the directory, and not again and again."""
    lines = [line for line in collector.stderr.decode().splitlines()
             if what in line]
    t.check(len(lines) <= most, f"{len(lines)} times: {lines[:3]}")
    t.check(all("dir=" in line for line in lines), f"where: {lines[:1]}")
    return len(lines)


@case(timeout=120)
def a_tmpfs_that_rings_fill(t):
    """Four processes of five threads, with nothing else on it."""
    for kib, size, all_fit in ((256, 100, True), (256, 3000, False),
                               (160, 3000, False), (256, 30000, False)):
        folder = small_tmpfs(t, f"size={kib}k")
        argv = python(THREADS, 300, size)
        bare = t.bare(argv)
        collector = t.collect(folder)
        hosts, begin = gated(t, argv, folder, 4)
        if all_fit:  # before rings grow
            t.wait_for(lambda: collector.status()["processes"] == 4,
                       "4 processes")
        begin()
        outcomes = [t.finish(host) for host in hosts]
        records = collector.end()
        status = collector.status()
        judge(t, bare, outcomes, records, status, told=all_fit)
        full = said(t, collector, "takes no more", most=5)
        t.note(f"{kib} KiB, {size}: {status['settled_chunks']} of "
               f"{status['chunks']} kept, {full} times full")


def two_that_wait(t, lines, free):
    """(bare outcome, collector, two hosts that wait for room, what fills the
    file system but for so many bytes)."""
    folder = small_tmpfs(t, "size=512k")
    argv = python(THREADS, lines, 200)
    bare = t.bare(argv)
    collector = t.collect(folder)
    hosts, begin = gated(t, argv, folder, 2, LOGTAP_FULL="block:60000")
    t.wait_for(lambda: collector.status()["processes"] == 2, "2 processes")
    filler = fill(folder, free)
    begin()
    return bare, collector, hosts, filler


@case(timeout=120)
def hosts_that_wait_for_room(t):
    """block: the journal goes on, so nothing is dropped, though the file system
    is full all the time."""
    bare, collector, hosts, filler = two_that_wait(t, 2000, 0)
    outcomes = [t.finish(host) for host in hosts]
    filler.unlink()
    records = collector.end()
    status = collector.status()
    judge(t, bare, outcomes, records, status)
    t.equal(sum(status["dropped"].values()), 0, "dropped")
    t.check(status["settled_chunks"] >= 4000, "no thread was captured")


# What a child says is read by its parent, who keeps it.
PARENT = r"""
import subprocess, sys
child = "import os\nfor i in range(20000): os.write(2, b'%095d\\n' % i)"
done = subprocess.run([sys.executable, "-c", child], stderr=subprocess.PIPE)
print(len(done.stderr))
"""


@case(timeout=120)
def a_pipe_of_which_is_not_known_who_reads_it(t):
    """Its lines are held until it is; meanwhile they keep no room that a host
    waits for."""
    enter_tmpfs(t, "/dev/shm", "size=1m")
    outcome = t.run(python(PARENT), quiet=False,
                    env={"LOGTAP_FULL": "block:1500"})
    t.equal(outcome.stdout.decode().split(), ["1920000"], "what was read")
    said = outcome.stderr.decode()
    t.check(", 0 dropped, 20,000 hidden lines" in said, said)


@case(timeout=120)
def a_collector_that_is_killed_there(t):
    """The next one goes on: what the journal had is not lost, and the accounts
    of both add up."""
    bare, collector, hosts, filler = two_that_wait(t, 1500, 16 << 10)
    t.wait_for(lambda: collector.file.stat().st_size > 100_000, "records")
    collector.kill()
    filler.unlink()
    collector = collector.restart()
    outcomes = [t.finish(host) for host in hosts]
    records = collector.end()
    status = collector.status()
    judge(t, bare, outcomes, records, status)
    once = {r.attributes.get("log.record.uid") for r in records}
    t.check(len(once) >= status["settled_chunks"], "a record is lost")


@case(timeout=120)
def a_collector_that_comes_late(t):
    """To a file system that the dead have filled: it reads them all the same,
    and so there is room again."""
    folder = small_tmpfs(t, "size=512k")
    argv = python(THREADS, 30, 200)
    bare = t.bare(argv)
    outcomes = [t.finish(t.spawn(argv, "preload", env=t.preload_env(folder)))
                for _ in range(4)]
    fill(folder, 0)
    collector = t.collect(folder)
    records = collector.end()
    judge(t, bare, outcomes, records, collector.status(), told=False)
    t.check(lines_of(records), "nothing was read")
    t.equal(list(folder.glob("*.seg")), [], "segments")


@case(timeout=120)
def children_and_threads_of_a_full_tmpfs(t):
    """Nothing is left for a first segment, for a thread's slot, for a child."""
    argv = python(FORKS, 50, 100)
    bare = t.bare(argv)
    for free in (0, 48 << 10, 100 << 10):
        folder = small_tmpfs(t, "size=1m")
        collector = t.collect(folder)
        hosts, begin = gated(t, argv, folder, 2)
        t.wait_for(lambda: collector.status()["processes"] == 2, "2 processes")
        filler = fill(folder, free)
        begin()
        outcomes = [t.finish(host) for host in hosts]
        late = t.finish(t.spawn(argv, "preload", env=t.preload_env(folder)))
        t.same(bare, late, ordered=False)
        filler.unlink()
        records = collector.end()
        judge(t, bare, outcomes, records, collector.status(), told=False)


@case(timeout=120)
def few_inodes(t):
    """Files that cannot be made, with room in plenty."""
    folder = small_tmpfs(t, "size=8m,nr_inodes=12")
    argv = python(THREADS, 200, 300)
    bare = t.bare(argv)
    collector = t.collect(folder)
    hosts, begin = gated(t, argv, folder, 8)
    begin()
    outcomes = [t.finish(host) for host in hosts]
    records = collector.end()
    judge(t, bare, outcomes, records, collector.status(), told=False)
    said(t, collector, "cannot write status.json", most=3)


@case(timeout=120)
def a_directory_that_is_removed(t):
    """Who runs is captured to its end; who starts then is not, and runs as
    bare."""
    collector = t.collect()
    writer = Writer(t, collector.dir, LOGTAP_FULL="block:60000")
    writer.write(100)
    t.wait_for(lambda: collector.status()["settled_chunks"] == 100, "100 lines")
    shutil.rmtree(collector.dir)
    writer.write(20_000)
    argv = python(THREADS, 10, 100)
    t.same(t.bare(argv), t.finish(t.spawn(
        argv, "preload", env=t.preload_env(collector.dir))), ordered=False)
    t.wait_for(lambda: b"directory was removed" in os.pread(
        collector.process.logtap[3].fileno(), 1 << 16, 0), "the message")
    t.equal(writer.end().status, 0, "status")
    t.equal(lines_of(collector.end()), writer.expected(), "records")
    t.equal(said(t, collector, "directory was removed"), 1, "messages")
    said(t, collector, "cannot write status.json")


USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def until_in_memory(t):
    """(collector, writer): both another user's, who may not make files in the
    directory any more, so that the journal goes on in memory."""
    if os.getuid():
        t.skip("another user takes root")
    directory = t.session_dir()
    os.chmod(t.dir, 0o777)
    os.chown(directory, 65534, 65534)
    collector = t.collect(directory, ["--journal-bytes", "1048576"],
                          prefix=USER)
    writer = Writer(t, directory, USER, LOGTAP_FULL="block:60000")
    writer.write(100)
    t.wait_for(lambda: collector.status()["settled_chunks"] == 100, "100 lines")
    os.chmod(directory, 0o500)
    writer.write(40_000)
    log = collector.process.logtap[3].fileno()
    t.wait_for(lambda: b"goes on in memory" in os.pread(log, 1 << 16, 0),
               "the message")
    return collector, writer


@case(timeout=120)
def a_directory_that_cannot_be_written_to(t):
    """The journal takes more than a file of it, and goes on in memory; all is as
    before when it can be written to again."""
    collector, writer = until_in_memory(t)
    os.chmod(collector.dir, 0o700)
    writer.write(40_000)
    t.equal(writer.end().status, 0, "status")
    t.equal(lines_of(collector.end()), writer.expected(), "records")
    t.equal(said(t, collector, "goes on in memory"), 1, "messages")
    t.equal(collector.status()["settled_chunks"], writer.total, "settled")


@case(timeout=120)
def a_collector_that_is_killed_in_memory(t):
    """What it took then the next one counts as unknown, and not as dropped; no
    more is lost, and some of it was delivered."""
    collector, writer = until_in_memory(t)
    collector.kill()
    os.chmod(collector.dir, 0o700)
    collector = collector.restart()
    writer.write(1000)
    t.equal(writer.end().status, 0, "status")
    lines = lines_of(collector.end())
    status = collector.status()
    unknown = status["unknown_chunks"]
    t.equal(sum(status["dropped"].values()), 0, f"{status['dropped']}")
    t.equal(status["chunks"], writer.total, "chunks")
    t.equal(status["chunks"], status["settled_chunks"] + unknown, "accounts")
    t.check(len(set(lines)) >= status["settled_chunks"], "lost, not counted")
    t.equal(lines[-1000:], writer.expected()[-1000:], "what came then")
    t.check(len(set(lines)) > status["settled_chunks"],
            "nothing was delivered of what was taken in memory")
    t.note(f"{unknown} of {writer.total} taken in memory, "
           f"{writer.total - len(set(lines))} of them lost")


def without_quota(t, process):
    """What ends it.  Until then no write of @process's to the journal finds room:
    as where its user's quota is used up."""
    strace = t.spawn([t.tool("strace"), "-f", "-qq", "-o", "/dev/null",
                      "-p", process.pid, "-e", "trace=pwritev",
                      "-e", "inject=pwritev:error=EDQUOT"], "strace")
    tasks = pathlib.Path("/proc", str(process.pid), "task")

    def traced():
        if strace.poll() is not None:
            t.skip("strace may not trace here: "
                   f"{t.finish(strace).stderr.decode()[-200:]}")
        return all("TracerPid:\t0" not in (task / "status").read_text()
                   for task in tasks.iterdir())

    t.wait_for(traced, "strace to trace every thread")

    def end():
        strace.terminate()
        strace.wait()
    return end


@case(timeout=120)
def a_quota_that_is_used_up(t):
    """Its host runs on, and what had no room is counted; the message says what is
    wrong.  All is as before when there is room again.  Where all had been
    delivered by then, the journal goes on in memory, and that may be enough."""
    collector = t.collect()
    log = collector.process.logtap[3].fileno()
    writer = Writer(t, collector.dir, LOGTAP_RING_BYTES="65536")
    writer.write(100)
    t.wait_for(lambda: collector.status()["settled_chunks"] == 100, "100 lines")
    end = without_quota(t, collector.process)
    writer.write(40_000)
    t.wait_for(lambda: b"quota" in os.pread(log, 1 << 16, 0), "the message")
    end()

    def has_read():
        status = collector.status()
        return (status["chunks"] == writer.total and
                not status["in_flight_chunks"])

    t.wait_for(has_read, "what the ring held")
    writer.write(100)
    t.equal(writer.end().status, 0, "status")
    t.equal(writer.written(), writer.expected(), "lines of stderr")
    lines = lines_of(collector.end())
    status = collector.status()
    dropped = sum(status["dropped"].values())
    t.check(dropped or b"goes on in memory" in collector.stderr,
            "nothing was dropped")
    t.equal(status["chunks"], writer.total, "chunks")
    t.equal(status["settled_chunks"] + dropped, writer.total, "accounts")
    t.equal(len(lines), status["settled_chunks"], "records")
    t.equal([lines[0], lines[99], lines[-100], lines[-1]],
            ["line 0", "line 99", "line 40100", "line 40199"], "records")
    t.equal(said(t, collector, "disk quota is used up"), 1, "messages")


@case(timeout=120)
def a_full_disk_of_the_destination(t):
    """The records wait in the journal, and are all there when it has room."""
    folder = small_tmpfs(t, "size=256k")
    filler = fill(folder, 64 << 10)
    collector = t.collect(options=["-o", folder / "records.jsonl"])
    log = collector.process.logtap[3].fileno()
    writer = Writer(t, collector.dir, LOGTAP_FULL="block:60000")
    writer.write(400)
    t.wait_for(lambda: b"cannot write records" in os.pread(log, 1 << 16, 0),
               "the message")
    filler.unlink()
    writer.end()
    collector.finish()
    t.equal(lines_of(t.read(folder / "records.jsonl")), writer.expected(),
            "records")
    for what in (b"cannot write records", b"writes records again"):
        t.equal(collector.stderr.count(what), 1, f"{what}")
