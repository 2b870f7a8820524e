# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes inside writes, and writes that never return."""
import collections
import os
import pathlib
import re
import signal

from harness import case, segment


@case()
def a_stream_callback_that_logs(t):
    """What a stream's own write function logs is captured once."""
    t.compare([t.program("cookie")])


@case()
def a_signal_handler_on_the_smallest_stack(t):
    """Whatever it logs, it has as much room as bare; what would need more is
    dropped and counted.  How much is left there, and so what is dropped, and
    whether a line comes in pieces, is the machine's."""
    for size, count in ((64, 1), (3000, 1), (3000, 20), (64, 500)):
        argv = [t.program("altstack"), size, count]
        bare = t.bare(argv)
        if bare.status < 0:
            t.skip("bare, there is no room either")
        outcome = preload_counted(t, argv, pieces=True)
        t.same(bare, outcome)
        t.equal([r.body for r in outcome.records][::len(outcome.records) - 1],
                ["before", "after"], "records")
        t.equal(len(outcome.records) + t.dropped,
                count + 2 + t.status["truncated_calls"], "lines")


def first_words(lines):
    return {line.split()[0] for line in lines}


def preload_counted(t, argv, pieces=False, **env):
    """As t.preload; t.dropped is how many chunks its rings had no room for, of
    t.status, which adds up.  pieces: a line may be more chunks than one."""
    collector = t.collect()
    outcome = t.finish(t.spawn(argv, "preload",
                               env={**t.preload_env(collector.dir), **env}),
                       100)
    outcome.records = collector.end()
    t.status = status = collector.status()
    t.dropped = sum(status["dropped"].values())
    t.equal(status["in_flight_chunks"], 0, "in flight at the end")
    lines = sum("logtap.diagnostic" not in r.attributes
                for r in outcome.records)
    t.equal(status["chunks"], status["settled_chunks"] + t.dropped, "chunks")
    if not pieces:
        t.equal(status["settled_chunks"], lines, "settled chunks")
    return outcome


@case(timeout=120)
def a_signal_handler_that_logs(t):
    """Thousands of handlers in the middle of writes: none is torn, and none
    lost that is not counted, where handlers are faster than the collector."""
    argv = [t.program("handler"), "3000"]
    for counted, outcome in ((False, t.run(argv)),
                             (True, preload_counted(t, argv))):
        t.equal(outcome.status, 0, "status")
        main, handler = map(int, outcome.stdout.split())
        wanted = collections.Counter(
            [f"main {n}" for n in range(main)] +
            [f"handler {n}" for n in range(handler)])
        t.equal(collections.Counter(outcome.stderr_lines()), wanted,
                "lines of stderr")
        got = collections.Counter(outcome.bodies())
        missing = wanted - got
        t.equal(got - wanted, collections.Counter(), "records of no line")
        t.check(first_words(missing) <= {"handler"},
                f"{list(missing)[:5]} missing")
        if counted:
            t.equal(t.dropped, sum(missing.values()), "dropped")
        for who in ("main", "handler"):
            numbers = [int(r.body.split()[1]) for r in outcome.records
                       if r.body.startswith(who)]
            late = next((n for n, other in zip(numbers, numbers[1:])
                         if n > other), None)
            t.equal(late, None, f"{outcome.how}: {who}, out of order")


def unwind(t, how):
    """(lines that reached stderr, outcome) of tests/programs/unwind.c."""
    reading, writing = os.pipe()
    collector = t.collect()

    def reading_end():
        os.dup2(reading, 3)
        os.set_inheritable(3, True)

    process = t.spawn([t.program("unwind"), how], "preload",
                      env=t.preload_env(collector.dir), stderr=writing,
                      close_fds=False, preexec_fn=reading_end)
    os.close(writing)
    outcome = t.finish(process)
    os.close(reading)
    outcome.records = collector.end()
    t.equal(outcome.status, 0, "status")
    return outcome.stdout.decode().splitlines(), outcome


