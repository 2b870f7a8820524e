# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap doctor: what it says of programs, and of processes that run."""
import contextlib
import os
import pathlib
import re
import shutil

from harness import case


def rows(outcome):
    """{label: [text]} of a report."""
    found, label = {}, None
    for line in outcome.stdout.decode().splitlines():
        label = line[:12].strip() or label
        found.setdefault(label, []).append(line[12:])
    return found


def doctor(t, *what, **spawn):
    return t.bare([t.logtap_program, "doctor", "--", *what], **spawn)


@contextlib.contextmanager
def asleep(t, env):
    """A program that has said a line and waits for its standard input."""
    read, write = os.pipe()
    process = t.spawn(["/bin/bash", "-c", "echo awake >&2; read word"],
                      "preload", env=env, stdin=read)
    os.close(read)
    error = process.logtap[3].name
    try:
        t.wait_for(lambda: os.path.getsize(error), "its line")
        yield process
    finally:
        os.close(write)
        process.wait()


@case()
def a_process_that_is_captured(t):
    """Its mechanisms, its thread, its collector; exit status 0."""
    collector = t.collect()
    with asleep(t, t.preload_env(collector.dir)) as process:
        t.wait_for(lambda: rows(doctor(t, process.pid)).get("verdict") ==
                   ["is captured"], "the collector to be at work")
        outcome = doctor(t, process.pid)
    found = rows(outcome)
    t.equal(outcome.status, 0, "status")
    t.equal(found["library"], [str(t.shim)], "library")
    t.equal(found["collector"], [f"pid {collector.process.pid}, at work"],
            "collector")
    for name in ("stdio", "write", "syslog", "threads"):
        t.check(any(re.match(rf"{name}.* installed$", row)
                    for row in found["mechanisms"]), f"{name}: {found}")
    t.check(re.match(rf"{process.pid} +bash +1 messages +6 bytes",
                     found["threads"][0]), f"threads {found['threads']}")
    t.check(found["written"][0].startswith("6 bytes by write(2)") and
            found["written"][0].endswith("6 bytes captured: the same, nothing "
                                         "went past"), f"{found['written']}")
    t.check(found["stderr"][0].endswith(
        ", written up to byte 6 by all that share it"), f"{found['stderr']}")
    collector.end()


@case()
def a_process_that_nobody_reads(t):
    """It keeps its last messages; exit status 1."""
    with asleep(t, t.preload_env(t.session_dir())) as process:
        outcome = doctor(t, process.pid)
    found = rows(outcome)
    t.equal(outcome.status, 1, "status")
    t.equal(found["collector"], ["none has been here yet"], "collector")
    t.check(found["threads"][0].endswith("bytes of ring not yet read") and
            " 0 bytes of ring" not in found["threads"][0], f"{found}")


@case()
def diagnostics_are_told(t):
    """What the library could not print in the program's streams."""
    with asleep(t, {**t.preload_env(t.session_dir()),
                    "LOGTAP_MODE": "sideways"}) as process:
        outcome = doctor(t, process.pid)
    t.equal(rows(outcome)["diagnostic"],
            ["LOGTAP_MODE: not tee or divert; tee is used: Invalid argument"],
            "diagnostics")


@case()
def why_a_process_is_not_captured(t):
    """Each reason by its name."""
    directory = t.session_dir()
    disarmed = t.session_dir()
    open(os.path.join(disarmed, "disarm"), "w").close()
    preload = t.preload_env(directory)
    for env, problem in (
            ({}, "LD_PRELOAD does not name it"),
            ({"LD_PRELOAD": t.shim}, "LOGTAP_DIR is not set"),
            ({**preload, "LOGTAP_DISABLED": "1"}, "LOGTAP_DISABLED is set"),
            ({**preload, "LOGTAP_EXCLUDE": "ba*"},
             "LOGTAP_EXCLUDE names the program"),
            ({**preload, "LOGTAP_ONLY": "zsh"},
             "LOGTAP_ONLY does not name the program"),
            ({**preload, "LOGTAP_DIR": "relative"},
             "LOGTAP_DIR is not an absolute path"),
            (t.preload_env(disarmed), "the file disarm is in LOGTAP_DIR")):
        with asleep(t, env) as process:
            outcome = doctor(t, process.pid)
        t.equal(outcome.status, 1, "status")
        t.equal(rows(outcome)["problem"], [problem], f"of {env}")
        t.equal(rows(outcome)["verdict"], ["is not captured"], "verdict")


@case()
def processes_that_are_not_there(t):
    """A message of one line."""
    outcome = doctor(t, 2 ** 22 + 1)
    t.equal((outcome.status, outcome.stdout), (1, b""), "status, stdout")
    t.equal(outcome.stderr, b"logtap: doctor: 4194305: No such process\n",
            "stderr")


@case()
def programs_that_are_left_alone(t):
    """The same rule as the library's, with the arguments."""
    outcome = doctor(t, "/bin/sh", env={"LOGTAP_EXCLUDE": "sh"})
    t.equal(outcome.status, 1, "status")
    t.equal(rows(outcome)["left alone"], ["LOGTAP_EXCLUDE names it"], "why")
    t.equal(rows(outcome)["captured"], ["nothing of it; what it starts is"],
            "what is captured")
    outcome = doctor(t, "/bin/sh")
    t.equal(outcome.status, 0, f"status: {outcome.stdout}")
    for words, status in ((("ls", "-l"), 1), (("ls", "-a"), 0)):
        outcome = doctor(t, *words, env={"LOGTAP_EXCLUDE": "ls -l"})
        t.equal(outcome.status, status, f"status of {words}")
    program = t.dir / "rsyslogd"
    shutil.copy(t.program("dies"), program)
    outcome = doctor(t, program)
    t.equal(outcome.status, 1, "status of a receiver of logs")
    t.check("it receives logs" in rows(outcome)["left alone"][0],
            f"why: {rows(outcome)}")


