# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A directory that programs of several users share, as a service's: what one of
them leaves there costs another no record, and does not keep the collector from
its work."""
import fcntl
import json
import os
import resource
import shutil

from harness import case

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def shared_dir(t):
    if os.getuid():
        t.skip("other users take root")
    directory = t.session_dir()
    os.chmod(directory, 0o1777)
    return directory


def left_by_nobody(t, directory, script):
    done = t.bare(["/bin/sh", "-ec", script], cwd=directory, **NOBODY)
    t.equal(done.status, 0, f"as another user: {done.stderr!r}")


# Under the names of the collector's own files.
TAKEN = """
umask 0
: > collector.lock
: > journal.ack
ln -s /etc/passwd journal.spare
mkdir -p journal-0000000000000000/full
mkdir collector.beat
mkfifo status.json.new
mkdir -p status.json/full
echo off > level
"""


@case()
def names_that_another_user_has_taken(t):
    """The collector's files are its own: what was there is put out of the way,
    and said.  Nobody's lock, FIFO or folder holds it."""
    directory = shared_dir(t)
    left_by_nobody(t, directory, TAKEN)
    held = open(f"{directory}/collector.lock", "r+")
    fcntl.lockf(held, fcntl.LOCK_EX)  # as its owner can
    collector = t.collect(directory)
    t.wait_for(lambda: os.path.isfile(f"{directory}/status.json"),
               "status.json")
    outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "200"],
                               "preload", env=t.preload_env(directory)))
    level = t.bare([t.logtap_program, "level", "--dir", directory])
    t.equal((level.status, level.stdout), (0, b"not set\n"), "level")
    changed = t.bare([t.logtap_program, "level", "--dir", directory, "info"])
    t.equal(changed.status, 0, f"level info: {changed.stderr!r}")
    outcome.records = collector.end()
    t.lines_once(outcome)
    held.close()
    text = collector.stderr.decode()
    for name in ("collector.lock", "journal.ack", "collector.beat",
                 "status.json", "journal-0000000000000000"):
        t.check(f"name={name}\n" in text, f"{name} is not told of: {text!r}")
    for name in ("status.json", "journal.ack", "level"):
        t.equal(os.stat(f"{directory}/{name}").st_uid, 0, f"owner of {name}")


@case()
def what_another_user_says_of_a_collector(t):
    """status and tail believe no file of somebody else's: it would say where
    the token is to be sent."""
    directory = shared_dir(t)
    text = json.dumps({"admin": "127.0.0.1:1", "pid": 1})
    left_by_nobody(t, directory, f"echo '{text}' > status.json")
    said = t.bare([t.logtap_program, "status", "--dir", directory])
    t.equal(said.status, 1, "status")
    t.check(b"another user" in said.stderr, f"status said {said.stderr!r}")
    said = t.bare([t.logtap_program, "tail", "--dir", directory])
    t.equal(said.status, 1, "tail")
    t.check(b"no collector with --admin" in said.stderr,
            f"tail said {said.stderr!r}")
    os.unlink(f"{directory}/status.json")
    left_by_nobody(t, directory, "mkfifo status.json")
    said = t.bare([t.logtap_program, "status", "--dir", directory], timeout=20)
    t.equal(said.status, 1, "status of a FIFO")


@case()
def a_directory_that_others_rule(t):
    """Who may remove what programs leave is told."""
    directory = shared_dir(t)
    os.chmod(directory, 0o777)
    collector = t.collect(directory)
    collector.end()
    t.check(b"give it mode 1777" in collector.stderr,
            f"of mode 777: {collector.stderr!r}")
    os.chmod(directory, 0o1777)
    os.chown(directory, 65534, 65534)
    collector = t.collect(directory)
    collector.end()
    t.check(b"user 65534's" in collector.stderr,
            f"of nobody's: {collector.stderr!r}")


@case(timeout=120)
def rubbish_by_the_thousand(t):
    """Files that are no segments, of processes that are not there: they go, and
    hold nobody up meanwhile, nor the collector's end."""
    directory = shared_dir(t)
    left_by_nobody(t, directory, """
        i=0
        while [ $i -lt 4000 ]; do
            i=$((i + 1))
            : > 4000000-$i-empty.seg
            echo LOGTAPSG, or so: many words that make a header of no sense > 4000001-$i-short.seg
        done""")
    collector = t.collect(directory)
    outcome = t.finish(t.spawn([t.program("lines"), "write", "4", "100"],
                               "preload", env=t.preload_env(directory)))
    t.wait_for(lambda: collector.status()["chunks"] == 400 and
               collector.status()["in_flight_chunks"] == 0,
               "all to be delivered")
    outcome.records = collector.end()
    t.lines_once(outcome)
    t.equal([name for name in os.listdir(directory) if name.endswith(".seg")],
            [], "files left")
    t.check(len(collector.stderr) < 20000,
            f"it said {len(collector.stderr)} bytes")


