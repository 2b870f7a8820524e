# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Rounds: the ways of making a call take turns, and a ratio is formed within
each round, because the machine itself is faster now and slower then."""
import os
import statistics
import subprocess

from . import segment
from .session import wait_for


class Way:
    """One of the things that are compared: a worker and its operation.
    records: what each call must add to the segment's count of chunks (None:
    not looked at); diverted: no call may have been written after all."""

    def __init__(self, name, worker, operation, count, records=None,
                 diverted=False):
        self.name = name
        self.worker = worker
        self.operation = operation
        self.count = count
        self.records = records
        self.diverted = diverted

    def counters(self):
        return self.worker.counters() if self.records is not None else None

    def kept(self, before):
        """Did the round do what it claims to measure?"""
        if before is None:
            return True
        after = self.worker.counters()
        grown = {key: after[key] - before[key] for key in after}
        return grown["chunks"] == self.records * self.count and not (
            self.diverted and (grown["fallback"] or grown["dropped"]))


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


class Measured:
    """Figures of several ways, one list entry a round (None: discarded)."""

    def __init__(self, ways):
        self.names = [way.name for way in ways]
        self.ns = {name: [] for name in self.names}
        self.p99 = {name: [] for name in self.names}
        self.instructions = {}

    def discarded(self, name):
        return sum(value is None for value in self.ns[name])

    def median(self, name):
        values = [value for value in self.ns[name] if value is not None]
        return statistics.median(values) if values else None

    def ratios(self, name, base):
        return [ours / bare for ours, bare in zip(self.ns[name], self.ns[base])
                if ours is not None and bare]

    def ratio(self, name, base):
        """(median, 10th and 90th percentile) over the rounds, or None."""
        ratios = self.ratios(name, base)
        if not ratios:
            return None
        return (statistics.median(ratios), percentile(ratios, 0.1),
                percentile(ratios, 0.9))

    def p99_median(self, name):
        values = [value for value in self.p99[name] if value]
        return statistics.median(values) if values else None


def measure(ways, rounds, samples=0, sample_rounds=0):
    """samples: calls timed one by one in each of @sample_rounds."""
    measured = Measured(ways)
    for way in ways:  # bind symbols, grow rings
        for _ in range(3):
            way.worker.run(way.operation, way.count)
            way.worker.settle()
    for number in range(rounds):
        turn = number % len(ways)
        for way in ways[turn:] + ways[:turn]:
            before = way.counters()
            ns = way.worker.run(way.operation, way.count)
            kept = way.kept(before)
            way.worker.settle()
            measured.ns[way.name].append(ns if kept else None)
    for number in range(sample_rounds):
        turn = number % len(ways)
        for way in ways[turn:] + ways[:turn]:
            answer = way.worker.ask("sample", way.operation, samples)
            way.worker.settle()
            measured.p99[way.name].append(answer[2])
    return measured


def instructions(session, worker, operation, count):
    """User instructions of one call, exactly; None if it cannot be traced."""
    def steps(number):
        env = dict(worker.env)
        if "LD_PRELOAD" in env:
            env["STEPS_PRELOAD"] = env.pop("LD_PRELOAD")
        process = session.spawn(
            [*worker.prefix, session.program("steps"), operation, number,
             worker.program], env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=worker.stderr)
        try:
            pid = int(process.stdout.readline())
            if worker.collector:
                wait_for(lambda: segment.attached(worker.directory, pid),
                         "the collector to find a process")
            windows = process.communicate(b"go\n", timeout=60)[0].split()
            return statistics.median(map(int, windows))
        except (ValueError, subprocess.TimeoutExpired):
            return None
        finally:
            process.kill()
            process.wait()

    none, some = steps(0), steps(count)
    if none is None or some is None:
        return None
    return (some - none) / count


def machine():
    """What the figures were taken on."""
    def first(path, key):
        try:
            with open(path) as file:
                return next((line.split(":", 1)[1].strip() for line in file
                             if line.startswith(key)), "unknown")
        except OSError:
            return "unknown"

    return {
        "cpu": first("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "kernel": os.uname().release,
        "libc": os.confstr("CS_GNU_LIBC_VERSION"),
        "load": os.getloadavg()[0],
    }
