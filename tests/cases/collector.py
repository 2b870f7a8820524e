# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The collector: killed and started again, with receivers that do not keep up,
with many programs at a time; its accounts agree with what came out."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sys
import time

from harness import case
from harness.lines import LINE, complete
from harness.otlp_sink import OtlpSink


def uids(records):
    return [r.attributes["log.record.uid"] for r in records]


def once_by_uid(t, records):
    """The records, each once: repeated ones are the same in all they say."""
    found = {}
    for record in records:
        uid = record.attributes["log.record.uid"]
        other = found.setdefault(uid, record)
        t.equal((other.body, other.time_ns, other.tid),
                (record.body, record.time_ns, record.tid),
                f"two records with the uid {uid}")
    return list(found.values())


@case(timeout=120)
def killed_again_and_again(t):
    """Programs write on while their collector is killed 12 times: no line is
    missing, and those delivered twice can be told by their uid."""
    chance = random.Random()
    directory = t.session_dir()
    env = dict(t.preload_env(directory), LOGTAP_FULL="block")
    process = t.spawn([t.program("lines"), "paced", "3", "0"], "preload",
                      env=env)
    output = t.dir / "all.jsonl"
    for _ in range(12):
        collector = t.spawn([t.logtap_program, "collect", "--dir", directory,
                             "-o", output], "collect")
        time.sleep(chance.uniform(0.02, 0.25))
        t.check(collector.poll() is None, "the collector ended by itself")
        collector.kill()
        collector.wait()
        # What it had half written is no line: the next one goes on behind.
    process.send_signal(signal.SIGTERM)
    outcome = t.finish(process)
    last = t.spawn([t.logtap_program, "collect", "--dir", directory, "-o",
                    output], "collect")
    t.wait_for(lambda: not any(name.endswith(".seg")
                               for name in os.listdir(directory)),
               "the segments to be emptied and removed")
    last.send_signal(signal.SIGTERM)
    t.equal(t.finish(last).status, 0, "status of the last collector")
    complete(t, [outcome], once_by_uid(t, t.read(output)))


@case()
def a_receiver_that_is_away(t):
    """It comes back: everything arrives, in order, once; a small journal holds
    the programs' rings meanwhile."""
    with OtlpSink("503*3", "ok") as sink:
        collector = t.collect(options=["--otlp", sink.url, "--journal-bytes",
                                       "4194304"])
        outcome = t.finish(t.spawn(
            [t.program("lines"), "write", "1", "20000"], "preload",
            env=dict(t.preload_env(collector.dir), LOGTAP_FULL="block")))
        collector.end(timeout=40)
        outcome.records = sink.records()
        t.lines_once(outcome)
        numbers = [int(LINE.fullmatch(r.body)[2]) for r in outcome.records]
        t.equal(numbers, sorted(numbers), "order")


@case()
def the_accounts_agree(t):
    """produced = journalled + dropped + in flight, and as many records as
    lines."""
    collector = t.collect()
    for threads in ("1", "4"):
        t.finish(t.spawn([t.program("lines"), "write", threads, "3000"],
                         "preload", env=t.preload_env(collector.dir)))
    records = collector.end()
    status = collector.status()
    dropped = sum(status["dropped"].values())
    t.equal(status["chunks"], 15000, "chunks produced")
    t.equal(status["in_flight_chunks"], 0, "chunks in flight")
    t.equal(status["journalled_chunks"] + dropped, 15000, "sum")
    t.equal(status["records"], len(records), "records")
    t.equal(len(records) + dropped, 15000, "records and drops")
    t.equal(len(set(uids(records))), len(records), "different uids")
    rows = status["process_rows"]
    t.equal(sum(row["chunks"] for row in rows), 15000, "sum of the rows")
    for destination in status["destinations"]:
        t.equal(destination["delivered"], len(records), "delivered")


def start_hundreds(t, collector, script):
    """300 shells, each with its own $0, all with segments.  Return: the shell
    that waits for them, and what ends their standard input when closed."""
    loop = (f"exec 3<&0; for i in $(seq 300); do /bin/sh -c '{script}' $i <&3 "
            "& done; wait")
    reading, writing = os.pipe()
    process = t.spawn(["/bin/bash", "-c", loop], "preload", stdin=reading,
                      env=t.preload_env(collector.dir))
    os.close(reading)
    t.wait_for(lambda: len([name for name in os.listdir(collector.dir)
                            if name.endswith(".seg")]) > 300,
               "300 segments", 60)
    return process, writing


@case(timeout=120)
def hundreds_of_programs_at_a_time(t):
    """300 at once, under a low limit of open files that may be raised."""
    collector = t.collect(
        prefix=["/bin/sh", "-c", 'ulimit -Sn 64; exec "$0" "$@"'])
    process, writing = start_hundreds(t, collector,
                                      "read x; echo program $0 >&2")
    os.close(writing)
    outcome = t.finish(process)
    outcome.records = collector.end()
    t.lines_once(outcome, [f"program {n}" for n in range(1, 301)])


