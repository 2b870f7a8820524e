# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs a suite bare and under `logtap run`, and says what differs.

A suite is an object with a name and run(runner, wanted), which returns
{test: result}; a result is a string, "ok", "skip", or something else whose
first word is "FAIL".  A test that differs is run again, bare and under logtap;
what differs in three runs of three is a difference.  Tests fail here without
logtap too (as root, on a loaded machine, in a container): what counts is that
they fail in the same way.
"""
import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

from harness import processes

RUNS = 3
SUMMARY = re.compile(rb"logtap: ([\d,]+) records?(?: \([^)]*\))? from ([\d,]+) process")


class Runner:
    """One way to run programs: bare, or each under `logtap run`."""

    def __init__(self, t, how, folder):
        self.how = how
        self.dir = pathlib.Path(folder)
        self.logtap = t.logtap_program
        self.env = dict(t.env, TMPDIR=str(self.dir / "tmp"),
                        HOME=str(self.dir / "home"))
        self.records = self.processes = self.runs = 0
        for name in ("tmp", "home"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)

    def command(self, argv, env=None, cwd=None, timeout=600, stdin=None):
        """(exit status or "timeout", stdout and stderr as one)"""
        self.runs += 1
        words = [str(word) for word in argv]
        # A collector may outlive its program, so each has a file of its own.
        records = self.dir / f"records-{self.runs}.otlp.jsonl"
        if self.how != "bare":
            words = [str(self.logtap), "run", "-o", str(records), "--",
                     *words]
        output = self.dir / f"output-{self.runs}"
        with open(output, "w+b") as file:
            process = subprocess.Popen(
                words, env={**self.env, **(env or {})}, cwd=cwd or self.dir,
                stdin=stdin or subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True)
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                status = "timeout"
            # Whatever it left must not disturb the next one.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            file.seek(0)
            text = file.read()
        output.unlink()
        records.unlink(missing_ok=True)
        return status, self.without_summary(text).replace(
            os.fsencode(self.dir), b"DIR")

    def without_summary(self, text):
        if self.how == "bare":
            return text
        kept = []
        for line in text.splitlines(True):
            found = SUMMARY.match(line)
            if found:
                records, processes = (int(number.replace(b",", b""))
                                      for number in found.groups())
                self.records += records
                self.processes += processes
            else:
                kept.append(line)
        return b"".join(kept)

    def copy(self, source, name):
        """A private copy of a folder, the same path in every run of it."""
        place = self.dir / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, symlinks=True)
        return place


class Verdict:
    """What came out of a comparison."""

    def __init__(self, suite, bare, under, repeated, passing, runner):
        self.suite = suite
        self.bare = bare
        self.under = under
        self.repeated = repeated    # {test: [(bare, under), ...]}
        self.passing = passing      # tests that differed, but not each time
        self.records = runner.records
        self.processes = runner.processes

    def line(self):
        counts = collections.Counter(
            result.split()[0] for result in self.bare.values())
        text = ", ".join(f"{count} {what}"
                         for what, count in sorted(counts.items()))
        return (f"{self.suite}: {len(self.bare)} tests ({text} bare), "
                f"{len(self.repeated)} differ under logtap in {RUNS} of "
                f"{RUNS} runs, {len(self.passing)} did once and not again; "
                f"{self.processes} processes, {self.records} records")

    def details(self):
        for test, pairs in sorted(self.repeated.items()):
            yield f"{test}: bare / under logtap: " + "; ".join(
                f"{bare} / {under}" for bare, under in pairs)
        if self.passing:
            yield "differed, but not in every run: " + \
                ", ".join(sorted(self.passing))


def both(suite, runners, wanted):
    """Run a suite bare and under logtap; at the same time if it does not
    mind (most tests wait most of the time)."""
    results = [None, None]

    failures = []

    def run(index):
        try:
            results[index] = suite.run(runners[index], wanted)
        except Exception as error:  # raised again in the main thread
            failures.append(error)

    if getattr(suite, "together", False):
        threads = [threading.Thread(target=run, args=(index,))
                   for index in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        run(0)
        run(1)
    # Tests that failed leave servers; in the same way next time, or not.
    processes.kill_descendants(os.getpid())
    if failures:
        raise failures[0]
    return results


def is_difference(pairs):
    """Did it differ each time, and not because bare runs differ as well?"""
    bares = {bare for bare, _ in pairs}
    kinds = {(bare or "none").split()[0] for bare in bares}
    under = {(other or "none").split()[0] for _, other in pairs}
    return len(bares) == 1 or kinds.isdisjoint(under)


def compare(t, suite):
    runners = [Runner(t, how, t.dir / suite.name / how)
               for how in ("bare", "under")]
    bare, under = both(suite, runners, None)
    pairs = {test: [(bare.get(test), under.get(test))]
             for test in sorted(bare.keys() | under.keys())
             if bare.get(test) != under.get(test)}
    passing = set()
    for _ in range(RUNS - 1):
        if not pairs:
            break
        again = both(suite, runners, sorted(pairs))
        for test in list(pairs):
            pair = again[0].get(test), again[1].get(test)
            pairs[test].append(pair)
            if pair[0] == pair[1]:
                passing.add(test)
                del pairs[test]
    for test in list(pairs):
        if not is_difference(pairs[test]):
            passing.add(test)
            del pairs[test]
    return Verdict(suite.name, bare, under, pairs, passing, runners[1])
