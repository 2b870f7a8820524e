# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Hosts that bite: programs that forbid, close, limit or multiply what a
preloaded library needs.  Each does what it does bare, and what it says is
captured, or counted as not captured."""
import collections
import os
import pathlib
import re
import shutil
import sys

from harness import case, streams

STATUS_SKIP = 77


def hazard(t, *words):
    return [t.program("hazard"), *map(str, words)]


def lines_of(t, count=20):
    """A program that logs in every simple way."""
    return [t.program("lines"), "mixed", "1", str(count)]


def says(t, count=20):
    """The same without a thread, which would call for more."""
    return hazard(t, "say", count)


def without_tids(data):
    return re.sub(rb"(pid|tid)=\d+", rb"\1=N", data)


def compare(t, argv, **how):
    """As t.compare; the case is skipped where the program finds that the
    system does not have it."""
    bare = t.bare(argv, **{k: v for k, v in how.items()
                           if k in ("env", "prefix", "timeout")})
    if bare.status == STATUS_SKIP:
        t.skip("this system cannot do it, or not for this user")
    return t.compare(argv, normal=without_tids, **how)


def needs_root(t):
    if os.getuid():
        t.skip("takes root")


def captured_in_any_order(t, argv, view=None, **how):
    """For programs of which each run says another number of lines."""
    bare = t.bare(argv, **how)
    for way in (t.run, t.preload):
        outcome = way(argv, **how)
        t.equal(outcome.status, bare.status, f"status ({outcome.how})")
        if view:
            t.equal(sorted(view(outcome)), sorted(view(bare)), "lines")
        t.lines_once(outcome)


def lost_and_counted(t, outcome, collector):
    """The lines that are no records; they are counted as such."""
    wanted = collections.Counter(outcome.stderr_lines())
    got = collections.Counter(outcome.bodies())
    t.equal(got - wanted, collections.Counter(), "records of no line")
    status = collector.status()
    t.equal(status["uncaptured_chunks"] + sum(status["dropped"].values()),
            sum((wanted - got).values()), "counted as lost, of "
            f"{len(outcome.stderr_lines())} lines")
    return wanted - got


def accounted(t, argv, env=None, prefix=()):
    """Every line is a record, or counted as one that is not."""
    bare = t.bare(argv, env=env, prefix=prefix)
    collector = t.collect()
    outcome = t.finish(t.spawn(argv, "preload", prefix=prefix, env={
        **(env or {}), **t.preload_env(collector.dir)}))
    outcome.records = collector.end()
    t.same(bare, outcome, without_tids, ordered=False)
    return outcome, sum(lost_and_counted(t, outcome, collector).values())


# ---- sandboxes ------------------------------------------------------------


@case()
def strict_seccomp(t):
    """read, write, exit: not even the clock may be asked."""
    compare(t, hazard(t, "strict"))


@case()
def a_filter_that_allows_only_writing(t):
    """Installed by prctl(2), and by seccomp(2) through syscall(3)."""
    compare(t, hazard(t, "only-write"))
    compare(t, hazard(t, "only-write", "by-seccomp"))


@case()
def executed_under_filters_that_kill(t):
    """Of what a preloaded library might call, each by itself is fatal."""
    for calls in ("madvise,ftruncate,memfd_create", "fallocate,fchmod",
                  "unlinkat,statfs,readlinkat", "gettid,getppid,getuid,geteuid",
                  "rt_sigprocmask,sigaltstack", "clock_gettime,futex,prctl",
                  "get_robust_list,inotify_init1,socket,sched_getaffinity"):
        compare(t, hazard(t, "deny", calls, *says(t)))


@case()
def executed_under_a_filter_made_for_it(t):
    """Only what the bare program calls is allowed."""
    compare(t, hazard(t, "allow", t.program("dies"), "nothing"))
    compare(t, hazard(t, "allow", *says(t)))


@case()
def no_time_stamp_counter(t):
    """PR_SET_TSC: rdtsc is a fault, in it and in what it executes."""
    compare(t, hazard(t, "no-tsc"))
    compare(t, hazard(t, "no-tsc", *lines_of(t)))


@case()
def memory_that_may_not_become_code(t):
    """PR_SET_MDWE."""
    compare(t, hazard(t, "mdwe"))
    compare(t, hazard(t, "mdwe", *lines_of(t)))


@case()
def neither_privileges_nor_dumps(t):
    """PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE 0."""
    compare(t, hazard(t, "no-new-privileges"))
    compare(t, hazard(t, "no-new-privileges", *lines_of(t)))


# ---- limits ---------------------------------------------------------------


def piped(t, argv):
    """stderr is a pipe: what is no file has no file's limits.  Lines that are
    no records, and how many are counted as such."""
    bare = streams.run(argv, t.environment({}), "pipe", str(t.dir / "bare"))
    collector = t.collect()
    got = streams.run(argv, t.environment(t.preload_env(collector.dir)),
                      "pipe", str(t.dir / "preload"))
    records = collector.end()
    t.equal((got[0], got[1], without_tids(got[2])),
            (bare[0], bare[1], without_tids(bare[2])), "status, output, stderr")
    wanted = collections.Counter(got[2].decode().splitlines())
    captured = collections.Counter(r.body for r in records
                                   if r.stream == "stderr")
    t.equal(captured - wanted, collections.Counter(), "records of no line")
    status = collector.status()
    return wanted - captured, status["uncaptured_chunks"] + sum(
        status["dropped"].values())


@case()
def files_may_not_grow(t):
    """RLIMIT_FSIZE 0: growing one raises SIGXFSZ.  Threads beyond the slots
    that are there already cannot be captured, and are counted; a program that
    is executed so is as bare."""
    lost, counted = piped(t, hazard(t, "limit", "fsize", "0"))
    t.equal(sum(lost.values()), counted, "counted as lost")
    t.check(not any(line.startswith(("main", "before")) for line in lost),
            f"lines of the first thread are lost: {lost}")
    piped(t, hazard(t, "limit", "fsize", "0", *lines_of(t)))


@case()
def few_descriptors(t):
    """RLIMIT_NOFILE 3: none can be opened any more."""
    accounted(t, hazard(t, "limit", "nofile", "3"))


@case()
def little_address_space(t):
    """RLIMIT_AS of what is there already, and of little more."""
    for value in (1 << 20, 64 << 20):
        accounted(t, hazard(t, "limit", "as", value))
    accounted(t, hazard(t, "limit", "as", 64 << 20, *lines_of(t)))


@case()
def no_processes_and_no_data(t):
    """RLIMIT_NPROC, RLIMIT_DATA, RLIMIT_STACK."""
    accounted(t, hazard(t, "limit", "nproc", 1))
    accounted(t, hazard(t, "limit", "data", 1 << 20))
    accounted(t, hazard(t, "limit", "stack", 1 << 17))


@case()
def all_memory_locked(t):
    """mlockall, now and for all that comes: no segment is large."""
    compare(t, hazard(t, "locked"))
    if os.getuid() == 0:
        compare(t, hazard(t, "locked", *lines_of(t)))


def cgroup_of_16_mib(t):
    """The folder of a new memory control group."""
    candidates = []
    root = pathlib.Path("/sys/fs/cgroup")
    if (root / "cgroup.controllers").exists():
        candidates.append((root, "memory.max"))
    if (root / "memory").is_dir():
        candidates.append((root / "memory", "memory.limit_in_bytes"))
    for folder, limit in candidates:
        group = folder / f"logtap-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        t.cleanups.append(group.rmdir)
        try:
            (group / limit).write_text(str(16 << 20))
            return group
        except OSError:
            continue
    t.skip("no memory control group can be made here")


@case()
def little_memory(t):
    """A control group of 16 MiB: nobody is killed for our sake."""
    group = cgroup_of_16_mib(t)
    words = ["/bin/sh", "-c", f'echo $$ > "{group}/cgroup.procs" && '
             'exec "$@"', "sh"]
    outcome, missing = accounted(
        t, [t.program("lines"), "write", "16", "2000"], prefix=words)
    t.note(f"{missing} of {len(outcome.stderr_lines())} lines not captured")


# ---- identities, roots, namespaces ----------------------------------------


@case()
def another_root(t):
    """chroot into an empty folder: nothing can be opened any more, and what its
    threads need was made before."""
    needs_root(t)
    empty = t.dir / "empty"
    empty.mkdir()
    _, lost = accounted(t, hazard(t, "root", empty))
    t.equal(lost, 0, "lines lost")


@case()
def another_user(t):
    """setresuid after the start, in a directory that is ours alone."""
    needs_root(t)
    t.dir.chmod(0o755)
    accounted(t, hazard(t, "user", 65534))


@case()
def a_directory_that_may_not_be_written(t):
    """Another user from the start on: the program is as bare."""
    needs_root(t)
    directory = t.session_dir()
    for path in (t.dir, pathlib.Path(directory)):
        path.chmod(0o755)
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    t.tool("setpriv")
    bare = t.bare([t.program("ways")], prefix=words)
    env = t.preload_env(directory)
    if bare.status == 127:
        t.skip("the build cannot be read by other users")
    outcome = t.finish(t.spawn([t.program("ways")], "preload", prefix=words,
                               env=env))
    t.same(bare, outcome)
    t.equal([name for name in os.listdir(directory)
             if os.stat(os.path.join(directory, name)).st_uid], [], "files")


def small_root(t):
    """A root with env(1), a shell, what they are linked with, and libm, but without
    us."""
    root = t.dir / "root"
    program = t.tool("env")
    linked = re.findall(r"(/\S+) \(0x", t.bare(
        [t.tool("ldd"), program, "/bin/sh"]).stdout.decode())
    maths = [path.replace("libc.so", "libm.so") for path in linked]
    for path in {program, "/bin/sh", *linked, *maths}:
        to = root / path[1:]
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    return root, program


def told_of_it(outcome):
    return [r.body for r in outcome.records
            if r.attributes.get("logtap.diagnostic") == "diagnostic"]


UNREADABLE = "liblogtap.so cannot be read from there"


def starts_elsewhere(t, argv, shim, why=UNREADABLE):
    """The loader does not complain of a library that it cannot load: there is
    none in the environment of what is executed.  The list's rest stays."""
    bare = t.bare(argv)
    if why == UNREADABLE and bare.status:
        t.skip(f"cannot be done here: {bare.stderr[:200]!r}")
    for follow in ("0", "1"):
        for listed, left in (("{0}", []), ("{0} libm.so.6", ["libm.so.6"]),
                             ("libm.so.6:{0}", ["libm.so.6"])):
            collector = t.collect()
            outcome = t.finish(t.spawn(argv, "preload", env={
                "LD_PRELOAD": listed.format(shim), "LOGTAP_FOLLOW": follow,
                "LOGTAP_DIR": str(collector.dir)}))
            outcome.records = collector.end()
            t.equal((outcome.status, outcome.stderr),
                    (bare.status, bare.stderr), f"{argv}: {listed}")
            t.equal(re.findall(r"^LD_PRELOAD=(.*)$", outcome.stdout.decode(),
                               re.M), left, f"what is left of {listed}")
            t.equal(told_of_it(outcome).count(
                f"what it starts is not captured: {why}"), 1,
                f"{argv}: how often it is told")


