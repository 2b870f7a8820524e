# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Thresholds of events: in the environment, on the collector's command line,
and changed while programs run."""
import os
import subprocess

from harness import case


class Program:
    """A program that is asked whether an event passes now."""

    def __init__(self, t, directory, env=None):
        self.t = t
        reading, writing = os.pipe()
        self.process = t.spawn(
            [t.program("levels")], "preload",
            env={**t.preload_env(directory), **(env or {})},
            stdin=subprocess.PIPE, stdout=writing)
        os.close(writing)
        self.out = os.fdopen(reading)

    def passes(self, severity, target="", child=False):
        text = f"{'+' if child else ''}{severity} {target}\n"
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()
        return self.out.readline() == "1\n"

    def end(self):
        self.process.stdin.close()
        self.t.equal(self.process.wait(20), 0, "status")


def level(t, directory, *words, status=0):
    done = subprocess.run([t.logtap_program, "level", "--dir", directory,
                           *words], capture_output=True, text=True)
    t.equal(done.returncode, status, f"status of level {words}: {done.stderr}")
    return done.stdout.strip() if not status else done.stderr


@case()
def changed_while_a_program_runs(t):
    """The command, a child, a thread's later segment; and back again."""
    collector = t.collect(options=["--level", "warn,quiet=off"])
    program = Program(t, collector.dir, {"LOGTAP_LEVEL": "trace"})
    t.wait_for(lambda: not program.passes(9), "--level to be in force")
    t.check(program.passes(13), "a warning passes")
    t.check(not program.passes(21, "quiet.part"), "a target that is off")
    t.equal(level(t, collector.dir), "not set", "nothing was set")
    level(t, collector.dir, "error,app.db=debug,app=off")
    t.wait_for(lambda: program.passes(5, "app.db.pool"), "the new thresholds")
    t.equal(level(t, collector.dir), "error,app.db=debug,app=off", "told")
    for child in (False, True):
        t.equal([program.passes(*what, child=child) for what in
                 ((13,), (17,), (21, "app"), (1, "app.db"), (5, "app.db"),
                  (17, "quiet"))],
                [False, True, False, False, True, True], "what passes")
    late = Program(t, collector.dir, {"LOGTAP_LEVEL": "trace"})
    t.wait_for(lambda: not late.passes(13), "a program that came later")
    late.end()
    level(t, collector.dir, "--reset")
    t.wait_for(lambda: program.passes(13), "--level to be in force again")
    t.check(not program.passes(21, "quiet"), "off again")
    program.end()
    names = {r.event_name for r in collector.end()}
    t.check("tried" in names, "events that passed are records")


@case()
def a_program_goes_by_its_own_when_nobody_sets_any(t):
    """Also again, after what was set was taken back; and a file that makes no
    sense, or is another user's or no file, changes nothing."""
    collector = t.collect()
    program = Program(t, collector.dir, {"LOGTAP_LEVEL": "warn"})
    t.equal([program.passes(9), program.passes(13)], [False, True], "its own")
    level(t, collector.dir, "info")
    t.wait_for(lambda: program.passes(9), "info")
    (collector.dir / "level").write_text("no such level\n")
    log = collector.process.logtap[3]
    t.wait_for(lambda: b'"no such level" is not' in open(log.name, "rb").read(),
               "the collector to say so")
    t.check(program.passes(9), "as before")
    level(t, collector.dir, "--reset")
    t.wait_for(lambda: not program.passes(9), "its own again")
    os.symlink("/dev/zero", collector.dir / "level")
    t.check(program.passes(13), "still its own")
    program.end()
    collector.end()


@case()
def what_is_no_threshold_is_refused(t):
    directory = t.session_dir()
    for words, why in ((["loud"], '"loud" is not'), (["a=b=c"], "is not"),
                       (["=info"], "names no target"),
                       (["x" * 41 + "=info"], "more than 40"),
                       (["info", "x"], "too many"),
                       (["info", "--reset"], "x"),
                       ([",".join(f"t{i}=off" for i in range(65))],
                        "one too many")):
        said = level(t, directory, *words, status=2)
        t.check(why in said or why == "x", f"{words}: {said}")
    t.equal(os.listdir(directory), [], "nothing was written")
    for command in (["collect", "--dir", directory, "--admin", "0"], ["run"]):
        done = subprocess.run([t.logtap_program, *command, "--level", "loud",
                               *(["true"] if command == ["run"] else [])],
                              capture_output=True, text=True)
        t.check(done.returncode in (2, 125), "status")
        t.check('--level: "loud" is not' in done.stderr, done.stderr)
    outcome = t.run([t.program("levels")], options=["--level", "error"],
                    stdin=open(t.write("in", "13 a\n17 b\n"), "rb"))
    t.equal(outcome.stdout, b"0\n1\n", "run --level")
