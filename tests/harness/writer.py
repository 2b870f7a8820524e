# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A preloaded program that writes as many lines as it is told, when it is told
to, so that a case knows what has been written at any moment."""
import os
import subprocess

PROGRAM = """
import os, sys
total = 0
for line in sys.stdin:
    for n in range(int(line)):
        os.write(2, b"line %d\\n" % (total + n))
    total += int(line)
    os.write(1, b"%d\\n" % total)
"""


class Writer:
    def __init__(self, t, directory, prefix=(), **env):
        self.t = t
        self.total = 0
        self.outcome = None
        env = {**t.preload_env(directory), **env}
        # What the prefix runs is not preloaded.
        prefix = [*prefix, "env", *(f"{key}={value}"
                                    for key, value in env.items())]
        self.process = t.spawn(
            ["/usr/bin/python3", "-c", PROGRAM], "preload", prefix=prefix,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, lines):
        """Returns when they are written."""
        self.process.stdin.write(b"%d\n" % lines)
        self.process.stdin.flush()
        self.total += lines
        self.t.equal(self.process.stdout.readline(), b"%d\n" % self.total,
                     "answer of the writer")

    def written(self):
        """The lines that reached stderr by now."""
        if self.outcome:
            return self.outcome.stderr_lines()
        return os.pread(self.process.logtap[3].fileno(), 1 << 24, 0).decode(
            ).splitlines()

    def expected(self):
        """All lines that it was told to write."""
        return [f"line {n}" for n in range(self.total)]

    def end(self):
        self.process.stdin.close()
        self.outcome = self.t.finish(self.process)
        return self.outcome
