# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap run as a supervisor: a program under it starts, is signalled, stops
and ends as it does without."""
import fcntl
import os
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import termios

from harness import case
from harness.devlog import namespace_words

PYTHON = "/usr/bin/python3"

# Prints each signal's name as it comes, and ends with SIGUSR2.
RECEIVER = """
import os, signal
numbers = [1, 2, 3, 10, 12, 14, 15, 18, 28]
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
os.write(1, b"ready %d\\n" % os.getpid())
number = 0
while number != signal.SIGUSR2:
    number = signal.sigwait(numbers)
    os.write(1, signal.Signals(number).name.encode() + b"\\n")
"""

# Prints what a program can see of how it was started.
MIRROR = r"""
import os, re, resource
for line in open("/proc/self/status"):
    if re.match("(Sig[^Q]|Shd|Umask|Groups|CapInh|NoNewPrivs|Seccomp:)", line):
        print(line.strip())
for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
    try:
        print(fd, os.readlink(f"/proc/self/fd/{fd}"),
              os.get_inheritable(fd))
    except OSError:
        pass
for name in sorted(dir(resource)):
    if name.startswith("RLIMIT_"):
        print(name, resource.getrlimit(getattr(resource, name)))
print("nice", os.nice(0), "cwd", os.getcwd(), "session", os.getsid(0))
print("group", os.getpgrp(), os.sched_getscheduler(0), os.sched_getaffinity(0))
for name, value in sorted(os.environ.items()):
    if name not in ("LD_PRELOAD", "LOGTAP_DIR", "LOGTAP_FOLLOW", "LOGTAP_CLOCK",
                    "LOGTAP_SINK"):
        print(name, "=", value)
print("children", open("/proc/self/task/%d/children" % os.getpid()).read())
"""


def stderr_text(outcome):
    return outcome.stderr.decode(errors="replace")


def output_of(process):
    """What a process that still runs has written to stdout."""
    file = process.logtap[2]
    return os.pread(file.fileno(), 1 << 20, 0).decode()


def receiver(t, **spawn):
    """A receiver under run, which has said that it is ready."""
    process = t.start_run([PYTHON, "-c", RECEIVER], **spawn)
    match = t.wait_for(lambda: re.match(r"ready (\d+)\n", output_of(process)),
                       "the receiver to be ready")
    process.program = int(match.group(1))
    return process


def received(t, process):
    """Ends the receiver; the signals that it got, in order."""
    process.send_signal(signal.SIGUSR2)
    outcome = t.finish_run(process)
    t.equal(outcome.status, 0, f"status; {stderr_text(outcome)}")
    return outcome.stdout.decode().splitlines()[1:-1]


@case()
def exit_statuses(t):
    """The program's own, and by the same signal."""
    for script in ("exit 0", "exit 7", "exit 125", "exit 255",
                   "kill -TERM $$", "kill -KILL $$", "kill -SEGV $$",
                   "kill -ABRT $$", "kill -PIPE $$", "kill -USR1 $$"):
        argv = ["/bin/sh", "-c", script]
        t.same(t.bare(argv), t.run(argv))


@case()
def a_program_that_cannot_be_executed(t):
    """126 or 127, and no file is left behind."""
    busy = t.write("busy", "#!/bin/sh\n", 0o755)
    for name, status in (("no-such-program", 127), ("/nowhere/x", 127),
                         (t.write("lost", "#!/nowhere/sh\n", 0o755), 127),
                         (t.write("plain", "x", 0o644), 126), ("/etc", 126)):
        outcome = t.bare([t.logtap_program, "run", "--", name])
        t.equal(outcome.status, status, f"status of {name}")
        t.check(f"logtap: run: {name}: " in stderr_text(outcome),
                f"said {stderr_text(outcome)!r}")
    # One that only execve itself refuses, when all is set up.
    with open(busy, "r+"):
        outcome = t.bare([t.logtap_program, "run", "--", busy])
    t.equal(outcome.status, 126, "status of a file that is being written")
    t.equal(stderr_text(outcome),
            f"logtap: run: {busy}: Text file busy\n", "message")
    t.equal([n for n in os.listdir(t.dir) if n.startswith("logtap-")], [],
            "files left")


