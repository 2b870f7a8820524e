# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs cases, each in a worker process of its own, some of them in parallel.

A case passes when its function returns, in time, and nothing it started is
left.  Whatever is left is named, killed by its pid, and the case has failed.
"""
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback

from . import processes
from .context import Context, Failure, Skip

GRACE_S = 5.0


def work(case, directory):
    """In the worker: (state, text, rows of the tally)."""
    context = Context(directory)
    state, text = "passed", ""
    try:
        case.function(context)
    except Skip as why:
        state, text = "skipped", str(why)
    except Failure as failure:
        state, text = "FAILED", str(failure)
    except Exception:  # a bug in a case is a failed case
        state, text = "FAILED", traceback.format_exc()
    left = [] if state == "FAILED" else processes.leftovers(GRACE_S)
    context.cleanup()
    if left:
        state, text = "FAILED", "left running: " + ", ".join(left)
    processes.kill_descendants(os.getpid())
    if state == "passed":
        text = "; ".join(context.notes)
    return state, text[:8000], context.tally.rows()


class Worker:
    def __init__(self, case, keep):
        self.case = case
        self.keep = keep
        self.directory = tempfile.mkdtemp(prefix="logtap-case-")
        self.started = time.monotonic()
        self.pipe, end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.pipe)
                os.setsid()
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_DFL)
                null = os.open("/dev/null", os.O_RDWR)
                for fd in (0, 1, 2):
                    os.dup2(null, fd)
                processes.become_subreaper()
                result = json.dumps(work(case, self.directory))
                os.write(end, result.encode())
                status = 0
            finally:
                os._exit(status)
        os.close(end)
        self.data = b""

    def read(self):
        """True when the worker has ended its result."""
        data = os.read(self.pipe, 65536)
        self.data += data
        return not data

    def overdue(self):
        return time.monotonic() - self.started > self.case.timeout

    def kill(self):
        """Stopped first, or it would go on starting things.  A program that
        signals its whole process group may have ended it already."""
        try:
            os.kill(self.pid, signal.SIGSTOP)
            processes.kill_descendants(self.pid)
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self):
        """(case, state, text, seconds); the tally is left at the case"""
        if not self.data:
            self.kill()
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass  # among the orphans that were reaped
        os.close(self.pipe)
        if not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        seconds = time.monotonic() - self.started
        try:
            state, text, self.case.tally = json.loads(self.data)
        except ValueError:
            state = "FAILED"
            text = f"not done after {self.case.timeout} s" \
                if self.overdue() else "the worker died"
        if self.keep:
            text += f" [kept: {self.directory}]"
        return self.case, state, text, seconds


def run(cases, report, jobs=2, keep=False):
    """Run the cases; report(case, state, text, seconds) as each one ends."""
    processes.become_subreaper()
    sys.stdout.flush()
    waiting = sorted(cases, key=lambda case: case.alone)
    workers = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs and not (
                    workers and (waiting[0].alone or workers[0].case.alone)):
                workers.append(Worker(waiting.pop(0), keep))
            by_pipe = {worker.pipe: worker for worker in workers}
            ready = select.select(list(by_pipe), [], [], 0.5)[0]
            ended = [by_pipe[pipe] for pipe in ready if by_pipe[pipe].read()]
            ended += [worker for worker in workers
                      if worker.overdue() and worker not in ended]
            for worker in ended:
                workers.remove(worker)
                report(*worker.end())
    finally:
        for worker in workers:
            worker.data = b""
            worker.end()
        processes.kill_descendants(os.getpid())
