# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Other libcs than this machine's, and tests/programs built against each one:
Debian's glibcs, unpacked into build/debian, each with its own loader in the ELF
file; and musl, which is installed."""
import os
import pathlib
import shutil
import subprocess

from .debian import ROOT, Suite, Unavailable

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


def is_old(target, sources):
    return not target.exists() or target.stat().st_mtime < max(
        source.stat().st_mtime for source in sources)


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
            if is_old(self.folder / name, [source]):
                self.compile("gcc", name, source,
                             *(FORTIFY if name == "syslog" else ()))
        ways = sorted((PROGRAMS / "ways").iterdir())
        if is_old(self.folder / "matrix", ways):
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

class Musl:
    """musl, with the names of Libc."""
    SINGLE = ("children", "dies", "handler", "lines", "scrub", "storm",
              "syslog", "unwind")
    # What another libc than glibc does not have.
    LEFT_OUT = ("glibc", "fortified", "cxx")
    LATE = """#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
/* not in each musl */
static int close_range(unsigned first, unsigned last, int flags)
{
    return syscall(SYS_close_range, first, last, flags);
}
static int execveat(int directory, const char *path, char *const argv[],
                    char *const envp[], int flags)
{
    return syscall(SYS_execveat, directory, path, argv, envp, flags);
}
static ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at,
                 int flags)
{
    return syscall(SYS_pwritev2, fd, parts, count, (long)at, 0L, flags);
}
"""

    def __init__(self):
        self.loader = pathlib.Path("/lib/ld-musl-x86_64.so.1")
        if not self.loader.exists() or not shutil.which("musl-gcc"):
            raise Unavailable("musl-tools is not installed")
        said = subprocess.run([self.loader], capture_output=True, text=True)
        self.version = said.stderr.split("Version ")[1].split()[0]
        self.folder = ROOT / "build" / "libcs" / "musl"

    def program(self, name):
        return str(self.folder / name)

    def compile(self, output, *words):
        new = self.folder / f"{output}.{os.getpid()}.new"
        subprocess.run(["musl-gcc", "-g", "-O1", "-w", "-D_GNU_SOURCE",
                        "-pthread", "-idirafter", "/usr/include",
                        "-idirafter", "/usr/include/x86_64-linux-gnu", "-o",
                        new, *words], check=True,
                       capture_output=True, text=True)
        new.rename(self.folder / output)

    def build(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        late = self.folder / "late.h"
        late.write_text(self.LATE)
        for name in self.SINGLE:
            source = PROGRAMS / f"{name}.c"
            if is_old(self.folder / name, [source]):
                self.compile(name, "-include", late, source)
        ways = [source for source in sorted((PROGRAMS / "ways").iterdir())
                if source.suffix == ".h" or source.suffix == ".c"
                and source.stem not in self.LEFT_OUT]
        if is_old(self.folder / "matrix", ways):
            self.compile("matrix", *(source for source in ways
                                     if source.suffix == ".c"))
        hazards = [source for source in (PROGRAMS / "hazards").glob("*.[ch]")
                   if source.stem != "plugin"]
        if is_old(self.folder / "hazard", hazards):
            self.compile("hazard", "-include", late, *(
                source for source in hazards if source.suffix == ".c"))
        return self