@case()
def what_is_started_in_another_root(t):
    """Also behind a filter that allows no question any more."""
    needs_root(t)
    root, program = small_root(t)
    starts_elsewhere(t, [t.tool("chroot"), root, program], t.shim)
    starts_elsewhere(t, hazard(t, "sealed-root", root, program), t.shim)


@case()
def a_shell_of_libcs_own_in_another_root(t):
    """system(3), popen(3), wordexp(3): the loader does not complain there either.
    What is started where the library can be read is captured."""
    needs_root(t)
    root, program = small_root(t)
    argv = hazard(t, "shell-root", root, program)
    bare = t.bare(argv)
    t.equal((bare.status, bare.stderr), (0, b""), "bare")
    for listed, left in (("{0}", b""), ("{0} libm.so.6", b"libm.so.6"),
                         ("libm.so.6:{0}", b"libm.so.6")):
        collector = t.collect()
        outcome = t.finish(t.spawn(argv, "preload", env={
            "LD_PRELOAD": listed.format(t.shim),
            "LOGTAP_DIR": str(collector.dir)}))
        outcome.records = collector.end()
        t.equal((outcome.status, outcome.stderr), (0, b""), listed)
        t.equal(re.findall(rb"^LD_PRELOAD=(.*)$", outcome.stdout, re.M),
                [left] * 3, f"what is left of {listed}")
        t.equal(told_of_it(outcome).count(
            f"what it starts is not captured: {UNREADABLE}"), 1, "told")
    # here, where it can
    outcome = t.preload(hazard(t, "shell-root", "/", "echo said >&2"))
    t.equal(outcome.bodies(), ["said"] * 3, "records")


