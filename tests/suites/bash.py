# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""bash's own tests, of Debian's source package, with the system's bash.  A
test's result is what differs from the output that its authors expect."""
import hashlib
import re
import shutil
import subprocess

from harness.debian import Suite

from . import exclusions

HELPERS = ("recho", "zecho", "printenv", "xcase")
PIDS = re.compile(rb"\b\d{4,}\b")
NO_TESTS = ("run-all", "run-minimal", "run-gprof")
REMARKS = re.compile(rb"^warning: .*\n", re.M)


class Bash:
    together = True

    def __init__(self, t, name="", tests=None):
        self.name = f"bash{name}"
        self.source = Suite("bookworm").source("bash")
        self.tests = tests.split() if tests else None
        self.bin = t.dir / "bash-helpers"
        self.bin.mkdir(exist_ok=True)
        (self.bin / "config.h").write_text("#define HERE 1\n")
        (self.bin / "bashansi.h").write_text("#include <stdlib.h>\n"
                                            "#include <string.h>\n")
        for helper in HELPERS:
            subprocess.run(
                ["gcc", "-w", "-I", self.bin, "-o", self.bin / helper,
                 self.source / "support" / f"{helper}.c"], check=True)
        # Some tests copy files of the build about.
        for name in ("version.h", "y.tab.c"):
            shutil.copy(self.source / "y.tab.c", self.bin / name)

    def all(self):
        left_out = exclusions.of("bash")
        return sorted(
            path.name[4:] for path in (self.source / "tests").glob("run-*")
            if path.name not in NO_TESTS and path.name[4:] not in left_out)

    def run(self, runner, wanted):
        folder = runner.copy(self.source / "tests", "tests")
        shutil.copy(self.bin / "y.tab.c", runner.dir)
        found = {}
        for test in wanted or self.tests or self.all():
            status, text = runner.command(
                ["/bin/sh", f"./run-{test}"], cwd=folder, timeout=120,
                env={"PATH": f"{self.bin}:{folder}:{runner.env['PATH']}",
                     "THIS_SH": "/bin/bash", "BUILD_DIR": str(self.bin),
                     "BASH_TSTOUT": str(runner.dir / "tmp" / "output"),
                     "LC_ALL": "C"})
            text = PIDS.sub(b"PID", REMARKS.sub(b"", text))
            if status == 0 and not text:
                found[test] = "ok"
            else:
                digest = hashlib.sha256(text).hexdigest()[:12]
                found[test] = f"FAIL status {status}, output {digest}"
                (runner.dir / f"{test}.log").write_bytes(text)
        return found
