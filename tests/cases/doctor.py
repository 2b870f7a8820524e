# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""logtap doctor: what it says of programs, and of processes that run."""
import contextlib
import os
import re

from harness import case


def rows(outcome):
    """{label: [text]} of a report."""
    found, label = {}, None
    for line in outcome.stdout.decode().splitlines():
        label = line[:12].strip() or label
        found.setdefault(label, []).append(line[12:])
    return found


def doctor(t, what, **spawn):
    return t.bare([t.logtap_program, "doctor", what], **spawn)


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
    """The same rule as the library's."""
    outcome = doctor(t, "/bin/sh", env={"LOGTAP_EXCLUDE": "sh"})
    t.equal(outcome.status, 1, "status")
    t.equal(rows(outcome)["left alone"], ["LOGTAP_EXCLUDE names it"], "why")
    outcome = doctor(t, "/bin/sh")
    t.equal(outcome.status, 0, f"status: {outcome.stdout}")