SPAWN = "import os, sys; pid = os.posix_spawn{}(*sys.argv[1:2], sys.argv[1:], " \
        "os.environ); sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))"
OPENED = "import os, sys; os.execve(os.open(sys.argv[1], os.O_RDONLY), " \
         "sys.argv[1:], os.environ)"


@case(timeout=120)
def what_is_started_for_another_machine(t):
    """A 32-bit program, by each way to start one; also as the interpreter of a
    script, and looked for in PATH."""
    program = pathlib.Path(t.foreign_program())
    python, perl = sys.executable, t.tool("perl")
    script = t.write("script", f"#!{program} x\n")
    os.chmod(script, 0o755)
    path = f"PATH={program.parent}:/usr/bin:/bin"
    for argv in (
            [t.tool("env"), program], ["/bin/sh", "-c", f"{script}; exit $?"],
            [t.tool("env"), path, "/bin/sh", "-c", program.name],
            [t.tool("env"), path, perl, "-e",
             f"exec {{'{program.name}'}} 'x', 'y'"],
            [python, "-c", SPAWN.format(""), program],
            [t.tool("env"), path, python, "-c", SPAWN.format("p"),
             program.name]):
        starts_elsewhere(t, argv, t.shim,
                         f"{program.name} is a 32-bit program")
    starts_elsewhere(t, [python, "-c", OPENED, program], t.shim,
                     "it is a 32-bit program")


