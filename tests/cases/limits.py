# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What is not captured is told: by a record, and in the summary."""
import os
import re
import shutil

from harness import case


def told(outcome, kind):
    """Bodies of the records that say what was not captured."""
    return [r.body for r in outcome.records
            if r.attributes.get("logtap.diagnostic") == kind]


def count(outcome, what):
    """The number before `what` in the summary."""
    found = re.search(rb"([\d,]+) " + what, outcome.stderr)
    return int(found[1].replace(b",", b"")) if found else 0


def wait_for_it(t, script):
    """A shell that runs `script` in the background, until the records tell
    that something is not captured; then it ends it."""
    file = t.dir / "long.jsonl"
    reader, writer = os.pipe()
    process = t.spawn([t.logtap_program, "run", "-o", file, "--", "/bin/bash",
                       "-c", f"{script} & read word; kill %1; wait"],
                      stdin=reader)
    os.close(reader)
    t.wait_for(lambda: file.exists() and b"this process is not captured" in
               file.read_bytes(), "the record")
    os.close(writer)
    outcome = t.finish(process)
    outcome.records = t.read(file)
    return outcome


@case()
def a_static_program_that_a_captured_one_starts(t):
    """Is told with its name, its pid and the reason."""
    program = t.program("interactive")
    outcome = wait_for_it(t, f"sleep 30 | {program}")
    t.equal(told(outcome, "process"),
            ["this process is not captured: it is statically linked"],
            "records")
    record, = (r for r in outcome.records
               if r.attributes.get("logtap.diagnostic") == "process")
    t.equal(record.resource["process.executable.path"], program, "whose")
    t.equal(count(outcome, b"process not captured"), 1, "the summary")


@case()
def short_lived_programs_without_a_loader(t):
    """Told by who starts them, once each, with standard error on a pipe; the
    loader, and what it is given, are captured."""
    program, second = t.program("interactive"), t.dir / "second"
    shutil.copy(program, second)
    loader = os.path.realpath("/lib64/ld-linux-x86-64.so.2")
    script = (f"for n in 1 2 3; do {program} </dev/null; {second} </dev/null; "
              f"done; {loader} /bin/ls /nowhere; :")
    outcome = t.run(["/bin/sh", "-c", f"{{ {script}; }} 2>&1 | cat >&2"],
                    quiet=False)
    t.equal(sorted(told(outcome, "diagnostic")),
            [f"what it starts is not captured: {name} is statically linked"
             for name in ("interactive", "second")], "records")
    t.equal(count(outcome, b"programs that cannot be captured"), 2,
            f"the summary {outcome.stderr}")
    t.check(any("/nowhere" in r.body for r in outcome.records),
            "what the loader ran is not captured")


@case()
def a_program_without_the_environment(t):
    """One whose LD_PRELOAD a captured program removed before it started it is
    followed; one that is told to be left alone is not captured."""
    outcome = wait_for_it(t, "LOGTAP_DISABLED=1 sleep 30")
    t.equal(told(outcome, "process"),
            ["this process is not captured: LOGTAP_DISABLED is set"],
            "records")


@case()
def another_user(t):
    """Root's session is root's: what setpriv, su or a daemon executes after it
    has given up root is not captured, and that is told."""
    if os.getuid():
        t.skip("changing the user takes root")
    outcome = wait_for_it(t, "setpriv --reuid=65534 --clear-groups sleep 30")
    t.equal(told(outcome, "process"),
            ["this process is not captured: it runs as another user, who may "
             "not write to LOGTAP_DIR"], "records")


@case()
def a_program_with_more_rights(t):
    """A set-user-ID one that a user's program starts: told by its name."""
    if os.getuid():
        t.skip("making a set-user-ID program takes root")
    os.chmod(t.dir, 0o777)
    program = t.dir / "sleeper"
    shutil.copy("/bin/sleep", program)
    os.chown(program, 0, 0)
    os.chmod(program, 0o4755)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    # Lives long enough to be found, and ends by itself: a user cannot end it.
    outcome = t.run(["/bin/sh", "-c", f"{program} 6; echo captured >&2"],
                    prefix=user, quiet=False)
    t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
    t.lines_once(outcome, ["captured"])
    told_of = [r for r in outcome.records
               if r.attributes.get("logtap.diagnostic") == "process"]
    t.equal([r.resource["process.executable.name"] for r in told_of],
            ["sleeper"], f"whose: {outcome.records}")
    t.check("set-user-ID" in told_of[0].body, told_of[0].body)
    t.equal(count(outcome, b"process not captured"), 1, "the summary")


@case()
def the_program_itself(t):
    """However short its life."""
    outcome = t.run(["ls", "/nowhere"], quiet=False,
                    env={"LOGTAP_EXCLUDE": "ls"})
    t.equal(told(outcome, "process"),
            ["this process was not captured: logtap doctor tells why"],
            "records")
    t.equal(count(outcome, b"process not captured"), 1, "the summary")
    t.equal(count(outcome, b"bytes on standard error not seen"),
            len(t.bare(["ls", "/nowhere"]).stderr), "bytes in the summary")


@case()
def all_that_is_captured_is_told_of_by_nothing(t):
    """No record and no word about limits where there are none."""
    outcome = t.run(["/bin/sh", "-c", "ls /nowhere; sleep 5; ls /nowhere"],
                    quiet=False)
    t.equal(len(outcome.records), 2, "records")
    t.check(b"not captured" not in outcome.stderr and
            b"not seen" not in outcome.stderr and
            b"in part" not in outcome.stderr, f"said {outcome.stderr!r}")
    outcome = t.run([t.program("interactive")], quiet=False,
                    stdin=os.open("/dev/null", os.O_RDONLY))
    t.check(b"not captured" not in outcome.stderr.splitlines()[-1],
            f"said {outcome.stderr!r}")


@case()
def bytes_that_no_hook_saw(t):
    """A record of the program says how many; also with stdout in the same
    file, if that is captured, too."""
    outcome = t.run([t.program("matrix"), "main", "system_call_instruction"])
    t.equal(told(outcome, "unseen"), ["12 bytes reached standard error by "
            "ways that are not captured"], "records")
    script = (f"exec {t.program('matrix')} main dlsym_of_libc")
    for options, expected in ((["--stdout"], 14), ([], 0)):
        file = t.dir / f"{len(options)}.jsonl"
        outcome = t.bare(["/bin/sh", "-c", f"exec 2>&1; {t.logtap_program} "
                          f"run -o {file} {' '.join(options)} -- /bin/sh -c "
                          f"'{script}'"])
        found = re.search(rb"(\d+) bytes on standard error not seen",
                          outcome.stdout)
        t.equal(int(found[1]) if found else 0, expected,
                f"bytes with {options}: {outcome.stdout!r}")


@case()
def a_mechanism_that_is_missing(t):
    """A program that brings its own syslog(): a record, and the summary."""
    outcome = t.run([t.program("own_syslog")], quiet=False)
    t.equal(outcome.status, 0, "status")
    t.equal(len(told(outcome, "coverage")), 1, "records")
    t.check("syslog" in told(outcome, "coverage")[0],
            f"records {told(outcome, 'coverage')}")
    t.equal(count(outcome, b"process captured in part"), 1, "the summary")
