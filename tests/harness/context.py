# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What a case is given: ways to run a program bare and under logtap, and to
compare what it did and what was recorded."""
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from . import pythons
from . import records as otlp
from .debian import Unavailable
from .tally import Tally, own_libc

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("LOGTAP_TEST_BUILD", ROOT / "build"))


class Failure(Exception):
    """A promise that was not kept."""


class Skip(Exception):
    """A case that cannot run here; the text says why."""


def clip(data, limit=1500):
    text = data if isinstance(data, str) else repr(data)
    return text if len(text) <= limit else text[:limit] + " ..."


def first_difference(left, right):
    left, right = left.splitlines(True), right.splitlines(True)
    for number, (one, other) in enumerate(zip(left, right), 1):
        if one != other:
            return f"line {number}: {clip(one, 300)} / {clip(other, 300)}"
    return f"{len(left)} lines / {len(right)} lines; the first that only one " \
           f"has: {clip((left + right)[min(len(left), len(right)):][:1], 300)}"


class Outcome:
    """What a program did.  status: as subprocess has it (-N: signal N).
    records: what was captured, or None for a bare run."""

    def __init__(self, argv, how, status, stdout, stderr, records=None):
        self.argv = argv
        self.how = how
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.records = records
        self.summary = None

    def of(self, stream=None, tid=None, pid=None):
        return [r for r in self.records
                if (stream is None or r.stream == stream)
                and (tid is None or r.tid == tid)
                and (pid is None or r.pid == pid)]

    def bodies(self, stream="stderr", tid=None):
        return [r.body for r in self.of(stream, tid)]

    def stderr_lines(self):
        """The lines that should be records: not the empty ones."""
        return [line for line
                in self.stderr.decode(errors="replace").splitlines() if line]


class Context:
    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.root = ROOT
        self.build = BUILD
        self.rootfs = ROOT / "build" / "rootfs"
        self.logtap_program = BUILD / "collector" / "logtap"
        self.shim = BUILD / "shim" / "liblogtap.so"
        self.runs = 0
        self.session_dirs = []
        self.cleanups = []
        self.notes = []
        self.libc = own_libc()  # of the programs
        self.tally = Tally()
        self.env = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                    "/sbin:/bin",
            "HOME": str(self.dir),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }

    # ---- judging ------------------------------------------------------

    def fail(self, text):
        raise Failure(text)

    def skip(self, why):
        raise Skip(why)

    def note(self, text):
        """A figure that is worth a line in the report."""
        self.notes.append(text)

    def check(self, condition, text):
        if not condition:
            raise Failure(text)

    def equal(self, got, expected, what):
        if got != expected:
            raise Failure(f"{what}: got {clip(got)}, expected {clip(expected)}")

    # ---- files and programs -------------------------------------------

    def write(self, name, text, mode=0o644):
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return str(path)

    def program(self, name):
        """A program of tests/programs/."""
        path = self.build / "tests" / "programs" / name
        if not path.exists():
            raise Failure(f"tests/programs/{name} is not built")
        return str(path)

    def foreign_program(self):
        """One for another machine than the library's, that runs here."""
        if not pathlib.Path("/lib/ld-linux.so.2").exists():
            self.skip("no loader of 32-bit programs")
        return self.program("foreign")

    def launch(self, argv, env):
        """(argv, env) that run a program of program(): another machine's needs
        an emulator."""
        return argv, env

    def tool(self, name):
        """The path of a program of the system, or the case is skipped."""
        path = shutil.which(name, path=self.env["PATH"])
        if not path:
            raise Skip(f"{name} is not installed")
        return path

    def daemon(self, path):
        """(path, environment) of a daemon unpacked by scripts/setup --test,
        which leaves out what is installed."""
        full = self.rootfs / path
        if not full.exists():
            full = pathlib.Path("/") / path
        if not full.exists():
            raise Skip(f"{path} is not unpacked: scripts/setup --test does it")
        libraries = [str(folder) for folder
                     in (self.rootfs / "usr/lib/x86_64-linux-gnu",
                         self.rootfs / "usr/lib/aarch64-linux-gnu",
                         self.rootfs / "usr/lib") if folder.is_dir()]
        return str(full), {"LD_LIBRARY_PATH": ":".join(libraries)}

    def packages(self, name):
        """The folder of Debian's Python packages, unpacked as daemons are, if
        @name is among them."""
        folder = self.rootfs / "usr/lib/python3/dist-packages"
        if not (folder / name).is_dir():
            raise Skip(f"python3-{name} is not unpacked: scripts/setup --test "
                       "does it")
        return folder

    def python(self, version):
        """An interpreter of that minor version: the machine's, or Debian's of
        another suite."""
        places = [pathlib.Path(f"/usr/bin/python{version}"),
                  pathlib.Path(f"/usr/local/bin/python{version}"),
                  *pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/"
                                            f"python{version}")]
        for place in places:
            if place.exists():
                return place
        if version not in pythons.SUITES:
            raise Skip(f"no Python {version}, nor has Debian it")
        try:
            return self.write(f"python{version}", pythons.script(version),
                              0o755)
        except Unavailable as why:
            raise Skip(f"no Python {version}: {why}") from None

    # ---- running ------------------------------------------------------

    def environment(self, extra):
        env = dict(self.env)
        env.update({k: str(v) for k, v in (extra or {}).items()})
        return env

    def spawn(self, argv, how="bare", env=None, stdin=None, cwd=None,
              prefix=(), **popen):
        """Start a program, its output in files.  Outcome: finish()."""
        self.runs += 1
        base = self.dir / f"{self.runs}-{how}"
        stdout = popen.pop("stdout", None) or open(f"{base}.out", "w+b")
        stderr = popen.pop("stderr", None) or open(f"{base}.err", "w+b")
        process = subprocess.Popen(
            [*prefix, *map(str, argv)], env=self.environment(env),
            stdin=stdin or subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            cwd=cwd or self.dir, **popen)
        process.logtap = (argv, how, stdout, stderr)
        self.cleanups.append(lambda: self.stop(process))
        return process

    def stop(self, process):
        if process.poll() is None:
            process.kill()
            process.wait()

    def finish(self, process, timeout=50):
        argv, how, stdout, stderr = process.logtap
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failure(f"{how}: {clip(' '.join(map(str, argv)), 300)} does "
                          f"not end in {timeout} s") from None
        texts = []
        for file in (stdout, stderr):
            if hasattr(file, "read") and file.seekable():
                file.seek(0)
                texts.append(file.read())
                file.close()
            else:
                texts.append(b"")
        return Outcome(argv, how, status, *texts)

    def bare(self, argv, timeout=50, **spawn):
        """Run a program without logtap."""
        return self.finish(self.spawn(argv, "bare", **spawn), timeout)

    def run(self, argv, options=(), quiet=True, timeout=50, **spawn):
        """Run a program under `logtap run`, and read what was recorded."""
        process = self.start_run(argv, options, quiet, **spawn)
        return self.finish_run(process, timeout)

    def start_run(self, argv, options=(), quiet=True, prefix=(), **spawn):
        file = self.dir / f"{self.runs + 1}-run.otlp.jsonl"
        words = [*prefix, str(self.logtap_program), "run", "-o", str(file)]
        if quiet:
            words.append("-q")
        process = self.spawn(argv, "run", prefix=[*words, *options, "--"],
                             **spawn)
        process.otlp_file = file
        return process

    def finish_run(self, process, timeout=50):
        outcome = self.finish(process, timeout)
        if not process.otlp_file.exists():
            raise Failure(f"logtap run wrote no {process.otlp_file.name}; its "
                          f"stderr: {clip(outcome.stderr)}")
        outcome.records = self.read(process.otlp_file)
        return outcome

    def read(self, path, growing=False):
        """The records of a file; growing: which is still written."""
        try:
            return otlp.read_file(path, growing)
        except otlp.BadOutput as error:
            raise Failure(f"output: {error}") from error

    def collect(self, directory=None, options=(), **spawn):
        """Start `logtap collect` of our own; preload() uses it."""
        return Collector(self, directory or self.session_dir(), options,
                         spawn)

    def session_dir(self):
        """A new directory for segments: private, on tmpfs, removed later."""
        directory = tempfile.mkdtemp(prefix="logtap-test-", dir="/dev/shm")
        self.session_dirs.append(directory)
        return directory

    def preload_env(self, directory):
        return {"LD_PRELOAD": str(self.shim), "LOGTAP_DIR": str(directory)}

    def preload(self, argv, timeout=50, env=None, **spawn):
        """Run a program with the library preloaded by hand, and a collector
        that ran before it and ends after it."""
        collector = self.collect()
        extra = dict(env or {})
        extra.update(self.preload_env(collector.dir))
        outcome = self.finish(
            self.spawn(argv, "preload", env=extra, **spawn), timeout)
        outcome.records = collector.end()
        return outcome

    # ---- comparing ----------------------------------------------------

    def same(self, bare, other, normal=None, ordered=True):
        """other did what bare did.  normal: bytes -> bytes, takes out what
        differs from run to run (pids, times); ordered: False when threads
        or processes race for the order of lines."""
        def view(data):
            data = normal(data) if normal else data
            if not ordered:
                data = b"".join(sorted(data.splitlines(True)))
            return data

        self.equal(other.status, bare.status, f"exit status ({other.how})")
        for name in ("stdout", "stderr"):
            left = view(getattr(bare, name))
            right = view(getattr(other, name))
            if left != right:
                raise Failure(f"{name} differs, bare / {other.how}: "
                              f"{first_difference(left, right)}")

    def lines_once(self, outcome, lines=None, stream="stderr"):
        """Each line is one record, and nothing else is."""
        expected = outcome.stderr_lines() if lines is None else lines
        got = collections.Counter(outcome.bodies(stream))
        wanted = collections.Counter(expected)
        if got != wanted:
            missing, extra = wanted - got, got - wanted
            raise Failure(
                f"{outcome.how}: {stream} records: {sum(missing.values())} of "
                f"{len(expected)} lines missing {clip(list(missing)[:5], 500)}"
                f", {sum(extra.values())} unexpected "
                f"{clip(list(extra)[:5], 500)}")

    def tids_match(self, outcome, pattern=r"tid=(\d+)", stream="stderr"):
        """Every record that names a thread in its text was written by it."""
        seen = 0
        for record in outcome.of(stream):
            match = re.search(pattern, record.body)
            if match:
                seen += 1
                self.equal(record.tid, int(match.group(1)),
                           f"{outcome.how}: thread.id of {record.body!r}")
        self.check(seen, f"{outcome.how}: no record names its thread")

    def compare(self, argv, normal=None, ordered=True, tids=None, lines=None,
                **run):
        """Run bare, under `logtap run` and preloaded by hand: the same
        output and exit status, each line of stderr one record.  tids: a
        pattern whose group 1 is the thread id that a line names."""
        bare = self.bare(argv, **run)
        outcomes = [bare]
        for way in (self.run, self.preload):
            outcome = way(argv, **run)
            self.same(bare, outcome, normal, ordered)
            self.lines_once(outcome, lines)
            if tids:
                self.tids_match(outcome, tids)
            outcomes.append(outcome)
        return outcomes

    # ---- waiting ------------------------------------------------------

    def wait_for(self, condition, what, timeout=20):
        """Poll until condition() is true; its value."""
        until = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > until:
                raise Failure(f"waited {timeout} s in vain for {what}")
            time.sleep(0.01)

    def cleanup(self):
        for action in reversed(self.cleanups):
            try:
                action()
            except OSError:
                pass
        for directory in self.session_dirs:
            shutil.rmtree(directory, ignore_errors=True)


