# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs tests/programs/otlp_push: the collector's OTLP exporter, by itself."""
import json
import queue
import subprocess
import threading

from .context import Failure


class Push:
    """env: on top of the case's; OTEL_* are the exporter's configuration."""

    def __init__(self, t, *urls, stop_ms=10000, env=None):
        words = ["--stop-ms", str(stop_ms)]
        for url in urls:
            words += ["--otlp", url]
        self.t = t
        self.process = t.spawn(
            [t.program("otlp_push"), *words], "push", env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def line(self, timeout=30):
        try:
            line = self.lines.get(timeout=timeout)
        except queue.Empty:
            raise Failure(f"otlp_push: no answer in {timeout} s; its log: "
                          f"{self.log()}") from None
        if line is None:
            raise Failure(f"otlp_push ended: {self.log()}")
        return line.decode().strip()

    def say(self, command):
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, command, timeout=30):
        self.say(command)
        return self.line(timeout)

    def push(self, records):
        self.t.equal(self.ask(f"push {records}"), "pushed", "otlp_push")

    def settle(self, timeout=30):
        """Wait until the fate of everything is known; counts of the first
        destination."""
        return json.loads(self.ask("settle", timeout))[0]

    def counts(self):
        return json.loads(self.ask("counts"))

    def end(self, timeout=30):
        """Stop it; the last counts, of all destinations."""
        self.process.stdin.close()
        counts = json.loads(self.line(timeout))
        self.t.equal(self.process.wait(timeout), 0, "otlp_push's exit status")
        for count in counts:
            self.t.equal(count["accepted"],
                         sum(count[k] for k in ("delivered", "refused",
                                                "dropped", "queued")),
                         f"the sum of {count}")
        return counts

    def log(self):
        """What the exporter logged."""
        file = self.process.logtap[3]
        file.flush()
        file.seek(0)
        return file.read().decode()


def bodies(first, count):
    """What otlp_push writes into its records."""
    return [f"record {n}" for n in range(first, first + count)]
