# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Keeps track of the processes that a case starts.

A case runs in a worker process that is a "child subreaper": whatever it starts
stays below it in the process tree, daemons too, however they detach and
whatever they do to their environment.
"""
import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def parents():
    """{pid: (parent, state)} of all processes."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:
                state, parent = file.read().rsplit(b")", 1)[1].split()[:2]
        except OSError:
            continue
        found[int(entry)] = (int(parent), state.decode())
    return found


def descendants(of):
    """Processes below a process that still run."""
    table = parents()
    below, front = set(), {of}
    while front:
        front = {pid for pid, (parent, _) in table.items() if parent in front}
        front -= below
        below |= front
    return {pid for pid in below if table[pid][1] not in "ZX"}


def reap():
    """Collect the orphans that came to us."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def describe(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().replace(b"\0", b" ").decode(errors="replace")
        return f"{pid} ({words.strip()[:120]})"
    except OSError:
        return str(pid)


def kill_descendants(of):
    """Kill what is below a process, and wait until it is gone."""
    for _ in range(200):
        reap()
        left = descendants(of)
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)


def leftovers(grace_s):
    """Descriptions of what runs below this process after a time of grace."""
    until = time.monotonic() + grace_s
    while True:
        reap()
        left = descendants(os.getpid())
        if not left or time.monotonic() > until:
            return [describe(pid) for pid in sorted(left)]
        time.sleep(0.05)