@case()
def what_is_started_for_another_user(t):
    """The library is in a folder that is ours alone, or the session is."""
    needs_root(t)
    folder = t.dir / "private"
    folder.mkdir(mode=0o700)
    shim = folder / "liblogtap.so"
    shutil.copy(t.shim, shim)
    argv = [t.tool("setpriv"), "--reuid=65534", "--regid=65534",
            "--clear-groups", t.tool("env")]
    starts_elsewhere(t, argv, shim)
    outcome = t.run(argv)
    t.equal((outcome.status, outcome.stderr), (0, b""), "with logtap run")
    t.check(told_of_it(outcome), "nothing is told")


@case()
def what_is_started_with_two_users(t):
    """Whose effective user is not the real one, as squid's worker: the loader
    preloads nothing, and a record says so."""
    needs_root(t)
    argv = [t.tool("setpriv"), "--euid=65534", t.tool("cat"), "/nowhere"]
    bare = t.bare(argv)
    collector = t.collect()
    outcome = t.finish(t.spawn(argv, "preload",
                               env=t.preload_env(collector.dir)))
    outcome.records = collector.end()
    t.same(bare, outcome)
    t.equal([text for text in told_of_it(outcome)
             if "effective user" in text][1:], [], "more than one")
    t.check(any("effective user" in text for text in told_of_it(outcome)),
            f"told {told_of_it(outcome)}")


@case()
def other_namespaces(t):
    """Mounts, processes, network, names; and where /dev/shm is hidden, what
    cannot be captured is counted."""
    compare(t, hazard(t, "namespaces"), ordered=False)
    accounted(t, hazard(t, "namespaces", "hide"))