@case()
def siglongjmp_out_of_a_blocked_write(t):
    """20 times; every line before and after it is captured."""
    lines, outcome = unwind(t, "longjmp")
    t.check(sum("after the jump" in line for line in lines) == 20, "lines")
    t.lines_once(outcome, lines)


@case()
def cancelled_in_a_blocked_write(t):
    """20 times; every later line, of old and new threads, is captured."""
    lines, outcome = unwind(t, "cancel")
    t.check(sum("a later thread" in line for line in lines) == 20, "lines")
    t.lines_once(outcome, lines)
    t.tids_match(outcome)


@case()
def siglongjmp_out_of_any_place(t):
    """500 times: at most the line that was left is missing, none is torn."""
    lines, outcome = unwind(t, "random")
    wanted = collections.Counter(lines)
    got = collections.Counter(outcome.bodies())
    t.equal(got - wanted, collections.Counter(), "records that are no lines")
    missing = wanted - got
    t.check(sum(missing.values()) <= 500, f"{sum(missing.values())} missing")
    t.check(not any("after" in line for line in missing),
            f"whole calls missing: {list(missing)[:5]}")
    numbers = [int(re.fullmatch(r"busy (\d+)", r.body)[1])
               for r in outcome.records if r.body.startswith("busy")]
    t.equal(numbers, sorted(numbers), "order")


def step(t, call, way, **env):
    """(records, lines of stderr) of tests/programs/step.c, counted; what is
    dropped is counted in t.dropped."""
    outcome = preload_counted(t, [t.program("step"), call, way], **env)
    if outcome.status == 77:
        t.skip("no trap flag on this processor")
    t.equal(outcome.status, 0, f"{call} {way}: status")
    return (collections.Counter(outcome.bodies()),
            collections.Counter(outcome.stderr_lines()))


@case(timeout=120)
def a_signal_handler_at_every_instruction(t):
    """What handlers wrote while one call ran is captured, and the call; or,
    where a copy is long and nobody empties the handlers' ring, counted."""
    for call in ("write", "stdio"):
        got, wanted = step(t, call, "handler")
        missing = wanted - got
        t.equal(got - wanted, collections.Counter(), f"records of {call}")
        t.check(first_words(missing) <= {"handler"},
                f"{call}: {list(missing)[:5]} missing")
        t.equal(t.dropped, sum(missing.values()), f"dropped in {call}")
        t.check(sum(got.values()) > 100, f"{call}: {sum(got.values())} records")
    for call in ("writev", "syslog"):
        # so many in one copy that the handlers' ring may be full
        got, wanted = step(t, call, "handler")
        wanted["call 0"] = got["call 0"]  # syslog's own are in its socket
        t.equal(got - wanted, collections.Counter(), f"records of {call}")
        t.check(first_words(wanted - got) <= {"handler"},
                f"{call}: {list(wanted - got)[:5]} missing")


def go_on_when_read(t, directory, process):
    """Each time that @process stops the collector has time to read it."""
    beat = pathlib.Path(directory, "collector.beat")
    stops = 0
    while True:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
            return stops
        stops += 1
        for _ in range(2):
            before = beat.read_bytes()
            t.wait_for(lambda: beat.read_bytes() != before, "a heartbeat")
        process.send_signal(signal.SIGCONT)


@case(timeout=120)
def a_process_that_stops_inside_a_copy(t):
    """However long it is away, its lines come in the order of their numbers."""
    collector = t.collect()
    process = t.spawn([t.program("step"), "write", "stop"], "preload",
                      env=t.preload_env(collector.dir))
    stops = go_on_when_read(t, collector.dir, process)
    outcome = t.finish(process)
    if outcome.status == 77:
        t.skip("no trap flag on this processor")
    outcome.records = collector.end()
    t.equal(outcome.status, 0, "status")
    t.lines_once(outcome)
    numbers = [int(r.attributes["log.record.uid"].split(".")[2])
               for r in outcome.records]
    t.equal(numbers, sorted(numbers), "order of records")
    late = sum(a.body.split()[0] == "call" and b.body.split()[0] == "handler"
               for a, b in zip(outcome.records, outcome.records[1:]))
    t.check(late, "no handler came behind the call that it interrupted")
    t.note(f"{stops} stops, {late} inside a copy or behind it")


