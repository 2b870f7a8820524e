# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Where output goes: what a parent hid, stdout, and log files by name."""
import os
import re

from harness import case, streams

OUT = ["--stdout"]


def hidden_lines(outcome):
    """What the summary says of lines that were left out."""
    match = re.search(rb"([\d,]+) hidden lines? left out", outcome.stderr)
    return int(match[1].replace(b",", b"")) if match else 0


@case()
def what_a_parent_hid_is_left_out_and_counted(t):
    """2>/dev/null, 2>FILE and a captured pipe; --sinks=all keeps them."""
    script = ("ls /nowhere/null 2>/dev/null; ls /nowhere/file 2>away;"
              "x=$(ls /nowhere/pipe 2>&1); cd /nowhere/builtin 2>/dev/null;"
              "echo seen >&2")
    outcome = t.run(["/bin/bash", "-c", script], quiet=False)
    t.lines_once(outcome, ["seen"])
    t.equal(hidden_lines(outcome), 4, "hidden lines")
    outcome = t.run(["/bin/bash", "-c", script], ["--sinks=all"], quiet=False)
    t.equal(hidden_lines(outcome), 0, "hidden lines with --sinks=all")
    t.equal(sorted(re.findall(r"/nowhere/\w+", " ".join(outcome.bodies()))),
            ["/nowhere/" + name for name in ("builtin", "file", "null",
                                             "pipe")], "records")
    sinks = {r.body.split("/nowhere/")[1].split("'")[0].split(":")[0]:
             r.attributes["logtap.sink"]
             for r in outcome.records if "/nowhere/" in r.body}
    t.equal(sinks["file"], str(t.dir / "away"), "logtap.sink of a file")
    t.equal(sinks["null"], "/dev/null", "logtap.sink of /dev/null")
    t.check(re.fullmatch(r"pipe:\[\d+\]", sinks["pipe"]),
            f"logtap.sink of a pipe: {sinks['pipe']}")


@case()
def bulk_data_that_nobody_is_to_see(t):
    """Standard output to /dev/null fills no ring, unless it is asked for: by
    --sinks=all, also for a run inside, or because run's own goes there."""
    bulk = ["/bin/bash", "-c", "exec 3>&1 >/dev/null; head -c 300M /dev/zero;"
            "echo lost; exec >&3; echo seen; head -c 300M /dev/zero >/dev/null"]
    outcome = t.run(bulk, ["--stdout"], quiet=False)
    t.equal([r.body for r in outcome.records], ["seen"], "records")
    t.check(b" 0 dropped" in outcome.stderr and b"hidden" not in
            outcome.stderr, f"said {outcome.stderr!r}")
    argv = ["/bin/sh", "-c", "echo one >/dev/null; echo two"]
    inner = [t.logtap_program, "run", "--stdout", "--", *argv]
    for words, options, env, bodies in (
            (argv, ["--stdout"], {}, ["two"]),
            (argv, ["--stdout", "--sinks=all"], {}, ["one", "two"]),
            (argv, ["--stdout"], {"LOGTAP_SINKS": "all"}, ["one", "two"]),
            (argv, ["--stdout", "--sinks=session"], {"LOGTAP_SINKS": "all"},
             ["two"]),
            (inner, ["--sinks=all"], {}, ["one", "two"]),
            (inner, [], {}, ["two"])):
        outcome = t.run(words, options, env=env)
        t.equal([r.body for r in outcome.records], bodies, f"{options} {env}")
    with open("/dev/null", "r+b", 0) as null:
        outcome = t.run(argv, ["--stdout"], stdout=null)
    t.equal([r.body for r in outcome.records], ["one", "two"], "to run's own")


@case()
def the_environment_chooses_sinks(t):
    """LOGTAP_SINKS is read; the option wins; nonsense is told."""
    argv = ["/bin/sh", "-c", "ls /nowhere 2>/dev/null"]
    t.equal(len(t.run(argv, env={"LOGTAP_SINKS": "all"}).records), 1, "all")
    t.equal(len(t.run(argv, ["--sinks", "session"],
                      env={"LOGTAP_SINKS": "all"}).records), 0, "session")
    outcome = t.run(argv, env={"LOGTAP_SINKS": "some"})
    t.equal((len(outcome.records), outcome.status), (0, 2), "nonsense")
    t.check(b"LOGTAP_SINKS" in outcome.stderr, "nothing was said")
    outcome = t.bare([t.logtap_program, "run", "--sinks", "some", "true"])
    t.equal(outcome.status, 125, "status of a wrong option")