@case()
def a_tmpfs_of_any_size(t):
    """Full from the start on, or after the first segment: never SIGBUS."""
    needs_root(t)
    t.tool("unshare")
    folder = t.dir / "small"
    folder.mkdir()
    argv = [t.program("lines"), "mixed", "4", "300"]
    bare = t.bare(argv)
    for kib in (4, 16, 40, 60, 64, 128, 256):
        script = (f"mount -t tmpfs -o size={kib}k tmpfs {folder} && "
                  'exec "$@"')
        words = ["unshare", "-m", "sh", "-c", script, "sh", "env",
                 f"LD_PRELOAD={t.shim}", f"LOGTAP_DIR={folder}"]
        outcome = t.finish(t.spawn(argv, f"preload-{kib}k", prefix=words))
        if b"mount" in outcome.stderr[:40]:
            t.skip(f"no mount: {outcome.stderr[:200]!r}")
        t.same(bare, outcome, without_tids, ordered=False)


# ---- descriptors ----------------------------------------------------------


@case()
def a_daemon_that_closes_everything(t):
    """close_range(0, ~0), then a log file as its stderr."""
    wanted = None
    for way in (t.bare, t.run, t.preload):
        log = t.dir / f"daemon-{way.__name__}.log"
        outcome = way(hazard(t, "daemon", log))
        t.equal(outcome.status, 0, "status")
        # It is on its own; its last line is the end.
        t.wait_for(lambda: log.exists() and
                   log.read_text().endswith("the daemon ends 0\n"), "the daemon")
        text = log.read_text()
        lines = sorted(outcome.stderr_lines() + text.splitlines())
        wanted = wanted or lines
        t.equal(lines, wanted, "lines")
        if way == t.run:
            file = t.dir / f"{t.runs}-run.otlp.jsonl"
            t.wait_for(lambda: wanted == sorted(
                r.body for r in t.read(file, growing=True)),
                "all records of the daemon", 15)


# ---- threads --------------------------------------------------------------


@case(timeout=120)
def ten_thousand_threads_in_sequence(t):
    """Slots are freed as fast as they are claimed."""
    compare(t, hazard(t, "threads", 10000))


@case(timeout=120)
def a_thousand_threads_at_once(t):
    """Each with a line of its own."""
    compare(t, hazard(t, "threads-at-once", 1000), ordered=False)


@case(timeout=120)
def detached_threads(t):
    """Nobody waits for them, and the first thread ends before they do."""
    compare(t, hazard(t, "threads-detached", 2000), ordered=False)


@case(timeout=120)
def a_storm_of_signals(t):
    """Two threads signal a third as fast as they can; both sides log."""
    captured_in_any_order(t, hazard(t, "signals", 1000))


@case()
def cancelled_threads_with_destructors(t):
    """Every C++ destructor of a cancelled thread runs, and what it says is
    captured."""
    t.compare([t.program("cancel"), "100"], ordered=False)


@case()
def libraries_that_come_and_go(t):
    """dlopen and dlclose, 200 times, each with lines of its own."""
    compare(t, hazard(t, "dlopen", t.program("plugin.so"), 200))


