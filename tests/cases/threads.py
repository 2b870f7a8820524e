# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Many threads, many lines: all there, whole, in order per thread."""
import collections
import pathlib
import re

from harness import case, segment

LINE = re.compile(r"way=(\w+) tid=(\d+) n=(\d+) end")


def by_thread(t, outcome):
    """{tid: [n, ...]} in the order of the records."""
    found = collections.defaultdict(list)
    for record in outcome.of("stderr"):
        match = LINE.fullmatch(record.body)
        t.check(match, f"a torn line: {record!r}")
        t.equal(record.tid, int(match[2]), f"thread.id of {record!r}")
        found[record.tid].append(int(match[3]))
    t.equal(len(outcome.records), len(outcome.of("stderr")),
            "records that are not of stderr")
    return found


def all_in_order(t, outcome, threads, count):
    found = by_thread(t, outcome)
    t.equal(len(found), threads, "threads")
    for tid, numbers in found.items():
        if numbers != list(range(count)):
            missing = set(range(count)) - set(numbers)
            t.fail(f"thread {tid}: {len(numbers)} of {count} lines, "
                   f"{len(missing)} missing {sorted(missing)[:5]}, in order: "
                   f"{numbers == sorted(numbers)}")


@case(timeout=120, alone=True)
def two_hundred_thousand_lines_of_eight_threads(t):
    """Under logtap run: 8 x 25,000, each way of writing in turn."""
    outcome = t.run([t.program("lines"), "mixed", "8", "25000"])
    t.equal(outcome.status, 0, "status")
    t.equal(len(outcome.stderr_lines()), 200000, "lines of stderr")
    all_in_order(t, outcome, 8, 25000)


@case(timeout=900, alone=True, long=True)
def two_million_lines_of_sixteen_threads(t):
    """16 x 125,000; a full ring waits for the collector."""
    outcome = t.run([t.program("lines"), "mixed", "16", "125000"],
                    timeout=800, env={"LOGTAP_FULL": "block"})
    t.equal(outcome.status, 0, "status")
    all_in_order(t, outcome, 16, 125000)


@case(timeout=120)
def a_thousand_short_threads(t):
    """More threads than a segment has slots, each gone after some lines."""
    program = t.write("short.py", """
import os, threading
def work():
    for n in range(5):
        os.write(2, b"way=write tid=%d n=%d end\\n"
                 % (threading.get_native_id(), n))
for group in range(20):
    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
""")
    _, *captured = t.compare(["/usr/bin/python3", program], ordered=False,
                             tids=r"tid=(\d+)", normal=lambda data: re.sub(
                                 rb"tid=\d+", b"", data))
    for outcome in captured:
        t.equal(len(outcome.records), 5000, "records")


@case()
def a_thread_that_logs_a_little_costs_little(t):
    """Three hundred that begin at once find their slots, and do not make a
    segment each; nobody takes what they wrote."""
    directory = t.session_dir()
    outcome = t.finish(t.spawn(
        [t.program("hazard"), "threads-at-once", "300"], "preload",
        env=t.preload_env(directory)))
    t.equal(len(outcome.stderr_lines()), 300, "lines")
    slots = segment.read_all(directory)
    t.equal(sum(len(slot.main) for slot in slots), 300, "chunks")
    t.equal(len(slots), 301, "slots that were used")
    files = list(pathlib.Path(directory).glob("*.seg"))
    kib = sum(path.stat().st_blocks for path in files) / 2
    t.check(kib <= 300 * 16, f"{kib} KiB in {len(files)} segments")


@case()
def pieces_of_a_line_are_joined_per_thread(t):
    """Three writes a line, from four threads at once: whole lines."""
    outcome = t.run([t.program("lines"), "pieces", "4", "500"])
    t.equal(outcome.status, 0, "status")
    all_in_order(t, outcome, 4, 500)


@case(timeout=120)
def everything_at_once(t):
    """Threads, short threads, forks, copies of stderr and a timer's handler."""
    for way in (t.run, t.preload):
        outcome = way([t.program("storm"), "150"], timeout=100)
        t.equal(outcome.status, 0, f"{outcome.how}: status")
        t.check(len(outcome.stderr_lines()) > 1000, "lines")
        t.lines_once(outcome)
