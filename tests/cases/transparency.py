# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A preloaded program behaves as it does bare."""
import os
import re
import shutil
import signal
import time

from harness import Failure, case


@case()
def ends_as_it_did(t):
    """Exit statuses and signals pass through, the last line is captured."""
    for how in ("nothing", "segv", "abort", "assert", "kill", "term", "pipe",
                "_exit", "quick_exit"):
        t.compare([t.program("dies"), how])


def system_calls(t, lines, env):
    """All system calls of a program that writes that many lines."""
    table = t.dir / f"strace-{lines}-{len(env)}"
    words = [f"-E{name}={value}" for name, value in env.items()]
    outcome = t.bare([t.tool("strace"), "-f", "-qq", "-c", "-o", table, *words,
                      t.program("lines"), "mixed", "1", lines])
    if outcome.status or not table.exists():
        t.skip("strace may not trace here: "
               + outcome.stderr.decode(errors="replace").strip()[:200])
    return int(re.search(r"(\d+) +(?:\d+ )?total", table.read_text())[1])


@case(timeout=120)
def no_system_call_per_line(t):
    """strace counts as many calls per line as it does bare."""
    few, many = 1000, 6000
    bare = system_calls(t, many, {}) - system_calls(t, few, {})
    collector = t.collect()
    env = t.preload_env(collector.dir)
    preloaded = system_calls(t, many, env) - system_calls(t, few, env)
    records = collector.end()
    t.equal(len(records), few + many, "records")
    # A ring may grow a few times in its life, that is not once a line.
    t.check(abs(preloaded - bare) < 100,
            f"{many - few} lines more are {bare} calls bare, but {preloaded} "
            "preloaded")


@case()
def holds_no_file_descriptor(t):
    """The list of open files is the same."""
    t.compare(["/bin/bash", "-c", "ls /proc/$$/fd; echo done >&2"])


@case()
def signals_reach_the_program(t):
    """SIGTERM and SIGINT sent to logtap run reach the program, which decides."""
    script = ("trap 'echo got INT >&2' INT; trap 'echo got TERM >&2; exit 9' "
              "TERM; echo ready >&2; while :; do sleep 0.05; done")
    process = t.start_run(["/bin/bash", "-c", script])
    error = t.dir / f"{t.runs}-run.err"
    t.wait_for(lambda: b"ready" in error.read_bytes(), "the program")
    process.send_signal(signal.SIGINT)
    t.wait_for(lambda: b"got INT" in error.read_bytes(), "SIGINT")
    process.send_signal(signal.SIGTERM)
    outcome = t.finish_run(process)
    t.equal(outcome.status, 9, "exit status")
    t.lines_once(outcome, ["ready", "got INT", "got TERM"])


@case()
def the_terminal_is_the_programs(t):
    """On a terminal, stderr is still one; ^C ends the program by SIGINT."""
    import pty
    program = ("import os, sys, time\n"
               "print('tty', os.isatty(0), os.isatty(2), os.tcgetpgrp(0) == "
               "os.getpgrp(), flush=True)\n"
               "sys.stderr.write('on a terminal\\n')\n"
               # Python may take a signal just before it falls asleep, bare as
               # well, and then sleeps to the end.
               "for _ in range(600): time.sleep(0.1)\n")
    file = t.dir / "pty.otlp.jsonl"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(t.dir)
        os.execve(t.logtap_program,
                  ["logtap", "run", "-q", "-o", str(file), "--",
                   "/usr/bin/python3", "-c", program], t.env)
    t.cleanups.append(lambda: os.close(terminal))
    seen = b""
    while b"on a terminal" not in seen:
        seen += os.read(terminal, 4096)
    t.check(b"tty True True True" in seen, f"saw {seen!r}")
    os.write(terminal, b"\x03")
    until = time.monotonic() + 20
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        t.check(time.monotonic() < until, "^C did not end it")
        time.sleep(0.02)
    t.equal(os.waitstatus_to_exitcode(status), -signal.SIGINT, "status")
    bodies = [record.body for record in t.read(file)]
    t.check("on a terminal" in bodies and "KeyboardInterrupt" in bodies,
            f"records: {bodies}")


# Each fails or complains in its own way.
COMMANDS = """
gcc -c /nowhere.c
gcc -x c -fsyntax-only - <<< 'int main(void) { return x; }'
g++ -x c++ -fsyntax-only - <<< '#error message'
ld /nowhere.o
as /nowhere.s
make -f /nowhere
git -C / rev-parse --nonsense
tar xf /nowhere.tar
grep -r x /nowhere
find /nowhere
sed -n p /nowhere
awk 'BEGIN { print "awk" > "/dev/stderr"; exit 4 }'
sort /nowhere
xargs -a /nowhere
cp /nowhere /tmp/x
dd if=/nowhere
stat /nowhere
mount /nowhere /nowhere
ps -nonsense
date --date=nonsense
env nonsense-command
timeout 0.1 sleep 5
nice -n 5 ls /nowhere
perl -e 'warn "x"; exit 7'
python3 -c 'import sys; sys.stderr.write("a\\nb"); sys.exit(9)'
/usr/bin/python3 -X importtime -c pass 2>&1 | wc -l | sed 's/[0-9]*/n/'
bash -xc 'echo 1; ls /nowhere'
bash -c 'exec 3>&2 2>/dev/null; ls /nowhere; exec 2>&3; ls /nowhere'
sh -c 'ls /nowhere 2>&1 | cat >&2'
sh -c 'kill -SEGV $$'
curl -sS http://127.0.0.1:1/
ssh -o BatchMode=yes -p 1 127.0.0.1
openssl nonsense
node -e 'console.error("node"); process.exit(3)'
strings /nowhere
ldd /nowhere
sqlite3 /nowhere/x .tables
psql -h /nowhere
""".strip().splitlines()


def without_durations(data):
    return re.sub(rb"\d+ ms", b"N ms", data)


@case(timeout=240)
def tools_of_the_system(t):
    """Some forty programs: same bytes, same status, under run and by hand."""
    done = 0
    for command in COMMANDS:
        name = command.split()[0]
        if not shutil.which(name, path=t.env["PATH"]):
            continue
        argv = ["/bin/bash", "-c", command]
        bare = t.bare(argv)
        again = t.bare(argv)
        if (bare.stdout, bare.stderr) != (again.stdout, again.stderr):
            continue  # differs by itself
        for way in (t.run, t.preload):
            outcome = way(argv)
            try:
                t.same(bare, outcome, without_durations)
            except Failure as failure:
                t.fail(f"{command}: {failure}")
        done += 1
    t.check(done > 20, f"only {done} of them are here")
