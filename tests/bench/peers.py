# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Others that record what programs say: rsyslogd, LTTng-UST, logger(1).  Their
daemons are the bench's own, and end with it."""
import os
import pathlib
import shutil
import subprocess

from harness.devlog import SCRIPT, namespace_words

from . import calls
from .calls import COLUMNS, NOTE, add, collector_or_none, worker
from .rounds import Way, measure
from .session import ROOTFS, Broken, Skip, wait_for
from .table import Goal, Table


def unpacked(path):
    """(program, environment): unpacked by scripts/setup --bench, or the
    machine's own."""
    name = os.path.basename(path)
    full = ROOTFS / path
    if not full.exists():
        found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
        if not found:
            raise Skip(f"{name} is not there: scripts/setup --bench unpacks "
                       "it")
        return found, {}
    libraries = [str(folder) for folder
                 in (*sorted((ROOTFS / "usr/lib").glob("*-linux-gnu")),
                     ROOTFS / "usr/lib") if folder.is_dir()]
    return str(full), {"LD_LIBRARY_PATH": ":".join(libraries)}


def private_dev_log(session, socket, name):
    """Words before a program that make @socket its /dev/log."""
    new = session.folder / f"dev-{name}"
    new.mkdir()
    words = [*namespace_words(), "sh", "-c", SCRIPT, "sh", str(new),
             str(socket)]
    probe = subprocess.run([*words, "true"], capture_output=True, text=True)
    if probe.returncode:
        raise Skip("no private /dev/log, for want of a mount namespace: "
                   + probe.stderr.strip()[:200])
    return words