@case(timeout=120)
def siglongjmp_at_every_instruction(t):
    """Only calls that were left are missing, and every later one is there.
    What had been counted by then is counted as unfinished, and nothing else."""
    for call in ("write", "writev"):
        got, wanted = step(t, call, "longjmp")
        missing = wanted - got
        t.equal(got - wanted, collections.Counter(), f"records of {call}")
        t.check(first_words(missing) <= {"call"},
                f"{call}: {list(missing)[:5]} missing")
        left = t.status["dropped"]["unfinished_chunks"]
        t.equal(t.dropped, left, f"dropped in {call}: {t.status['dropped']}")
        t.check(0 < left <= sum(missing.values()),
                f"{call}: {left} unfinished, {len(missing)} missing")
        t.note(f"{call}: {len(missing)} missing, {left} had been counted")


@case(timeout=120)
def siglongjmp_at_every_instruction_of_a_recorder(t):
    """Without a collector, in a ring that gives up its oldest: a late one reads
    what is whole, and all that was produced is accounted for."""
    for call in ("write", "writev"):
        directory = t.session_dir()
        outcome = t.finish(t.spawn(
            [t.program("step"), call, "longjmp"], "preload",
            env={**t.preload_env(directory), "LOGTAP_RING_BYTES": "4096"}),
            100)
        if outcome.status == 77:
            t.skip("no trap flag on this processor")
        slots = segment.read_all(directory)
        there = [chunk for slot in slots for chunk in slot.main + slot.nested]
        numbers = [chunk.sequence for chunk in there]
        produced = sum(slot.counters["chunks"] for slot in slots)
        t.check(0 <= produced - max(numbers) - 1 <= 2,
                f"{produced} counted, the last number is {max(numbers)}")
        collector = t.collect(directory)
        records = collector.end()
        status = collector.status()
        lines = collections.Counter(outcome.stderr_lines())
        t.equal(collections.Counter(r.body for r in records) - lines,
                collections.Counter(), f"records of {call}")
        t.equal(len(records), len(there), "records")
        t.equal(status["chunks"], produced, "chunks")
        t.equal(status["in_flight_chunks"], 0, "in flight")
        t.equal(sum(status["dropped"].values()), produced - len(there),
                f"dropped: {status['dropped']}")
        t.check(not status["dropped"]["quarantined_chunks"], "given up")


@case(timeout=120)
def a_handler_that_forks_at_every_instruction(t):
    """The parent loses nothing and nothing is torn.  A child that was made
    between a call and its record makes the record again; one that was made in
    the middle of the record has no ring until that is done."""
    for call in ("write", "writev", "stdio"):
        got, wanted = step(t, call, "fork")
        t.check(first_words(got - wanted) <= {"call"},
                f"{call}: {list(got - wanted)[:5]} unexpected")
        t.check(max((got - wanted).values(), default=0) <= 1, "twice")
        t.check(first_words(wanted - got) <= {"child"},
                f"{call}: {list(wanted - got)[:5]} missing")


def step_diverted(t, call, way):
    """{line: how often it came, as a record or on stderr} of a program that
    diverts, and the number of the last handler or call."""
    got, written = step(t, call, way, LOGTAP_MODE="divert")
    t.equal(t.dropped, t.status["dropped"]["unfinished_chunks"],
            f"dropped in {call} {way}: {t.status['dropped']}")
    t.check(len(got) > 50, f"{call} {way}: {len(got)} records")
    places = got + written
    return places, max(int(line.split()[1]) for line in places)


def came(t, places, who, numbers, times):
    for number in numbers:
        count = places[f"{who} {number}"]
        t.check(count in times, f"{who} {number} came {count} times")


