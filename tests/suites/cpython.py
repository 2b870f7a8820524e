# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""CPython's own tests, of Debian's python3.11, with that very interpreter."""
import xml.etree.ElementTree

from harness.debian import Suite

from . import exclusions

PACKAGES = """python3.11-minimal libpython3.11-minimal libpython3.11-stdlib
    libpython3.11-testsuite"""


class CPython:
    def __init__(self, name, modules, workers=2, patterns=(), seconds=1500):
        # test_socket binds a VSOCK port that is always the same.
        self.together = "test_socket" not in modules
        self.name = f"cpython-{name}"
        self.modules = modules.split()
        self.workers = workers
        self.patterns = patterns
        self.seconds = seconds
        self.root = Suite("bookworm").unpack(PACKAGES)

    def run(self, runner, wanted):
        report = runner.dir / "junit.xml"
        report.unlink(missing_ok=True)
        words = [self.root / "usr/bin/python3.11", "-B", "-m", "test",
                 "--junit-xml", report, "--timeout", "900",
                 f"-j{self.workers}"]
        for test in exclusions.of("cpython"):
            words += ["-i", test]
        for test in wanted or self.patterns:
            words += ["-m", test]
        status, text = runner.command(
            words + self.modules, timeout=self.seconds,
            env={"PYTHONHOME": str(self.root / "usr")})
        (runner.dir / "log").write_bytes(text)
        if not report.exists():  # two runs that end so are not the same
            raise RuntimeError(f"{self.name}, {runner.how}: no report, status "
                               f"{status}: {text[-1000:]!r}")
        found = {test.get("name"): self.result(test) for test
                 in xml.etree.ElementTree.parse(report).iter("testcase")}
        if not wanted:
            found["exit status"] = "ok" if status == 0 else f"FAIL {status}"
        return found

    @staticmethod
    def result(test):
        kinds = {child.tag for child in test}
        if kinds & {"failure", "error"}:
            return "FAIL"
        return "skip" if "skipped" in kinds else "ok"
