# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What the library leaves in shared memory, read without the collector."""
import collections
import os
import random
import signal
import stat
import time

from harness import case, segment
from harness.devlog import namespace_words

OWNER_DIED = 0x40000000


def left_by(t, argv, **spawn):
    """(outcome, slots) of a program that no collector watched.  Where so many
    handlers ran inside of one call that their ring went round, it has given up
    the oldest, as it should, and the program runs again."""
    for _ in range(10):
        directory = t.session_dir()
        outcome = t.finish(t.spawn(argv, "preload", **spawn,
                                   env=t.preload_env(directory)))
        slots = segment.read_all(directory)
        if not any(slot.went_round for slot in slots):
            break
    return outcome, slots


def total(slots):
    counted = collections.Counter()
    for slot in slots:
        counted.update(slot.counters)
    return counted


@case()
def counters_agree_with_chunks(t):
    """Chunks and bytes produced are those in the rings, nested ones too."""
    for argv in ([t.program("handler"), "1000"],
                 [t.program("lines"), "mixed", "6", "500"],
                 [t.program("children")]):
        outcome, slots = left_by(t, argv)
        chunks = [chunk for slot in slots
                  for chunk in slot.main + slot.nested]
        counted = total(slots)
        t.equal(counted["chunks"], len(chunks), "chunks")
        t.equal(counted["bytes"], sum(len(c.payload) for c in chunks), "bytes")
        t.equal(counted["bytes"], len(outcome.stderr), "bytes of stderr")
        t.equal(counted["dropped_chunks"] + counted["nested_dropped_chunks"],
                0, "dropped")
        t.equal(counted["nested_chunks"],
                sum(len(slot.nested) for slot in slots), "nested chunks")


@case()
def sequences_have_no_gap(t):
    """Per thread, across its slots and both rings; what was dropped took a
    number, too."""
    _, slots = left_by(t, [t.program("handler"), "1000"])
    numbers = [chunk.sequence for slot in slots
               for chunk in slot.main + slot.nested]
    counted = total(slots)
    dropped = counted["dropped_chunks"] + counted["nested_dropped_chunks"]
    t.equal(len(numbers), len(set(numbers)), "numbers used once")
    t.equal(max(numbers) + 1, len(numbers) + dropped, "numbers")


@case()
def slots_name_their_threads(t):
    """pid, tid and name of every thread; the kernel marked each one dead."""
    outcome, slots = left_by(t, [t.program("lines"), "write", "5", "10"])
    writers = {int(line.split("tid=")[1].split()[0])
               for line in outcome.stderr_lines()}
    t.equal({slot.tid for slot in slots if slot.main}, writers, "threads")
    t.equal(len({slot.pid for slot in slots}), 1, "processes")
    t.equal({slot.name for slot in slots}, {"lines"}, "names")
    t.check(all(slot.death_word & OWNER_DIED for slot in slots),
            "a thread that ended is not marked as dead")


@case()
def files_are_private(t):
    """Mode 0600 whatever the umask."""
    directory = t.session_dir()
    previous = os.umask(0)
    try:
        t.finish(t.spawn([t.program("dies"), "nothing"], "preload",
                         env=t.preload_env(directory)))
    finally:
        os.umask(previous)
    modes = [stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode)
             for name in os.listdir(directory)]
    t.equal(modes, [0o600], "modes")


@case()
def killed_at_a_random_moment(t):
    """20 times: rings are whole, and hold every line but the one in flight."""
    chance = random.Random()
    for _ in range(20):
        directory = t.session_dir()
        error = t.dir / f"{t.runs + 1}-preload.err"
        process = t.spawn([t.program("lines"), "paced", "4", "0"], "preload",
                          env=t.preload_env(directory))
        t.wait_for(lambda: error.stat().st_size, "its first line")
        time.sleep(chance.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        outcome = t.finish(process)
        texts = segment.text_of(segment.read_all(directory))
        written = collections.defaultdict(bytes)
        for line in outcome.stderr.splitlines(True):
            written[int(line.split(b"tid=")[1].split()[0])] += line
        for tid, text in written.items():
            got = texts.pop(tid, b"")
            t.check(text.startswith(got) and
                    text[len(got):].count(b"\n") <= 1,
                    f"thread {tid}: {text.count(bytes([10]))} lines written, "
                    f"{got.count(bytes([10]))} in the ring")
        t.equal({tid: text for tid, text in texts.items() if text}, {},
                "threads that wrote nothing")


@case()
def no_place_for_segments(t):
    """LOGTAP_DIR that is not there, or not on tmpfs: the program runs as bare
    and nothing is created."""
    disk = t.dir / "on-disk"
    disk.mkdir(mode=0o700)
    for directory in ("/nowhere/at/all", "relative", "", disk):
        bare = t.bare([t.program("ways")])
        outcome = t.finish(t.spawn([t.program("ways")], "preload",
                                   env=t.preload_env(directory)))
        t.same(bare, outcome)
    if os.statvfs(t.dir).f_fsid != os.statvfs("/dev/shm").f_fsid:
        kind = os.popen(f"stat -f -c %T {t.dir}").read().strip()
        if kind != "tmpfs":
            t.equal(os.listdir(disk), [], "files on a disk")


@case()
def disabled(t):
    """LOGTAP_DISABLED: nothing is created."""
    directory = t.session_dir()
    bare = t.bare([t.program("ways")])
    outcome = t.finish(t.spawn(
        [t.program("ways")], "preload",
        env={**t.preload_env(directory), "LOGTAP_DISABLED": "1"}))
    t.same(bare, outcome)
    t.equal(os.listdir(directory), [], "files")


# As in a container: the collector is in there, too, and comes later.
CONTAINER = """
say() { LOGTAP_DIR=$dir LD_PRELOAD=$shim "$@" 2>> $dir.said; }
for i in 1 2 3 4 5; do say $lines write 6 5; done
say sh -c "$lines write 6 5 &"
$logtap collect --dir $dir -o $dir.records & collector=$!
while ls $dir | grep -q seg; do sleep 0.1; done
kill $collector
wait $collector
"""


@case()
def none_stays_in_a_container(t):
    """Threads have a second segment, whose end nobody tells; in a pid namespace
    of its own the collector knows who can have it mapped."""
    directory = t.dir / "segments"
    directory.mkdir()
    words = [*namespace_words(), "--pid", "--fork", "--mount-proc", "sh",
             "-ec", f"mount -t tmpfs tmpfs {directory}; {CONTAINER}"]
    env = {"dir": directory, "shim": t.shim, "lines": t.program("lines"),
           "logtap": t.logtap_program}
    probe = t.bare([*words[:-3], "true"])
    if probe.status:
        t.skip(f"no pid namespace: {probe.stderr[:200]!r}")
    done = t.bare(words, env=env, timeout=30)
    t.equal(done.status, 0, f"status: {done.stderr!r}")
    said = (t.dir / "segments.said").read_text().splitlines()
    t.equal(len(said), 6 * 30, "lines")
    t.equal(sorted(r.body for r in t.read(t.dir / "segments.records")),
            sorted(said), "records")