@case()
def the_library_opened_and_closed(t):
    """By a program that opens all libraries of a folder, say, and has room for
    its thread-local storage: what libc has been told to call at a fork is still
    there when it forks."""
    script = """
import _ctypes, os, sys
handle = _ctypes.dlopen(sys.argv[1], os.RTLD_NOW)
os.write(2, b"open\\n")
_ctypes.dlclose(handle)
child = os.fork()
if not child:
    os.write(2, b"child\\n")
    os._exit(3)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    collector = t.collect()
    room = {"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=4096"}
    for env in (room, {**room, "LOGTAP_DIR": collector.dir}):
        seen = t.bare(["/usr/bin/python3", "-c", script, t.shim], env=env)
        t.equal(seen.status, 3, f"status, {env}")
        t.equal(seen.stderr, b"open\nchild\n", f"stderr, {env}")
    collector.end()


# ---- processes ------------------------------------------------------------


@case()
def the_first_of_a_pid_namespace(t):
    """Its pid is that of a process that lives on; it does not."""
    compare(t, hazard(t, "first-pid"))
    outcome = t.run(hazard(t, "first-pid"), quiet=False)
    t.check(b"2 records from 2 processes, 0 dropped" in outcome.stderr and
            b"lives on" not in outcome.stderr,
            f"summary: {outcome.stderr[-200:]!r}")


@case(timeout=120)
def a_fork_server(t):
    """Eight workers at a time, 200 in all."""
    compare(t, hazard(t, "server", 200), ordered=False)


@case(timeout=120)
def a_storm_of_vforks(t):
    """Half of the children execute a shell that logs."""
    compare(t, hazard(t, "vforks", 100))


@case(timeout=120)
def forks_in_a_signal_handler(t):
    """What the handler interrupts is whole, and so is what it says.  A child
    forked in the middle of a copy cannot record: that is counted."""
    argv = hazard(t, "fork-in-handler", 300)
    bare = t.bare(argv)
    collector = t.collect()
    outcome = t.finish(t.spawn(argv, "preload",
                               env=t.preload_env(collector.dir)))
    outcome.records = collector.end()
    t.equal(outcome.status, bare.status, "status")
    missing = lost_and_counted(t, outcome, collector)
    t.check(all(line.startswith("child of a handler ") for line in missing),
            f"lost {missing}")
    t.check(sum(missing.values()) < 150, f"{sum(missing.values())} lost")


def short_processes(t, count):
    script = f"for i in $(seq {count}); do {t.program('dies')} $i; done"
    t.compare(["/bin/bash", "-c", script])


@case(timeout=120)
def three_hundred_short_processes(t):
    """One after the other."""
    short_processes(t, 300)


@case(timeout=600, long=True)
def two_thousand_short_processes(t):
    """One after the other."""
    short_processes(t, 2000)


@case()
def small_stacks(t):
    """A thread and a handler with the smallest stacks there are start programs
    with an empty environment: these run, and run follows them."""
    argv = hazard(t, "small-stacks")
    outcome = t.run(argv)
    t.same(t.bare(argv), outcome)
    t.lines_once(outcome)


@case()
def arguments_as_long_as_can_be(t):
    """What follows a program that starts without an environment takes no room
    from its arguments: where both do not fit, it is not followed."""
    argv = hazard(t, "arguments")
    bare, outcome = t.bare(argv), t.run(argv)
    t.same(bare, outcome)
    t.check(b" 131070" not in bare.stderr, f"no limit: {bare.stderr!r}")


@case()
def an_address_without_length(t):
    """May be no memory: the kernel does not look at it, and neither do we."""
    compare(t, hazard(t, "no-address"))


@case()
def executes_itself(t):
    """50 images of one process, some without an environment: logtap run
    follows them all."""
    outcome = t.run(hazard(t, "again", 50))
    t.equal(outcome.status, 0, "status")
    t.lines_once(outcome, [f"again {i}" for i in range(50, -1, -1)])
    t.equal(len({r.pid for r in outcome.records}), 1, "pids")


@case()
def an_environment_that_is_cleared(t):
    """By clearenv, posix_spawn without one, env -i: what they start is
    captured all the same, and sees nothing else."""
    for argv in (hazard(t, "clear-environment", *lines_of(t)),
                 hazard(t, "spawn-without", *lines_of(t)),
                 ["/usr/bin/env", "-i", *lines_of(t)]):
        bare = t.bare(argv)
        outcome = t.run(argv)
        t.same(bare, outcome, without_tids)
        t.lines_once(outcome)
    outcome = t.run(hazard(t, "clear-environment", "/usr/bin/env"))
    names = {line.split(b"=")[0] for line in outcome.stdout.splitlines()}
    t.check({name for name in names if not name.startswith(b"LOGTAP_")} <=
            {b"KEPT", b"LD_PRELOAD"}, f"environment {names}")


# sudo of scripts/setup --test, in a mount namespace of its own: with the mode and
# the files that its package gives it.  The arguments: rootfs, folder, command.
SUDO = """set -e
root=$1 work=$2
shift 2
mkdir -p "$work/bin" "$work/etc"
mount -t tmpfs none "$work/bin"
cp "$root/usr/bin/sudo" "$work/bin/sudo"
chown 0:0 "$work/bin/sudo"
chmod 4755 "$work/bin/sudo"
mount -t tmpfs none "$work/etc"
upper=$work/etc/upper
mkdir -p "$upper/pam.d" "$work/etc/work"
cp "$root/etc/pam.d/sudo" "$upper/pam.d/sudo"
printf 'Defaults env_reset\\nALL ALL=(ALL:ALL) NOPASSWD: ALL\\n' >"$upper/sudoers"
chown 0:0 "$upper/sudoers"
chmod 0440 "$upper/sudoers"
mount -t overlay overlay \
    -o "lowerdir=/etc,upperdir=$upper,workdir=$work/etc/work" /etc
