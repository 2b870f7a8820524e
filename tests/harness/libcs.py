# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Other glibcs than this machine's: Debian's, unpacked into build/debian, and
tests/programs built against each one, with its own loader in the ELF file."""
import os
import pathlib
import shutil
import subprocess

from .debian import ROOT, Suite

PROGRAMS = ROOT / "tests" / "programs"
SINGLE = ("children", "dies", "handler", "lines", "syslog", "unwind",
          "ways")
FORTIFY = ("-U_FORTIFY_SOURCE", "-O2", "-D_FORTIFY_SOURCE=2")

SINCE = {"closefrom": (2, 34), "close_range": (2, 34), "_Fork": (2, 34)}

LIBC = "libc6 libc6-dev linux-libc-dev libcrypt1 libgcc-s1 libstdc++6"
# Programs of the oldest one: they do not run with a newer libc's symbols only.
OLD_PROGRAMS = """bash dash coreutils perl-base python3.9-minimal
    libpython3.9-minimal libpython3.9-stdlib libtinfo6 libselinux1
    libpcre2-8-0 libgmp10 libacl1 libattr1 libssl1.1 libexpat1 zlib1g"""
PACKAGES = {"bullseye": f"{LIBC} {OLD_PROGRAMS}", "trixie": LIBC, "sid": LIBC}


class Libc:
    """One of them: .version, .loader and .program(name)."""

    def __init__(self, suite):
        self.suite = suite
        self.root = Suite(suite).unpack(PACKAGES[suite])
        for name in ("lib", "lib64"):  # a link that base-files would bring
            if not (self.root / name).exists():
                (self.root / name).symlink_to(f"usr/{name}")
        self.relink()
        self.library = self.root / "lib" / "x86_64-linux-gnu"
        self.loader = self.library / "ld-linux-x86-64.so.2"
        self.path = f"{self.library}:{self.root}/usr/lib/x86_64-linux-gnu"
        self.folder = ROOT / "build" / "libcs" / suite
        self.version = self.ask_version()

    def relink(self):
        """Links to absolute paths would lead out of the unpacked tree."""
        for folder in ("lib64", "usr/lib/x86_64-linux-gnu"):
            for link in (self.root / folder).iterdir():
                if link.is_symlink() and link.readlink().is_absolute():
                    target = self.root / link.readlink().relative_to("/")
                    link.unlink()
                    link.symlink_to(os.path.relpath(target, link.parent))

    def ask_version(self):
        """By the library itself, as libc.so.6 is a program too."""
        said = subprocess.run([self.loader, self.library / "libc.so.6"],
                              check=True, capture_output=True, text=True)
        return said.stdout.split(" version ")[1].split()[0].rstrip(".")

    def run_with(self, program, *arguments):
        """The words that run a program of this suite by its own loader."""
        return [str(self.loader), "--library-path", self.path,
                str(self.root / program), *arguments]

    def program(self, name):
        return str(self.folder / name)

    def compile(self, compiler, output, *words):
        target = self.folder / output
        new = target.with_suffix(f".{os.getpid()}.new")  # cases run side by side
        subprocess.run(
            [compiler, "-g", "-O1", "-w", "-D_GNU_SOURCE", "-pthread",
             f"--sysroot={self.root}",
             f"-B{self.root}/usr/lib/x86_64-linux-gnu",
             f"-Wl,--dynamic-linker={self.loader}",
             f"-Wl,--disable-new-dtags,-rpath,{self.path}", "-o",
             new, *words, "-ldl", "-lrt"], check=True,
            capture_output=True, text=True)
        new.rename(target)

    def build(self):
        """Build what is older than its source."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in SINGLE:
            source = PROGRAMS / f"{name}.c"
            if self.is_old(name, [source]):
                self.compile("gcc", name, source,
                             *(FORTIFY if name == "syslog" else ()))
        ways = sorted((PROGRAMS / "ways").iterdir())
        if self.is_old("matrix", ways):
            self.build_matrix(ways)
        return self

    def build_matrix(self, sources):
        """C and C++, one file of it fortified."""
        objects = []
        for source in sources:
            if source.suffix not in (".c", ".cc"):
                continue
            objects.append(self.folder / f"{source.stem}.o")
            self.compile("gcc" if source.suffix == ".c" else "g++",
                         objects[-1].name, "-c", source,
                         *(FORTIFY if source.stem == "fortified" else ()))
        # Ways that this libc has not are linked, but never gone.
        absent = self.folder / "absent.c"
        absent.write_text("".join(f"void {name}(void) {{ __builtin_trap(); }}"
                                  for name in self.absent()))
        self.compile("gcc", "matrix", *objects, absent, "-l:libstdc++.so.6",
                     "-Wl,--allow-shlib-undefined")

    def absent(self):
        """Functions of the matrix that came after this libc."""
        number = tuple(map(int, self.version.split(".")[:2]))
        return [name for name, since in SINCE.items() if number < since]

    def is_old(self, name, sources):
        target = self.folder / name
        return not target.exists() or target.stat().st_mtime < max(
            source.stat().st_mtime for source in sources)


def musl_loader():
    """musl's loader, if this machine has it: it is all of musl."""
    loader = pathlib.Path("/lib/ld-musl-x86_64.so.1")
    return loader if loader.exists() and shutil.which("musl-gcc") else None
