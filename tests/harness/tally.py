# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What became of the ways to stderr, counted by libc and kind of fd 2: the table
at the end of a run."""
import collections
import platform

OUTCOMES = ("once", "gap", "unseen", "no log", "failed")
HEADS = ("captured once", "gap recorded", "not captured, as documented",
         "not a log, not captured", "failed")


def own_libc():
    return " ".join(platform.libc_ver())


class Tally:
    """Counts of runs; as JSON: [[libc, kind, outcome, count], ...]."""

    def __init__(self, rows=()):
        self.counts = collections.Counter()
        self.add_rows(rows)

    def add(self, libc, kind, outcome):
        self.counts[libc, kind, outcome] += 1

    def add_rows(self, rows):
        for libc, kind, outcome, count in rows:
            self.counts[libc, kind, outcome] += count

    def rows(self):
        return [[*key, count] for key, count in self.counts.items()]

    def table(self):
        """Lines for people; none when nothing was counted."""
        if not self.counts:
            return []
        cells = [("ways to stderr", "fd 2", *HEADS)]
        for libc, kind in sorted({key[:2] for key in self.counts}):
            cells.append((libc, kind, *(str(self.counts[libc, kind, outcome])
                                        for outcome in OUTCOMES)))
        widths = [max(map(len, column)) for column in zip(*cells)]
        return ["  ".join(text.ljust(width) if at < 2 else text.rjust(width)
                          for at, (text, width) in enumerate(
                              zip(row, widths))) for row in cells]
