# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The collector is killed, again and again: what programs wrote is delivered,
and what is delivered twice can be told by its log.record.uid."""
import collections
import random
import re
import time

from harness import case

LINE = re.compile(r"way=\w+ tid=(\d+) n=(\d+) end")


def by_uid(t, records):
    """The records without their repetitions, and how many these are.  Two of
    the same uid must be the same record."""
    found = {}
    for record in records:
        uid = record.attributes.get("log.record.uid")
        t.check(uid, f"a record without log.record.uid: {record!r}")
        first = found.setdefault(uid, record)
        t.equal((record.body, record.pid, record.tid, record.time_ns),
                (first.body, first.pid, first.tid, first.time_ns),
                f"two records of the uid {uid}")
    return list(found.values()), len(records) - len(found)


def start_load(t, directory, programs=4, lines=0, **env):
    """Programs of two threads each; lines 0: until they are ended."""
    return [t.spawn([t.program("lines"), "slow", "2", lines], "preload",
                    env={**t.preload_env(directory), **env})
            for _ in range(programs)]


def end_load(t, load):
    for process in load:
        process.terminate()
    return [t.finish(process) for process in load]


def complete(t, outcomes, records):
    """What each thread wrote was recorded, in order, each line once, but
    perhaps the line that it was writing when it was killed."""
    recorded = collections.defaultdict(list)
    for record in records:
        match = LINE.fullmatch(record.body)
        t.check(match, f"a torn line: {record.body!r}")
        t.equal(record.tid, int(match[1]), f"thread of {record.body!r}")
        recorded[record.tid].append(int(match[2]))
    lines = 0
    for outcome in outcomes:
        written = collections.Counter(
            int(LINE.fullmatch(line)[1]) for line in outcome.stderr_lines())
        for tid, count in written.items():
            got = recorded.pop(tid, [])
            t.check(len(got) in (count, count - (outcome.status != 0)),
                    f"thread {tid} wrote {count} lines, {len(got)} recorded")
            t.equal(got, list(range(len(got))), f"lines of thread {tid}")
            lines += count
    t.equal(dict(recorded), {}, "lines that nobody wrote")
    return lines


def kill_and_restart(t, collector, times, chance, pause=0.15):
    """Kills the collector so often, each time at a random moment."""
    for _ in range(times):
        time.sleep(chance.uniform(0, pause))
        collector.kill()
        collector = collector.restart()
    return collector


def killed_to_a_file(t, times):
    chance = random.Random()
    collector = t.collect()
    load = start_load(t, collector.dir)
    collector = kill_and_restart(t, collector, times, chance)
    outcomes = end_load(t, load)
    everything = collector.end()
    records, repeated = by_uid(t, everything)
    lines = complete(t, outcomes, records)
    status = collector.status()
    t.equal(sum(status["dropped"].values()), 0, f"dropped: {status}")
    t.equal(status["chunks"], len(records), "chunks of the status")
    t.note(f"{times} kills, {lines} lines, {repeated} records twice, "
           f"{repeated / times:.1f} a kill")


@case(timeout=120)
def at_random_moments(t):
    """8 times, with 4 programs under way: each line once or more, in the file
    that all collectors went on with."""
    killed_to_a_file(t, 8)


@case(timeout=900, long=True)
def a_hundred_times(t):
    """100 times, with 4 programs under way."""
    killed_to_a_file(t, 100)
