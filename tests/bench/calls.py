# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What the hooked calls cost: write(2), stdio, threads, starting a program."""
import os

from . import segment
from .rounds import Way, instructions, measure
from .session import Skip, Worker, wait_for
from .table import Goal, Table

COLUMNS = [("what", "what"), ("base_ns", "base ns"), ("ns", "ns"),
           ("ratio", "ratio"), ("low", "p10"), ("high", "p90"),
           ("base_p99_ns", "base p99"), ("p99_ns", "p99"),
           ("base_instructions", "base I"), ("instructions", "I")]
NOTE = ("ns: median of the rounds; ratio: median (10th, 90th percentile) of "
        "the rounds' own ratios; I: user instructions a call, stepped")

OUTPUTS = ("/dev/null", "pipe", "file")
WRITE_GOALS = {
    ("tee", "/dev/null"): Goal("P1", 1.15, 1.08),
    ("tee", "pipe"): Goal("P1", 1.10, 1.05),
    ("divert", "/dev/null"): Goal("P1", 0.06),
}
# What no way to keep a record does without.
LEAST = {"stamp": "a time stamp alone",
         "least": "a time stamp, a copy, a release store",
         "least_write": "these three, and write"}


def shape(session):
    """rounds, calls a round, rounds of samples, samples a round"""
    return (12, 500, 3, 500) if session.quick else (300, 4000, 40, 4000)