@case()
def a_text_without_a_first_line(t):
    """Is run by the shell, as execvp does."""
    path = t.write("text", "echo shell; exit 3\n", 0o755)
    outcome = t.run([path])
    t.equal((outcome.status, outcome.stdout), (3, b"shell\n"), "outcome")


@case()
def standard_input(t):
    """Reaches the program, whole."""
    data = bytes(range(256)) * 5000
    with open(t.write("in", data), "rb") as file:
        outcome = t.run(["cat"], stdin=file)
    t.equal(outcome.stdout == data, True, "cat gives back its input")


@case()
def forwarded_signals(t):
    """What is sent to run alone reaches the program, once."""
    process = receiver(t)
    numbers = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1,
               signal.SIGWINCH, signal.SIGCONT, signal.SIGQUIT,
               signal.SIGALRM]
    for count, number in enumerate(numbers, 1):
        process.send_signal(number)
        t.wait_for(lambda: len(output_of(process).splitlines()) > count,
                   f"{number.name} to arrive")
    t.equal(received(t, process), [n.name for n in numbers], "signals")


@case()
def signals_to_the_group(t):
    """Have reached the program already: they are not sent again."""
    process = receiver(t, start_new_session=True)
    for _ in range(3):
        for number in (signal.SIGHUP, signal.SIGTERM):
            before = len(output_of(process).splitlines())
            os.killpg(process.pid, number)
            t.wait_for(lambda: len(output_of(process).splitlines()) > before,
                       f"{number.name} to arrive")
    # One to run alone comes after all that run might have sent before.
    t.equal(received(t, process), ["SIGHUP", "SIGTERM"] * 3, "signals")


@case()
def an_alarm_that_was_set_before(t):
    """alarm(2) survives exec: it ends the program under run as well."""
    def alarm():
        signal.setitimer(signal.ITIMER_REAL, 0.5)
    for way in (t.bare, t.run):
        outcome = way(["sleep", "50"], preexec_fn=alarm)
        t.equal(outcome.status, -signal.SIGALRM, f"status ({outcome.how})")


@case()
def killing_run_kills_the_program(t):
    """As it does without: SIGKILL leaves no program behind."""
    process = receiver(t)
    with open(f"/proc/{process.program}/environ", "rb") as file:
        directory = re.search(rb"\0LOGTAP_DIR=([^\0]+)", file.read())[1]
    t.check(os.path.isdir(directory), f"{directory} is not there")
    process.kill()
    process.wait()
    t.wait_for(lambda: state(process.program) in ("Z", "gone"),
               "the program to be gone")
    t.wait_for(lambda: not os.path.exists(directory),
               "the directory of the session to be gone")


@case()
def what_the_program_sees(t):
    """Descriptors, signal mask, ignored signals, limits, priority, umask,
    group, session and environment are those that run was given."""
    extra = os.open(t.write("extra", "x"), os.O_RDONLY)
    high = fcntl.fcntl(extra, fcntl.F_DUPFD, 77)

    def plain():
        pass

    def odd():
        signal.pthread_sigmask(signal.SIG_BLOCK,
                               [signal.SIGUSR1, signal.SIGCHLD, 40])
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP,
                       signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.nice(3)
        os.umask(0o027)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
        resource.setrlimit(resource.RLIMIT_CORE, (4096, 8192))
        resource.setrlimit(resource.RLIMIT_STACK, (4 << 20, 8 << 20))
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])

    def closed():
        os.close(0)

    for prepare in (plain, odd, closed):
        seen = []
        for way in (t.bare, t.run):
            # Of the same names, as the names are seen.
            outcome = way([PYTHON, "-c", MIRROR], preexec_fn=prepare,
                          pass_fds=(extra, high),
                          stdout=open(t.dir / "stdout", "w+b"),
                          stderr=open(t.dir / "stderr", "w+b"),
                          env={"LOGTAP_FULL": "block", "A": "1=2",
                               "EMPTY": ""})
            t.equal((outcome.status, outcome.stderr), (0, b""), "outcome")
            seen.append(outcome.stdout.decode())
        t.check("RLIMIT_NOFILE" in seen[0], f"the mirror said {seen[0]}")
        groups = re.compile(r"^(group|nice .* session) .*$", re.M)
        t.equal(groups.sub("", seen[1]), groups.sub("", seen[0]),
                f"what {prepare.__name__} shows")


