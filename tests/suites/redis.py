# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""redis' own tests, of Debian's source package, with Debian's redis-server of
the same version, both only unpacked."""
import re

from harness.debian import Suite

from . import exclusions

PACKAGES = """redis-server redis-tools libjemalloc2 liblzf1 liblua5.1-0
    lua-bitop lua-cjson libhiredis0.14 libatomic1 tcl8.6 libtcl8.6"""
PROGRAMS = {"redis-server": "redis-check-rdb", "redis-cli": "redis-cli",
            "redis-benchmark": "redis-benchmark",
            "redis-check-aof": "redis-check-rdb",
            "redis-check-rdb": "redis-check-rdb"}
LINE = re.compile(rb"^\[(ok|err|exception|skip|ignore|timeout)\]: (.*?)"
                  rb"(?: \(\d+ ms\))?(?: in tests/.*)?$", re.M)
COLOUR = re.compile(rb"\x1b\[[\d;]*m")


class Redis:
    together = True

    def __init__(self, units, name=""):
        self.name = f"redis{name}"
        archive = Suite("bookworm")
        self.root = archive.unpack(PACKAGES)
        self.source = archive.source("redis")
        self.units = units.split()

    def run(self, runner, wanted):
        folder = runner.dir / "redis"
        (folder / "src").mkdir(parents=True, exist_ok=True)
        runner.copy(self.source / "tests", "redis/tests")
        runner.copy(self.source / "utils", "redis/utils")
        for name, program in PROGRAMS.items():
            link = folder / "src" / name
            if not link.is_symlink():
                link.symlink_to(self.root / "usr/bin" / program)
        found = {}
        # A test's name begins with its unit.
        for unit in sorted({test.split(": ")[0] for test in wanted}
                           if wanted else self.units):
            found.update(self.unit(runner, folder, unit))
        return found

    def unit(self, runner, folder, unit):
        library = self.root / "usr/lib/x86_64-linux-gnu"
        words = [self.root / "usr/bin/tclsh8.6", "tests/test_helper.tcl",
                 "--single", unit, "--clients", "1", "--baseport",
                 "21111" if runner.how == "bare" else "25111"]
        for test in exclusions.of("redis"):
            words += ["--skiptest", "/" + test.replace("_", ".")]
        status, text = runner.command(
            words, cwd=folder, timeout=600, env={
                "LD_LIBRARY_PATH": str(library),
                "TCL_LIBRARY": str(self.root / "usr/share/tcltk/tcl8.6")})
        text = COLOUR.sub(b"", text)
        found = {f"{unit}: exit status":
                 "ok" if status == 0 else f"FAIL {status}"}
        for kind, name in LINE.findall(text):
            key = f"{unit}: {name.decode(errors='replace')}"
            result = {b"ok": "ok", b"skip": "skip", b"ignore": "skip"}.get(
                kind, "FAIL")
            found[key] = result if found.get(key, "ok") == "ok" else found[key]
        if status != 0:
            log = unit.replace("/", "-") + ".log"
            (runner.dir / log).write_bytes(text)
        return found
