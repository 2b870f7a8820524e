# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What must hold before any case is run: builds without a warning, units that
pass (under the sanitizers, too), exported symbols, layout of the sources."""
import os
import re
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
    options = ["-Dtests=true", "-Dwerror=true", *options]
    if not (ROOT / folder / "build.ninja").exists():
        words = [MESON, "setup", folder, *options]
    else:  # made by scripts/setup, perhaps
        words = [MESON, "configure", folder, *options]
    worked, output = command(words, env)
    if not worked:
        return False, tail(output)
    worked, output = command([MESON, "compile", "-C", folder])
    return worked, "" if worked else tail(output)


# Said of any program that has coroutines, and no finding.
REMARK = "ASan doesn't fully support makecontext/swapcontext"


def sanitizer_reports(folder):
    """What a sanitizer found outside a test's own time, leaks above all:
    Criterion's children report them once the test has passed."""
    found = []
    for path in sorted((ROOT / folder).glob("sanitizer.*")):
        text = "".join(line for line in
                       path.read_text(errors="replace").splitlines(True)
                       if REMARK not in line)
        if text.strip():
            found.append(text)
        path.unlink()
    return found


def junit_results(path):
    """(program, test, state, text) of each test in meson's report."""
    for suite in xml.etree.ElementTree.parse(path).iter("testsuite"):
        program = suite.get("name").split(".")[-1]
        for test in suite.iter("testcase"):
            # Criterion: "3 - suite::name  (0.01s)"
            name = re.sub(r"^\d+ - |\s+\([\d.]+s\)$", "", test.get("name"))
            state, text = "passed", ""
            for child in test:
                text = child.get("message") or child.text or ""
                if child.tag in ("failure", "error"):
                    state = "FAILED"
                    text += "".join(suite.findtext(stream, "") for stream
                                    in ("system-out", "system-err"))
                elif child.tag == "skipped":
                    state = "skipped"
            yield program, name, state, tail(text)


def units(folder, prefix):
    """Run the unit tests of a build folder: [(name, state, text)]."""
    report = ROOT / folder / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    sanitizer_reports(folder)
    log = f"log_path={ROOT / folder / 'sanitizer'}"
    worked, output = command(
        [MESON, "test", "-C", folder, "--no-rebuild"],
        {"ASAN_OPTIONS": f"detect_leaks=1:{log}",
         "UBSAN_OPTIONS": f"halt_on_error=1:print_stacktrace=1:{log}"})
    found = []
    if report.exists():  # meson writes none when there are no tests
        for program, name, state, text in junit_results(report):
            label = program if name == program else f"{program}/{name}"
            found.append((f"{prefix}/{label}", state, text))
    for number, text in enumerate(sanitizer_reports(folder), 1):
        # The stack comes first, pages of shadow memory last.
        text = text.partition("\nShadow bytes around")[0]
        found.append((f"{prefix}/report-{number}", "FAILED", tail(text, 60)))
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