@case()
def a_relayed_line_is_one_record(t):
    """A parent that reads its child's stderr and passes it on."""
    relay = t.write("relay.py", """
import subprocess, sys
child = subprocess.run(["sh", "-c", "echo relayed >&2; echo again >&2"],
                       stderr=subprocess.PIPE, text=True)
sys.stderr.write(child.stderr)
""")
    outcome = t.run(["/usr/bin/python3", relay], quiet=False)
    t.lines_once(outcome, ["relayed", "again"])
    t.equal(hidden_lines(outcome), 2, "hidden lines")
    outcome = t.run(["/bin/sh", "-c",
                     "(echo through >&2; echo a pipe >&2) 2>&1 | cat >&2"])
    t.lines_once(outcome, ["through", "a pipe"])


@case()
def compilers_and_make_relay(t):
    """gcc, its linker through collect2, and make with sorted output."""
    t.tool("make")
    t.write("bad.c", "int main(void) { return nothing(); }\n")
    t.write("good.c", "int other(void);\nint main(void) { return other(); }\n")
    t.write("Makefile", "all: one two\n"
            "one:\n\t@echo from one >&2; ls /nowhere/one\n"
            "two:\n\t@echo from two >&2; exit 3\n")
    for argv in (["gcc", "-c", "bad.c"], ["gcc", "good.c"],
                 ["make", "-k", "-j2", "-Otarget"]):
        bare = t.bare(argv)
        outcome = t.run(argv)
        t.same(bare, outcome, lambda data: re.sub(
            rb"/tmp/\w+\.o|\[\d+\]", b"N", data), ordered=False)
        t.lines_once(outcome)


@case()
def stderr_into_stdout_is_seen(t):
    """2>&1 of a child goes where the session's stdout goes."""
    outcome = t.run(["/bin/sh", "-c", "ls /nowhere 2>&1"])
    t.equal(len(outcome.stdout.splitlines()), 1, "lines on stdout")
    t.equal([r.attributes["logtap.sink"] for r in outcome.of("stderr")],
            [os.path.realpath(t.dir / f"{t.runs}-run.out")], "logtap.sink")


@case()
def a_log_that_a_program_chose_itself(t):
    """dup2 of a file onto fd 2, freopen of stderr: recorded, with its path."""
    script = t.write("own.py", """
import os, sys
os.write(2, b"before\\n")
fd = os.open("own.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
os.dup2(fd, 2)
os.write(2, b"after\\n")
""")
    outcome = t.run(["/usr/bin/python3", script])
    found = {r.body: r.attributes["logtap.sink"] for r in outcome.records}
    t.equal(found.pop("after"), str(t.dir / "own.log"), "logtap.sink")
    t.equal(list(found), ["before"], "records")


@case()
def divert_leaves_pipes_alone(t):
    """What a parent reads arrives in divert mode, too."""
    script = t.write("divert.py", """
import os, subprocess, sys
for number in range(100000):
    before = os.fstat(2).st_size
    os.write(2, b"line %d\\n" % number)
    if os.fstat(2).st_size == before:
        break
else:
    sys.exit(3)
child = subprocess.run(["sh", "-c", "echo kept >&2"], stderr=subprocess.PIPE)
print(number + 1, child.stderr)
""")
    outcome = t.run(["/usr/bin/python3", script], ["--divert"])
    t.equal(outcome.status, 0, "status: was anything diverted?")
    lines, kept = outcome.stdout.split(maxsplit=1)
    t.equal(kept, b"b'kept\\n'\n", "what the parent read")
    t.lines_once(outcome, [f"line {i}" for i in range(int(lines))])


def out_of(t, argv, kind="file", **more):
    """(bare, captured records of stdout) with fd 1 as `kind`."""
    path = str(t.dir / "stdout")
    bare = streams.run([str(a) for a in argv], t.environment({}), kind, path, 1)
    file = t.dir / f"{t.runs}-{kind}.jsonl"
    t.runs += 1
    got = streams.run([str(t.logtap_program), "run", "-q", "-o", str(file),
                       "--stdout", "--", *map(str, argv)], t.environment({}),
                      kind, path, 1)
    t.equal(got, bare, f"status, stderr and stdout with a {kind}")
    return bare[2], [r for r in t.read(file) if r.stream == "stdout"]


