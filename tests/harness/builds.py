# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Builds of the library for other libcs and machines, in folders of build/, made
when a case first needs them; and an installation of several together."""
import contextlib
import fcntl
import os
import pathlib
import subprocess

from .context import BUILD, ROOT

MESON = "/usr/bin/meson"


class BuildFailed(Exception):
    """The text is what the build said."""


def command(*words, **environment):
    done = subprocess.run(list(map(str, words)), cwd=ROOT, text=True,
                          env={**os.environ, **environment},
                          stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        raise BuildFailed(f"{' '.join(map(str, words))}: {done.stdout[-3000:]}"
                          f"{done.stderr[-3000:]}")


@contextlib.contextmanager
def alone(name):
    """Cases run side by side."""
    with open(BUILD / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def library(name, option):
    """The folder of the build that scripts/lib/NAME.ini describes, up to date
    and fit (scripts/check-symbols).  option: --native-file or --cross-file"""
    folder = BUILD / f"library-{name}"
    with alone(folder.name):
        if not (folder / "build.ninja").exists():
            command(MESON, "setup", folder, option, f"scripts/lib/{name}.ini",
                    "-Dcollector=false", "--wipe" if folder.exists() else
                    "-Dwerror=true")
        command("ninja", "-C", folder, "shim/liblogtap.so")
        command("scripts/check-symbols", folder / "shim" / "liblogtap.so")
    return folder


def musl():
    return library("musl", "--native-file")


def fuzz(target):
    """The folder of the build for libFuzzer, with that target up to date."""
    folder = BUILD / "fuzz"
    with alone(folder.name):
        if not (folder / "build.ninja").exists():
            command(MESON, "setup", folder, "-Dtests=true", "-Dfuzz=true",
                    "-Db_sanitize=address,undefined", "-Db_lundef=false",
                    "--buildtype=debugoptimized", CC="clang", CXX="clang++")
        command("ninja", "-C", folder, f"tests/fuzz/fuzz-{target}")
    return folder


def staged(directory, folders=(BUILD,)):
    """Install these builds into a folder that stands for /."""
    for folder in folders:
        command(MESON, "install", "-C", folder, "--no-rebuild", "--quiet",
                DESTDIR=directory)
    return pathlib.Path(directory)


def installed(directory):
    """Install this build, and the one for musl beside it: the prefix."""
    return staged(directory, (BUILD, musl())) / "usr" / "local"
