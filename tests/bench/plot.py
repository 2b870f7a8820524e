# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An SVG of a run: how far each figure is from its goal, and the CPU time of
each way from the application to the receiver.

    PYTHONPATH=tests python3 -m bench.plot RUN.json >RUN.svg"""
import html
import json
import math
import sys

from .table import number

WIDTH, LABEL, BAR, ROW = 1080, 400, 380, 22
GOOD, BAD = "#2e7d32", "#c62828"
OWN, AGENT = "#1565c0", "#ef6c00"
SPAN = 16  # times better or worse than the goal at the ends of the axis


def text(x, y, content, anchor="start", size=12, weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" '
            f'font-size="{size}" font-weight="{weight}">'
            f"{html.escape(content)}</text>")


def bar(x, y, width, color, title):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{ROW - 8}" fill="{color}"><title>{html.escape(title)}'
            "</title></rect>")


def of_goal(row):
    """1: just met; 0.5: twice as good as asked for."""
    if not row["bound"]:  # nothing at all was asked for
        return 1 if row["holds"] else SPAN
    if row["least"]:
        return row["bound"] / row["value"] if row["value"] else SPAN
    return row["value"] / row["bound"]


def goals(result, y):
    """(elements, next y)"""
    out = [text(16, y, "Figures against their goals (left of the line: better)",
                size=14, weight="bold")]
    top, middle = y + 8, LABEL + BAR / 2
    y += 16
    for table in result["tables"]:
        for row in table["rows"]:
            name = row["what"]
            if "goal" not in row:
                continue
            name = f"{table['key']}: {name.strip()}"
            share = min(max(of_goal(row), 1 / SPAN), SPAN)
            x = middle + BAR / 2 * math.log(share) / math.log(SPAN)
            color = GOOD if row["holds"] else BAD
            out.append(text(LABEL - 8, y + 11, name[-62:], "end"))
            out.append(bar(min(x, middle), y, abs(x - middle), color, name))
            out.append(text(LABEL + BAR + 8, y + 11,
                            f"{number(row['value'])}  ({row['goal']})"))
            y += ROW
    out.append(f'<line x1="{middle}" x2="{middle}" y1="{top}" y2="{y}" '
               'stroke="currentColor"/>')
    for share in (1 / SPAN, 1 / 4, 4, SPAN):
        x = middle + BAR / 2 * math.log(share) / math.log(SPAN)
        label = f"{share:g} x" if share > 1 else f"1/{1 / share:g}"
        out.append(text(x, y + 12, label, "middle", 10))
    out.append(text(middle, y + 12, "goal", "middle", 10))
    return out, y + 40


def cpu(result, y):
    table = next((table for table in result["tables"]
                  if table["key"] == "tight"), None)
    rows = [row for row in table["rows"] if "total_s" in row] if table else []
    if not rows:
        return [], y
    out = [text(16, y, table["title"] + ": CPU seconds", size=14,
                weight="bold")]
    y += 14
    for x, color, what in ((LABEL, OWN, "application"),
                           (LABEL + 110, AGENT, "agent")):
        out.append(bar(x, y, 12, color, what))
        out.append(text(x + 18, y + 11, what))
    y += ROW
    most = max(row["total_s"] for row in rows)
    for row in rows:
        agent_s = row.get("agent_s", 0)
        # A quoted figure has no application's.
        own = BAR * row.get("app_s", row["total_s"] - agent_s) / most
        agent = BAR * agent_s / most
        out.append(text(LABEL - 8, y + 11, row["what"], "end"))
        out.append(bar(LABEL, y, own, OWN, "application"))
        out.append(bar(LABEL + own, y, agent, AGENT, "agent"))
        out.append(text(LABEL + own + agent + 8, y + 11,
                        number(row["total_s"])))
        y += ROW
    return out, y + 24


def svg(result):
    facts = result["machine"]
    first, y = goals(result, 56)
    second, y = cpu(result, y)
    head = text(16, 26, "logtap {commit}, {date}: {cpus} x {cpu}, Linux "
                "{kernel}".format(**facts), size=13)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{y:.0f}" viewBox="0 0 {WIDTH} {y:.0f}" '
        'font-family="sans-serif" fill="#222" color="#222">',
        f'<rect width="{WIDTH}" height="{y:.0f}" fill="white"/>',
        head, *first, *second, "</svg>", ""])


if __name__ == "__main__":
    with open(sys.argv[1]) as run:
        sys.stdout.write(svg(json.load(run)))
