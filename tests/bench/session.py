# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a run of the benchmarks lives: programs, a folder, processes that are
ended with it, collectors, workers."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from . import segment

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("LOGTAP_TEST_BUILD", ROOT / "build"))
ROOTFS = ROOT / "build" / "rootfs"


class Skip(Exception):
    """Cannot be measured here; the text says why."""


class Broken(Exception):
    """Something did not do what it should have."""


def wait_for(condition, what, timeout=20, step=0.0005):
    until = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Broken(f"waited {timeout} s in vain for {what}")
        time.sleep(step)


def tasks_idle(pid):
    """Does no thread of the process run?"""
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] in "RD":
                    return False
    except OSError:
        pass
    return True


def cpu_seconds(pid):
    """User and system time of a living process, in ns resolution."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def memory_kib(pid):
    """{VmHWM, VmRSS, RssAnon, ...} in KiB."""
    with open(f"/proc/{pid}/status") as file:
        return {line.split(":")[0]: int(line.split()[1])
                for line in file if line.startswith(("VmHWM", "VmRSS", "Rss"))}


class Collector:
    """A `logtap collect` on a directory of its own."""

    def __init__(self, session, options=(), directory=None):
        program = BUILD / "collector" / "logtap"
        self.dir = pathlib.Path(directory or session.memory_folder())
        self.stderr = open(session.folder / f"{self.dir.name}.err", "w+b")
        self.process = session.spawn(
            [program, "collect", "--dir", self.dir, *options],
            stdout=subprocess.DEVNULL, stderr=self.stderr)
        self.pid = self.process.pid
        wait_for(lambda: self.process.poll() is not None
                 or (self.dir / "status.json").exists(), "logtap collect")
        if self.process.poll() is not None:
            raise Broken(f"logtap collect ends with {self.process.returncode}:"
                         f" {self.errors()}")

    def errors(self):
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace")[-1500:]

    def end(self, timeout=60):
        """Stop it; what it says must be nothing, and its status 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout) != 0:
            raise Broken(f"logtap collect ended with "
                         f"{self.process.returncode}: {self.errors()}")


class Session:
    """Context manager: ends and removes what was started and made."""

    def __init__(self, quick):
        self.quick = quick
        self.processes = []
        self.folders = []
        self.shared = None
        self.sink_server = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="logtap-bench-"))
        self.folders.append(self.folder)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
                process.wait()
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def memory_folder(self):
        folder = tempfile.mkdtemp(prefix="logtap-bench-", dir="/dev/shm")
        self.folders.append(pathlib.Path(folder))
        return folder

    def program(self, name):
        path = BUILD / "tests" / "bench" / name
        if not path.exists():
            raise Skip(f"{name} is not built")
        return path

    def spawn(self, argv, **popen):
        popen.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen([str(word) for word in argv], **popen)
        self.processes.append(process)
        return process

    def environment(self, extra=None):
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
               "TZ": "UTC", "HOME": str(self.folder)}
        env.update({key: str(value) for key, value in (extra or {}).items()})
        return env

    def preload(self, directory, mode="tee", **extra):
        return {"LD_PRELOAD": BUILD / "shim" / "liblogtap.so",
                "LOGTAP_DIR": directory, "LOGTAP_MODE": mode, **extra}

    def can_collect(self):
        done = subprocess.run([BUILD / "collector" / "logtap", "help"],
                              capture_output=True, text=True)
        return "collect" in done.stdout

    def sink(self):
        """The counting receiver that all of a run's collectors send to."""
        if not self.sink_server:
            self.sink_server = Sink(self)
        return self.sink_server

    def collector(self):
        """The collector that micro-benchmarks share."""
        if not self.can_collect():
            raise Skip("this build of logtap has no `collect`")
        if not self.shared:
            self.shared = Collector(self, ["--otlp", self.sink().url])
        return self.shared


class Sink:
    """tests/bench/sink: counts the records that it is sent."""

    def __init__(self, session):
        self.process = session.spawn(
            [session.program("sink")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        self.pid = self.process.pid
        self.port = int(self.process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"

    def counts(self):
        """(requests, records, bytes) since the start."""
        self.process.stdin.write("counts\n")
        return tuple(map(int, self.process.stdout.readline().split()))


class Worker:
    """A program of tests/bench/serve.c, waiting for commands."""

    def __init__(self, session, name, program="calls", env=None, prefix=(),
                 stderr=subprocess.DEVNULL, collector=None, directory=None):
        self.name = name
        self.collector = collector
        self.directory = directory or (collector and collector.dir)
        self.prefix = [*prefix]
        self.program = session.program(program)
        self.env = session.environment(env)
        self.stderr = stderr
        self.process = session.spawn(
            [*prefix, self.program], env=self.env, stderr=stderr, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.pid = self.process.pid
        if collector and "LD_PRELOAD" in self.env:
            wait_for(lambda: segment.attached(self.directory, self.pid),
                     f"the collector to find {name}")

    def ask(self, verb, operation, count):
        self.process.stdin.write(f"{verb} {operation} {count}\n".encode())
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Broken(f"worker {self.name} ended at {verb} {operation}")
        return [float(word) for word in line.split()]

    def run(self, operation, count):
        """ns a call."""
        return self.ask("run", operation, count)[0] / count

    def counters(self):
        return segment.counters(self.directory, self.pid)

    def settle(self):
        """Until what it recorded is taken, and nobody works any more."""
        if self.collector:
            wait_for(lambda: segment.drained(self.directory, self.pid),
                     f"the collector to take what {self.name} recorded")
            wait_for(lambda: tasks_idle(self.collector.pid),
                     "the collector to be idle")

    def end(self):
        if self.process.stdin.closed:
            return
        try:
            self.process.stdin.write(b"quit\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait(20)
        if self.stderr >= 0:
            os.close(self.stderr)
