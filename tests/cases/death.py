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


def kill_again_and_again(t, times):
    chance = random.Random()
    collector = t.collect()
    written, pids = [], []
    for _ in range(times):
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
    t.check(threads >= times, f"only {threads} threads wrote anything")
    t.equal({r.pid for r in records}, set(pids), "pids")


@case(timeout=120)
def sigkill_at_a_random_moment(t):
    """20 times: nothing that was committed is missing, nothing is torn."""
    kill_again_and_again(t, 20)


@case(timeout=600, long=True)
def sigkill_two_hundred_times(t):
    """As above, and more moments."""
    kill_again_and_again(t, 200)


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
    """The second one refuses and names the first; no record is lost."""
    first = t.collect()
    second = t.finish(t.spawn(
        [t.logtap_program, "collect", "--dir", first.dir, "-o",
         t.dir / "second.otlp.jsonl"], "second"))
    t.equal(second.status, 1, "status of the second")
    text = second.stderr.decode()
    t.check(str(first.dir) in text and str(first.process.pid) in text and
            "RLIMIT" not in text, f"it said {text!r}")
    outcome = t.finish(t.spawn([t.program("lines"), "write", "4", "500"],
                               "preload", env=t.preload_env(first.dir)))
    outcome.records = first.end()
    t.lines_once(outcome)


@case()
def a_collector_that_is_killed(t):
    """Another one goes on where it was: each record at least once, and a
    repeated one can be told by its uid."""
    directory = t.session_dir()
    first = t.collect(directory)
    process = t.spawn([t.program("lines"), "paced", "4", "4000"], "preload",
                      env=t.preload_env(directory))
    t.wait_for(lambda: first.file.stat().st_size > 100000, "some records")
    first.process.kill()
    first.process.wait()
    second = t.collect(directory)
    outcome = t.finish(process)
    t.equal(outcome.status, 0, "status")
    # The killed one may have been in the middle of a line.
    data = first.file.read_bytes()
    whole = t.write("first", data[:data.rfind(b"\n") + 1])
    by_uid = {r.attributes["log.record.uid"]: r
              for r in t.read(whole) + second.end()}
    outcome.records = list(by_uid.values())
    t.lines_once(outcome)
