# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The library and tests/programs for aarch64, cross-built, and the words that run
them under Debian's qemu-user, unpacked into build/debian."""
import os
import pathlib
import shutil
import subprocess

from . import builds
from .debian import ROOT, Suite, Unavailable
from .libcs import FORTIFY, PROGRAMS, is_old

COMPILER = "aarch64-linux-gnu-gcc"
SYSROOT = pathlib.Path("/usr/aarch64-linux-gnu")


class Aarch64:
    """With the names of libcs.Libc; .shim, and .launch() for a command."""
    SINGLE = ("dies", "handler", "lines", "syslog", "unwind", "ways")

    def __init__(self):
        if not shutil.which(COMPILER) or not SYSROOT.exists():
            raise Unavailable(f"{COMPILER} is not installed")
        root = Suite("bookworm").unpack("qemu-user-static")
        self.qemu = [str(root / "usr/bin/qemu-aarch64-static"), "-L",
                     str(SYSROOT)]
        self.folder = ROOT / "build" / "libcs" / "aarch64"
        self.shim = builds.library("aarch64", "--cross-file") / \
            "shim" / "liblogtap.so"
        self.version = "aarch64"

    def program(self, name):
        return str(self.folder / name)

    def launch(self, argv, env):
        """(argv, env) for the emulator, whose own loader is not to preload."""
        ours = {name: value for name, value in env.items()
                if name == "LD_PRELOAD" or name.startswith("LOGTAP_")}
        given = [word for name, value in ours.items()
                 for word in ("-E", f"{name}={value}")]
        return [*self.qemu, *given, *map(str, argv)], {
            name: value for name, value in env.items() if name not in ours}

    def compile(self, output, *words):
        new = self.folder / f"{output}.{os.getpid()}.new"
        subprocess.run([COMPILER, "-g", "-O1", "-w", "-D_GNU_SOURCE",
                        "-pthread", "-o", new, *words], check=True,
                       capture_output=True, text=True)
        new.rename(self.folder / output)

    def build(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in self.SINGLE:
            source = PROGRAMS / f"{name}.c"
            if is_old(self.folder / name, [source]):
                self.compile(name, source,
                             *(FORTIFY if name == "syslog" else ()))
        ways = [source for source in sorted((PROGRAMS / "ways").iterdir())
                if source.suffix in (".c", ".h")]
        if is_old(self.folder / "matrix", ways):
            self.build_matrix([source for source in ways
                               if source.suffix == ".c"])
        return self

    def build_matrix(self, sources):
        """All of C; one file of it fortified."""
        objects = []
        for source in sources:
            objects.append(self.folder / f"{source.stem}.o")
            self.compile(objects[-1].name, "-c", source,
                         *(FORTIFY if source.stem == "fortified" else ()))
        self.compile("matrix", *objects, "-ldl", "-lrt")
