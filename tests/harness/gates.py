# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What must hold before any case is run: builds without a warning, units that
pass (under the sanitizers, too), exported symbols, layout of the sources."""
import os
import subprocess
import time
import xml.etree.ElementTree

from .context import ROOT

MESON = "/usr/bin/meson"
SANITIZERS = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]


def command(argv, env=None, timeout=1500):
    """(worked, output)"""
    try:
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return False, f"{late}\n{(late.stdout or b'').decode(errors='replace')}"
    return done.returncode == 0, done.stdout.decode(errors="replace")


def tail(text, lines=40):
    return "\n".join(text.rstrip().splitlines()[-lines:])


def build(folder, options=(), env=None):
    """Configure once, then compile.  -Werror: a warning fails."""
    if not (ROOT / folder / "build.ninja").exists():
        worked, output = command([MESON, "setup", folder, "-Dtests=true",
                                  "-Dwerror=true", *options], env)
        if not worked:
            return False, tail(output)
    worked, output = command([MESON, "compile", "-C", folder])
    return worked, "" if worked else tail(output)


def units(folder, prefix):
    """Run the unit tests of a build folder: [(name, state, text)]."""
    report = ROOT / folder / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    worked, output = command(
        [MESON, "test", "-C", folder, "--no-rebuild"],
        {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
         "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=1"})
    if not report.exists():
        # meson writes none when there are no tests at all.
        return [] if worked else [(f"{prefix}/meson", "FAILED", tail(output))]
    found = []
    for suite in xml.etree.ElementTree.parse(report).iter("testsuite"):
        for test in suite.iter("testcase"):
            program = suite.get("name").split(".")[-1]
            name = test.get("name", "")
            label = program if name == program else f"{program}/{name}"
            state, text = "passed", ""
            for child in test:
                if child.tag in ("failure", "error"):
                    state = "FAILED"
                    text = child.text or child.get("message") or ""
                elif child.tag == "skipped":
                    state = "skipped"
                    text = child.get("message") or child.text or "no reason"
            if state == "FAILED":
                text = tail(text + suite.findtext("system-out", "")
                            + suite.findtext("system-err", ""))
            found.append((f"{prefix}/{label}", state, text))
    if not worked and all(state != "FAILED" for _, state, _ in found):
        found.append((f"{prefix}/meson", "FAILED", tail(output)))
    return found


GATES = {
    "gate/gcc": lambda: build("build"),
    "gate/symbols": lambda: script("check-symbols"),
    "gate/format": lambda: script("check-format"),
    "gate/clang": lambda: build("build-clang", (),
                                {"CC": "clang", "CXX": "clang++"}),
    "gate/sanitizers": lambda: build("build-asan", SANITIZERS),
}
UNITS = {"unit": "build", "sanitized": "build-asan"}
NEEDS = {"unit": "gate/gcc", "sanitized": "gate/sanitizers"}


def script(name):
    worked, output = command([str(ROOT / "scripts" / name)])
    return worked, "" if worked else tail(output)


def run_gate(name):
    """(state, text, seconds)"""
    started = time.monotonic()
    worked, text = GATES[name]()
    return "passed" if worked else "FAILED", text, time.monotonic() - started
