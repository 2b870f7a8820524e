# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What a full ring does (LOGTAP_FULL): with a collector at work, with one that
is stopped, with none; counted to the last line."""
import signal
import time

from harness import case
from harness.writer import Writer

POLICIES = ("auto", "drop-newest", "drop-oldest", "block:20")
# A ring of 4096 bytes holds some hundred lines.
SMALL = {"LOGTAP_RING_BYTES": "4096"}
LINES = 400
# A heartbeat is stale after one second; it comes ten times a second.
FRESH_S, STALE_S = 0.8, 1.2


def judge(t, what, writer, records, status, newest, read=0):
    """One end of the lines is missing, and counted: the newest or the oldest
    ones of those that the ring did not hold.  read: so many were read before
    the ring was full."""
    lines = writer.expected()
    got = [r.body for r in records]
    missing = len(lines) - len(got)
    t.check(missing > 0, f"{what}: nothing was dropped")
    kept = lines[:len(got)] if newest else \
        lines[:read] + lines[read + missing:]
    t.equal(got, kept, f"{what}: lines kept")
    reason = "newest_chunks" if newest else "oldest_chunks"
    expected = dict.fromkeys(status["dropped"], 0)
    expected[reason] = missing
    t.equal(status["dropped"], expected, f"{what}: dropped")
    t.equal(status["chunks"], len(lines), f"{what}: chunks")
    t.equal(status["settled_chunks"], len(got), f"{what}: settled")
    t.equal(writer.written(), lines, f"{what}: written")


def with_a_stopped_collector(t, policy, fresh):
    """A writer that fills its ring while the collector is stopped.  fresh: so
    soon that the collector still seems to be at work; None if the machine was
    too slow for that."""
    collector = t.collect()
    writer = Writer(t, collector.dir, LOGTAP_FULL=policy, **SMALL)
    # It knows of its collector, and has left nothing in the ring.
    writer.write(1)
    t.wait_for(lambda: collector.status()["settled_chunks"] == 1, "the line")
    if fresh:
        time.sleep(0.15)  # a beat on the segment that was found meanwhile
    collector.process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    if not fresh:
        time.sleep(STALE_S)
    writer.write(LINES)
    late = time.monotonic() - stopped > FRESH_S
    collector.process.send_signal(signal.SIGCONT)
    outcome = writer.end()
    t.equal(outcome.status, 0, "status")
    records = collector.end()
    if fresh and late and not policy.startswith("block"):
        return None
    return writer, records, collector.status()


@case(timeout=120)
def a_collector_that_has_just_stopped(t):
    """It counts as alive: the newest are dropped, unless the oldest were asked
    for; block waits, in vain."""
    for policy in POLICIES:
        for _ in range(5):
            result = with_a_stopped_collector(t, policy, True)
            if result:
                break
        else:
            t.skip("this machine is too slow: a collector that was stopped "
                   "was stale before a ring was full")
        writer, records, status = result
        if policy.startswith("block"):
            # Whenever there was room again, the collector was running again.
            t.check(status["blocked_ns"] >= 20_000_000,
                    f"waited only {status['blocked_ns']} ns")
            t.equal(status["dropped"]["oldest_chunks"], 0, "oldest dropped")
            t.equal(len(records) + status["dropped"]["newest_chunks"],
                    writer.total, "lines")
        else:
            judge(t, policy, writer, records, status,
                  newest=policy != "drop-oldest", read=1)


@case(timeout=120)
def a_collector_that_stopped_long_ago(t):
    """It counts as gone: the oldest are dropped, unless they were to be kept;
    block does not wait."""
    for policy in POLICIES:
        writer, records, status = with_a_stopped_collector(t, policy, False)
        t.equal(status["blocked_ns"], 0, "waited")
        judge(t, policy, writer, records, status,
              newest=policy in ("drop-newest", "block:20"), read=1)


@case(timeout=120)
def no_collector_at_all(t):
    """As long ago; a late one reads what the ring still holds."""
    for policy in POLICIES:
        directory = t.session_dir()
        writer = Writer(t, directory, LOGTAP_FULL=policy, **SMALL)
        writer.write(LINES)
        t.equal(writer.end().status, 0, "status")
        collector = t.collect(directory)
        records = collector.end()
        status = collector.status()
        t.equal(status["blocked_ns"], 0, "waited")
        judge(t, policy, writer, records, status,
              newest=policy in ("drop-newest", "block:20"))


@case(timeout=120)
def a_collector_at_work(t):
    """block loses nothing, however small the ring; the others lose what they
    say, and nothing else."""
    for policy in ("auto", "drop-newest", "drop-oldest", "block:60000"):
        collector = t.collect()
        writer = Writer(t, collector.dir, LOGTAP_FULL=policy, **SMALL)
        writer.write(1)
        writer.write(20000)
        t.equal(writer.end().status, 0, "status")
        records = collector.end()
        status = collector.status()
        numbers = [int(r.body.split()[1]) for r in records]
        t.equal(numbers, sorted(set(numbers)), f"{policy}: order")
        dropped = status["dropped"]
        t.equal(len(records) + sum(dropped.values()), 20001,
                f"{policy}: {dropped}")
        others = {"auto": "oldest_chunks", "drop-newest": "oldest_chunks",
                  "drop-oldest": "newest_chunks"}
        t.equal(dropped[others.get(policy, "newest_chunks")], 0,
                f"{policy}: dropped otherwise")
        if policy.startswith("block"):
            t.equal(len(records), 20001, "records")
        t.note(f"{policy}: {sum(dropped.values())} of 20001 dropped")


@case(timeout=120)
def the_deadline(t):
    """Each write that finds no room waits as long as it was told, and then is
    dropped."""
    collector = t.collect()
    writer = Writer(t, collector.dir, LOGTAP_FULL="block:150", **SMALL)
    writer.write(1)
    t.wait_for(lambda: collector.status()["settled_chunks"] == 1, "the line")
    time.sleep(0.15)
    collector.process.send_signal(signal.SIGSTOP)
    writer.write(LINES)
    collector.process.send_signal(signal.SIGCONT)
    writer.end()
    records = collector.end()
    status = collector.status()
    # Until the collector seems to be gone, and no wait ends before its time.
    t.check(status["blocked_ns"] >= 150_000_000,
            f"waited {status['blocked_ns']} ns")
    judge(t, "block:150", writer, records, status, newest=True,
          read=1)