mount -t overlay overlay \
    -o "lowerdir=$root/usr/libexec:/usr/libexec" /usr/libexec
exec "$@"
"""


def sudo_prefix(t):
    """(what to start before a program that has a sudo, that sudo)."""
    if os.getuid():
        t.skip("a namespace with a sudo takes root")
    t.daemon("usr/bin/sudo")
    for tool in ("unshare", "setpriv"):
        t.tool(tool)
    os.chmod(t.dir, 0o777)
    script = t.write("sudo.sh", SUDO)
    work = t.dir / "sudo"
    work.mkdir()
    return (["unshare", "-m", "--propagation", "private", "/bin/sh", script,
             str(t.rootfs), str(work)], str(work / "bin" / "sudo"))


@case()
def sudo(t):
    """By a user it ignores LD_PRELOAD, says so, and works as bare; by root it is
    captured, and so is what it starts, though it scrubs the environment."""
    prefix, program = sudo_prefix(t)
    argv = [program, "-n", "/bin/sh", "-c", "echo by sudo $(id -u) >&2"]
    user = [*prefix, "setpriv", "--reuid=65534", "--regid=65534",
            "--clear-groups"]
    bare = t.bare(argv, prefix=user)
    if bare.status:
        t.skip(f"sudo does not work here: {bare.stderr[:200]!r}")
    t.equal(bare.stderr, b"by sudo 0\n", "what sudo starts, bare")
    outcome = t.run(argv, prefix=user)
    t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
    t.check(outcome.stderr.endswith(b"by sudo 0\n"), f"{outcome.stderr!r}")
    t.check(b"set-user-ID" in outcome.stderr, f"said {outcome.stderr!r}")
    t.equal(outcome.of("stderr"), [], "records")
    outcome = t.run(argv, prefix=prefix)
    t.equal((outcome.status, outcome.stderr), (0, b"by sudo 0\n"), "by root")
    t.lines_once(outcome, ["by sudo 0"])


# ---- others that interpose ------------------------------------------------


def library(t, package, pattern):
    """A library that scripts/setup --test has unpacked, or the system's."""
    for root in (t.rootfs, pathlib.Path("/")):
        for folder in ("usr/lib", "usr/local/lib"):
            found = sorted((root / folder).glob(f"*/{pattern}")) + \
                sorted((root / folder).glob(pattern)) + \
                sorted((root / folder).glob(f"*/*/{pattern}"))
            if found:
                return str(found[0])
    t.skip(f"{package} is not unpacked: scripts/setup --test does it")