def foreign(t, machine=None, interpreter=None):
    """A copy of a program whose ELF header was changed."""
    data = bytearray(pathlib.Path(t.program("dies")).read_bytes())
    if machine:
        data[18:20] = machine.to_bytes(2, "little")
    if interpreter:
        name = b"/lib64/ld-linux-x86-64.so.2\0"
        at = data.find(name)
        t.check(at > 0, "the program names no loader")
        data[at:at + len(name)] = interpreter.ljust(len(name), b"\0")
    return t.write(f"foreign-{machine}", bytes(data), 0o755)


PROGRAMS = (
    ("/bin/ls", 0, "can be captured", "standard error and syslog"),
    ("static", 0, "its output can be captured", "through pipes"),
    ("script", 0, "can be captured", "standard error and syslog"),
    ("text", 0, "can be captured", "standard error and syslog"),
    ("aarch64", 0, "its output can be captured", "through pipes"),
    ("musl", 0, "its output can be captured", "through pipes"),
    ("setuid", 1, "cannot be captured itself", "nothing"),
    ("capabilities", 1, "cannot be captured itself", "nothing"),
)


@case()
def programs_before_they_are_started(t):
    """What would be captured of each kind, and why not; as `logtap run' then
    says and does it."""
    made = {
        "static": t.program("static"),
        "script": t.write("script", "#!/bin/sh\necho hello >&2\n", 0o755),
        "text": t.write("text", "echo hello >&2\n", 0o755),
        "aarch64": foreign(t, machine=183),
        "musl": foreign(t, interpreter=b"/lib/ld-musl-x86_64.so.1"),
    }
    library = str(t.dir / "liblogtap.so")
    shutil.copy(t.shim, library)
    user = {}
    if os.getuid() == 0 and shutil.which("setcap"):
        os.chmod(t.dir, 0o755)
        for name in ("setuid", "capabilities"):
            made[name] = t.dir / name
            shutil.copy(t.program("dies"), made[name])
        os.chmod(made["setuid"], 0o4755)
        t.bare(["setcap", "cap_net_raw+ep", made["capabilities"]])
        user = {"setuid", "capabilities"}
    for name, status, verdict, captured in PROGRAMS:
        if name in ("setuid", "capabilities") and name not in made:
            t.note(f"{name}: not tried")
            continue
        argv = [t.logtap_program, "doctor", made.get(name, name)]
        if name in user:
            argv = ["setpriv", "--reuid=65534", "--regid=65534",
                    "--clear-groups", *argv]
        # Beside this copy there is no library for musl.
        outcome = t.bare(argv, env={"LOGTAP_LIBRARY": library})
        found = rows(outcome)
        t.equal(outcome.status, status, f"status of {name}: {found}")
        t.equal(found["verdict"], [verdict], f"verdict on {name}")
        t.check(captured in found["captured"][0], f"{name}: {found}")
        t.equal("problem" in found, verdict != "can be captured",
                f"a problem with {name}: {found}")


@case()
def what_keeps_everything_from_being_captured(t):
    """Variables, limits, no shared memory: each by its name."""
    outcome = doctor(t, "/bin/ls", env={"LOGTAP_DISABLED": "1"})
    t.equal((outcome.status, rows(outcome)["problem"]),
            (1, ["LOGTAP_DISABLED is set"]), "LOGTAP_DISABLED")
    outcome = t.bare(["/bin/sh", "-c", f"(ulimit -f 0; {t.logtap_program} "
                      "doctor /bin/ls; echo $?) | cat"])
    t.check("file size limit" in rows(outcome)["problem"][0],
            f"said {outcome.stdout!r}")
    t.check(outcome.stdout.endswith(b"\n1\n"), "status")
    outcome = doctor(t, "/bin/ls", env={"LOGTAP_MODE": "sideways"})
    t.check(b"LOGTAP_MODE: sideways: not one of tee, divert" in
            outcome.stderr, f"said {outcome.stderr!r}")
    t.equal(outcome.status, 0, "status")
    outcome = doctor(t, "/bin/ls", env={"LOGTAP_LIBRARY": "/nowhere.so"})
    t.equal(outcome.status, 1, "status without a library")
    t.check("/nowhere.so" in rows(outcome)["problem"][0], "no word of it")
    outcome = doctor(t, "/bin/ls", env={"LOGTAP_STDOUT": "1"})
    t.check("standard output" in rows(outcome)["captured"][0],
            "LOGTAP_STDOUT is not seen")


@case()
def a_child_with_another_environment(t):
    """Who took our variables away is named, and what would keep them."""
    collector = t.collect()
    env = t.preload_env(collector.dir)
    for follow in ("0", "1"):
        read, write = os.pipe()
        process = t.spawn(
            ["/bin/bash", "-c", "env -i sh -c 'echo $$ >&2; read word'; true"],
            "preload", env={**env, "LOGTAP_FOLLOW": follow}, stdin=read)
        os.close(read)
        error = pathlib.Path(process.logtap[3].name)
        t.wait_for(lambda: error.read_bytes().endswith(b"\n"), "its pid")
        outcome = doctor(t, int(error.read_bytes()))
        os.close(write)
        t.finish(process)
        found = rows(outcome)
        if follow == "1":
            t.equal(outcome.status, 0, f"status, followed: {found}")
            continue
        t.equal(outcome.status, 1, "status")
        t.check(f"process {process.pid}" in found["problem"][0] and
                "LOGTAP_FOLLOW=1" in found["problem"][0], f"said {found}")
    collector.end()