@case()
def session_and_group(t):
    """The program is in the process group and session that run is in."""
    outcome = t.run([PYTHON, "-c", "import os; print(os.getpgrp(), "
                     "os.getsid(0), os.getpgid(os.getppid()))"])
    group, session, parents = map(int, outcome.stdout.split())
    t.equal((group, session), (os.getpgrp(), os.getsid(0)), "group, session")
    t.equal(parents, group, "group of run")


class Terminal:
    """A terminal, and a shell of sorts: it starts one job in a group of its
    own in the foreground, and says how the job's state changes."""

    def __init__(self, t, argv, env):
        self.t = t
        self.status, say = os.pipe()
        self.order, ask = os.pipe()
        self.order, ask = ask, self.order
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                self.shell(argv, env, say, ask)
            finally:
                os._exit(99)
        os.close(say)
        os.close(ask)

    def shell(self, argv, env, say, ask):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.close(say)
            os.close(ask)
            os.execve(argv[0], argv, env)
        while True:
            _, status = os.waitpid(job, os.WUNTRACED)
            os.tcsetpgrp(0, os.getpgrp())
            os.write(say, struct.pack("ii", job, status))
            if not os.WIFSTOPPED(status) or not os.read(ask, 1):
                break
            os.tcsetpgrp(0, job)
            os.killpg(job, signal.SIGCONT)
        os.read(ask, 1)
        os._exit(0)

    def type(self, data):
        os.write(self.master, data)

    def read_until(self, text):
        seen = b""
        while text not in seen:
            seen += os.read(self.master, 4096)
        return seen.decode()

    def wait(self):
        """(job, status) of the next change of state."""
        return struct.unpack("ii", os.read(self.status, 8))

    def go_on(self):
        os.write(self.order, b"c")

    def close(self):
        for fd in (self.order, self.status, self.master):
            os.close(fd)
        os.waitpid(self.pid, 0)


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def terminal(t, script):
    return Terminal(t, [str(t.logtap_program), "run", "-q", "-o",
                        str(t.dir / "tty.jsonl"), "--", PYTHON, "-c", script],
                    t.environment({}))


@case()
def control_z(t):
    """Stops program and job; fg continues both; ^C ends both, once."""
    tty = terminal(t, RECEIVER)
    program = int(re.search(r"ready (\d+)", tty.read_until(b"\n")).group(1))
    for _ in range(3):
        tty.type(b"\x1a")
        job, status = tty.wait()
        t.check(os.WIFSTOPPED(status), f"status {status}")
        t.equal(os.WSTOPSIG(status), signal.SIGTSTP, "stopped by")
        t.wait_for(lambda: state(program) == "T", "the program to stop")
        tty.go_on()
        tty.read_until(b"SIGCONT\r\n")
    tty.type(b"\x03")
    tty.read_until(b"SIGINT\r\n")
    fcntl.ioctl(tty.master, termios.TIOCSWINSZ, struct.pack("4H", 30, 90, 0, 0))
    tty.read_until(b"SIGWINCH\r\n")
    os.kill(job, signal.SIGUSR2)
    # Nothing came twice on the way to the last one.
    t.equal(tty.read_until(b"SIGUSR2\r\n"), "SIGUSR2\r\n", "the rest")
    t.equal(tty.wait(), (job, 0), "the end")
    tty.close()


@case()
def control_c(t):
    """Ends a program that does not handle it, and run by the same signal."""
    tty = terminal(t, "import signal, time\n"
                      "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
                      "print('ready', flush=True)\ntime.sleep(50)")
    tty.read_until(b"ready")
    tty.type(b"\x03")
    _, status = tty.wait()
    t.check(os.WIFSIGNALED(status), f"status {status}")
    t.equal(os.WTERMSIG(status), signal.SIGINT, "ended by")
    tty.close()