def calls_of(t, pid, seconds):
    """(all system calls, those of them that wait) of a process in that time,
    counted by strace."""
    table = t.dir / "calls"
    table.unlink(missing_ok=True)
    outcome = t.bare(["timeout", "-s", "INT", seconds, t.tool("strace"), "-f",
                      "-qq", "-c", "-o", table, "-p", pid])
    text = table.read_text() if table.exists() else ""
    if "total" not in text:
        t.skip("strace may not trace here: "
               + outcome.stderr.decode(errors="replace").strip()[:200])
    return [int(found[1]) if found else 0 for found in
            (re.search(rf" (\d+) +(?:\d+ +)?{name}$", text, re.M)
             for name in ("total", "ppoll"))]


@case(timeout=120)
def hundreds_of_idle_programs_cost_no_system_call_each(t):
    """300 have logged and wait: soon strace counts less than one call a second
    for each of them, with all that the collector does for itself, which goes on
    meanwhile.  Before that it may have segments to remove, which takes as long
    as the machine takes."""
    collector = t.collect()
    process, writing = start_hundreds(t, collector,
                                      "echo program $0 >&2; read x")
    t.wait_for(lambda: collector.status()["settled_chunks"] == 300,
               "300 records", 60)
    seen = []
    for _ in range(20):
        calls, rounds = calls_of(t, collector.process.pid, 2)
        seen.append((calls, rounds))
        if rounds > 2 * 2 and calls < 300 * 2:
            break
    else:
        t.fail(f"(calls, rounds) in two seconds: {seen}")
    os.close(writing)
    t.finish(process)
    t.equal(len(collector.end()), 300, "records")
    t.note(f"(calls, rounds) in two seconds: {seen}")


@case()
def a_second_collector_is_told_of_the_first(t):
    """Status 1, and the pid of the one that is there."""
    first = t.collect()
    second = t.bare([t.logtap_program, "collect", "--dir", first.dir,
                     "--console"])
    t.equal(second.status, 1, "status")
    t.check(str(first.process.pid) in second.stderr.decode(),
            f"said {second.stderr!r}")
    first.end()


@case()
def hostile_files_cost_nobody_a_record(t):
    """Links, FIFOs, rubbish and short files among the segments."""
    directory = t.session_dir()
    os.mkfifo(f"{directory}/fifo.seg")
    os.symlink("/etc/passwd", f"{directory}/link.seg")
    os.mkdir(f"{directory}/folder.seg")
    for n in range(20):
        with open(f"{directory}/{n}.seg", "wb") as file:
            file.write(b"LOGTAPSG" * (n % 3))
            file.write(os.urandom(random.randrange(20000)))
    outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "200"],
                               "preload", env=t.preload_env(directory)))
    collector = t.collect(directory)
    outcome.records = collector.end()
    t.lines_once(outcome)
    text = collector.stderr.decode()
    t.check("fifo.seg" in text and "link.seg" in text, f"said {text!r}")


@case()
def status_is_whole_at_any_time(t):
    """status.json is replaced, never rewritten."""
    collector = t.collect()
    process = t.spawn([t.program("lines"), "paced", "2", "0"], "preload",
                      env=t.preload_env(collector.dir))
    versions = set()

    def several():
        versions.add(json.dumps(collector.status()))
        return len(versions) >= 3

    t.wait_for(several, "versions of it", 40)
    process.kill()
    t.finish(process)
    collector.end()


@case()
def stopped_and_started_again(t):
    """What was delivered goes, and is not told of as missing."""
    collector = t.collect()
    process = t.spawn([t.program("lines"), "paced", "2", "0"], "preload",
                      env=t.preload_env(collector.dir))
    messages = b""
    for _ in range(3):
        since = collector.status()["chunks"]
        t.wait_for(lambda: collector.status()["chunks"] > since + 20,
                   "some lines")
        collector.finish()
        messages += collector.stderr
        collector = collector.restart()
    process.send_signal(signal.SIGTERM)
    outcome = t.finish(process)
    outcome.records = collector.end()
    t.lines_once(outcome)
    messages += collector.stderr
    t.check(b"goes on where an earlier collector ended" in messages,
            f"it did not go on: {messages!r}")
    t.check(b" ERROR " not in messages, f"it said {messages!r}")


@case()
def told_to_stop_twice(t):
    """By who signals a process and then its group: that is meant once.  Later it
    is meant, and said."""
    collector = t.collect()
    outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "500"],
                               "preload", env=t.preload_env(collector.dir)))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        collector.process.send_signal(number)
    outcome.records = collector.end()
    t.lines_once(outcome)
    with socket.socket() as silent:  # takes no record, so that it does not end
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        collector = t.collect(options=["--otlp", url])
        t.finish(t.spawn([t.program("lines"), "write", "2", "5"], "preload",
                         env=t.preload_env(collector.dir)))
        connection, _ = silent.accept()
        collector.process.send_signal(signal.SIGTERM)

        def told_again():  # until it is another order
            collector.process.send_signal(signal.SIGTERM)
            return collector.process.poll() is not None

        t.wait_for(told_again, "it to end at once")
        ended = t.finish(collector.process)
        connection.close()
    t.equal(ended.status, 1, "status")
    t.check(b"ended at once" in ended.stderr, f"it said {ended.stderr!r}")


