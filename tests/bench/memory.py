# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What grows with threads and processes, what idling costs, how soon a process
is found, and what a script of many short commands feels."""
import statistics
import subprocess
import time

from . import segment
from .session import (Broken, Collector, cpu_seconds, memory_kib, wait_for)
from .table import Goal, Table


class Crowd:
    """tests/bench/crowd.c; collector None: bare."""

    def __init__(self, session, threads, collector, mode="tee"):
        env = session.environment(
            session.preload(collector.dir, mode) if collector else None)
        self.collector = collector
        self.process = session.spawn(
            [session.program("crowd"), threads], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        line = self.process.stdout.readline()
        if not line:
            raise Broken(f"crowd {threads} ends at once")
        self.start_ns = float(line)

    def write(self, count):
        """CPU ns a line, of COUNT lines in each thread."""
        self.process.stdin.write(b"%d\n" % count)
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def settle(self):
        wait_for(lambda: segment.drained(self.collector.dir, self.pid),
                 "the collector to take what a crowd wrote", 60)

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)


def shared_kib(directory, pid):
    return sum(path.stat().st_blocks for path
               in segment.files(directory, pid)) / 2


def threads(session):
    """threads that log a little: memory of each, CPU of a record"""
    table = Table("growth", "Threads that have written one line each",
                  [("what", "what"), ("shared_kib", "shared KiB"),
                   ("kib_each", "KiB a thread"), ("start_us", "start us"),
                   ("base_start_us", "bare us")],
                  "shared: memory of its segments, all of it reserved; start: "
                  "wall time a thread until all have written")
    collector = session.collector()
    sizes = (1, 16, 256) if session.quick else (1, 16, 256, 4096)
    for count in sizes:
        bare = Crowd(session, count, None)
        ours = Crowd(session, count, collector)
        ours.settle()
        shared = shared_kib(collector.dir, ours.pid)
        table.add(Goal("P9", 16) if count > 16 else None, shared / count,
                  what=f"{count:,} threads", shared_kib=shared,
                  kib_each=shared / count, start_us=ours.start_ns / 1000,
                  base_start_us=bare.start_ns / 1000)
        bare.end()
        ours.end()
    return [table, records_of_many(session, collector)]


def records_of_many(session, collector):
    """CPU of a diverted record in many threads, to one."""
    table = Table("many", "CPU of a diverted record, 50 in each thread a round",
                  [("what", "what"), ("ns", "ns"), ("ratio", "to one thread")])
    rounds = 3 if session.quick else 60
    crowds = {count: Crowd(session, count, collector, "divert")
              for count in (1, 16, 256)}
    for crowd in crowds.values():
        wait_for(lambda: segment.attached(collector.dir, crowd.pid),
                 "the collector to find a crowd")
    taken = {count: [] for count in crowds}
    for _ in range(rounds):
        for count, crowd in crowds.items():
            before = segment.counters(collector.dir, crowd.pid)["fallback"]
            ns = crowd.write(50)
            crowd.settle()
            if segment.counters(collector.dir, crowd.pid)["fallback"] == before:
                taken[count].append(ns)
    base = statistics.median(taken[1] or [0])
    for count, values in taken.items():
        if not values or not base:
            table.skip(f"{count} threads", "calls were written after all")
            continue
        ns = statistics.median(values)
        table.add(Goal("P10", 1.15) if count == 256 else None, ns / base,
                  what=f"{count} threads", ns=ns, ratio=ns / base)
    for crowd in crowds.values():
        crowd.end()
    return table


def idle_row(collector, seconds):
    before, started = cpu_seconds(collector.pid), time.monotonic()
    time.sleep(seconds)
    cpu = cpu_seconds(collector.pid) - before
    memory = memory_kib(collector.pid)
    return {"idle_percent": 100 * cpu / (time.monotonic() - started),
            "anonymous_mib": memory["RssAnon"] / 1024,
            "resident_mib": memory["VmRSS"] / 1024}


def processes(session):
    """processes that have logged and wait: the collector's memory and CPU"""
    table = Table("idle", "An idle collector",
                  [("what", "what"), ("idle_percent", "CPU %"),
                   ("anonymous_mib", "anonymous MiB"),
                   ("resident_mib", "resident MiB"),
                   ("shared_kib", "KiB a process")])
    seconds = 0.5 if session.quick else 10
    collector = Collector(session, ["--otlp", session.sink().url])
    time.sleep(0.5)
    row = idle_row(collector, seconds)
    table.add(Goal("P9", 4), row["anonymous_mib"], what="no process", **row)
    crowds = []
    for count in (1, 20) if session.quick else (1, 100, 1000):
        while len(crowds) < count:
            crowds.append(Crowd(session, 1, collector))
        for crowd in crowds:
            crowd.settle()
        time.sleep(0.5)
        shared = sum(shared_kib(collector.dir, crowd.pid) for crowd in crowds)
        row = idle_row(collector, seconds)
        table.add(Goal("P9", 0.2 if count == 1 else 1), row["idle_percent"],
                  what=f"{count:,} processes",
                  shared_kib=shared / count, **row)
    for crowd in crowds:
        crowd.end()
    collector.end()
    idle_threads(session, table, seconds)
    return [table, found(session), script(session)]


def idle_threads(session, table, seconds):
    """One process whose threads have each written a line, and wait."""
    collector = Collector(session, ["--otlp", session.sink().url])
    for count in (16, 256) if session.quick else (16, 256, 4096, 10000):
        crowd = Crowd(session, count, collector)
        crowd.settle()
        time.sleep(0.5)
        shared = shared_kib(collector.dir, crowd.pid)
        table.add(what=f"1 process, {count:,} threads", shared_kib=shared,
                  **idle_row(collector, seconds))
        crowd.end()
    collector.end()


def found(session):
    """How soon a collector shows itself to a new process."""
    table = Table("found", "From a process's first line to its collector's "
                  "heartbeat", [("what", "what"), ("ms", "median ms"),
                                ("most_ms", "longest ms")])
    collector = session.collector()
    taken = []
    for _ in range(5 if session.quick else 40):
        time.sleep(0.12)  # until it polls as rarely as it does when idle
        crowd = Crowd(session, 1, collector)
        started = time.monotonic()
        wait_for(lambda: segment.attached(collector.dir, crowd.pid),
                 "the collector to find a process", step=0.00005)
        taken.append(1000 * (time.monotonic() - started))
        crowd.end()
    table.add(what="idle before", ms=statistics.median(taken),
              most_ms=max(taken))
    return table


def script(session):
    """A shell that starts many short commands."""
    count = 50 if session.quick else 1000
    table = Table("script", f"sh: /bin/true {count:,} times", [
        ("what", "what"), ("seconds", "s"), ("ratio", "ratio")])
    collector = session.collector()
    text = f"i=0; while [ $i -lt {count} ]; do /bin/true; i=$((i+1)); done"
    ways = {"bare": None, "preloaded": session.preload(collector.dir)}
    taken = {name: [] for name in ways}
    for _ in range(1 if session.quick else 5):
        for name, env in ways.items():
            started = time.monotonic()
            subprocess.run(["/bin/sh", "-c", text], check=True,
                           env=session.environment(env))
            taken[name].append(time.monotonic() - started)
    ratio = statistics.median(ours / bare for ours, bare
                              in zip(taken["preloaded"], taken["bare"]))
    table.add(what="bare", seconds=statistics.median(taken["bare"]))
    table.add(Goal("P4", 1.25), ratio, what="preloaded", ratio=ratio,
              seconds=statistics.median(taken["preloaded"]))
    return table
