# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Which fd is stderr: aliases are, what took its number is not."""
import os
import socket

from harness import case


@case()
def closed_moved_and_reused(t):
    """fd 2 reused by a file and a socket: their payload is not captured."""
    outcomes = []
    for way in (t.bare, t.run, t.preload):
        folder = t.dir / way.__name__
        folder.mkdir()
        outcome = way([t.program("fds")], cwd=folder)
        outcomes.append((outcome, (folder / "payload-file").read_bytes()))
    bare, payload = outcomes[0]
    for outcome, other in outcomes[1:]:
        t.same(bare, outcome)
        t.equal(other, payload, "the file that reused fd 2")
        t.lines_once(outcome)
        t.check(all(r.body.startswith("log") for r in outcome.records),
                f"payload captured: {outcome.records}")


@case()
def closed_at_the_start(t):
    """fd 2 closed before the program starts, then opened by it."""
    script = t.write("closed.py", """
import os
try:
    os.write(2, b"nowhere\\n")
except OSError as error:
    print(error)
fd = os.open("data", os.O_CREAT | os.O_WRONLY)
print(fd, os.write(fd, b"payload\\n"))
""")
    for way in (t.run, t.preload):
        outcome = way(["/bin/sh", "-c",
                       f"exec /usr/bin/python3 {script} 2>&-"])
        t.equal(outcome.stdout, b"[Errno 9] Bad file descriptor\n2 8\n",
                "stdout")
        t.equal([r.body for r in outcome.records], [], "records")


@case()
def stderr_is_a_socket(t):
    """send(2) and write to a stderr that is a socket are both captured."""
    ours, theirs = socket.socketpair()
    process = t.start_run(["/usr/bin/python3", "-c",
                           "import socket, os\n"
                           "s = socket.socket(fileno=2)\n"
                           "s.send(b'sent\\n'); os.write(2, b'written\\n')\n"
                           "s.detach()\n"], stderr=theirs.fileno())
    theirs.close()
    outcome = t.finish_run(process)
    t.equal(outcome.status, 0, "status")
    t.equal(ours.recv(100, socket.MSG_WAITALL), b"sent\nwritten\n", "stderr")
    t.lines_once(outcome, ["sent", "written"])


@case()
def stderr_is_a_pipe_that_breaks(t):
    """EPIPE and SIGPIPE are the program's to see."""
    for how in ("signal.SIG_DFL", "signal.SIG_IGN"):
        script = ("import os, signal\n"
                  f"signal.signal(signal.SIGPIPE, {how})\n"
                  "try:\n    os.write(2, b'into nothing\\n')\n"
                  "except OSError as error:\n    print(error)\n")
        results = []
        for start in (t.spawn, t.start_run):
            reading, writing = os.pipe()
            os.close(reading)
            process = start(["/usr/bin/python3", "-c", script],
                            stderr=writing)
            os.close(writing)
            finish = t.finish if start == t.spawn else t.finish_run
            results.append(finish(process))
        t.equal((results[1].status, results[1].stdout),
                (results[0].status, results[0].stdout), f"with {how}")
        t.equal(results[1].records, [], "records of what was never written")