def output(session, kind, name):
    """Something to write to, as a worker's standard error."""
    if kind == "/dev/null":
        return os.open("/dev/null", os.O_WRONLY)
    if kind == "file":
        return os.open(session.folder / f"{name}.out",
                       os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    read_end, write_end = os.pipe()
    session.spawn([session.program("discard")], stdin=read_end)
    os.close(read_end)
    return write_end


def worker(session, name, kind="/dev/null", mode=None, collector=None, **more):
    """mode None: bare.  Without a collector: a recorder that keeps the newest
    (a full ring then overwrites its oldest block)."""
    env, directory = dict(more.pop("env", {})), None
    if mode:
        directory = collector.dir if collector else session.memory_folder()
        env.update(session.preload(directory, mode))
    return Worker(session, name, env=env, stderr=output(session, kind, name),
                  collector=collector, directory=directory, **more)


def add(table, measured, what, name, base, goal=None):
    """One row: @name against @base."""
    ratio = measured.ratio(name, base)
    if ratio is None:
        table.skip(what, "every round did something else than was asked for "
                         f"({measured.discarded(name)} discarded)")
        return
    middle, low, high = ratio
    table.add(goal, middle, what=what, base_ns=measured.median(base),
              ns=measured.median(name), ratio=middle, low=low, high=high,
              base_p99_ns=measured.p99_median(base),
              p99_ns=measured.p99_median(name),
              base_instructions=measured.instructions.get(base),
              instructions=measured.instructions.get(name),
              discarded=measured.discarded(name))


MANY = 100  # calls that are stepped


def count_instructions(session, measured, ways, steps=20):
    """Of MANY calls what is done once a block of a ring counts as it does in a
    long run.  Stepping takes a stop of the program an instruction: a quick run
    steps as few calls as show that it works."""
    if session.quick:
        steps = 2
    for way in ways:
        measured.instructions[way.name] = instructions(
            session, way.worker, way.operation, steps)


def collector_or_none(session, table, what):
    try:
        return session.collector()
    except Skip as why:
        table.skip(what, why)
        return None


def run_write(session, table, kind, collector):
    rounds, count, sample_rounds, samples = shape(session)
    base = f"bare {kind}"
    workers = {base: worker(session, base.replace("/", "_"), kind)}
    ways = [Way(base, workers[base], "write", count)]
    for mode in ("tee", "divert"):
        if mode == "divert" and not collector:
            continue
        name = f"{mode} {kind}"
        workers[name] = worker(session, name.replace("/", "_"), kind, mode,
                               collector)
        ways.append(Way(name, workers[name], "write", count, 1,
                        mode == "divert"))
    if kind == "/dev/null":
        for name, operation in (("unrelated", "unrelated"),
                                ("refused", "refused")):
            ways.append(Way(f"bare {name}", workers[base], operation, count))
            ways.append(Way(f"tee {name}", workers[f"tee {kind}"], operation,
                            count, 0))
        ways += [Way(name, workers[base], name, count) for name in LEAST]
    measured = measure(ways, rounds, samples, sample_rounds)
    count_instructions(session, measured, ways, MANY)
    for mode in ("tee", "divert"):
        name = f"{mode} {kind}"
        if name in measured.names:
            add(table, measured, f"write, {mode}, {kind}", name, base,
                WRITE_GOALS.get((mode, kind)))
    if kind == "/dev/null":
        add(table, measured, "write, unrelated fd", "tee unrelated",
            "bare unrelated", Goal("P1", 1.02))
        add(table, measured, "write, fd -1 (EBADF)", "tee refused",
            "bare refused")
        for name, what in LEAST.items():
            add(table, measured, what, name, base)
        if "divert /dev/null" in measured.names:
            add(table, measured, "write, divert, /dev/null, to these three",
                "divert /dev/null", "least")
        add(table, measured, "write, tee, /dev/null, to these and write",
            "tee /dev/null", "least_write")
        both = [measured.instructions.get(name)
                for name in ("tee unrelated", "bare unrelated")]
        if None not in both:
            table.add(Goal("P1", 20), both[0] - both[1],
                      what="  an unrelated fd: added instructions",
                      instructions=both[0] - both[1])
    for one in workers.values():
        one.end()


def write(session):
    """write(2) to standard error"""
    table = Table("write", "write(2), 80 bytes to stderr", COLUMNS, NOTE)
    collector = collector_or_none(session, table, "divert")
    for kind in OUTPUTS:
        run_write(session, table, kind, collector)
    return [table]


def stdio(session):
    """fprintf(stderr)"""
    table = Table("stdio", "fprintf(stderr) with 6 arguments", COLUMNS, NOTE)
    collector = collector_or_none(session, table, "divert")
    rounds, count, sample_rounds, samples = shape(session)
    ways = [Way("bare", worker(session, "bare"), "fprintf", count)]
    for mode in ("tee", "divert") if collector else ("tee",):
        ways.append(Way(mode, worker(session, mode, mode=mode,
                                     collector=collector),
                        "fprintf", count, 1, mode == "divert"))
    measured = measure(ways, rounds, samples, sample_rounds)
    count_instructions(session, measured, ways, 2)
    for way in ways[1:]:
        add(table, measured, f"fprintf, {way.name}, /dev/null", way.name,
            "bare")
    for way in ways:
        way.worker.end()
    return [table]


def reclaimed(one):
    return sum(slot.state != segment.FREE for slot
               in segment.slots(one.directory, one.pid)) <= 1


class SlotsFree(Way):
    """Threads that find a slot which an earlier thread has used."""

    def kept(self, before):
        wait_for(lambda: reclaimed(self.worker), "slots to be free again")
        return True


def threads(session):
    """pthread_create and pthread_join"""
    table = Table("threads", "pthread_create + pthread_join", COLUMNS, NOTE)
    collector = collector_or_none(session, table, "a reused slot")
    rounds, count = (8, 3) if session.quick else (400, 3)
    ways = [Way("bare", worker(session, "bare"), "thread", count)]
    if collector:
        # A new process has four slots, one of them the main thread's.
        ways.append(SlotsFree("reused", worker(
            session, "reused", mode="tee", collector=collector), "thread",
            count))
    ways.append(Way("new", worker(session, "new", mode="tee"), "thread",
                    count))
    measured = measure(ways, rounds)
    if collector:
        add(table, measured, "on a reused slot", "reused", "bare",
            Goal("P5", 1.05))
    add(table, measured, "on a new slot", "new", "bare", Goal("P5", 1.3))
    for way in ways:
        way.worker.end()
    return [table]


def start(session):
    """posix_spawn(/bin/true) and wait"""
    table = Table("start", "posix_spawn(/bin/true) + waitpid", COLUMNS, NOTE)
    collector = collector_or_none(session, table, "a collector beside it")
    directory = collector.dir if collector else session.memory_folder()
    rounds, count = (6, 2) if session.quick else (150, 4)
    child = {f"CHILD_{key}": value for key, value
             in session.preload(directory).items()}
    ways = [Way("bare", worker(session, "bare"), "spawn", count),
            Way("tee", worker(session, "tee", env=child), "spawn", count),
            Way("least", worker(session, "least", env={
                "CHILD_LD_PRELOAD": session.program("libsegment-only.so"),
                "CHILD_BENCH_SEGMENTS": session.memory_folder()}),
                "spawn", count)]
    try:
        library = lttng_library()
        ways.append(Way("lttng", worker(
            session, "lttng", env={"CHILD_LD_PRELOAD": library}), "spawn",
            count))
    except Skip as why:
        table.skip("LTTng-UST", why)
    measured = measure(ways, rounds)
    add(table, measured, "preloaded", "tee", "bare", Goal("P4", 1.25, 1.15))
    add(table, measured, "with a library that only makes a segment", "least",
        "bare")
    if "lttng" in measured.names:
        add(table, measured, "with liblttng-ust instead", "lttng", "bare")
        added = [ours - bare for ours, bare
                 in zip(measured.ns["tee"], measured.ns["bare"])]
        theirs = [lttng - bare for lttng, bare
                  in zip(measured.ns["lttng"], measured.ns["bare"])]
        ratio = sorted(added)[rounds // 2] / sorted(theirs)[rounds // 2]
        table.add(Goal("P4", 0.125), ratio,
                  what="  added time, to LTTng-UST's",
                  base_ns=sorted(theirs)[rounds // 2],
                  ns=sorted(added)[rounds // 2], ratio=ratio)
    for way in ways:
        way.worker.end()
    return [table]


def lttng_library():
    import glob
    found = glob.glob("/usr/lib/*/liblttng-ust.so.1")
    if not found:
        raise Skip("liblttng-ust is not installed")
    return found[0]
