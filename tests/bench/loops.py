# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What looking for feedback costs the host: calls on sockets, records inside of
records, copies of stacks; and what it costs all other records."""
from . import calls
from .rounds import Way, measure
from .session import Collector
from .table import Goal, Table

# Evidence takes no more than half of a ring, and a stack is due once a ms:
# rounds of so many calls find room for all of theirs.
FEW, STACKS = 40, 6
# Of a hook that finds nothing to do.
NOTHING = Goal("P1", 1.02)

# what, operation, calls a round, against the bare call: goals without and with
# --loops
CALLS = (
    ("write, captured", "write", 2000, None, None),
    ("send, unrelated socket", "send", 2000, NOTHING, NOTHING),
    ("connect, unrelated address", "connect", 2000, None, None),
    ("send of 80 bytes to an OTLP endpoint", "export", FEW, None, None),
    ("send of 2 KiB to an OTLP endpoint", "export_large", FEW, None, None),
    ("connect to an OTLP endpoint", "connect_export", FEW, None, None),
)


def ways_of(workers, rows):
    return [Way(f"{who} {operation}", workers[who], operation, count,
                records=1 if operation == "write" and who != "bare" else None)
            for _, operation, count, *_ in rows for who in workers]


def added(table, measured, what, name, base, goal=None):
    """Instructions that @name has more than @base."""
    both = [measured.instructions.get(one) for one in (name, base)]
    if None not in both:
        table.add(goal, both[0] - both[1], what=f"  {what}: added instructions",
                  instructions=both[0] - both[1])


def evidence(session, collectors):
    table = Table("loops", "Calls that tell of feedback", calls.COLUMNS,
                  calls.NOTE + "; each byte of a long copy counts as one")
    workers = {"bare": calls.worker(session, "bare", program="feedback")}
    for who, collector in collectors.items():
        workers[who] = calls.worker(session, who, mode="tee",
                                    program="feedback", collector=collector)
    ways = ways_of(workers, CALLS)
    measured = measure(ways, 8 if session.quick else 200)
    calls.count_instructions(session, measured, ways)
    for what, operation, _, *goals in CALLS:
        for who, goal in zip(("tee", "loops"), goals):
            calls.add(table, measured,
                      what + (", --loops" if who == "loops" else ""),
                      f"{who} {operation}", f"bare {operation}", goal)
    added(table, measured, "a record, of --loops", "loops write", "tee write",
          Goal("P1", 0))
    added(table, measured, "an unrelated socket, --loops", "loops send",
          "bare send", Goal("P1", 20))
    for one in workers.values():
        one.end()
    return table


def inside(session, collectors):
    """Against the same call without what is added."""
    table = Table("inside", "Records inside of records, and stacks",
                  calls.COLUMNS, calls.NOTE)
    workers = {who: calls.worker(session, f"{who} inside", mode="tee",
                                 program="feedback", collector=collector)
               for who, collector in collectors.items()}
    ways = [Way(f"{who} {operation}", workers[who], operation, count, records)
            for who, operation, count, records in (
                ("tee", "handled", FEW, 0), ("tee", "reentered", FEW, 1),
                ("loops", "reentered", STACKS, 2),
                ("tee", "write", STACKS, 1), ("stacks", "write", STACKS, 2))]
    measured = measure(ways, 8 if session.quick else 200)
    calls.count_instructions(session, measured, ways)
    calls.add(table, measured, "a callback that writes, to one that does not",
              "tee reentered", "tee handled")
    calls.add(table, measured, "  and with its stack, --loops",
              "loops reentered", "tee handled")
    calls.add(table, measured, "a write with its stack, --stacks=trace",
              "stacks write", "tee write")
    for one in workers.values():
        one.end()
    return table


def loops(session):
    """sends, records inside of records and stacks, with and without --loops"""
    to = ["--otlp", session.sink().url]
    collectors = {"tee": session.collector(),
                  "loops": Collector(session, [*to, "--loops"]),
                  "stacks": Collector(session, [*to, "--stacks=trace"])}
    return [evidence(session, {who: collectors[who]
                               for who in ("tee", "loops")}),
            inside(session, collectors)]
