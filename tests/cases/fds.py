# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Which fd is stderr: aliases are, what took its number is not."""
import os
import socket

from harness import case, terminal


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


AGAIN = """
import os
def again(*places):
    fd = os.open(os.ttyname(2), os.O_RDWR | os.O_NOCTTY)
    for place in places:
        os.dup2(fd, place)
    return fd
# as libuv does it, for each stream a descriptor
out, error = again(1), again(2)
os.write(out, b"to stdout\\n")
os.write(error, b"to stderr\\n")
os.write(again(), b"a user interface\\n")
both = again(2, 1)
os.write(both, b"to anything\\n")
os.write(1, b"to stdout again\\n")
os.write(2, b"to fd 2\\n")
# a shell's 3>&1, and 2>&3
saved = os.dup(1)
os.dup2(saved, 2)
os.write(saved, b"to saved stdout\\n")
os.write(error, b"the last\\n")
# closed, and its number is a copy of stderr
null = os.open("/dev/null", os.O_RDWR)
os.close(null)
copy = os.dup(2)
assert copy == null
os.dup2(copy, 20)
os.write(copy, b"a copy\\n")
os.write(20, b"a copy of it\\n")
"""


@case()
def a_terminal_opened_anew(t):
    """What a program puts onto fd 2 and goes on writing to is stderr, if it is
    the terminal that fd 2 was: node and all else with libuv does it."""
    argv = ["/usr/bin/python3", t.write("again.py", AGAIN)]
    bare = terminal.run(argv, t.environment({}), t.dir)
    file = t.dir / "records.jsonl"
    got = terminal.run([t.logtap_program, "run", "-q", "-o", file, "--", *argv],
                       t.environment({}), t.dir)
    t.equal(got, bare, "status and screen")
    t.equal(bare[0], 0, "status")
    errors = ["to stderr", "to fd 2", "the last", "a copy", "a copy of it"]
    t.equal([r.body for r in t.read(file)], errors, "records")
    got = terminal.run([t.logtap_program, "run", "-qf", "--stdout", "-o", file,
                        "--", *argv], t.environment({}), t.dir)
    t.equal(got, bare, "with --stdout")
    streams = {stream: [r.body for r in t.read(file) if r.stream == stream]
               for stream in ("stderr", "stdout")}
    t.equal(streams, {"stderr": [errors[0], "to anything", *errors[1:]],
                      "stdout": ["to stdout", "to stdout again",
                                 "to saved stdout"]}, "records of both")


MANY = "for i in $(seq 30); do exec {}; echo line $i >&2; done"


@case()
def more_standard_errors_than_there_are_places_for(t):
    """Of the later ones is still known what they are: lines to files that the
    program chose are recorded as those of stderr, lines into pipes that it made
    are hidden and counted."""
    bash = t.tool("bash")
    lines = [f"line {i}" for i in range(1, 31)]
    folder = t.dir / "many"
    folder.mkdir()
    outcome = t.run([bash, "-c", MANY.format(f"2>{folder}/$i")])
    t.lines_once(outcome, lines)
    for i, line in enumerate(lines, 1):
        t.equal((folder / str(i)).read_text(), line + "\n", f"file {i}")
    outcome = t.run([bash, "-c", MANY.format("2> >(cat >/dev/null)")],
                    quiet=False)
    t.lines_once(outcome, [])
    t.check(b"30 hidden lines left out" in outcome.stderr,
            f"said {outcome.stderr!r}")
