# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs a program with a controlling terminal as its standard streams."""
import fcntl
import os
import pty
import select
import struct
import termios
import time


class Terminal:
    """One session on a terminal of its own; `close` ends it."""

    def __init__(self, argv, env, cwd, size=(24, 80)):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                self._resize(0, size)
                os.execve(str(argv[0]), [str(a) for a in argv], env)
            finally:
                os._exit(125)
        self.seen = b""
        self.status = None

    @staticmethod
    def _resize(fd, size):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))

    def resize(self, lines, columns):
        """As a person who drags the corner of a window."""
        self._resize(self.fd, (lines, columns))

    def type(self, data):
        os.write(self.fd, data)

    def _take(self, seconds):
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: nobody has it open any more
            data = b""
        self.seen += data
        return bool(data)

    def until(self, text, timeout=20):
        """Reads until `text` was seen; True if it was."""
        deadline = time.monotonic() + timeout
        while text not in self.seen:
            if time.monotonic() > deadline:
                return False
            if not self._take(0.5) and self._ended():
                break
        return text in self.seen

    def _ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def end(self, timeout=20):
        """Reads to the end; the exit status, or None if there is none yet."""
        deadline = time.monotonic() + timeout
        while not self._ended() and time.monotonic() < deadline:
            self._take(0.05)
        while self._take(0.05):
            pass
        return self.status

    def close(self):
        if not self._ended():
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def run(argv, env, cwd, timeout=30):
    """(status, what was on the screen, with \\n line ends)."""
    terminal = Terminal(argv, env, cwd)
    status = terminal.end(timeout)
    terminal.close()
    return status, terminal.seen.replace(b"\r\n", b"\n")