@case()
def stdout_is_captured_when_asked_for(t):
    """As file, pipe, terminal and socket; not without --stdout."""
    argv = ["/bin/sh", "-c", "echo one; /bin/echo two; ls /nowhere; "
                             "printf 'without a line feed'"]
    outcome = t.run(argv)
    t.equal(outcome.of("stdout"), [], "records of stdout")
    for kind in streams.KINDS:
        text, records = out_of(t, argv, kind)
        t.equal(sorted(r.body for r in records),
                sorted(text.decode().splitlines()), f"records ({kind})")


@case()
def buffered_stdout(t):
    """Flushed by exit, by exec's loss not at all, by a full buffer, after
    fork twice: what reaches the file is what is recorded."""
    for way in ("exit", "exec", "quick_exit", "abort", "_exit", "overflow",
                "fork", "fclose", "crash"):
        for kind in ("file", "pty"):
            text, records = out_of(t, [t.program("buffered"), way], kind)
            t.equal(sorted(r.body for r in records),
                    sorted(text.decode().splitlines()), f"{way} ({kind})")


@case()
def stdout_of_pipelines(t):
    """Only what comes out of the last one is recorded."""
    outcome = t.run(["/bin/sh", "-c", "seq 100 | sort -n | tail -n 2; echo x"],
                    OUT, quiet=False)
    t.lines_once(outcome, ["99", "100", "x"], stream="stdout")
    t.equal(hidden_lines(outcome), 200, "hidden lines")


@case()
def stdout_by_the_environment(t):
    """LOGTAP_STDOUT=1 with a collector of one's own: everything is kept."""
    outcome = t.preload(["/bin/sh", "-c", "seq 2 | cat"],
                        env={"LOGTAP_STDOUT": "1"})
    t.lines_once(outcome, ["1", "1", "2", "2"], stream="stdout")


@case()
def log_files_by_name(t):
    """--file: records with log.file.path, whatever way the file is opened."""
    (t.dir / "logs").mkdir()
    script = t.write("files.py", f"""
import logging, os
os.chdir({str(t.dir)!r})
log = logging.getLogger()
log.addHandler(logging.FileHandler("logs/app.log"))
log.error("by logging")
fd = os.open("logs/other.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
os.write(fd, b"by write\\n")
os.writev(fd, [b"by ", b"writev\\n"])
copy = os.dup(fd)
os.close(fd)
os.write(copy, b"by a copy\\n")
with open("logs/data.bin", "w") as file: file.write("no log\\n")
with open("logs/app.log") as file: print(file.read(), end="")
with open("logs/deep.log", "r+" if os.path.exists("logs/deep.log") else "w+") \\
        as file: file.write("read and written\\n")
os.rename("logs/app.log", "logs/app.log.1")
log.handlers[0].close(); log.handlers.clear()
log.addHandler(logging.FileHandler("logs/app.log"))
log.error("after rotation")
""")
    outcome = t.run(["/usr/bin/python3", script], ["--file", "logs/*.log"])
    t.equal(outcome.status, 0, f"status: {outcome.stderr}")
    found = sorted((os.path.basename(r.attributes["log.file.path"]), r.body)
                   for r in outcome.records if "log.file.path" in r.attributes)
    t.equal(found, [("app.log", "after rotation"), ("app.log", "by logging"),
                    ("deep.log", "read and written"),
                    ("other.log", "by a copy"), ("other.log", "by write"),
                    ("other.log", "by writev")], "records")
    t.equal([r.body for r in outcome.records
             if "log.iostream" in r.attributes], [],
            "records with log.iostream")


@case()
def log_files_that_are_rotated(t):
    """By rename and a signal, by copy and truncate, over and over: every line
    once, under the name that the program knows."""
    script = t.write("rotated.py", f"""
import logging, logging.handlers, os, shutil, signal
os.chdir({str(t.dir)!r})
watched = logging.handlers.WatchedFileHandler("moved.log")
sized = logging.handlers.RotatingFileHandler("sized.log", maxBytes=200,
                                             backupCount=3)
cut = open("cut.log", "a", buffering=1)
for number in range(100):
    for handler in (watched, sized):
        handler.emit(logging.makeLogRecord({{"msg": f"line {{number}}"}}))
    print("line", number, file=cut)
    if number % 10 == 9:
        os.rename("moved.log", f"moved.log.{{number}}")
        shutil.copy("cut.log", f"cut.log.{{number}}")
        os.truncate("cut.log", 0)
""")
    outcome = t.run(["/usr/bin/python3", script], ["--file", "*.log"])
    t.equal(outcome.status, 0, f"status: {outcome.stderr}")
    for name in ("moved.log", "sized.log", "cut.log"):
        t.equal([r.body for r in outcome.records
                 if r.attributes.get("log.file.path") == str(t.dir / name)],
                [f"line {number}" for number in range(100)], name)


