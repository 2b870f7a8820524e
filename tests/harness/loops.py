# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Sessions that look for feedback loops."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket

# The receiver ends with the session: what it says last cannot be delivered.
QUICK = {"OTEL_BLRP_SCHEDULE_DELAY": "100", "OTEL_BLRP_EXPORT_TIMEOUT": "500"}


def figure(loop, key="records_per_export"):
    """For a note."""
    return "?" if loop[key] is None else f"{loop[key]:.1f}"


# Something that has no part in any loop runs beside it, from before it on.
BESIDE = '''"$0" "$1" &
while [ ! -e "$1.pid" ]; do sleep 0.01; done
shift; exec "$@"'''


class Loops:
    """A `logtap run --loops` of a shell script that a case talks to.  url: of
    its own receiver; None: a file.  beside: a bystander runs, too."""

    def __init__(self, t, script, url, options=("--loops",), env=None,
                 prefix=(), name="loop", command=None, beside=True):
        self.t = t
        self.name = t.dir / f"{name}-bystander"
        self.admin = f"--admin=unix:{t.dir}/{name}.sock"
        self.script = t.write(f"{name}.sh", script)
        self.file = t.dir / f"{name}.otlp.jsonl"
        to = ["--otlp", url] if url else ["-o", self.file]
        command = command or ["/bin/sh", self.script]
        if beside:
            command = ["/bin/sh", "-c", BESIDE, t.program("bystander"),
                       self.name, *command]
        process = t.spawn(
            command, "loops",
            env={**QUICK, "XDG_RUNTIME_DIR": str(t.dir), **(env or {})},
            prefix=[*prefix, str(t.logtap_program), "run", "-q", *map(str, to),
                    self.admin, *options, "--"],
            start_new_session=True)
        self.process = process
        t.cleanups.append(self.kill)

    def join(self):
        """Starts the bystander apart from a command that is captured by a
        pipe, and so must be the session's own (beside=False)."""
        t = self.t

        def directory():
            pids = pathlib.Path(f"/proc/{self.process.pid}/task/"
                                f"{self.process.pid}/children").read_text()
            for pid in pids.split():
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
                words = words.decode(errors="replace").split("\0")
                if "--dir" in words:
                    found = pathlib.Path(words[words.index("--dir") + 1])
                    # whoever joins before that finds no session
                    return found if (found / "collector.beat").exists() else None
            return None
        found = t.wait_for(directory, "the session's folder")
        t.spawn([t.program("bystander"), self.name], "beside",
                env={"LOGTAP_DIR": str(found)},
                prefix=[str(t.logtap_program), "run", "-q", "--"],
                stderr=self.process.logtap[3])
        t.wait_for(self.name.with_suffix(".pid").exists, "a bystander")

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

    def wait_for_stack(self, *functions):
        """The stack of the only loop, once one of those functions is in it (the
        beginning of its name is enough)."""
        def found():
            stack = [frame["function"] for frame in self.likely()[0]["stack"]]
            return any(name.startswith(functions) for name in stack) and stack
        try:
            return self.t.wait_for(found, f"a stack with {functions}")
        except Exception as error:
            self.t.fail(f"{error}; it is {self.likely()[0]['stack']}")

    def names_python(self, function, file, caller=None):
        """The Python function that logs comes first in the stack of the only
        loop, as a person is shown it; caller: the file of one that has called
        it.  Of several that log, a tuple."""
        t = self.t

        def found():
            python = self.likely()[0].get("python", {})
            return python.get("seen", 0) >= 2 and python
        try:
            python = t.wait_for(found, "functions of the Python program")
        except Exception as error:
            t.fail(f"{error}: {self.likely()[0].get('python')}")
        t.note(f"seen in {python['seen']} of {python['samples']} samples")
        first = python["frames"][0]
        t.check(first["file"].endswith(file) and
                first["function"].startswith(function), python)
        t.check(not caller or any(frame["file"].endswith(caller)
                                  for frame in python["frames"]), python)
        shown = self.show(self.likely()[0]["number"])
        t.check(f"  python: {first['function']}" in shown, shown)

    def bodies(self):
        """Of the records that are in the file by now."""
        return [r.body for r in self.t.read(self.file, growing=True)]

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
        try:
            self.t.wait_for(quiet, "an end of its records", 20)
        except Exception as error:
            self.t.fail(f"{error}; {count()} were delivered; there are: "
                        f"{json.dumps(self.loops())}")

    def comes_again(self, number, count):
        """What was broken goes on where that is taken back, and is broken
        anew."""
        self.t.equal(self.command("break", str(number), "--off").status, 0,
                     "off")
        before = count()
        self.t.wait_for(lambda: count() > before, "its records, again", 20)
        self.t.equal(self.command("break", str(number), "--drop").status, 0,
                     "break")

    def leaves_alone(self, bodies=None):
        """Each line of the bystander, up to now and some more, is delivered
        once, and no loop is said to be of it.  bodies: of all records that
        were delivered; None: those of the file."""
        t = self.t
        pattern = re.compile(r"bystander says (\d+)$")

        def said():
            texts = bodies() if bodies else self.bodies()
            return [int(found[1]) for found in map(pattern.match, texts)
                    if found]
        count = self.name.with_suffix(".count")
        pid = int((self.name.with_suffix(".pid")).read_text())
        if not count.exists():
            before = len(said())
            t.wait_for(lambda: len(said()) > before + 3,
                       "what a bystander says")
        # a suspicion may be by chance, and for a while
        for loop in self.likely():
            t.check(f"process {pid}" not in loop["break"]["identity"] and
                    f"[{pid}]" not in json.dumps(loop["cycle"]), loop)
        t.write(f"{self.name.name}.end", "")
        t.wait_for(count.exists, "the bystander's end")
        wanted = list(range(1, int(count.read_text()) + 1))
        t.wait_for(lambda: wanted[-1] in said(), "all that it has said")
        t.equal(said(), wanted, "what the bystander said")

    def show(self, number):
        done = self.command("show", str(number))
        self.t.equal(done.status, 0, done.stderr)
        return done.stdout.decode()

    def end(self):
        """Let the script go on; what the session said at its end."""
        self.t.write("end", "")
        return self.t.finish(self.process)