@case()
def a_user_with_very_many_segments(t):
    """Another one's are read all the same: nobody has all the descriptors."""
    directory = shared_dir(t)
    makes = t.spawn(["/bin/sh", "-c", "echo of nobody >&2; exec cat"], "nobody",
                    env=t.preload_env(directory), stdin=-1, **NOBODY)

    def of_nobody():
        return [entry for entry in os.scandir(directory)
                if entry.name.endswith(".seg") and entry.stat().st_uid]
    t.wait_for(lambda: any(b"cat\0" in open(entry, "rb").read()
                           for entry in of_nobody()), "a segment of cat")
    first = of_nobody()[-1]
    pid, start, _ = first.name.split("-")
    for number in range(150):
        copy = f"{directory}/{pid}-{start}-{number:016x}.seg"
        shutil.copy(first, copy)
        os.chown(copy, 65534, 65534)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    collector = t.collect(directory, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (120, 120)))
    t.equal(resource.getrlimit(resource.RLIMIT_NOFILE), limits, "our limit")
    outcome = t.finish(t.spawn([t.program("lines"), "write", "4", "100"],
                               "preload", env=t.preload_env(directory)))
    t.wait_for(lambda: sum("tid=" in record.body
                           for record in collector.records()) == 400,
               "the lines of root's program")
    makes.stdin.close()
    t.finish(makes)
    collector.end()
    t.check(b"user 65534 has as many segments" in collector.stderr,
            f"it said {collector.stderr!r}")


@case()
def a_kill_file_that_is_none(t):
    """Whatever a stranger puts under the name of the kill file disarms nobody else,
    and does not keep root from putting one there."""
    for script, told in (("mkfifo disarm", b"name=disarm"),
                         ("mkdir -p disarm/full", b"name=disarm"),
                         ("ln -s /etc/passwd disarm", b"name=disarm"),
                         (": > disarm", b"is another user's")):
        directory = shared_dir(t)
        left_by_nobody(t, directory, script)
        collector = t.collect(directory)
        outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "20"],
                                   "preload", env=t.preload_env(directory)))
        outcome.records = collector.end()
        t.lines_once(outcome)
        t.check(told in collector.stderr,
                f"of {script!r}: {collector.stderr!r}")


@case()
def a_second_name_of_a_file_of_roots(t):
    """Where the kernel lets a stranger make one, it is no kill file."""
    directory = shared_dir(t)
    with open(f"{directory}/status", "w"):
        pass
    os.link(f"{directory}/status", f"{directory}/disarm")
    collector = t.collect(directory)
    outcome = t.finish(t.spawn([t.program("lines"), "write", "2", "20"],
                               "preload", env=t.preload_env(directory)))
    outcome.records = collector.end()
    t.lines_once(outcome)
    t.check(b"it keeps nothing from being captured" in collector.stderr,
            f"said {collector.stderr!r}")


@case()
def a_kill_file_of_a_users_own(t):
    """It disarms what runs of that user's, and nobody else's."""
    directory = shared_dir(t)
    if t.bare(["test", "-r", t.shim], **NOBODY).status:
        t.skip("the library is in a folder that is not for all")
    collector = t.collect(directory)
    env = t.preload_env(directory)
    script = ["/bin/sh", "-c", "echo begun >&2; exec sleep 60"]
    theirs, ours = (t.spawn(script, who, env=env, **user)
                    for who, user in (("theirs", NOBODY), ("ours", {})))

    def pages():
        found = {}
        for name in os.listdir(directory):
            if name.endswith(".seg"):
                with open(f"{directory}/{name}", "rb") as file:
                    page = file.read()[2 * 4096:2 * 4096 + 64]
                    found[os.fstat(file.fileno()).st_uid] = page
        return found

    t.wait_for(lambda: sorted(pages()) == [0, 65534] and
               all(any(page[:16]) for page in pages().values()),
               "both to be read")
    left_by_nobody(t, directory, ": > disarm")
    t.wait_for(lambda: pages()[65534][40] == 1, "the order to stand down")
    t.equal(pages()[0][40], 0, "the order to root's")
    for process in (theirs, ours):
        process.kill()
        t.finish(process)
    collector.end()