class Collector:
    """A `logtap collect` of a case, on a directory of its own in /dev/shm."""

    def __init__(self, context, directory, options, spawn, file=None):
        self.context = context
        self.dir = pathlib.Path(directory)
        self.options = options
        self.spawn = spawn
        context.runs += 1
        self.file = file or context.dir / f"{context.runs}-collect.otlp.jsonl"
        self.process = context.spawn(
            [context.logtap_program, "collect", "--dir", self.dir, "-o",
             self.file, *options], "collect", **spawn)
        self.context.wait_for(
            lambda: self.process.poll() is not None or self.ready(),
            "logtap collect to be ready")

    def ready(self):
        """It has written a status of its own."""
        try:
            return self.status()["pid"] == self.process.pid
        except (OSError, ValueError):
            return False

    def kill(self):
        """SIGKILL, at once."""
        self.process.kill()
        self.process.wait()

    def restart(self):
        """Another one that goes on where this one was."""
        return Collector(self.context, self.dir, self.options, self.spawn,
                         self.file)

    def status(self):
        """What it last said in status.json."""
        return json.loads((self.dir / "status.json").read_text())

    def finish(self, timeout=30):
        """Stop it with SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        outcome = self.context.finish(self.process, timeout)
        if outcome.status != 0:
            raise Failure(f"logtap collect ended with {outcome.status}: "
                          f"{clip(outcome.stderr)}")
        self.stderr = outcome.stderr

    def records(self):
        """What it wrote, one by one: for more than fit into memory."""
        return otlp.each_in_file(self.file)

    def end(self, timeout=30):
        """Stop it with SIGTERM; its records."""
        self.finish(timeout)
        return self.context.read(self.file)