@case()
def hung_up(t):
    """Its terminal goes: it delivers what there is and ends, unless it was
    started by nohup, or as that does."""
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    for prepare in (None, ignore):
        collector = t.collect(preexec_fn=prepare)
        if prepare:
            collector.process.send_signal(signal.SIGHUP)
        outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "500"],
                                   "preload",
                                   env=t.preload_env(collector.dir)))
        if not prepare:
            collector.process.send_signal(signal.SIGHUP)
            t.equal(collector.process.wait(20), 0, "status after SIGHUP")
        outcome.records = collector.end()
        t.lines_once(outcome)


@case()
def its_service_manager_is_told(t):
    """That it works, once it does, and that it ends; by a socket with a path or
    an abstract name.  The collector of a session is a part of a program that
    may be a service, and says nothing; a socket that is gone costs nothing."""
    for name in (str(t.dir / "notify.sock"), f"\0{t.dir}/notify"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(name)
            manager.settimeout(20)
            env = {"NOTIFY_SOCKET": name.replace("\0", "@")}
            collector = t.collect(env=env)
            t.equal(manager.recv(64), b"READY=1", "that it works")
            t.check(os.path.exists(f"{collector.dir}/collector.beat"),
                    "it does not work yet")
            collector.end()
            t.equal(manager.recv(64), b"STOPPING=1", "that it ends")
            session = t.finish(t.start_run(["/bin/true"], env=env))
            t.equal(session.status, 0, session.stderr)
            manager.settimeout(0)
            try:
                t.fail(f"a session said {manager.recv(64)}")
            except BlockingIOError:
                pass
    collector = t.collect(env={"NOTIFY_SOCKET": str(t.dir / "notify.sock")})
    collector.end()


@case()
def a_directory_that_is_not_in_memory(t):
    """Programs are not captured there, and that is what is said."""
    if t.bare(["stat", "-f", "-c", "%T", t.dir]).stdout == b"tmpfs\n":
        t.skip("the case's folder is on a tmpfs")
    collector = t.collect(t.dir / "on-disk")
    outcome = t.finish(t.spawn([t.program("lines"), "write", "1", "5"],
                               "preload", env=t.preload_env(collector.dir)))
    t.equal(outcome.status, 0, "status")
    t.equal(collector.end(), [], "records")
    t.check(b"are not captured" in collector.stderr,
            f"it said {collector.stderr!r}")


@case()
def processes_keep_their_names(t):
    """Also those that ended before the collector was stopped."""
    collector = t.collect()
    for _ in range(3):
        t.finish(t.spawn([t.program("lines"), "write", "1", "5"], "preload",
                         env=t.preload_env(collector.dir)))
    t.wait_for(lambda: collector.status()["live_processes"] == 0 and
               collector.status()["in_flight_chunks"] == 0, "all to be settled")
    collector.finish()
    collector = collector.restart()
    rows = collector.status()["process_rows"]
    t.equal({row["name"] for row in rows}, {"lines"}, "names")
    collector.end()


def made_by_a_later_version(path):
    """As if it had been: the major version of its format is one higher."""
    with open(path, "r+b") as file:
        file.seek(8)
        major = int.from_bytes(file.read(2), sys.byteorder)
        file.seek(8)
        file.write((major + 1).to_bytes(2, sys.byteorder))


@case()
def a_segment_of_a_later_version_is_left_to_it(t):
    """Of a program that has ended: told, with what to do, and not removed."""
    directory = t.session_dir()
    t.finish(t.spawn(["ls", "/nowhere"], env=t.preload_env(directory)))
    segment, = pathlib.Path(directory).glob("*.seg")
    made_by_a_later_version(segment)
    collector = t.collect(directory)
    t.equal(collector.end(), [], "records")
    t.check(segment.exists(), "the segment was removed")
    t.check("another version of logtap made" in collector.stderr.decode(),
            f"said {collector.stderr!r}")


@case()
def a_session_with_a_program_of_a_later_version(t):
    """Its directory stays, and it is said what to do."""
    script = """import glob, os, sys
shared = os.environ["LOGTAP_DIR"]
mine = glob.glob(f"{shared}/{os.getpid()}-*.seg")[0]
data = bytearray(open(mine, "rb").read())
data[8:10] = (255).to_bytes(2, sys.byteorder)
with open(f"{shared}/4194303-1-later.seg", "wb") as copy:
    copy.write(data)
"""
    outcome = t.run([sys.executable, "-c", script], quiet=False)
    t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
    found = re.search(rb"collect --once --dir (\S+) -o", outcome.stderr)
    t.check(found, f"nothing is said: {outcome.stderr!r}")
    directory = pathlib.Path(found[1].decode())
    try:
        t.equal([path.name for path in directory.glob("*.seg")],
                ["4194303-1-later.seg"], "segments")
    finally:
        shutil.rmtree(directory)
