# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Records larger than the ring: split and rejoined; cut, where there is no room
for them, between characters, and they say how long they were."""
import collections
import os
import re
import threading

from harness import case
from harness.small_fs import enter_tmpfs, fill

MIB = 1 << 20


def line(number, size):
    """As tests/programs/large.c makes it, without its line feed."""
    head = f"line {number} "
    room = size - 1 - len(head)
    return head + "€" * (room // 3) + "x" * (room % 3)


def check_record(t, record, size, feed):
    """The record is of one line; whole, or it says how long that was.  feed: a
    host that cuts a call does not know that a line feed was its last byte."""
    body, attributes = record.body, record.attributes
    t.check("logtap.encoding_fixed" not in attributes and "\ufffd" not in body,
            f"cut inside a character: {body[-9:]!r}")
    t.equal(body.count("line "), body.startswith("line "), "glued")
    found = re.match(r"line (\d+) ", body)
    original = attributes.get("logtap.original_length")
    lost = attributes.get("logtap.truncated", False)
    if not found:  # the beginning is gone
        t.check(lost and body in line(0, size), f"what: {body[:40]!r}")
        t.check(original in (size - 1, size), f"its length: {original}")
        return
    whole = line(found[1], size)
    t.check(whole.startswith(body), f"not of the line: {body[-40:]!r}")
    if body == whole and not lost:
        t.equal(original, None, "length of a whole line")
    else:
        t.equal(original, size - 1 + (feed if lost else 0),
                f"length of {found[0]}")


def check_status(t, status):
    dropped = status["dropped"]
    t.equal(status["in_flight_chunks"], 0, "in flight")
    t.equal(status["chunks"],
            status["settled_chunks"] + sum(dropped.values()), "chunks")
    lost = status["bytes"] - status["journalled_bytes"] - sum(
        status["dropped_bytes"].values())
    others = dropped["oldest_chunks"] + dropped["unfinished_chunks"]
    t.check(lost >= 0 if others else lost == 0, f"{lost} bytes: {status}")


def large(t, size, count, how, where="plain", late=False, out=None, **env):
    """(outcome, status) of that many lines, each judged."""
    directory = t.session_dir()
    collector = None if late else t.collect(directory)
    argv = [t.program("large"), where, how, size, count]
    outcome = t.finish(t.spawn(argv, "preload", stderr=out,
                               env={**t.preload_env(directory), **env}), 100)
    if outcome.status == 77:
        t.skip(f"{where} is not possible here")
    t.equal(outcome.status, 0, "status")
    collector = collector or t.collect(directory)
    outcome.records = [r for r in collector.end()
                       if "logtap.diagnostic" not in r.attributes]
    status = collector.status()
    for record in outcome.records:
        check_record(t, record, size, how not in ("syslog", "event"))
    check_status(t, status)
    if how != "event":
        stream = how != "syslog"
        t.equal(status["bytes"], count * (size - 1 + stream), "bytes")
    return outcome, status


def drained():
    """A pipe that somebody reads."""
    reading, writing = os.pipe()

    def read():
        while os.read(reading, MIB):
            pass
        os.close(reading)
    threading.Thread(target=read, daemon=True).start()
    return os.fdopen(writing, "wb")


@case(timeout=120)
def one_call_of_three_mebibytes(t):
    """By each way: what the bare program does, and one record."""
    for how in ("write", "writev", "stdio", "syslog", "event"):
        outcome, _ = large(t, 3 * MIB, 1, how)
        t.same(t.bare([t.program("large"), "plain", how, 3 * MIB, 1]), outcome)
        t.equal(len(outcome.records), 1, f"records of {how}")
        body = outcome.records[0].body.encode()
        t.check(MIB // 2 < len(body) <= MIB, f"{how}: {len(body)} bytes")
        if how == "event":
            t.equal(outcome.records[0].attributes["n"], 42, "what is before it")


@case(timeout=120)
def into_a_pipe(t):
    """The kernel takes it in parts, each a call."""
    with drained() as out:
        outcome, _ = large(t, 3 * MIB, 1, "write", out=out)
    t.equal(len(outcome.records), 1, "records")


@case(timeout=120)
def lines_of_a_hundred_kilobytes_in_large_rings(t):
    """All whole."""
    for how in ("write", "stdio", "syslog", "event"):
        outcome, status = large(t, 100_000, 20, how, LOGTAP_FULL="block:60000")
        t.equal([r.body for r in outcome.records],
                [line(n, 100_000) for n in range(20)], f"records of {how}")
        t.equal(sum(status["dropped"].values()), 0, "dropped")


@case(timeout=120)
def lines_larger_than_a_ring_that_cannot_grow(t):
    """Under a file size limit, under a filter, by configuration: each is cut, and
    the next is there."""
    for where in ("plain", "fsize", "filter"):
        for how in ("write", "stdio", "syslog", "event"):
            with drained() as out:
                outcome, status = large(
                    t, 100_000, 5, how, where, out=out,
                    LOGTAP_FULL="drop-newest", LOGTAP_RING_BYTES="16384")
            t.check(outcome.records, f"{where} {how}: none")
            t.check(all(r.body.startswith("line ") for r in outcome.records),
                    "beginnings")
            t.check(status["dropped_bytes"]["newest_bytes"] > 0, "dropped")
            t.check(status["truncated_calls"] > 0, "calls of which a part is lost")


@case(timeout=120)
def whatever_a_full_ring_does(t):
    """With a collector at work and with a late one."""
    for late in (False, True):
        for full in ("auto", "drop-newest", "drop-oldest", "block:20"):
            for size in (100_000, 3_001):
                outcome, status = large(
                    t, size, 30, "write", late=late,
                    LOGTAP_FULL=full, LOGTAP_RING_BYTES="16384")
                t.check(outcome.records, f"{full}: none")
                if late and full == "drop-oldest":
                    t.check(outcome.records[-1].body.endswith(
                        line(29, size)[-9:]), "the newest is not there")


@case(timeout=120)
def block_loses_nothing_of_them(t):
    """A ring of 16 KiB, lines of 100 KB, and a collector at work."""
    outcome, status = large(t, 100_000, 50, "write",
                            LOGTAP_FULL="block:60000",
                            LOGTAP_RING_BYTES="16384")
    t.equal([r.body for r in outcome.records],
            [line(n, 100_000) for n in range(50)], "records")
    t.equal(sum(status["dropped"].values()), 0, "dropped")


@case(timeout=120)
def a_line_in_several_writes_of_which_some_are_lost(t):
    """What comes behind the hole is not glued to what was before it."""
    script = ("import os\n"
              "for n in range(3000):\n"
              "    for part in b'first', b' second', b' third\\n':\n"
              "        os.write(2, b'%d:' % n + part + b' ' * (n % 7))\n")
    directory = t.session_dir()
    collector = t.collect(directory)
    outcome = t.finish(t.spawn(
        ["/usr/bin/python3", "-c", script], "preload",
        env={**t.preload_env(directory), "LOGTAP_FULL": "drop-newest",
             "LOGTAP_RING_BYTES": "4096"}))
    records = collector.end()
    check_status(t, collector.status())
    t.check(sum(collector.status()["dropped"].values()),
            "nothing was dropped: the ring is not small")
    for record in records:
        numbers = set(re.findall(r"(\d+):", record.body))
        t.check(len(numbers) <= 2, f"glued: {record.body!r}")
    lines = {text.strip() for text in outcome.stderr.decode().split("\n")}
    cut = [r for r in records if r.attributes.get("logtap.truncated")]
    t.check(cut, "no record says that it is not whole")
    for record in records:
        t.check(any(record.body.strip() in text for text in lines)
                if record in cut[:50] else True, f"glued: {record.body!r}")


def four_writers(t, folder, free, **env):
    """(their outcomes, records, status): 25 lines of 100 KB each, while of the
    file system with their rings so many bytes are free."""
    folder = folder / f"{free}"
    folder.mkdir()
    collector = t.collect(folder)
    gates, writers = [], []
    for how in ("write", "writev", "stdio", "write"):
        reading, writing = os.pipe()
        writers.append(t.spawn(
            [t.program("large"), "plain", how, 100_000, 25], "preload",
            stdin=reading, env={**t.preload_env(folder), **env}))
        os.close(reading)
        gates.append(writing)
    t.wait_for(lambda: collector.status()["processes"] == 4, "4 processes")
    filler = fill(folder, free)
    for gate in gates:
        os.close(gate)
    outcomes = [t.finish(writer, 100) for writer in writers]
    filler.unlink()
    records = [r for r in collector.end()
               if "logtap.diagnostic" not in r.attributes]
    status = collector.status()
    check_status(t, status)
    for record in records:
        check_record(t, record, 100_000, True)
    return outcomes, records, status


def whole(lines):
    """{line: how often}, without those that were cut."""
    expected = {line(n, 100_000) for n in range(25)}
    return collections.Counter(body for body in lines if body in expected)


# For the last there are some larger rings, and records in the journal.
FREE = (0, 160 << 10, 700 << 10, 2500 << 10)


def on_a_full_tmpfs(t, **env):
    """(KiB free, and what four_writers() returns) of each."""
    folder = t.dir / "small"
    folder.mkdir()
    enter_tmpfs(t, folder, "size=4m")
    for free in FREE:
        yield free >> 10, *four_writers(t, folder, free, **env)


@case(timeout=120)
def lines_of_a_hundred_kilobytes_on_a_full_tmpfs(t):
    """They are written as bare; each is a whole record, or in several of which
    the first begins it, or counted."""
    bare = t.bare([t.program("large"), "plain", "write", 100_000, 25])
    for free, outcomes, records, status in on_a_full_tmpfs(
            t, LOGTAP_FULL="drop-newest"):
        for outcome in outcomes:
            t.same(bare, outcome)
        t.equal(status["bytes"], 100 * 100_000, "bytes")
        kept = whole(r.body for r in records)
        t.check(max(kept.values(), default=0) <= 4, "more often than written")
        dropped = status["dropped"]
        t.equal(sum(dropped.values()), dropped["newest_chunks"], "dropped")
        begun = sum(r.body.startswith("line ") for r in records)
        t.equal(begun + dropped["newest_chunks"] - status["truncated_calls"],
                100, "lines of which there is something, and lost calls")
        t.check(dropped["newest_chunks"] > 0, "it was not full")
        t.note(f"{free} KiB free: {sum(kept.values())} of 100 whole, "
               f"{begun - sum(kept.values())} cut or in parts")
    t.check(kept, "none was captured")


@case(timeout=120)
def diverted_lines_of_a_hundred_kilobytes_on_a_full_tmpfs(t):
    """Each is a record, whole or in parts, or written, and that is counted."""
    for free, outcomes, records, status in on_a_full_tmpfs(
            t, LOGTAP_MODE="divert"):
        t.equal([o.status for o in outcomes], [0] * 4, "status")
        t.equal([o.stdout for o in outcomes], [b""] * 4, "standard output")
        written = [body for o in outcomes for body in o.stderr_lines()]
        begun = [r.body for r in records if r.body.startswith("line ")]
        numbers = collections.Counter(
            int(body.split()[1]) for body in written + begun)
        t.equal(numbers, {n: 4 for n in range(25)}, "lines")
        t.equal(sum(whole(written).values()), len(written), "written whole")
        t.equal(status["fallback_calls"], len(written), "fallback_calls")
        t.equal(sum(status["dropped"].values()), 0, "dropped")
        t.check(written, "it was not full")
        t.note(f"{free} KiB free: {len(written)} of 100 written, "
               f"{sum(whole(begun).values())} whole records")
    t.check(records, "none was captured")
