# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What is left of a session that was killed together with its collector."""
import fcntl
import os
import pathlib
import struct

from harness import case
from harness.devlog import in_namespace

F_OFD_SETLK = 37

# Stops its collector, and who would start another one; writes, and takes everybody
# along: what it wrote is in shared memory, and nowhere else.
DIES_WITH_ALL = r"""
import os, signal
def stat(pid):
    return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    while {stat(f"{pid}/task/{tid}")[0]
           for tid in os.listdir(f"/proc/{pid}/task")} != {"T"}:
        pass
run = os.getppid()
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open(f"/proc/{pid}/cmdline").read().split("\0")
        if int(stat(pid)[1]) == run and words[1:2] == ["collect"]:
            collector = int(pid)
    except OSError:
        continue
stop(run)
stop(collector)
for n in range(100):
    os.write(2, b"line %d\n" % n)
os.kill(collector, signal.SIGKILL)
os.kill(run, signal.SIGKILL)
signal.pause()
"""

SCRIPT = r"""
run="$LOGTAP run"
age() { touch -d "-$1" /dev/shm/*/* /dev/shm/*; }
names() { ls /dev/shm; }
$run -q -o /dev/null -- sh -c 'read word; echo last >&2' <$FIFO >/dev/null \
    2>/dev/null &
exec 9>$FIFO
while ! [ -e /dev/shm/*/collector.beat ]; do :; done
live=$(names)
$run -q -o lost.jsonl -- python3 dies.py 2>/dev/null
dead=/dev/shm/$(names | grep -v $live)
mkdir /dev/shm/logtap-run-ABC123
echo "left $(names | wc -l)"
$run -q -o /dev/null true
echo "young $(names | wc -l)"
age '2 minutes'
$LOGTAP doctor sh | sed -n "s,$dead,DEAD,g;s/^left over *//p"
$run -q -o /dev/null true
echo "quiet $(names | wc -l)"
age '2 minutes'
$run -o /dev/null true 2>&1
age '2 minutes'
terminal() { python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$@"; }
terminal $run -o /dev/null true | tr -d '\r' | sed "s,$dead,DEAD,"
age '2 minutes'
terminal $run -o /dev/null true | tr -d '\r'
$LOGTAP collect --once --dir $dead -o found.jsonl 2>/dev/null
age '2 minutes'
$run -q -o /dev/null true
test $live = $(names) && echo live
echo >&9
wait
names
"""


@case()
def of_a_session_that_was_killed(t):
    """Told once, delivered on demand, and gone then; what is live stays."""
    prefix = in_namespace(t, "set -e; mount -t tmpfs tmpfs /dev/shm")
    t.write("dies.py", DIES_WITH_ALL)
    fifo = t.dir / "fifo"
    t.bare(["mkfifo", fifo])
    outcome = t.bare(["/bin/bash", "-c", SCRIPT], prefix=prefix, cwd=t.dir,
                     env={"LOGTAP": t.logtap_program, "FIFO": fifo})
    deliver = "deliver them with: logtap collect --once --dir DEAD -o FILE"
    summary = "logtap: 0 records from 1 process, 0 dropped -> /dev/null"
    t.equal(outcome.stdout.decode().splitlines(), [
        "left 3", "young 3",
        f"DEAD: records that were not delivered; {deliver}",
        "quiet 2", summary, summary,
        "logtap: a session of yours was killed with records that were not "
        f"delivered; {deliver}; after 7 days they are removed",
        summary, "live"], f"what was said; {outcome.stderr}")
    t.equal([r.body for r in t.read(t.dir / "found.jsonl")],
            [f"line {n}" for n in range(100)], "records")


def has_open(pid, path):
    try:
        return any(os.readlink(fd) == path for fd
                   in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # one was closed meanwhile
        return False


@case()
def while_another_session_looks_at_it(t):
    """A collector waits until it has looked, and then is at work there."""
    directory = pathlib.Path(t.session_dir())
    t.finish(t.spawn(["ls", "/nowhere"], "preload",
                     env=t.preload_env(directory)))
    look = os.open(directory, os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_EX)
    with open(f"{directory}/collector.lock", "w+") as lock:
        fcntl.fcntl(lock, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK,
                                                   os.SEEK_SET, 0, 0, 0))
        process = t.spawn([t.logtap_program, "collect", "--once", "--dir",
                           directory, "-o", t.dir / "out"], "collect")
        t.wait_for(lambda: process.poll() is not None or
                   has_open(process.pid, lock.name), "it to want the lock")
    os.close(look)
    outcome = t.finish(process)
    t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
    t.equal(len(t.read(t.dir / "out")), 1, "records")


@case()
def a_place_that_they_fill(t):
    """Those that hold nothing any more make room for the next session."""
    prefix = in_namespace(
        t, "set -e; mount -t tmpfs -o size=2m tmpfs /dev/shm; "
           "mkdir /dev/shm/logtap-run-ABC123; "
           "head -c 1800K /dev/zero >/dev/shm/logtap-run-ABC123/journal.spare;"
           "touch -d '-2 minutes' /dev/shm/*/* /dev/shm/*")
    outcome = t.run(["/bin/sh", "-c", "echo one >&2"], prefix=prefix)
    t.equal(outcome.bodies(), ["one"], f"records; it said {outcome.stderr}")
