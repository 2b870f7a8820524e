# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A program is killed at any moment: what it had written is recorded."""
import collections
import os
import random
import re
import signal
import time

from harness import case

LINE = re.compile(r"way=\w+ tid=(\d+) n=(\d+) end")


def lines_by_thread(t, lines, where):
    found = collections.defaultdict(list)
    for line in lines:
        match = LINE.fullmatch(line)
        t.check(match, f"a torn line in {where}: {line!r}")
        found[int(match[1])].append(int(match[2]))
    return found


def compare_with_stderr(t, written, records):
    """All but the last line of a thread, which may have reached stderr when
    the hook had not yet returned; and nothing that was never written."""
    on_stderr = lines_by_thread(t, written.splitlines(), "stderr")
    captured = lines_by_thread(t, [r.body for r in records], "the records")
    for tid, numbers in on_stderr.items():
        got = captured.pop(tid, [])
        t.equal(got, list(range(len(got))), f"records of thread {tid}")
        t.check(len(numbers) - 1 <= len(got) <= len(numbers),
                f"thread {tid}: {len(numbers)} lines on stderr, {len(got)} "
                "records")
    t.equal(dict(captured), {}, "records of threads that wrote nothing")
    return len(on_stderr)


@case(timeout=120)
def sigkill_at_a_random_moment(t):
    """20 times: nothing that was committed is missing, nothing is torn."""
    chance = random.Random()
    collector = t.collect()
    written, pids = [], []
    for _ in range(20):
        error = t.dir / f"{t.runs + 1}-preload.err"
        process = t.spawn([t.program("lines"), "paced", "4", "0"], "preload",
                          env=t.preload_env(collector.dir))
        t.wait_for(lambda: error.stat().st_size, "its first line")
        time.sleep(chance.uniform(0, 0.08))
        process.send_signal(signal.SIGKILL)
        outcome = t.finish(process)
        t.equal(outcome.status, -signal.SIGKILL, "status")
        written.append(outcome.stderr.decode())
        pids.append(process.pid)
    records = collector.end()
    threads = 0
    for pid, text in zip(pids, written):
        threads += compare_with_stderr(
            t, text, [r for r in records if r.pid == pid])
    t.check(threads >= 20, f"only {threads} threads wrote anything")
    t.equal({r.pid for r in records}, set(pids), "pids")


@case()
def sigkill_under_run(t):
    """logtap run ends by the program's signal, with all it had written."""
    script = ("import os, signal\nfor n in range(1000):\n"
              "    os.write(2, b'line %d\\n' % n)\n"
              "os.kill(os.getpid(), signal.SIGKILL)\n")
    t.compare(["/usr/bin/python3", "-c", script])


@case()
def a_collector_that_comes_late(t):
    """A program that ran and died before any collector: nothing is lost."""
    directory = t.session_dir()
    outcome = t.finish(t.spawn(
        [t.program("lines"), "write", "2", "100"], "preload",
        env=t.preload_env(directory)))
    killed = t.finish(t.spawn([t.program("dies"), "segv"], "preload",
                              env=t.preload_env(directory)))
    t.equal(killed.status, -signal.SIGSEGV, "status")
    collector = t.collect(directory)
    outcome.records = collector.end()
    t.lines_once(outcome, outcome.stderr_lines() + killed.stderr_lines())
    t.equal([name for name in os.listdir(directory) if name.endswith(".seg")],
            [], "segments left")


@case()
def the_flight_recorder_keeps_the_end(t):
    """Without a collector a full ring drops old lines, never the newest; a
    late collector says how many."""
    directory = t.session_dir()
    outcome = t.finish(t.spawn(
        [t.program("lines"), "write", "1", "50000"], "preload",
        env=t.preload_env(directory)))
    t.equal(outcome.status, 0, "status")
    collector = t.collect(directory)
    records = collector.end()
    numbers = [int(LINE.fullmatch(r.body)[2]) for r in records
               if LINE.fullmatch(r.body)]
    t.equal(numbers, sorted(set(numbers)), "order of the lines")
    kept = [n for n in numbers if n >= 40000]
    t.equal(kept, list(range(40000, 50000)), "the last lines")
    status = collector.status()
    dropped = sum(status["dropped"].values())
    t.equal(status["chunks"], 50000, "chunks produced")
    t.equal(status["journalled_chunks"] + dropped, 50000, "chunks in all")


@case()
def two_collectors_on_one_directory(t):
    """The second one refuses or stays out of the way: no record doubled."""
    first = t.collect()
    second_file = t.dir / "second.otlp.jsonl"
    second = t.spawn([t.logtap_program, "collect", "--dir", first.dir, "-o",
                      second_file], "second")
    outcome = t.finish(t.spawn([t.program("lines"), "write", "4", "500"],
                               "preload", env=t.preload_env(first.dir)))
    if second.poll() is None:
        second.send_signal(signal.SIGTERM)
    other = t.finish(second)
    records = first.end()
    if second_file.exists():
        records += t.read(second_file)
    outcome.records = records
    t.lines_once(outcome)
    t.check(other.status == 0 or b"logtap" in other.stderr,
            f"the second ended with {other.status} and {other.stderr!r}")
