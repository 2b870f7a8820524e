# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Tests of CPAN distributions, from Debian's source packages.  A result is the
numbers of the tests that passed and failed, and the exit status."""
import hashlib
import re
import shutil

from harness.debian import Suite

from . import exclusions

PLAN = re.compile(rb"^\s*((?:not )?ok \d+|1\.\.\d+)", re.M)


class Perl:
    together = True

    def __init__(self, name, package, folder=".", library=None):
        self.name = f"perl-{name}"
        self.source = Suite("bookworm").source(package)
        self.folder = folder
        self.library = library
        self.left_out = exclusions.of(self.name)

    def run(self, runner, wanted):
        folder = runner.copy(self.source / self.folder,
                             f"tree/{self.folder}")
        # What perl's own distributions use of perl's tree.
        for tools in (folder / "t", runner.dir / "tree" / "t"):
            tools.mkdir(exist_ok=True)
            for tool in (self.source / "t").glob("*.pl"):
                shutil.copy(tool, tools)
        tests = wanted or sorted(
            str(path.relative_to(folder))
            for path in (folder / "t").glob("**/*.t"))
        found = {}
        for test in tests:
            if test not in self.left_out:
                found[test] = self.result(*runner.command(
                    ["/usr/bin/perl", *self.switches(folder / test), test],
                    cwd=folder, timeout=240))
        return found

    def switches(self, test):
        with open(test, "rb") as file:
            first = file.readline()
        taint = re.search(rb"^#!.*perl.*\s-\w*([tT])", first)
        return [*([f"-{taint.group(1).decode()}"] if taint else []),
                *(["-I", self.library] if self.library else []), "-I."]

    @staticmethod
    def result(status, text):
        plan = [match.group(1) for match in PLAN.finditer(text)]
        bad = sum(line.startswith(b"not ok") for line in plan)
        digest = hashlib.sha256(b"\n".join(plan)).hexdigest()[:8]
        if status == 0 and not bad:
            return f"ok {len(plan)} lines {digest}"
        return f"FAIL status {status}, {bad} not ok, {digest}"