@case(timeout=120)
def a_diverted_call_at_every_instruction(t):
    """What is diverted comes out in one place, while handlers write, and when
    they leave it: then it may come out in none, and the next one does."""
    for call in ("write", "writev"):
        places, last = step_diverted(t, call, "handler")
        came(t, places, "handler", range(1, last + 1), [1])
        came(t, places, "call", [0], [2])
        places, last = step_diverted(t, call, "longjmp")
        came(t, places, "after", range(1, last + 1), [1])
        came(t, places, "call", range(1, last), [0, 1])
        came(t, places, "call", [last], [1])
        t.note(f"{call}: {last} instructions")


@case(timeout=120)
def a_diverted_call_whose_handler_forks(t):
    """At every instruction: each line of parent and child comes out in one
    place.  A child that was made before the record, or in the middle of it,
    makes the line come out once more; then the handler's own is written."""
    for call in ("write", "writev", "stdio", "dprintf"):
        got, written = step(t, call, "fork", LOGTAP_MODE="divert")
        t.equal(t.dropped, 0, f"dropped in {call}: {t.status['dropped']}")
        places = got + written
        last = max(int(line.split()[1]) for line in places)
        torn = [n for n in range(1, last) if written[f"child {n}"]]
        t.check(len(torn) > 5, f"{call}: copies interrupted at {torn}")
        for who in ("child", "grown"):
            came(t, places, who, range(1, last), [1])
        came(t, places, "after", range(1, last + 1), [1])
        came(t, places, "call", range(1, torn[0]), [2])
        came(t, places, "call", range(torn[0], last), [1, 2])
        # between the last look and the end of the copy
        late = [n for n in torn if places[f"call {n}"] == 1]
        t.check(len(late) <= 12, f"{call}: calls {late} came once")
        came(t, places, "call", [0, last], [1])
        t.note(f"{call}: {len(torn)} of {last} instructions in the copy, "
               f"late {late}")


@case(timeout=120)
def a_call_whose_handler_forks_where_a_child_cannot_record(t):
    """At every instruction: the child lives, and what it says is written."""
    for call in ("write", "writev"):
        for mode in ("tee", "divert"):
            got, written = step(t, call, "crowded", LOGTAP_MODE=mode)
            places = written if mode == "tee" else got + written
            last = max(int(line.split()[1]) for line in places)
            t.check(last > 50, f"{call}: {last} instructions")
            for who in ("child", "grown"):
                came(t, written, who, range(1, last), [1])
            came(t, places, "after", range(1, last + 1), [1])
            # the child's, too, if it was made before the line was out
            came(t, places, "call", range(1, last), [1, 2])
            t.check(not any(line.startswith(("child", "grown"))
                            for line in got), f"{call}: a child recorded")


@case(timeout=120)
def a_handler_that_forks_while_a_ring_grows(t):
    """Parent and child go on with rings of their own: nothing is torn, lost or
    doubled, in both modes."""
    for mode in ("tee", "divert"):
        collector = t.collect()
        outcome = t.finish(t.spawn(
            [t.program("growth"), 600], "preload",
            env={**t.preload_env(collector.dir), "LOGTAP_MODE": mode}), 100)
        got = collections.Counter(r.body.rstrip("x") for r in collector.end())
        status = collector.status()
        t.equal(outcome.status, 0, f"{mode}: status")
        t.equal(sum(status["dropped"].values()), 0,
                f"{mode}: {status['dropped']}")
        t.equal(status["chunks"], status["settled_chunks"], "chunks")
        places = got + collections.Counter(
            line.rstrip("x") for line in outcome.stderr_lines()
            if mode == "divert")
        for who in ("after", "grown"):
            came(t, places, who, range(600), [1])
        came(t, places, "call", [f"{n} " for n in range(600)], [1, 2])
        t.equal(len(places), 3 * 600, f"{mode}: different lines")