@case()
def a_program_that_stops_itself(t):
    """Stops the job as well: the shell hears of it."""
    tty = terminal(t, "import os, signal\n"
                      "os.kill(os.getpid(), signal.SIGSTOP)\n"
                      "print('on', flush=True)")
    _, status = tty.wait()
    t.check(os.WIFSTOPPED(status), f"status {status}")
    t.equal(os.WSTOPSIG(status), signal.SIGSTOP, "stopped by")
    tty.go_on()
    tty.read_until(b"on\r\n")
    t.equal(tty.wait()[1], 0, "the end")
    tty.close()


@case()
def reading_in_the_background(t):
    """Stops the job, as it does without; fg lets it read."""
    tty = terminal(t, "import os, signal\n"
                      "signal.pthread_sigmask(signal.SIG_BLOCK, [10])\n"
                      "print('ready', os.getpid(), flush=True)\n"
                      "signal.sigwait([10])\n"
                      "print('read', input(), flush=True)")
    program = int(re.search(r"ready (\d+)", tty.read_until(b"\n")).group(1))
    tty.type(b"\x1a")
    job, _ = tty.wait()
    os.killpg(job, signal.SIGCONT)
    t.wait_for(lambda: state(job) != "T" and state(program) != "T",
               "the job to go on in the background")
    os.kill(job, signal.SIGUSR1)
    t.wait_for(lambda: state(job) == "T" and state(program) == "T",
               "the job to stop")
    tty.go_on()
    tty.type(b"line\n")
    tty.read_until(b"read line\r\n")
    t.equal(tty.wait(), (job, 0), "the end")
    tty.close()


@case()
def a_working_directory_that_is_read_only(t):
    """The records go to a temporary directory, which is named."""
    words = [*namespace_words(), "sh", "-c",
             f'mkdir -p {t.dir}/ro && mount -t tmpfs -o ro tmpfs {t.dir}/ro && '
             f'cd {t.dir}/ro && exec "$@"', "sh"]
    if t.bare(["true"], prefix=words).status:
        t.skip("no mount namespace")
    (t.dir / "tmp").mkdir()
    outcome = t.bare([t.logtap_program, "run", "-q", "--", "sh", "-c",
                      "exit 4"], prefix=words,
                     env={"TMPDIR": t.dir / "tmp"})
    t.equal(outcome.status, 4, "status")
    match = re.fullmatch(r"logtap: the working directory is not writable: "
                         r"records go to (.*)\n", stderr_text(outcome))
    t.check(match, f"said {stderr_text(outcome)!r}")
    t.check(match.group(1).startswith(f"{t.dir}/tmp/logtap-"),
            f"said {match.group(1)}")
    t.check(os.path.exists(match.group(1)), "the file is not there")


@case()
def a_library_that_is_missing(t):
    """The program runs uncaptured, and that is said."""
    outcome = t.bare([t.logtap_program, "run", "-q", "--", "sh", "-c",
                      "echo ${LD_PRELOAD-none}; exit 4"],
                     env={"LOGTAP_LIBRARY": "/nowhere/liblogtap.so"})
    t.equal((outcome.status, outcome.stdout), (4, b"none\n"), "outcome")
    t.check(re.match(r"logtap: LOGTAP_LIBRARY: /nowhere/liblogtap.so: No such "
                     r"file .* uncaptured\n", stderr_text(outcome)),
            f"said {stderr_text(outcome)!r}")


@case()
def settings_that_make_no_sense(t):
    """Are named and ignored; good ones reach the program."""
    outcome = t.run(["sh", "-c", "echo $LOGTAP_FULL $LOGTAP_RING_BYTES "
                     "$LOGTAP_MODE"], options=["--divert"],
                    env={"LOGTAP_FULL": "sometimes",
                         "LOGTAP_RING_BYTES": "65536", "LOGTAP_MODE": "tee"})
    t.equal(outcome.stdout, b"65536 divert\n", "the program's settings")
    t.check(re.fullmatch(r"logtap: LOGTAP_FULL: sometimes: not one of .*\n",
                         stderr_text(outcome)),
            f"said {stderr_text(outcome)!r}")


def collector_of(process):
    """The pid of a running session's collector; None: not there."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{pid}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process.pid and words[1:2] == [b"collect"]:
            return int(pid)
    return None


WRITER = """
import os, sys
for line in sys.stdin:
    for n in range(int(line)):
        os.write(2, b"line %d\\n" % n)
    os.write(1, b"written\\n")
