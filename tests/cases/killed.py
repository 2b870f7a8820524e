# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The collector is killed, again and again: what programs wrote is delivered,
and what is delivered twice can be told by its log.record.uid."""
import collections
import random
import re
import time

from harness import case
from harness.lines import complete


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


COUNTED = re.compile(r"n=(\d{8}) (([a-z])\3*)? end")


def counted_body(number):
    return f"n={number:08d} {chr(97 + number % 26) * (number * 37 % 170)} end"


def numbers_by_program(records):
    """{service.name: the numbers of its lines}, and what is no line that one of
    them wrote, in words."""
    numbers = collections.defaultdict(list)
    torn = []
    for record in records:
        match = COUNTED.fullmatch(record.body)
        if match and counted_body(int(match[1])) == record.body:
            numbers[record.resource["service.name"]].append(int(match[1]))
        else:
            torn.append(f"{record.body!r} {record.attributes}")
    return numbers, torn


def missing_and_turned(numbers, returned):
    """Of one killed program: how many of its lines that were surely captured
    did not come, and in words whether others came or came out of order."""
    wrong = []
    # in order, once, and none beyond the one under way
    turns = [pair for pair in zip(numbers, numbers[1:]) if pair[1] <= pair[0]]
    if turns or max(numbers, default=0) > returned + 1:
        wrong.append(f"of {returned} calls {len(numbers)} lines, the last "
                     f"{numbers[-3:]}, out of order {turns[:5]}")
    return len(set(range(1, returned + 1)) - set(numbers)), wrong


def programs_killed(t, times, chance, early=()):
    """Totals over @times programs, each killed at a random moment:
    (lines, missing, torn)."""
    collector = t.collect()
    # who waits for less may drop lines, counted, where all is slow
    env = {**t.preload_env(collector.dir), "LOGTAP_FULL": "block:60000"}
    returned = {}
    for start in range(0, times, 10):
        group = []
        for number in range(start, min(start + 10, times)):
            path = t.dir / f"count-{number}"
            # a pid may come again
            name = {"OTEL_SERVICE_NAME": path.name}
            group.append((path, t.spawn(
                [t.program("counted"), path, *early], "preload",
                env={**env, **name}, stderr=open("/dev/null", "wb"))))
        for path, process in sorted(group, key=lambda _: chance.random()):
            time.sleep(chance.uniform(0, 0.004))
            process.kill()
        for path, process in group:
            process.wait()
            data = path.read_bytes() if path.exists() else b""
            returned[path.name] = int.from_bytes(data, "little")
            for file in process.logtap[2:]:
                file.close()
    collector.finish(300)
    numbers, torn = numbers_by_program(collector.records())
    missing = 0
    for name, count in returned.items():
        result = missing_and_turned(numbers[name], count)
        missing += result[0]
        torn += result[1]
    return sum(returned.values()), missing, torn


def killed_programs(t, times):
    chance = random.Random()
    lines, missing, torn = programs_killed(t, times, chance)
    t.note(f"{times} programs killed, {lines} lines, {missing} missing, "
           f"{len(torn)} torn")
    t.check(lines > times, f"{lines} lines only")
    t.check(not missing and not torn,
            f"{missing} missing, {len(torn)} torn: {torn[:3]}")


@case(timeout=120)
def programs_at_random_moments(t):
    """40 programs, by SIGKILL: each line whose call had returned is there,
    whole and in its order."""
    killed_programs(t, 40)


@case(timeout=1800, long=True)
def two_thousand_programs(t):
    """The same with 2,000."""
    killed_programs(t, 2000)


@case(timeout=600, long=True)
def a_count_before_the_call_is_noticed(t):
    """The control: programs that count a line before they write it are caught
    between the two by some of the kills."""
    chance = random.Random()
    missing = 0
    for _ in range(20):
        missing += programs_killed(t, 100, chance, ["early"])[1]
        if missing:
            return
    t.check(missing, "no kill fell between count and call")