def with_preload(t, path, env=None, programs=()):
    """The other library alone, and before and behind ours."""
    env = env or {}
    for argv in ([t.program("lines"), "mixed", "4", "500"],
                 hazard(t, "server", 20), [t.program("cancel"), "20"],
                 hazard(t, "threads", 200), *programs):
        bare = t.bare(argv, env={**env, "LD_PRELOAD": path})
        captured = t.run(argv, env={**env, "LD_PRELOAD": path})
        for order in ("{0}:{1}", "{1} {0}"):
            collector = t.collect()
            outcome = t.finish(t.spawn(argv, "preload", env={
                **env, **t.preload_env(collector.dir),
                "LD_PRELOAD": order.format(path, t.shim)}))
            outcome.records = collector.end()
            t.same(bare, outcome, without_tids, ordered=False)
            t.lines_once(outcome)
        t.same(bare, captured, without_tids, ordered=False)
        t.lines_once(captured)


@case(timeout=120)
def beside_jemalloc(t):
    """Its own messages are captured, too."""
    path = library(t, "libjemalloc2", "libjemalloc.so.2")
    with_preload(t, path)
    # Set for the program alone: logtap itself would report, too.
    outcome = t.run(["/usr/bin/env", f"LD_PRELOAD={path}",
                     "MALLOC_CONF=stats_print:true", t.program("dies"),
                     "nothing"])
    t.check(len(outcome.stderr_lines()) > 50, "no statistics")
    t.lines_once(outcome)


@case(timeout=120)
def beside_tcmalloc(t):
    with_preload(t, library(t, "libtcmalloc-minimal4",
                            "libtcmalloc_minimal.so.4"))


@case(timeout=120)
def beside_libfaketime(t):
    """The program believes in 1999, the records do not, though logtap itself
    was started with the library."""
    path = library(t, "libfaketime", "libfaketime.so.1")
    with_preload(t, path, {"FAKETIME": "@1999-12-31 23:00:00"})
    outcome = t.run(["/usr/bin/date", "+%Y"],
                    env={"LD_PRELOAD": path,
                         "FAKETIME": "@1999-12-31 23:00:00"})
    t.equal(outcome.stdout, b"1999\n", "the date")
    outcome = t.run([t.program("dies"), "nothing"],
                    env={"LD_PRELOAD": path,
                         "FAKETIME": "@1999-12-31 23:00:00"})
    t.check(all(r.time_ns > 1_600_000_000_000_000_000
                for r in outcome.records), "a record of 1999")


@case(timeout=120)
def built_with_address_sanitizer(t):
    """Its run time wants to be the first library, and finds itself there: in a
    program that is run, in one that a captured one starts, and where the library
    is preloaded and captures nothing."""
    argv = [t.program("lines-asan"), "mixed", "4", "200"]
    bare = t.bare(argv)
    for way in (argv, ["/bin/sh", "-c", '"$@"; exit $?', "sh", *argv]):
        outcome = t.run(way)
        t.same(bare, outcome, without_tids, ordered=False)
        t.lines_once(outcome)
    t.same(bare, t.bare(argv, env={"LD_PRELOAD": str(t.shim)}), without_tids,
           ordered=False)


@case(timeout=120)
def built_with_thread_sanitizer(t):
    """Functions of its run time end in the void before it has started, which is
    after us."""
    program = t.build / "tests" / "programs" / "lines-tsan"
    if not program.exists():
        t.skip("no thread sanitizer")
    # It has no place for its shadow in every address space.
    argv = ["setarch", "-R", program, "mixed", "4", "200"]
    bare = t.bare(argv)
    t.equal(bare.status, 0, f"status of it alone {bare.stderr[:200]!r}")
    outcome = t.run(argv)
    t.same(bare, outcome, without_tids, ordered=False)
    t.lines_once(outcome)


@case(timeout=180)
def under_valgrind(t):
    """The program's lines are captured; what valgrind says by itself cannot
    be, and does not change."""
    valgrind = t.tool("valgrind")
    argv = [valgrind, "-q", "--error-exitcode=9", *lines_of(t)]
    bare = t.bare(argv)
    t.equal(bare.status, 0, f"status of valgrind alone {bare.stderr[:200]!r}")
    outcome = t.run(argv)
    t.same(bare, outcome, without_tids)
    t.lines_once(outcome)
