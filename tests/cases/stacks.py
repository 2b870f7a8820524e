# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Where records came from: stacks of real programs, unwound by the collector."""
import re
import subprocess
import sys

from harness import case

TRACE = ["--stacks=trace"]


def functions(record):
    """The names of its frames, innermost first."""
    return [line.split("+0x")[0]
            for line in record.attributes.get("code.stacktrace", "")
            .splitlines()]


def where(record):
    return (record.attributes.get("code.function.name"),
            record.attributes.get("code.file.path", "").split("/")[-1],
            record.attributes.get("code.line.number"))


def line_of(t, text):
    source = (t.root / "tests/programs/stacks.c").read_text().splitlines()
    number, = [n for n, line in enumerate(source, 1) if text in line]
    return number


@case()
def a_c_program_names_function_file_and_line(t):
    """Optimised, without frame pointers; it has ended when it is unwound."""
    argv = [t.program("stacks")]
    bare = t.bare(argv)
    outcome = t.run(argv, options=TRACE)
    t.same(bare, outcome)
    t.equal(len(outcome.records), 8, "records")
    for name, place in (("main", "main"), ("thread", "thread_function")):
        for kind, call in (("error", "syslog(LOG_ERR"),
                           ("line", "fprintf(stderr")):
            record, = [r for r in outcome.records
                       if r.body == f"{kind} in {name}"]
            # The address behind the call may count as the next line's.
            function, file, line = where(record)
            t.equal((function, file), ("failing_function", "stacks.c"),
                    record.body)
            t.equal(line, line_of(t, call), f"line of {record.body}")
            found = functions(record)
            at = found.index("failing_function")
            t.equal(found[at:at + 3],
                    ["failing_function", "calling_function", place],
                    record.body)
            t.check("logtap" not in record.attributes["code.stacktrace"],
                    "the library's own frames are shown")


@case()
def a_handler_on_its_own_stack_and_a_coroutine_do_no_harm(t):
    outcome = t.run([t.program("stacks")], options=TRACE)
    t.equal(outcome.status, 0, "status")
    record, = [r for r in outcome.records if r.body == "error in handler"]
    t.equal(functions(record)[:2], ["failing_function", "calling_function"],
            "in the handler")
    t.check([r for r in outcome.records if r.body == "error in coroutine"],
            "the coroutine's record")


@case()
def only_records_that_are_severe_enough_have_one(t):
    outcome = t.run([t.program("stacks")], options=["--stacks=error"])
    for record in outcome.records:
        has = "code.stacktrace" in record.attributes
        if "coroutine" not in record.body:
            t.equal(has, record.body.startswith("error"), record.body)
    plain = t.run([t.program("stacks")])
    t.check(not any("code.stacktrace" in r.attributes for r in plain.records),
            "stacks that nobody asked for")


@case()
def diverted_records_have_one_too(t):
    outcome = t.run([t.program("stacks")], options=[*TRACE, "--divert"])
    record, = [r for r in outcome.records if r.body == "line in main"]
    t.check("failing_function" in functions(record), functions(record))


@case()
def python_names_its_own_functions_and_libc_s(t):
    program = t.write("app.py", """
import ctypes, sys, threading
libc = ctypes.CDLL(None)
def work():
    libc.perror(b"through libc")
    sys.stderr.write("through python\\n")
thread = threading.Thread(target=work)
thread.start()
thread.join()
sys.stdin.read()
""")
    process = t.start_run([sys.executable, program], options=TRACE,
                          stdin=subprocess.PIPE)
    # What it has loaded since it began is only known while it lives.
    t.wait_for(lambda: process.otlp_file.exists() and
               "through python" in process.otlp_file.read_text(),
               "its records")
    process.stdin.close()
    outcome = t.finish_run(process)
    t.equal(outcome.status, 0, "status")
    record, = [r for r in outcome.records
               if r.body.startswith("through libc")]
    found = functions(record)
    t.check({"perror", "fclose", "_IO_do_write"} & set(found),
            f"no function of libc's that writes is among {found}")
    t.check(any(re.match("_?Py", name) for name in found), found)
    t.check("start_thread" in found or found[-1].startswith("__clone")
            or "libc" in record.attributes["code.stacktrace"]
            .splitlines()[-1], f"does not begin in libc: {found}")
    record, = [r for r in outcome.records if r.body == "through python"]
    t.check(any(re.match("_?Py", name) for name in functions(record)),
            functions(record))


@case()
def a_level_that_is_none_is_refused(t):
    outcome = t.bare([t.logtap_program, "run", "--stacks=loud", "true"])
    t.equal(outcome.status, 125, "status")
    t.check(b"--stacks" in outcome.stderr and b"loud" in outcome.stderr,
            outcome.stderr)