"""


def writer(t, **run):
    """A program under run that writes as many lines as it is told."""
    process = t.start_run([PYTHON, "-c", WRITER], stdin=subprocess.PIPE, **run)
    process.told = 0
    return process


def tell(t, process, lines):
    process.stdin.write(b"%d\n" % lines)
    process.stdin.flush()
    process.told += 1
    t.wait_for(lambda: output_of(process).count("written") == process.told,
               "the program to write")


def without_repetitions(records):
    return list({r.attributes["log.record.uid"]: r for r in records}.values())


@case()
def a_collector_that_is_killed(t):
    """Another one takes its place and goes on; the program notices nothing,
    no line is lost, and the summary says so."""
    process = writer(t, quiet=False)
    for _ in range(3):
        tell(t, process, 500)
        pid = t.wait_for(lambda: collector_of(process), "a collector")
        os.kill(pid, signal.SIGKILL)
        tell(t, process, 500)
        t.wait_for(lambda: collector_of(process) not in (None, pid),
                   "the next collector")
    process.stdin.close()
    outcome = t.finish_run(process)
    text = stderr_text(outcome)
    t.equal(outcome.status, 0, f"status; it said {text[-500:]}")
    t.check(re.search(r"logtap: [\d,]+ records? since the collector died and was "
                      r"restarted \(3 times, 3,000 writes in all\)", text),
            f"said {text[-500:]!r}")
    outcome.records = without_repetitions(outcome.records)
    t.lines_once(outcome, [f"line {n}" for n in range(500)] * 6)


KILLS_ITS_COLLECTOR = r"""
import os, signal
for n in range(3000):
    os.write(2, b"line %d\n" % n)
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open(f"/proc/{pid}/cmdline").read().split("\0")
        stat = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    except OSError:
        continue
    if int(stat[1]) == os.getppid() and "collect" in words:
        os.kill(int(pid), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@case()
def a_collector_that_is_killed_at_the_end(t):
    """While it delivers what is left: another one does that, too."""
    outcome = t.run([PYTHON, "-c", KILLS_ITS_COLLECTOR])
    t.equal(outcome.status, -signal.SIGKILL, "status")
    outcome.records = without_repetitions(outcome.records)
    t.lines_once(outcome, [f"line {n}" for n in range(3000)])


@case()
def a_collector_that_cannot_live(t):
    """After some tries it is given up; the program goes on, and a person is
    told where the records are and how to get them."""
    process = writer(t, quiet=False)
    tell(t, process, 100)
    pid = None
    for _ in range(7):
        pid = t.wait_for(lambda: (lambda found: found != pid and found)(
            collector_of(process)), "a collector")
        os.kill(pid, signal.SIGKILL)
    tell(t, process, 100)
    process.stdin.close()
    outcome = t.finish(process)
    text = stderr_text(outcome)
    t.equal(outcome.status, 0, f"status; it said {text[-900:]}")
    t.check("logtap: run: the collector: died again and again" in text,
            f"said {text[-900:]!r}")
    command = re.search(r"deliver it with: logtap (collect --once --dir "
                        r"(/dev/shm/logtap-run-\S+) -o) FILE", text)
    t.check(command, f"said {text[-900:]!r}")
    t.session_dirs.append(command[2])
    file = t.dir / "rescued.jsonl"
    rescue = t.bare([t.logtap_program, *command[1].split(), file])
    t.equal(rescue.status, 0, f"status of {command[0]}: {rescue.stderr!r}")
    outcome.records = without_repetitions(
        t.read(process.otlp_file) + t.read(file))
    t.lines_once(outcome, [f"line {n}" for n in range(100)] * 2)


@case()
def signals_to_the_collector(t):
    """SIGTERM to it, as a control group that is stopped gets it: it stays
    until the program has ended."""
    process = writer(t)
    tell(t, process, 100)
    pid = collector_of(process)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
        tell(t, process, 100)
    t.equal(collector_of(process), pid, "the collector")
    process.stdin.close()
    outcome = t.finish_run(process)
    t.equal(outcome.status, 0, "status")
    t.lines_once(outcome, [f"line {n}" for n in range(100)] * 4)
