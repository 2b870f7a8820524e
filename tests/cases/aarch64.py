# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The library for aarch64, cross-built, in programs that qemu-user runs; the
collector is this machine's, for the shared format is the same."""
import pathlib
import re
import shutil
import subprocess

from harness import case, segment
from harness.debian import Suite, Unavailable

COMPILER = "aarch64-linux-gnu-gcc"
SYSROOT = pathlib.Path("/usr/aarch64-linux-gnu")
NO_DEATH_MARK = 1


def command(t, *words):
    done = subprocess.run(list(map(str, words)), cwd=t.root,
                          capture_output=True, text=True)
    t.check(done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}")


class Cross:
    """The cross-built library, programs, and the words that run them."""

    def __init__(self, t):
        if not shutil.which(COMPILER) or not SYSROOT.exists():
            t.skip(f"{COMPILER} is not installed")
        try:
            root = Suite("bookworm").unpack("qemu-user-static")
        except Unavailable as why:
            t.skip(str(why))
        self.t = t
        self.qemu = [str(root / "usr/bin/qemu-aarch64-static"), "-L",
                     str(SYSROOT)]
        build = t.dir / "build"
        command(t, "/usr/bin/meson", "setup", build, "--cross-file",
                "scripts/lib/aarch64.ini", "-Dcollector=false")
        command(t, "ninja", "-C", build, "shim/liblogtap.so")
        self.shim = build / "shim" / "liblogtap.so"
        command(t, "scripts/check-symbols", self.shim)

    def program(self, name):
        path = self.t.dir / name
        command(self.t, COMPILER, "-w", "-O1", "-D_GNU_SOURCE", "-pthread",
                "-o", path, f"tests/programs/{name}.c")
        return str(path)

    def words(self, argv, directory=None):
        if not directory:
            return [*self.qemu, *argv]
        return [*self.qemu, "-E", f"LD_PRELOAD={self.shim}", "-E",
                f"LOGTAP_DIR={directory}", *argv]

    def compare(self, argv):
        """Bare and preloaded; each line one record."""
        t = self.t
        collector = t.collect()
        bare = t.bare(self.words(argv))
        held = t.finish(t.spawn(self.words(argv, collector.dir), "preload"))
        held.records = collector.end()
        t.same(bare, held, lambda text: re.sub(rb"(?<=[td]=)\d+", b"N", text),
               ordered=False)
        t.check(held.records, f"{argv}: nothing was captured")
        t.lines_once(held, [line for line in held.stderr_lines()
                            if not line.startswith("qemu: ")])


@case(timeout=240)
def programs_under_qemu(t):
    """Every way of C, threads, a handler that logs, a fatal signal; slots say
    that the emulator marks no deaths."""
    cross = Cross(t)
    cross.compare([cross.program("ways")])
    cross.compare([cross.program("lines"), "mixed", "4", "50"])
    dies = cross.program("dies")
    for how in ("abort", "_exit"):
        cross.compare([dies, how])
    directory = t.session_dir()
    outcome = t.finish(t.spawn(
        cross.words([cross.program("handler"), "200"], directory), "preload"))
    t.equal(outcome.status, 0, "handler: status")
    slots = segment.read_all(directory)
    t.equal(sum(len(slot.main) + len(slot.nested) for slot in slots),
            len(outcome.stderr_lines()), "handler: chunks")
    t.check(all(slot.flags & NO_DEATH_MARK for slot in slots),
            "a slot counts on a death mark that qemu never sets")
