# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Results: rows of figures, each with its goal and whether it holds; as text
and as JSON."""


class Goal:
    """At most (or, with least=True, at least) @bound; @stretch: beyond it."""

    def __init__(self, name, bound, stretch=None, least=False):
        self.name = name
        self.bound = bound
        self.stretch = stretch
        self.least = least

    def holds(self, value):
        return value >= self.bound if self.least else value <= self.bound

    def text(self):
        sign = ">=" if self.least else "<="
        return f"{self.name} {sign} {number(self.bound)}"


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.995 else f"{value:.3f}"


class Table:
    """columns: (key, heading); a row is a dict; "goal" and "value" (what the
    goal is for) add the last two columns."""

    def __init__(self, key, title, columns, note=""):
        self.key = key
        self.title = title
        self.columns = columns
        self.note = note
        self.rows = []
        self.skipped = []

    def add(self, goal=None, value=None, **row):
        if goal and value is not None:
            row.update(goal=goal.text(), bound=goal.bound, value=value,
                       least=goal.least, holds=goal.holds(value))
        self.rows.append(row)

    def skip(self, what, why):
        self.skipped.append({"what": what, "why": str(why)})

    def cell(self, row, key):
        if key == "holds":
            return {True: "yes", False: "NO"}.get(row.get("holds"), "")
        value = row.get(key)
        return "" if value is None else number(value)

    def text(self):
        columns = [*self.columns]
        if any("goal" in row for row in self.rows):
            columns += [("goal", "goal"), ("holds", "holds")]
        lines = [[heading for _, heading in columns]]
        lines += [[self.cell(row, key) for key, _ in columns]
                  for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*lines)]
        out = [self.title]
        for line in lines if self.rows else ():
            cells = [line[0].ljust(widths[0])]
            cells += [cell.rjust(width)
                      for cell, width in zip(line[1:], widths[1:])]
            out.append("  " + "  ".join(cells).rstrip())
        out += [f"  skipped {entry['what']}: {entry['why']}"
                for entry in self.skipped]
        if self.note and self.rows:
            out.append(f"  {self.note}")
        return "\n".join(out)

    def json(self):
        return {"key": self.key, "title": self.title, "note": self.note,
                "columns": [list(column) for column in self.columns],
                "rows": self.rows, "skipped": self.skipped}
