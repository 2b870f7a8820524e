# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Sessions that look for feedback loops."""
import json
import os
import signal

# The receiver ends with the session: what it says last cannot be delivered.
QUICK = {"OTEL_BLRP_SCHEDULE_DELAY": "100", "OTEL_BLRP_EXPORT_TIMEOUT": "500"}


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

    def command(self, *words):
        done = self.t.bare(
            [self.t.logtap_program, "loops", self.admin, *words])
        return done

    def loops(self):
        done = self.command("--json")
        return json.loads(done.stdout)["loops"] if not done.status else []

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

    def show(self, number):
        done = self.command("show", str(number))
        self.t.equal(done.status, 0, done.stderr)
        return done.stdout.decode()

    def end(self):
        """Let the script go on; what the session said at its end."""
        self.t.write("end", "")
        return self.t.finish(self.process)
