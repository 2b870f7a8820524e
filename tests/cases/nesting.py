# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes inside writes, and writes that never return."""
import collections
import os
import re

from harness import case


@case()
def a_stream_callback_that_logs(t):
    """What a stream's own write function logs is captured once."""
    t.compare([t.program("cookie")])


def first_words(lines):
    return {line.split()[0] for line in lines}


def preload_counted(t, argv):
    """As t.preload; t.dropped is how many chunks its rings had no room for."""
    collector = t.collect()
    outcome = t.finish(t.spawn(argv, "preload",
                               env=t.preload_env(collector.dir)), 100)
    outcome.records = collector.end()
    t.dropped = sum(collector.status()["dropped"].values())
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


def step(t, call, way):
    """(records, lines of stderr) of tests/programs/step.c, counted; what is
    dropped is counted in t.dropped."""
    outcome = preload_counted(t, [t.program("step"), call, way])
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


@case(timeout=120)
def siglongjmp_at_every_instruction(t):
    """Only calls that were left are missing, and every later one is there."""
    for call in ("write", "writev"):
        got, wanted = step(t, call, "longjmp")
        t.equal(got - wanted, collections.Counter(), f"records of {call}")
        t.check(first_words(wanted - got) <= {"call"},
                f"{call}: {list(wanted - got)[:5]} missing")


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
