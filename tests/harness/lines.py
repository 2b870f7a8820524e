# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What tests/programs/lines has written, and what was recorded of it."""
import collections
import re

LINE = re.compile(r"way=\w+ tid=(\d+) n=(\d+) end")


def complete(t, outcomes, records):
    """What each thread wrote was recorded, in order, each line once, but
    perhaps the line that it was writing when it was killed."""
    recorded = collections.defaultdict(list)
    for record in records:
        match = LINE.fullmatch(record.body)
        t.check(match, f"a torn line: {record.body!r}")
        t.equal(record.tid, int(match[1]), f"thread of {record.body!r}")
        recorded[record.tid].append(int(match[2]))
    lines = 0
    for outcome in outcomes:
        written = collections.Counter(
            int(LINE.fullmatch(line)[1]) for line in outcome.stderr_lines())
        for tid, count in written.items():
            got = recorded.pop(tid, [])
            t.check(len(got) in (count, count - (outcome.status != 0)),
                    f"thread {tid} wrote {count} lines, {len(got)} recorded")
            t.equal(got, list(range(len(got))), f"lines of thread {tid}")
            lines += count
    t.equal(dict(recorded), {}, "lines that nobody wrote")
    return lines