class Discard:
    """The cheapest reader of a syslog socket."""

    def __init__(self, session):
        self.path = session.folder / "discard.sock"
        self.process = session.spawn([session.program("discard"), self.path],
                                     stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.prefix = private_dev_log(session, self.path, "discard")


class Rsyslogd:
    """A real rsyslogd: imuxsock, or imfile on @follow, to a file."""

    def __init__(self, session, name="rsyslogd", follow=None):
        program, env = unpacked("usr/sbin/rsyslogd")
        folder = session.folder / name  # or a path of its own
        folder.mkdir()
        self.out = folder / "out"
        self.socket = folder / "log.sock"
        source = f"""
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{self.socket}" RateLimit.Interval="0")"""
        if follow:
            source = f"""
module(load="imfile")
input(type="imfile" File="{follow}" Tag="app" MaxLinesAtOnce="1024")"""
        config = folder / "conf"
        config.write_text(f"""
global(workDirectory="{folder}" maxMessageSize="8k"){source}
template(name="plain" type="string" string="%msg%\\n")
main_queue(queue.size="100000")
action(type="omfile" file="{self.out}" template="plain")
""")
        modules = os.path.join(
            os.path.dirname(os.path.dirname(os.path.dirname(program))),
            "usr/lib/x86_64-linux-gnu/rsyslog")
        if not os.path.isdir(modules):
            modules = "/usr/lib/x86_64-linux-gnu/rsyslog"
        self.process = session.spawn(
            [program, "-n", "-f", config, "-i", folder / "pid", "-M", modules],
            env=session.environment(env), stdout=subprocess.DEVNULL,
            stderr=open(folder / "err", "w"))
        self.pid = self.process.pid
        wait_for(lambda: self.process.poll() is not None
                 or (folder / "pid").exists() and
                 (follow or self.socket.exists()), "rsyslogd")
        if self.process.poll() is not None:
            raise Broken("rsyslogd ends at once: "
                         + (folder / "err").read_text()[-500:])

    def lines(self):
        try:
            with open(self.out, "rb") as file:
                return sum(block.count(b"\n") for block
                           in iter(lambda: file.read(1 << 20), b""))
        except FileNotFoundError:
            return 0


class Lttng:
    """A session daemon in a mount namespace of its own, and a session that
    keeps the newest (no consumer writes while it is measured)."""

    def __init__(self, session):
        daemon, env = unpacked("usr/bin/lttng-sessiond")
        if os.getuid() != 0:
            raise Skip("LTTng's session daemon is only run by root here")
        session.program("lttng")  # or it is not built: skipped
        self.tool = os.path.join(os.path.dirname(daemon), "lttng")
        self.env = session.environment({
            **env, "HOME": "/dev/shm", "LTTNG_HOME": "/dev/shm",
            "LTTNG_UST_REGISTER_TIMEOUT": "-1"})
        schema = ROOTFS / "usr/share/xml/lttng"
        if env and schema.is_dir():
            self.env["LTTNG_SESSION_CONFIG_XSD_PATH"] = str(schema)
        words = ["--no-kernel", "--quiet"]
        consumer = list(ROOTFS.glob("usr/lib/*/lttng/libexec/lttng-consumerd"))
        if env and consumer:
            words.append(f"--consumerd64-path={consumer[0]}")
        self.process = session.spawn(
            [*namespace_words(), "sh", "-c",
             "mount -t tmpfs run /run && mount -t tmpfs shm /dev/shm && "
             "exec \"$@\"", "sh", daemon, *words], env=self.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.prefix = ["nsenter", "-t", str(self.process.pid), "-m", "--"]
        run = pathlib.Path(f"/proc/{self.process.pid}/root/run/lttng")
        wait_for(lambda: self.process.poll() is not None
                 or (run / "lttng-sessiond.pid").exists()
                 and list(run.glob("lttng-ust-sock-*")), "lttng-sessiond")
        if self.process.poll() is not None:
            raise Broken("lttng-sessiond ends at once")
        for words in (["create", "bench", "--snapshot"],
                      ["enable-channel", "-u", "c", "--overwrite"],
                      ["enable-event", "-u", "-c", "c", "logtap_bench:*"],
                      ["enable-event", "-u", "-c", "c", "lttng_ust_tracef:*"],
                      ["start"]):
            done = subprocess.run(
                [*self.prefix, self.tool, "--no-sessiond", *words],
                env=self.env, capture_output=True, text=True)
            if done.returncode:
                raise Broken(f"lttng {words[0]}: "
                             + (done.stdout + done.stderr).strip())

    def worker(self, session):
        return calls.Worker(session, "lttng", "lttng", env={
            key: value for key, value in self.env.items()
            if key.startswith(("LTTNG", "HOME"))}, prefix=self.prefix)

    def end(self):
        """Its consumer daemon ends with it."""
        self.process.terminate()
        self.process.wait(20)


def syslog(session):
    """syslog(3), with snprintf, rsyslogd and logger(1) beside it"""
    table = Table("syslog", "syslog(3) with 6 arguments", COLUMNS, NOTE)
    collector = collector_or_none(session, table, "captured only")
    rounds, count, sample_rounds, samples = calls.shape(session)
    count, samples = count // 8, samples // 8
    reader = Discard(session)
    ways = [Way("reader", worker(session, "reader", prefix=reader.prefix),
                "syslog", count),
            Way("tee", worker(session, "tee", mode="tee", collector=collector,
                              prefix=reader.prefix), "syslog", count, 1)]
    ways.append(Way("snprintf", ways[0].worker, "snprintf", count))
    if collector:
        ways.append(Way("divert", worker(
            session, "divert", mode="divert", collector=collector,
            prefix=reader.prefix), "syslog", count, 1, True))
    try:
        daemon = Rsyslogd(session)
        ways.append(Way("rsyslogd", worker(
            session, "rsyslogd", prefix=private_dev_log(
                session, daemon.socket, "rsyslogd")), "syslog", count))
    except (Skip, Broken) as why:
        table.skip("rsyslogd", why)
    logger = worker(session, "logger", prefix=reader.prefix, env={
        "BENCH_SPAWN": "/usr/bin/logger", "BENCH_SPAWN_ARGUMENT": "message"})
    measured = measure(ways, rounds, samples, sample_rounds)
    calls.count_instructions(session, measured,
                             [way for way in ways if way.name != "rsyslogd"],
                             2)
    add(table, measured, "tee, trivial reader", "tee", "reader")
    if collector:
        add(table, measured, "captured only, to trivial reader", "divert",
            "reader")
        add(table, measured, "captured only, to snprintf", "divert",
            "snprintf", Goal("P2", 0.65))
    if "rsyslogd" in measured.names:
        add(table, measured, "bare, rsyslogd, to trivial reader", "rsyslogd",
            "reader")
        if collector:
            add(table, measured, "captured only, to bare with rsyslogd",
                "divert", "rsyslogd", Goal("P2", 1 / 30, 1 / 50))
    calls_of_logger = measure([ways[0], Way("logger", logger, "spawn", 2)],
                              3 if session.quick else 30)
    add(table, calls_of_logger, "logger(1), a process a message", "logger",
        "reader")
    for way in ways:
        way.worker.end()
    logger.end()
    return [table]


def lttng(session):
    """LTTng-UST: tracepoint and tracef, with captured calls"""
    table = Table("lttng", "Captured calls beside LTTng-UST's", COLUMNS, NOTE)
    tracer = Lttng(session)
    try:
        run_lttng(session, table, tracer)
    finally:
        tracer.end()
    return [table]


def run_lttng(session, table, tracer):
    collector = collector_or_none(session, table, "captured calls")
    rounds, count, sample_rounds, samples = calls.shape(session)
    theirs = tracer.worker(session)
    ways = [Way(name, theirs, name, count)
            for name in ("tracepoint", "tracef_string", "tracef")]
    if collector:
        reader = Discard(session)
        ways += [
            Way("write", worker(session, "write", mode="divert",
                                collector=collector), "write", count, 1, True),
            Way("syslog", worker(session, "syslog", mode="divert",
                                 collector=collector, prefix=reader.prefix),
                "syslog", count // 8, 1, True)]
    measured = measure(ways, rounds, samples, sample_rounds)
    calls.count_instructions(session, measured, ways[:3])
    calls.count_instructions(session, measured, ways[3:], calls.MANY)
    if (measured.instructions["tracepoint"] or 1000) < 200:
        raise Broken("LTTng-UST records nothing: its tracepoint takes "
                     f"{measured.instructions['tracepoint']} instructions")
    add(table, measured, "tracef(\"%s\"), to tracepoint(string)",
        "tracef_string", "tracepoint")
    if not collector:
        return
    add(table, measured, "captured write, to tracepoint(string)", "write",
        "tracepoint", Goal("P3", 0.12))
    both = [measured.instructions[name] for name in ("write", "tracepoint")]
    if None not in both:
        table.add(Goal("P3", 1 / 13), both[0] / both[1],
                  what="  captured write: instructions, to tracepoint",
                  ratio=both[0] / both[1])
    add(table, measured, "captured syslog, to tracef(6 arguments)", "syslog",
        "tracef", Goal("P3", 0.4))
    for way in ways:
        if way.name not in ("tracef_string", "tracef"):
            way.worker.end()
