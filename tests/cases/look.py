# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap ps, top and dump: who is captured, who writes most, and what lies where
no collector reads."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import termios

from harness import case
from harness.small_fs import fill, small_tmpfs
from harness.terminal import Terminal
from harness.writer import Writer

# Says so many lines a second, until it is ended.
STEADY = ["/usr/bin/python3", "-c", """
import sys, time
while True:
    sys.stderr.write("steady\\n")
    time.sleep(1 / float(sys.argv[1]))
"""]
NAMED = """
import sys
with open("/proc/self/comm", "w") as file:
    file.write("\\033[2Jred")
sys.stderr.write("named\\n")
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def logtap(t, *words, **spawn):
    return t.bare([t.logtap_program, *words], **spawn)


def listed(outcome):
    """{pid: [words of its row]} of ps or top."""
    rows = {}
    table = outcome.stdout.decode().split("PID", 1)[-1]
    for line in table.splitlines()[1:]:
        words = line.split()
        rows[int(words[0])] = words
    return rows


def objects(outcome):
    return [json.loads(line) for line in outcome.stdout.splitlines()]


def number(word):
    return int(word.replace(",", ""))


@case()
def ps_names_whose_a_process_is_now(t):
    """Of one that has given up root, whose it has become, whether or not it says
    anything."""
    if os.getuid():
        t.skip("giving up root takes root")
    collector = t.collect()
    script = ("import os, sys\n"
              "os.write(2, b'begun\\n')\n"
              "os.setuid(65534)\n"
              "print('silent', flush=True)\n"
              "sys.stdin.read()\n")
    process = t.spawn([sys.executable, "-c", script], stdin=-1, stdout=-1,
                      env=t.preload_env(collector.dir))
    t.equal(process.stdout.readline(), b"silent\n", "what it says")

    def owner():
        found = objects(logtap(t, "ps", "--dir", collector.dir, "--json"))
        return found and (found[0]["pid"], found[0]["uid"])

    t.wait_for(lambda: owner() == (process.pid, 65534), "the owner")
    process.stdin.close()
    process.wait()
    collector.end()


@case()
def ps_lists_those_that_are_captured(t):
    """With what they have written; of one that is not it says so."""
    collector = t.collect()
    writer = Writer(t, collector.dir)
    writer.write(1200)
    pid = writer.process.pid
    t.wait_for(lambda: collector.status()["chunks"] == 1200, "the lines")
    outcome = logtap(t, "ps", "--dir", collector.dir)
    t.equal((outcome.status, outcome.stderr), (0, b""), "ps")
    t.equal(list(listed(outcome)), [pid], "processes")
    row = listed(outcome)[pid]
    t.equal([row[1], *row[3:]],
            ["root" if not os.getuid() else row[1], "1", "1,200", "10,890",
             "0", "python3", str(collector.dir)], "its row")
    one = objects(logtap(t, "ps", "--dir", collector.dir, "--json", pid))[0]
    t.equal((one["pid"], one["chunks"], one["bytes"], one["live"], one["dir"]),
            (pid, 1200, 10890, True, str(collector.dir)), "as JSON")
    outcome = logtap(t, "ps", "--dir", collector.dir, pid, os.getpid())
    t.equal((outcome.status, outcome.stderr.decode()),
            (1, f"logtap: ps: {os.getpid()}: is not captured; `logtap doctor "
                f"{os.getpid()}' tells why\n"), "of one that is not")
    t.equal(list(listed(outcome)), [pid], "the other one")
    writer.end()
    t.wait_for(lambda: not collector.status()["live_processes"], "its end")
    t.equal(listed(logtap(t, "ps", "--dir", collector.dir)), {}, "none")
    outcome = logtap(t, "ps", "-a", "--dir", collector.dir)
    t.equal(listed(outcome)[pid][2], "ended", "with -a")
    collector.end()


@case()
def ps_lists_those_of_every_collector(t):
    """Sessions of this user, and the directory of the environment."""
    env = {"XDG_RUNTIME_DIR": t.session_dir()}
    collector = t.collect()
    writer = Writer(t, collector.dir)
    writer.write(1)
    runs = [t.start_run(["/bin/cat"], stdin=subprocess.PIPE, env=env)
            for _ in range(2)]

    def pids(*words, **spawn):
        found = objects(logtap(t, "ps", "--json", *words, **spawn))
        return {one["pid"]: one["dir"] for one in found}

    t.check(writer.process.pid not in pids(env=env), "of nobody's directory")
    t.wait_for(lambda: writer.process.pid in pids(
        env={**env, "LOGTAP_DIR": collector.dir}), "that of the environment")

    def all_of_them():
        names = [one["name"] for one in objects(
            logtap(t, "ps", "--json", env=env))]
        return names.count("cat") >= 2

    t.wait_for(all_of_them, "both sessions")
    for run in runs:
        run.terminate()
        run.wait()
    writer.end()
    collector.end()


@case()
def ps_where_nothing_can_be_asked(t):
    """Each in its words, with what to do."""
    nowhere = {"XDG_RUNTIME_DIR": t.session_dir(), "LOGTAP_DIR": ""}
    bad = pathlib.Path(t.session_dir())
    (bad / "status.json").write_text('["not", "one"]')
    for words, status, text in (
            (["--dir", "/nonexistent"], 1, "/nonexistent/status.json: No such "
             "file or directory; is a collector running there?"),
            (["--dir", bad], 1, "not a status of a collector"),
            (["x1"], 2, "x1: is no number of a process; try `logtap ps "
             "--help'"),
            (["0"], 2, "0: is no number of a process"),
            (["99999999999"], 2, "99999999999: is no number of a process")):
        outcome = logtap(t, "ps", *words, env=nowhere)
        t.equal(outcome.status, status, f"status of {words}")
        t.check(text in outcome.stderr.decode(), f"{outcome.stderr}")
    collector = t.collect()
    writer = Writer(t, collector.dir)
    writer.write(3)
    t.wait_for(lambda: collector.status()["chunks"] == 3, "the lines")
    collector.kill()
    outcome = logtap(t, "ps", "--dir", collector.dir)
    t.equal(list(listed(outcome)), [writer.process.pid], "what it said last")
    t.check(b"no collector is at work there; this is what the last one said"
            in outcome.stderr, f"{outcome.stderr}")
    writer.end()


@case()
def a_name_cannot_move_the_cursor(t):
    collector = t.collect()
    process = t.spawn(["/usr/bin/python3", "-c", NAMED], "preload",
                      env=t.preload_env(collector.dir), stdin=subprocess.PIPE)
    t.wait_for(lambda: collector.status()["chunks"] == 1, "its line")
    for words in (["ps"], ["ps", "--json"], ["top", "-d", "1"], ["status"]):
        outcome = logtap(t, *words, "--dir", collector.dir)
        t.check(b"\033" not in outcome.stdout, f"{words}: {outcome.stdout}")
        t.check(str(process.pid).encode() in outcome.stdout, f"{words}")
    process.kill()
    process.wait()
    collector.end()


@case()
def top_has_the_busiest_first(t):
    """Without a terminal: one table, and an end."""
    collector = t.collect()
    env = t.preload_env(collector.dir)
    processes = [
        t.spawn(argv, "preload", env=env, stdin=subprocess.PIPE)
        for argv in ([*STEADY, "20"], [*STEADY, "400"], ["/bin/cat"])]
    slow, fast, silent = (process.pid for process in processes)

    def written():
        counts = {row["pid"]: row["chunks"]
                  for row in collector.status()["process_rows"]}
        return (counts.get(slow) and counts.get(fast) and
                silent in counts)

    t.wait_for(written, "all three")
    outcome = logtap(t, "top", "--dir", collector.dir)
    rows = listed(outcome)
    t.equal((outcome.status, outcome.stderr), (0, b""), "top")
    t.equal(list(rows), [fast, slow, silent], "the order")
    rates = {pid: number(words[2]) for pid, words in rows.items()}
    t.check(rates[fast] > rates[slow] > rates[silent] == 0, f"{rates}")
    # of "steady" and a line feed, and each rate is rounded
    t.check(abs(number(rows[fast][3]) - 7 * rates[fast]) <= 7, f"{rows}")
    t.check(b"1 collector, 3 processes captured" in outcome.stdout,
            f"{outcome.stdout}")
    outcome = logtap(t, "top", "--dir", collector.dir, "-d", "1", "-n", "2")
    t.equal(outcome.stdout.count(b"PID"), 2, "tables")
    end(t, collector, processes)
    for words, status, text in (
            (["-d", "0"], 2, "--delay: is 1 to 3600 seconds"),
            (["--dir", "/nonexistent"], 1, "is a collector running there?")):
        outcome = logtap(t, "top", *words)
        t.equal(outcome.status, status, f"{words}")
        t.check(text in outcome.stderr.decode(), f"{outcome.stderr}")


def end(t, collector, processes):
    for process in processes:
        t.stop(process)
    collector.end()


class Top(Terminal):
    def __init__(self, t, directory, *words):
        self.t = t
        super().__init__(
            [t.logtap_program, "top", "-d", "1", "--dir", directory, *words],
            t.env, t.dir)
        t.cleanups.append(self.close)
        self.before = termios.tcgetattr(self.fd)

    def await_text(self, text):
        self.seen = b""
        self.t.check(self.until(text), f"no {text}: {self.seen[-500:]}")

    def ended(self, status):
        """The terminal is as it was."""
        self.t.equal(self.end(), status, "status")
        self.t.check(self.seen.endswith(b"\033[?25h\033[?1049l"),
                     f"{self.seen[-200:]}")


@case()
def top_leaves_the_terminal_as_it_was(t):
    """By q, by ^C and by SIGTERM, of which it dies; stopped and continued; of
    another size."""
    collector = t.collect()
    process = t.spawn([*STEADY, "50"], "preload",
                      env=t.preload_env(collector.dir))
    pid = str(process.pid).encode()
    t.wait_for(lambda: collector.status()["live_processes"], "it")
    for how, status in ((lambda top: top.type(b"xq"), 0),
                        (lambda top: top.type(b"\x03"), -signal.SIGINT),
                        (lambda top: os.kill(top.pid, signal.SIGTERM),
                         -signal.SIGTERM)):
        top = Top(t, collector.dir)
        top.await_text(pid)
        echo = termios.tcgetattr(top.fd)[3] & termios.ECHO
        t.check(not echo, "keys are echoed")
        how(top)
        top.ended(status)
    top = Top(t, collector.dir)
    top.await_text(pid)
    top.resize(30, 20)
    top.await_text(b"\033[J")
    top.await_text(b"\033[J")
    t.check(all(len(line) <= 20 for line in
                top.seen.rsplit(b"\033[J", 1)[-1].splitlines()),
            f"{top.seen[-300:]}")
    # a group without a parent in its session is not stopped by the terminal
    os.kill(top.pid, signal.SIGTSTP)
    t.wait_for(lambda: b"State:\tT" in pathlib.Path(
        f"/proc/{top.pid}/status").read_bytes(), "it to be stopped")
    t.check(termios.tcgetattr(top.fd)[3] & termios.ECHO, "echo while stopped")
    os.kill(top.pid, signal.SIGCONT)
    t.wait_for(lambda: not termios.tcgetattr(top.fd)[3] & termios.ECHO,
               "it to draw again")
    top.await_text(pid)
    top.type(b"q")
    top.ended(0)
    end(t, collector, [process])


@case()
def top_outlives_a_collector(t):
    """Says that it is gone, and goes on with the next one."""
    collector = t.collect()
    writer = Writer(t, collector.dir)
    writer.write(1)
    top = Top(t, collector.dir)
    top.await_text(str(writer.process.pid).encode())
    collector.kill()
    top.await_text(b"no collector is at work there")
    collector = collector.restart()
    for _ in range(3):
        top.await_text(b"\033[J")
    t.check(b"no collector is" not in top.seen, f"{top.seen[-500:]}")
    top.type(b"q")
    top.ended(0)
    writer.end()
    collector.end()


@case()
def dump_of_a_program_that_was_killed(t):
    """All its lines, in order, and once."""
    folder = t.session_dir()
    writer = Writer(t, folder)
    writer.write(500)
    writer.process.kill()
    writer.process.wait()
    outcome = logtap(t, "dump", "--dir", folder)
    t.equal((outcome.status, outcome.stderr), (0, b""), "dump")
    t.equal([line.split("] ", 1)[1] for line in
             outcome.stdout.decode().splitlines()],
            [f"line {n}" for n in range(500)], "lines")
    outcome = logtap(t, "dump", "--dir", folder)
    t.equal((outcome.status, outcome.stdout), (0, b""), "once more")


@case()
def dump_of_a_flight_recorder(t):
    """A program that runs without a collector keeps its latest lines, and goes
    on with that after they were read; as OTLP, into a file."""
    folder = t.session_dir()
    writer = Writer(t, folder, LOGTAP_RING_BYTES="65536")
    first = 0
    for round in range(2):
        writer.write(20_000)
        outcome = logtap(t, "dump", "--dir", folder, "-o", t.dir / "out")
        t.equal((outcome.status, outcome.stderr), (0, b""), f"dump {round}")
        bodies = [record.body for record in t.read(t.dir / "out")
                  if "logtap.diagnostic" not in record.attributes]
        last = 20_000 * (round + 1)
        t.equal(bodies[-100:], [f"line {n}" for n in range(last - 100, last)],
                "the latest")
        t.check(len(bodies) - first < 5000, f"{len(bodies)} of 64 KiB")
        t.equal(len(set(bodies)), len(bodies), "each once")
        first = len(bodies)
    t.equal(writer.end().status, 0, "status")
    t.equal(writer.written(), writer.expected(), "lines of stderr")


@case()
def dump_loses_nothing(t):
    """Where they do not fit they stay for the next time; beside a collector it
    takes nothing."""
    folder = t.session_dir()
    writer = Writer(t, folder, LOGTAP_RING_BYTES="1048576")
    writer.write(3000)
    small = small_tmpfs(t, "size=64k")
    fill(small, 0)
    outcome = logtap(t, "dump", "--dir", folder, "-o", small / "out")
    t.equal(outcome.status, 1, "status on a full disk")
    t.check(b"the rest is still there" in outcome.stderr, f"{outcome.stderr}")
    outcome = logtap(t, "dump", "--dir", folder, "--json")
    t.equal(outcome.status, 0, "status")
    (t.dir / "out").write_bytes(outcome.stdout)
    t.equal([r.body for r in t.read(t.dir / "out")
             if "logtap.diagnostic" not in r.attributes],
            [f"line {n}" for n in range(3000)], "lines")
    collector = t.collect(folder)
    outcome = logtap(t, "dump", "--dir", folder)
    t.equal((outcome.status, outcome.stdout), (1, b""), "beside a collector")
    t.check(b"a collector is at work there and reads it; see `logtap tail'"
            in outcome.stderr, f"{outcome.stderr}")
    writer.write(10)
    writer.end()
    t.equal([r.body for r in collector.end()],
            [f"line {n}" for n in range(3000, 3010)], "the collector's")


@case()
def dump_of_what_is_no_directory(t):
    for path, why in (("/nonexistent", "No such file or directory"),
                      ("/dev/null", "Not a directory")):
        outcome = logtap(t, "dump", "--dir", path)
        t.equal((outcome.status, outcome.stderr.decode()),
                (1, f"logtap: dump: {path}: {why}; name the LOGTAP_DIR of the "
                    "programs (--dir)\n"), f"{path}")
