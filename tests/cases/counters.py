# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Counters and gauges of programs: totals equal the sums over threads that
ended in every way, of the process and of its children, at once or afterwards."""
import subprocess

from harness import case


def said(output):
    """{pid: what it counted}, as the program wrote it."""
    return {int(pid): int(count) for pid, count
            in (line.split() for line in output.decode().splitlines())}


def metric(status, name):
    found = [m for m in status["metrics"] if m["name"] == name]
    return found[0] if found else {"total": None, "processes": []}


def check(t, status, counts):
    sent = metric(status, "test.sent")
    t.equal((sent["kind"], sent["unit"]), ("counter", "{item}"), "definition")
    t.equal({row["pid"]: row["value"] for row in sent["processes"]}, counts,
            "counts by process")
    t.equal(sent["total"], sum(counts.values()), "total")
    t.equal(metric(status, "test.child")["total"], 6, "of the children")


@case()
def every_thread_counts_exactly(t):
    """While it runs and when it has ended; a gauge counts while its thread
    lives."""
    collector = t.collect()
    process = t.spawn([t.program("counters")], "preload",
                      env=t.preload_env(collector.dir), stdin=subprocess.PIPE)
    out = process.logtap[2]
    t.wait_for(lambda: open(out.name, "rb").read().count(b"\n") == 3,
               "the program to have counted")
    counts = said(open(out.name, "rb").read())
    t.equal(counts[process.pid], 6 * 20000 + 1, "the program's own word")
    t.wait_for(lambda: metric(collector.status(), "test.level")["total"] == 4
               and metric(collector.status(), "test.sent")["total"]
               == sum(counts.values()), "all of it in the status")
    check(t, collector.status(), counts)
    process.stdin.close()
    t.equal(t.finish(process).status, 0, "status")
    t.wait_for(lambda: metric(collector.status(), "test.level")["total"] == 0,
               "the gauge to go")
    check(t, collector.status(), counts)
    collector.end()
    check(t, collector.status(), counts)


@case()
def a_collector_that_comes_late_counts_all(t):
    """Nobody read meanwhile; small rings and few slots that are used again."""
    directory = t.session_dir()
    outcome = t.bare([t.program("counters")], env={
        **t.preload_env(directory), "LOGTAP_FULL": "drop-oldest"})
    counts = said(outcome.stdout)
    collector = t.collect(directory=directory)
    collector.end()
    check(t, collector.status(), counts)


@case()
def nothing_is_counted_without_the_library(t):
    outcome = t.bare([t.program("counters")])
    t.equal(outcome.status, 0, "status")
    t.equal(sorted(said(outcome.stdout).values()), [0, 7, 7], "counts")
