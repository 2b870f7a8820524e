# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs a program with a file, a pipe, a terminal or a socket as one of its
descriptors, and gives back what came out of it."""
import os
import pty
import select
import signal
import socket
import subprocess
import termios
import time

KINDS = ("file", "pipe", "pty", "socket")


def open_kind(kind, path):
    """(what the program gets, what we read from or None)."""
    if kind == "file":
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), None
    if kind == "pipe":
        reader, writer = os.pipe()
        return writer, reader
    if kind == "pty":
        master, slave = pty.openpty()
        modes = termios.tcgetattr(slave)
        modes[1] &= ~termios.OPOST  # bytes as they were written
        termios.tcsetattr(slave, termios.TCSANOW, modes)
        return slave, master
    theirs, ours = socket.socketpair()
    return theirs.detach(), ours.detach()


def read_all(fd, deadline):
    """All bytes until the last writer has gone; None: not in time."""
    parts = []
    while True:
        left = deadline - time.monotonic()
        if not select.select([fd], [], [], max(left, 0))[0]:
            return None
        try:
            data = os.read(fd, 65536)
        except OSError:  # EIO: the last slave of a terminal was closed
            data = b""
        if not data:
            return b"".join(parts)
        parts.append(data)


def run(argv, env, kind, path, number=2, timeout=20):
    """(status, stdout, output): output is what came out of descriptor
    `number`, which is a `kind`; the other one of 1 and 2 is a file, and
    stdout its content."""
    theirs, ours = open_kind(kind, path)
    other = os.memfd_create("output")
    fds = {number: theirs, 3 - number: other}
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL,
                               cwd=os.path.dirname(path),
                               stdout=fds[1], stderr=fds[2])
    deadline = time.monotonic() + timeout
    output = None
    try:
        if ours is not None:
            os.close(theirs)
            output = read_all(ours, deadline)
        status = process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        status = process.wait()
        status = f"{status}, killed after {timeout} s"
    if ours is None:
        output = os.pread(theirs, 1 << 24, 0)
        os.close(theirs)
    else:
        os.close(ours)
    text = os.pread(other, 1 << 24, 0)
    os.close(other)
    return status, text, output
