# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Debian packages of any suite, unpacked into the build folder: never
installed, and apt's own lists and cache are left alone.

Whatever is in place is not fetched again; two processes may ask at once."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "build" / "debian"
MIRROR = "http://deb.debian.org/debian"
FETCH_S = 900

# Of the indexes only the lists of packages.
LEAN = ("Acquire::Languages=none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
        # A mirror that lags behind does for what is only tried.
        "Acquire::Check-Valid-Until=false")


class Unavailable(Exception):
    """A package that cannot be had here and now; the text says why."""


def words(text):
    return text.split() if isinstance(text, str) else list(text)


def mirror():
    """The mirror that this machine uses, or Debian's."""
    try:
        done = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(SITE)",
             "Origin: Debian"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        raise Unavailable("apt-get is not there") from None
    sites = [site for site in done.stdout.split() if site.startswith("http")
             and "security" not in site]
    return sites[0] if sites else MIRROR


class Suite:
    """One Debian suite (bullseye, sid ...), with lists of its own."""

    def __init__(self, name):
        self.name = name
        self.dir = FOLDER / name
        self.root = self.dir / "root"
        self.sources = self.dir / "src"

    def apt(self, *command, cwd=None):
        options = [f"Dir::Etc::sourcelist={self.dir}/sources.list",
                   "Dir::Etc::sourceparts=-", f"Dir::State={self.dir}/state",
                   f"Dir::State::status={self.dir}/status",
                   f"Dir::Cache={self.dir}/cache", *LEAN]
        if os.geteuid() == 0:  # _apt cannot write into the build folder
            options.append("APT::Sandbox::User=root")
        with open(self.dir / "apt.log", "ab") as log:
            done = subprocess.run(
                ["apt-get", "-q", *(f"-o{option}" for option in options),
                 *command], cwd=cwd or self.dir, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, timeout=FETCH_S)
        return done.returncode == 0

    @contextlib.contextmanager
    def locked(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        with open(self.dir / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def update(self, fresh=False):
        if not fresh and (self.dir / "updated").exists():
            return
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self.dir / folder).mkdir(parents=True, exist_ok=True)
        (self.dir / "status").touch()
        site = mirror()
        (self.dir / "sources.list").write_text(
            f"deb {site} {self.name} main\ndeb-src {site} {self.name} main\n")
        if not self.apt("update"):
            raise Unavailable(f"apt-get update for {self.name} failed; see "
                              f"{self.dir}/apt.log")
        (self.dir / "updated").touch()

    def fetch(self, command, packages, folder):
        """apt-get download or source, with new lists if the old ones name
        what the archive has no longer."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for fresh in (False, True):
            self.update(fresh)
            if self.apt(*command, *packages, cwd=folder):
                return
        raise Unavailable(f"cannot fetch {' '.join(packages)} of "
                          f"{self.name}; see {self.dir}/apt.log")

    def unpack(self, packages):
        """Unpack binary packages into self.root; it is returned."""
        with self.locked():
            stamps = self.dir / "unpacked"
            stamps.mkdir(exist_ok=True)
            missing = [name for name in words(packages)
                       if not (stamps / name).exists()]
            if missing:
                folder = self.dir / "debs"
                self.fetch(["download"], missing, folder)
                self.root.mkdir(exist_ok=True)
                for package in folder.glob("*.deb"):
                    subprocess.run(["dpkg-deb", "-x", package, self.root],
                                   check=True)
                shutil.rmtree(folder)
                for name in missing:
                    (stamps / name.replace("/", "-")).touch()
        return self.root

    def source(self, package):
        """The unpacked folder of a source package, Debian's patches applied."""
        with self.locked():
            place = self.sources / package
            if not place.exists():
                folder = self.dir / "fetch"
                self.fetch(["--download-only", "source"], [package], folder)
                description = next(folder.glob("*.dsc"), None)
                if not description:
                    raise Unavailable(f"{self.name} has no source {package}")
                self.sources.mkdir(exist_ok=True)
                shutil.rmtree(f"{place}.new", ignore_errors=True)
                with open(self.dir / "apt.log", "ab") as log:
                    done = subprocess.run(
                        ["dpkg-source", "--no-check", "-x", description,
                         f"{place}.new"], stdout=log, stderr=log)
                if done.returncode:
                    raise Unavailable(f"cannot unpack {package}; see "
                                      f"{self.dir}/apt.log")
                os.rename(f"{place}.new", place)
                shutil.rmtree(folder)
        return place
