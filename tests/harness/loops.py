# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Sessions that look for feedback loops."""
import http.client
import json
import os
import signal
import socket

# The receiver ends with the session: what it says last cannot be delivered.
QUICK = {"OTEL_BLRP_SCHEDULE_DELAY": "100", "OTEL_BLRP_EXPORT_TIMEOUT": "500"}


def figure(loop, key="records_per_export"):
    """For a note."""
    return "?" if loop[key] is None else f"{loop[key]:.1f}"


class Loops:
    """A `logtap run --loops` of a shell script that a case talks to.  url: of
    its own receiver; None: a file."""

    def __init__(self, t, script, url, options=("--loops",), env=None,
                 prefix=(), name="loop", command=None):
        self.t = t
        self.admin = f"--admin=unix:{t.dir}/{name}.sock"
        self.script = t.write(f"{name}.sh", script)
        self.file = t.dir / f"{name}.otlp.jsonl"
        to = ["--otlp", url] if url else ["-o", self.file]
        process = t.spawn(
            command or ["/bin/sh", self.script], "loops",
            env={**QUICK, "XDG_RUNTIME_DIR": str(t.dir), **(env or {})},
            prefix=[*prefix, str(t.logtap_program), "run", "-q", *map(str, to),
                    self.admin, *options, "--"],
            start_new_session=True)
        self.process = process
        t.cleanups.append(self.kill)

    def kill(self):
        """All that the script has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def ask(self, method, target, **headers):
        """(status, text) of the admin endpoint."""
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.admin.removeprefix("--admin=unix:"))
        connection.request(method, target, headers={
            name.replace("_", "-"): value for name, value in headers.items()})
        reply = connection.getresponse()
        with connection.sock:
            return reply.status, reply.read().decode()

    def metric(self, name, *labels):
        """Its value with those labels; None: there is none."""
        _, text = self.ask("GET", "/metrics")
        for line in text.splitlines():
            if line.startswith(f"{name}{{") and all(
                    f'{key}="{value}"' in line for key, value in labels):
                return float(line.rsplit(" ", 1)[1])
        return None

    def command(self, *words):
        done = self.t.bare(
            [self.t.logtap_program, "loops", self.admin, *words])
        return done

    def loops(self):
        done = self.command("--json")
        found = json.loads(done.stdout)["loops"] if not done.status else []
        for loop in found:  # at any moment
            for key in ("records_per_export", "exported_records", "gain"):
                self.t.check(loop[key] is None or loop[key] > 0,
                             f"{key}={loop[key]}: {json.dumps(loop)}")
        return found

    def likely(self):
        return [loop for loop in self.loops()
                if loop["confidence"] != "suspected"]

    def wait_for(self, confidence="confirmed", or_more=False, seconds=20,
                 **wanted):
        """The loop that is so sure; and has those values."""
        def found():
            for loop in self.loops():
                if (loop["confidence"] == confidence or
                        or_more and loop["confidence"] == "confirmed") and all(
                        loop[key] == value for key, value in wanted.items()):
                    return loop
            return None
        try:
            return self.t.wait_for(found, f"a {confidence} loop {wanted}",
                                   seconds)
        except Exception as error:
            self.t.fail(f"{error}; there are: {json.dumps(self.loops())}")

    def wait_for_figures(self, seconds=10, **wanted):
        """The only loop that is likely or sure, once it has those values:
        numbers are the nearest that a measurement comes to."""
        def found():
            loop, = self.likely()
            return loop if all(
                loop[key] == value if isinstance(value, str) else
                loop[key] is not None and abs(loop[key] - value) < 0.3
                for key, value in wanted.items()) else None
        try:
            return self.t.wait_for(found, f"figures {wanted}", seconds)
        except Exception as error:
            self.t.fail(f"{error}; there are: {json.dumps(self.loops())}")

    def stays_out(self, count):
        """Of the loop, which is broken, no more records are delivered, though
        it goes on.  count: of those that were."""
        def suppressed():
            return self.loops()[0]["break"]["suppressed"]

        def quiet():
            delivered = count()
            for _ in range(2):
                before = suppressed()
                self.t.wait_for(lambda: suppressed() > before + 3,
                                "what is left out")
            return count() == delivered
        self.t.wait_for(quiet, "an end of its records", 20)

    def show(self, number):
        done = self.command("show", str(number))
        self.t.equal(done.status, 0, done.stderr)
        return done.stdout.decode()

    def end(self):
        """Let the script go on; what the session said at its end."""
        self.t.write("end", "")
        return self.t.finish(self.process)
