# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Loops of programs that the collector may not look into."""
import json
import os

from harness import case
from harness.loops import QUICK, Loops
from harness.otlp_sink import OtlpSink


def exporter(t, url):
    """(command, environment) of one that logs each batch."""
    return (["/usr/bin/python3", t.root / "tests/programs/exporter.py", url, "0.2", t.dir],
            {"PYTHONPATH": str(t.packages("urllib3")),
             "LOGTAP_OTLP_ENDPOINTS": url})


@case()
def a_collector_that_may_not_read_memory(t):
    """process_vm_readv is filtered: the stack has names, those of Python's
    functions are missing, and the report says why."""
    with OtlpSink(decode=False) as sink:
        command, env = exporter(t, sink.url)
        refused = t.bare([t.program("sandbox"), "unread", "/bin/true"])
        if refused.status == 77:
            t.skip("no seccomp here")
        session = Loops(t, "", None, env=env, command=command,
                        prefix=[t.program("sandbox"), "unread"])
        session.wait_for("confirmed", **{"class": "L2"})
        loop = t.wait_for(
            lambda: [l for l in session.likely() if l["stack"] and
                     l.get("python", {}).get("not_read")], "what is missing")[0]
        t.equal((loop["python"]["not_read"], loop["python"]["frames"]),
                ("permission: a filter of the collector's system calls", []),
                "why")
        t.equal(loop["stack_not_read"], "", "the stack")
        shown = " ".join(session.show(loop["number"]).split())
        t.check("python: functions not read: permission: a filter of the "
                "collector's system calls" in shown, shown)
        session.leaves_alone()
        session.end()


def unread(t, why, *more):
    """Neither the memory of an exporter may be read nor what it has loaded: its
    loop is found all the same, and the report says why there is no stack."""
    setpriv = t.tool("setpriv")
    less = [setpriv, "--bounding-set=-sys_ptrace,-perfmon,-sys_admin",
            "--inh-caps=-sys_ptrace,-perfmon,-sys_admin"]
    with open("/proc/self/status") as status:
        mine = next(int(line.split()[1], 16) for line in status
                    if line.startswith("CapEff:"))
    if not mine >> 19 & 1 or t.bare([*less, "/bin/true"]).status:
        t.skip("this takes CAP_SYS_PTRACE, to be without it")
    admin = f"--admin=unix:{t.dir}/own.sock"
    os.chmod(t.dir, 0o755)  # for one that becomes somebody else
    with OtlpSink(decode=False) as sink:
        command, env = exporter(t, sink.url)
        collector = t.collect(options=["--loops", admin],
                              env={**QUICK, **env}, prefix=less)
        program = t.spawn([*command, *more], "preload",
                          env={**env, **t.preload_env(collector.dir)})

        def loops(*words):
            done = t.bare([t.logtap_program, "loops", admin, *words])
            return done.stdout.decode()

        def found():
            return [loop for loop in json.loads(loops("--json"))["loops"]
                    if loop["confidence"] == "confirmed" and
                    loop["stack_not_read"]]
        loop = t.wait_for(found, "a loop without a stack")[0]
        t.equal((loop["class"], loop["stack"], loop["stack_not_read"]),
                ("L2", [], why), "what is known")
        shown = " ".join(loops("show", str(loop["number"])).split())
        t.check(f"stack : not read: {why}" in shown, shown)
        t.write("end", "")
        t.equal(t.finish(program).status, 0, "status")
        said = [int(r.body.split()[-1]) for r in collector.end()
                if "application says" in r.body and "INFO" in r.body]
        t.equal(said, list(range(1, len(said) + 1)), "what was said")


@case()
def a_collector_that_has_fewer_capabilities(t):
    unread(t, "permission: it has capabilities that the collector has not")


@case()
def a_program_of_another_user(t):
    unread(t, "permission: it runs as another user, and the collector has no "
           "CAP_SYS_PTRACE", "--nobody")
