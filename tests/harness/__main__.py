# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What scripts/test runs once everything is set up: gates, unit tests, cases.

The last line counts every one of them: N passed, N failed, N skipped."""
import argparse
import datetime
import fnmatch
import os
import signal
import subprocess
import sys
import time

from . import gates, registry, runner, tally
from .context import ROOT


class Report:
    """One line a result, on the terminal and, if asked, in a file."""

    def __init__(self, file=None):
        self.counts = {"passed": 0, "FAILED": 0, "skipped": 0}
        self.failed = []
        self.file = file

    def line(self, text):
        print(text, flush=True)
        if self.file:
            print(text, file=self.file, flush=True)

    def add(self, name, state, text="", seconds=None):
        self.counts[state] += 1
        time_text = "" if seconds is None else f" ({seconds:.1f} s)"
        reason = f": {text}" if state != "FAILED" and text else ""
        self.line(f"{state:7} {name}{time_text}{reason}")
        if state == "FAILED":
            self.failed.append(name)
            for row in (text or "no output").rstrip().splitlines():
                self.line(f"        {row}")

    def end(self):
        if self.failed:
            self.line("failed: " + " ".join(self.failed))
        self.line("{passed} passed, {FAILED} failed, {skipped} skipped"
                  .format(**self.counts))
        return 1 if self.failed or not self.counts["passed"] else 0


def matches(patterns, name):
    return not patterns or any(
        pattern in name or fnmatch.fnmatch(name, pattern)
        for pattern in patterns)


def results(name):
    """docs/results/NAMEDATE-COMMIT.txt, to be written."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True,
            capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        commit = "unknown"
    folder = ROOT / "docs" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    return open(folder / f"{name}{datetime.date.today()}-{commit}.txt", "w")


def keep_table(table):
    """What the long form says of the ways to stderr, by libc."""
    with results("ways-") as file:
        print("# scripts/test --long: runs of tests/programs/ways, a row a libc "
              "and kind of fd 2", *table, sep="\n", file=file)


def run_gates_and_units(report, only):
    """False when there is nothing that cases could run."""
    failed = set()
    for name in gates.GATES:
        needed = matches(only, name) or any(
            gates.NEEDS[group] == name and
            any(pattern.startswith(group) for pattern in only)
            for group in gates.UNITS)
        if needed:
            state, text, seconds = gates.run_gate(name)
            report.add(name, state, text, seconds)
            if state == "FAILED":
                failed.add(name)
    for group, folder in gates.UNITS.items():
        if gates.NEEDS[group] in failed:
            report.add(group, "FAILED", f"{gates.NEEDS[group]} failed")
        elif not only or any(pattern.startswith(group) for pattern in only):
            for name, state, text in gates.units(folder, group):
                if matches(only, name):
                    report.add(name, state, text)
    return "gate/gcc" not in failed


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Build, check and test logtap.  The short form takes "
                    "some minutes.")
    parser.add_argument("--long", action="store_true",
                        help="run the long cases too; without --only, write the results "
                             "to docs/results/")
    parser.add_argument("--only", metavar="PATTERN", action="append", default=[],
                        help="only what has PATTERN in its name or matches it "
                             "as a glob; may be given again; unit tests: unit/..., "
                             "sanitized/...")
    parser.add_argument("--list", action="store_true",
                        help="list the gates and cases, run nothing")
    parser.add_argument("--keep", action="store_true",
                        help="keep the cases' temporary folders")
    parser.add_argument("--jobs", type=int, default=2, metavar="N",
                        help="cases at a time (2)")
    return parser.parse_args()


def main():
    options = arguments()
    cases = [case for case in registry.load()
             if matches(options.only, case.name)]
    if options.list:
        for name in (*gates.GATES, "unit/...", "sanitized/..."):
            print(name)
        for case in cases:
            print(f"{case.name}{' (long)' if case.long else ''}"
                  f"{': ' if case.promise else ''}{case.promise}")
        return 0
    # A terminal's hang-up or a CI's time-out must not leave daemons behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    os.chdir(ROOT)
    complete = options.long and not options.only
    report = Report(results("") if complete else None)
    started = time.monotonic()
    if run_gates_and_units(report, options.only):
        wanted = [case for case in cases if options.long or not case.long]
        runner.run(wanted, lambda case, *result: report.add(
            case.name, *result), options.jobs, options.keep)
        table = tally.Tally(row for case in wanted
                            for row in case.tally).table()
        for line in table:
            report.line(line)
        if options.long and table:
            keep_table(table)
    else:
        for case in cases:
            report.add(case.name, "FAILED", "there is no build to test")
    report.line(f"took {time.monotonic() - started:.0f} s")
    return report.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
