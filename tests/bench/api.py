# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What the calls of logtap.h cost, beside LTTng-UST's tracepoint."""
from . import calls
from .peers import Lttng
from .rounds import Way, measure
from .session import Broken, Skip
from .table import Table

# what, worker, operation, chunks that a call records
ROWS = (
    ("event, unpreloaded", "bare", "event", None),
    ("event, below the threshold", "off", "event", 0),
    ("event on a marked thread", "tee", "event_marked", 0),
    ("logtap_enabled()", "tee", "enabled", 0),
    ("guard enter + leave", "tee", "guard", 0),
    ("span enter + exit", "tee", "span", 0),
    ("sink push + pop", "tee", "sink", 0),
    ("counter add", "tee", "counter", 0),
    ("write, bare", "bare", "write", None),
    ("write, captured", "tee", "write", 1),
    ("write on a marked thread", "tee", "write_marked", 0),
    ("write, guarded", "tee", "write_guarded", 0),
)
EVENT = "event, 4 attributes"


def workers_of(session):
    return {
        "bare": calls.worker(session, "bare", program="api"),
        "tee": calls.worker(session, "tee", mode="tee", program="api"),
        "off": calls.worker(session, "off", mode="tee", program="api",
                            env={"LOGTAP_LEVEL": "off"}),
    }


def add_tracer(session, table, ways, count):
    """The tracer's session; None where there is none."""
    try:
        tracer = Lttng(session)
    except (Skip, Broken) as why:
        table.skip("LTTng-UST", why)
        return None
    theirs = tracer.worker(session)
    ways += [Way("tracepoint, 4 fields", theirs, "four", count),
             Way("tracepoint, 1 string", theirs, "tracepoint", count)]
    return tracer


def api(session):
    """logtap.h: events, guards, marks, spans, beside LTTng-UST's tracepoint"""
    table = Table("api", f"Calls of logtap.h, against an {EVENT}",
                  calls.COLUMNS, calls.NOTE)
    rounds, count, sample_rounds, samples = calls.shape(session)
    workers = workers_of(session)
    ways = [Way(EVENT, workers["tee"], "event", count, 1)]
    ways += [Way(what, workers[who], operation, count, records)
             for what, who, operation, records in ROWS]
    tracer = add_tracer(session, table, ways, count)
    try:
        measured = measure(ways, rounds, samples, sample_rounds)
        calls.count_instructions(session, measured, ways)
        for way in ways[1:]:
            calls.add(table, measured, way.name, way.name, EVENT)
    finally:
        if tracer:
            tracer.end()
    for one in workers.values():
        one.end()
    return [table]
