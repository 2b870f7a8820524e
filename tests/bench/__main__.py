# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""scripts/bench: see --help."""
import argparse
import datetime
import json
import signal
import subprocess
import sys
import time

from . import api, calls, encoding, endtoend, loops, memory, peers, plot
from .rounds import machine
from .session import ROOT, Broken, Session, Skip

SECTIONS = {
    "write": calls.write,
    "stdio": calls.stdio,
    "threads": calls.threads,
    "start": calls.start,
    "syslog": peers.syslog,
    "lttng": peers.lttng,
    "api": api.api,
    "loops": loops.loops,
    "encoding": encoding.encoding,
    "growth": memory.threads,
    "idle": memory.processes,
    "endtoend": endtoend.endtoend,
}


def arguments():
    sections = "\n".join(f"  {name:10} {run.__doc__.splitlines()[0]}"
                         for name, run in SECTIONS.items())
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__.splitlines()[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="sections:\n" + sections)
    parser.description = (
        "Measure what logtap costs: each figure is a ratio to the bare call "
        "(or to a\npeer) in the same run, with the goal beside it.")
    parser.add_argument("sections", nargs="*", metavar="SECTION",
                        help="which to run (all)")
    parser.add_argument("--quick", action="store_true",
                        help="few rounds: shows that it works, not how fast")
    parser.add_argument("--json", metavar="FILE",
                        help="write the figures to FILE as JSON")
    parser.add_argument("--keep", action="store_true",
                        help="write docs/results/bench-DATE-COMMIT.txt, .json "
                             "and .svg")
    options = parser.parse_args()
    for name in options.sections:
        if name not in SECTIONS:
            parser.error(f"unknown section {name}; known are "
                         + ", ".join(SECTIONS))
    return options


def commit():
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty=-changed"], cwd=ROOT,
            check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def run_section(name, session):
    """(tables, error text or None)"""
    try:
        return SECTIONS[name](session), None
    except Skip as why:
        return [], f"skipped {name}: {why}"
    except (Broken, OSError, subprocess.SubprocessError) as error:
        return [], f"FAILED {name}: {error}"


def summary(tables):
    rows = [row for table in tables for row in table.rows if "holds" in row]
    return (f"{sum(row['holds'] for row in rows)} of {len(rows)} goals hold")


def keep(facts, text, result):
    """docs/results/bench-DATE-COMMIT.*"""
    folder = ROOT / "docs" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / "bench-{date}-{commit}".format(**facts)
    for suffix, content in ((".txt", text), (".svg", plot.svg(result)),
                            (".json", json.dumps(result, indent=1) + "\n")):
        base.with_name(base.name + suffix).write_text(content)
    print(f"kept {base.relative_to(ROOT)}.txt, .json and .svg")


def main():
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    facts = machine()
    facts.update(commit=commit(), quick=options.quick,
                 date=datetime.date.today().isoformat())
    text = ["logtap {commit}, {date}: {cpus} x {cpu}, Linux {kernel}, {libc}, "
            "load {load:.1f}".format(**facts)]
    if options.quick:
        text.append("--quick: too few rounds for the figures to mean much")
    print("\n".join(text), flush=True)
    tables, failed = [], False
    for name in options.sections or SECTIONS:
        started = time.monotonic()
        with Session(options.quick) as session:
            got, error = run_section(name, session)
        tables += got
        for part in [table.text() for table in got] + [error] * bool(error):
            text.append("\n" + part)
            print("\n" + part, flush=True)
        failed = failed or bool(error and error.startswith("FAILED"))
        facts.setdefault("seconds", {})[name] = time.monotonic() - started
    text.append("\n" + summary(tables))
    print(text[-1])
    result = {"machine": facts, "tables": [table.json() for table in tables]}
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file, indent=1)
    if options.keep:
        keep(facts, "\n".join(text) + "\n", result)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