@case()
def stdout_and_exec(t):
    """What stdio holds when a program executes another one is lost, bare and
    captured; what was flushed before is recorded once, and so is what the next
    program says: under --stdout, on files, pipes and terminals."""
    script = ("echo first; printf 'no line feed'; exec /bin/sh -c "
              "'echo second; exec printf third'")
    for kind in streams.KINDS:
        text, records = out_of(t, ["/bin/sh", "-c", script], kind)
        t.check(text.startswith(b"first\n"), f"stdout {text!r}")
        got = " ".join(r.body for r in records).split()
        t.equal(sorted(got), sorted(text.decode().replace(
            "feedsecond", "feed second").split()), f"records ({kind})")


@case()
def log_files_that_a_shell_opened(t):
    """cmd >>app.log, and a descriptor of its own: known by their paths."""
    script = ("echo by redirection >>app.log; echo by a builtin >&3;"
              "/bin/echo by inheritance >&3; cat app.log")
    outcome = t.run(["/bin/bash", "-c", f"exec 3>>three.log; {script}"],
                    ["--file", "*.log"])
    t.equal((outcome.status, outcome.stdout), (0, b"by redirection\n"),
            f"outcome: {outcome.stderr}")
    t.equal(sorted((os.path.basename(r.attributes["log.file.path"]), r.body)
                   for r in outcome.records),
            [("app.log", "by redirection"), ("three.log", "by a builtin"),
             ("three.log", "by inheritance")], "records")


@case()
def log_files_of_c(t):
    """fopen, freopen, open, creat, openat, their 64-bit and checked forms."""
    for ways in ("descriptors", "streams"):
        outcome = t.run([t.program("logfiles"), t.dir, ways],
                        ["--file", f"{t.dir}/*.log", "--file", "/nowhere/**"])
        t.equal(outcome.status, 0, f"status: {outcome.stderr}")
        names = outcome.stdout.decode().split()
        t.check(len(names) > 3, f"the program said {names}")
        t.equal(sorted((os.path.basename(r.attributes["log.file.path"]),
                        r.body) for r in outcome.records),
                sorted((f"{name}.log", f"by {name}") for name in names),
                "records")


@case()
def too_many_patterns(t):
    """125, and why."""
    outcome = t.bare([t.logtap_program, "run", "--file", "/" + "n" * 2100,
                      "true"])
    t.equal(outcome.status, 125, "status")
    t.check(b"--file" in outcome.stderr, f"said {outcome.stderr}")


@case()
def nonsense_in_the_environment(t):
    """The program runs as bare and says nothing; a diagnostic is kept."""
    for extra in ({"LOGTAP_SINK": "nonsense"}, {"LOGTAP_FILES": "x" * 5000},
                  {"LOGTAP_STDOUT": "perhaps"},
                  {"LOGTAP_SINK": "1:2,99999999999999999999999:4"}):
        bare = t.bare([t.program("ways")])
        outcome = t.preload([t.program("ways")], env=extra)
        t.same(bare, outcome)
        t.lines_once(outcome)


@case()
def what_nobody_saw_is_told(t):
    """Bytes in the file that is stderr that no hook saw: the summary says how
    many; and none where all were captured."""
    for way, unseen in (("system_call_instruction", 12), ("dlsym_of_libc", 14),
                        ("free_invalid", 24), ("write", 0), ("perror", 0),
                        ("fprintf_long", 0), ("sendfile", 0), ("fork", 0),
                        ("vfork_redirected", 0), ("dev_stderr_append", 0)):
        outcome = t.run([t.program("matrix"), "main", way], quiet=False)
        found = re.search(rb", (\d+) bytes on standard error not seen",
                          outcome.stderr)
        t.equal(int(found[1]) if found else 0, unseen, f"bytes ({way})")
