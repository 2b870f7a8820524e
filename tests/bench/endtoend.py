# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A million lines from an application to a receiver that counts them, and what
all who take part spend: the application, the agent, its memory."""
import json
import os
import pathlib
import signal
import subprocess

from . import segment
from .peers import Rsyslogd, private_dev_log
from .session import Broken, Collector, Skip, Worker, memory_kib, wait_for
from .table import Goal, Table

COLUMNS = [("what", "what"), ("delivered", "delivered"),
           ("dropped", "dropped"), ("written", "written"), ("lost", "lost"),
           ("mean_ns", "mean ns"),
           ("p99_ns", "p99 ns"), ("rate", "lines/s"), ("app_s", "app s"),
           ("agent_s", "agent s"), ("total_s", "total s"),
           ("rss_mib", "agent MiB")]
NOTE = ("dropped: not recorded, and counted as such; written: diverted lines "
        "that went where they would have gone, for want of room; lost: not "
        "accounted for; mean, p99: of a call; app, agent, total: CPU seconds, "
        "without the receiver's; Fluent Bit's were measured elsewhere and are "
        "scaled by what a write to /dev/null takes here")

# A million lines, where a write to /dev/null took 272 ns.
FLUENT_BIT = {"null_ns": 272, "total_s": 5.18, "agent_s": 2.70,
              "mean_ns": 2648, "p99_ns": 31158}


class Application:
    """One run of tests/bench/app.c, with what it says of itself.  Its first
    line is out, and its collector has found it, before the clock starts."""

    def __init__(self, session, kind, lines, rate, env=None, prefix=(),
                 stderr="/dev/null", directory=None):
        with open(stderr, "ab") as file:
            process = session.spawn(
                [*prefix, session.program("app"), kind, lines, rate],
                env=session.environment(env), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=file)
        if directory:
            wait_for(lambda: segment.attached(directory, process.pid),
                     "the collector to find the application")
        out = process.communicate(b"\n")[0].split()
        if process.returncode != 0 or len(out) != 7:
            raise Broken(f"app {kind} ended with {process.returncode}")
        (self.mean, self.p50, self.p99, self.p999, self.longest, self.wall,
         self.cpu) = map(float, out)
        self.lines = lines

    def row(self, what, delivered=None, agent=None, dropped=None,
            written=None):
        row = {"what": what, "delivered": delivered, "dropped": dropped,
               "written": written,
               "mean_ns": self.mean, "p50_ns": self.p50, "p99_ns": self.p99,
               "p999_ns": self.p999, "rate": self.lines / self.wall,
               "app_s": self.cpu, "total_s": self.cpu}
        if delivered is not None:
            row["lost"] = (self.lines - delivered - (dropped or 0)
                           - (written or 0))
        if agent and agent.drained_s:
            row["drained_s"] = agent.drained_s
        if agent:
            row.update(agent_s=agent.cpu, rss_mib=agent.rss_mib,
                       total_s=self.cpu + agent.cpu)
        return row


def thread_seconds(pid, name):
    """CPU time of the threads of that name; 0: there are none."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


class Ended:
    """Ends a process with SIGTERM; what it has used in all its life."""

    def __init__(self, process):
        self.rss_mib = memory_kib(process.pid)["VmHWM"] / 1024
        self.drained_s = thread_seconds(process.pid, "logtap-reader")
        process.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime


class Run:
    """@lines lines, @rate a second (0: as fast as it can), in each way, some
    times over: a row's figures are the medians of theirs."""

    def __init__(self, session, table, lines, rate):
        self.session = session
        self.table = table
        self.lines = lines
        self.rate = rate
        self.number = 0
        self.taken = {}

    def app(self, kind, **how):
        return Application(self.session, kind, self.lines, self.rate, **how)

    def file(self, name):
        return self.session.folder / f"{name}-{self.rate}-{self.number}"

    def keep(self, key, row):
        self.taken.setdefault(key, []).append(row)

    def bare(self):
        self.keep("null", self.app("write").row("write to /dev/null"))
        self.keep("file", self.app("write", stderr=self.file("bare")).row(
            "write to a file"))

    def rsyslogd(self):
        log = self.file("followed")
        log.touch()
        self.watched("imfile", "rsyslogd: a file, to a file",
                     Rsyslogd(self.session, self.file("imfile"), log),
                     "write", stderr=log)
        daemon = Rsyslogd(self.session, self.file("imuxsock"))
        self.watched("imuxsock", "rsyslogd: syslog(), to a file", daemon,
                     "syslog", prefix=private_dev_log(
                         self.session, daemon.socket, self.file("dev").name))

    def watched(self, key, what, daemon, kind, **how):
        app = self.app(kind, **how)
        try:
            wait_for(lambda: daemon.lines() >= self.lines, what, 60, 0.1)
        except Broken:
            pass  # what is missing is lost
        delivered = daemon.lines()
        self.keep(key, app.row(what, delivered, Ended(daemon.process)))

    def logtap(self, key, what, mode, kind="write", env=None, **how):
        sink = self.session.sink()
        before = sink.counts()[1]
        collector = Collector(self.session, ["--otlp", sink.url])
        app = self.app(kind, directory=collector.dir, **how,
                       env=self.session.preload(collector.dir, mode,
                                                **(env or {})))
        wait_for(lambda: not list(collector.dir.glob("*.seg")),
                 "the collector to read what was left", 60, 0.01)
        agent = Ended(collector.process)
        if collector.process.returncode != 0:
            raise Broken(f"logtap collect: {collector.errors()}")
        status = json.loads((collector.dir / "status.json").read_text())
        diverts = mode == "divert"
        self.keep(key, app.row(
            what, sink.counts()[1] - before, agent,
            sum(status["dropped"].values()),
            status["fallback_calls"] if diverts else None))

    def every_way(self, times):
        rsyslogd = logtap = True
        for self.number in range(times):
            self.bare()
            try:
                if rsyslogd:
                    self.rsyslogd()
            except Skip as why:
                self.table.skip("rsyslogd", why)
                rsyslogd = False
            if logtap and not self.session.can_collect():
                self.table.skip("logtap", "this build has no `collect`")
                logtap = False
            if logtap:
                self.ours()
        return {key: {name: middle([row.get(name) for row in rows])
                      for name in rows[0]} for key, rows in self.taken.items()}

    def ours(self):
        self.logtap("tee", "logtap: tee, to /dev/null and OTLP", "tee")
        self.logtap("tee_file", "logtap: tee, to a file and OTLP", "tee",
                    stderr=self.file("tee"))
        self.logtap("divert", "logtap: divert, to OTLP", "divert")
        self.logtap("block", "logtap: divert, LOGTAP_FULL=block", "divert",
                    env={"LOGTAP_FULL": "block"})
        self.logtap("syslog", "logtap: divert syslog(), to OTLP", "divert",
                    "syslog", env={"LOGTAP_FULL": "block"})


def middle(values):
    """The median; of texts and of what is missing the first."""
    if any(value is None or isinstance(value, str) for value in values):
        return values[0]
    return sorted(values)[len(values) // 2]


def compare(table, rows, key, what, field, base, goal):
    if key in rows and rows[key].get(field):
        table.add(goal, rows[key][field] / base, what="  " + what,
                  ratio=rows[key][field] / base)


def of_a_record(session, table, row, lines):
    """What one record costs the collector, and how many one core drains."""
    worker = Worker(session, "encode", "encode")
    copy_ns = min(worker.run("copy", 50) for _ in range(20)) / 512
    worker.end()
    agent_ns = row["agent_s"] / lines * 1e9
    table.add(Goal("P6", 15), agent_ns / copy_ns, mean_ns=agent_ns,
              what="  divert: agent, to a copy of the encoded record",
              ratio=agent_ns / copy_ns)
    rate = lines / row["drained_s"]
    table.add(Goal("drain", 10e6, least=True), rate, rate=rate,
              what="  divert: one core takes from rings")


def endtoend(session):
    """a million lines, as fast as possible and 50,000 a second"""
    times = 1 if session.quick else 3
    lines = 20_000 if session.quick else 1_000_000
    tight = Table("tight", f"End to end: {lines:,} lines as fast as the "
                  "application can", [*COLUMNS, ("ratio", "ratio")], NOTE)
    rows = Run(session, tight, lines, 0).every_way(times)
    for row in rows.values():
        tight.add(**row)
    scale = rows["null"]["mean_ns"] / FLUENT_BIT["null_ns"]
    fluent = {key: value * scale for key, value in FLUENT_BIT.items()}
    for key in ("total_s", "agent_s"):
        fluent[key] *= lines / 1e6
    tight.add(what="Fluent Bit: a file, to OTLP (quoted)",
              mean_ns=fluent["mean_ns"], p99_ns=fluent["p99_ns"],
              rate=1e9 / fluent["mean_ns"], agent_s=fluent["agent_s"],
              total_s=fluent["total_s"])
    for key, what, field, share in (
            ("block", "divert: total CPU, to Fluent Bit's (tail)", "total_s",
             1 / 13),
            ("tee_file", "tee: total CPU, to Fluent Bit's", "total_s", 1 / 3),
            ("block", "divert: agent CPU, to Fluent Bit's", "agent_s",
             1 / 40)):
        compare(tight, rows, key, what, field, fluent[field],
                Goal("P7", share))
    compare(tight, rows, "block", "divert: lines/s, to Fluent Bit's", "rate",
            1e9 / fluent["mean_ns"], Goal("P7", 8, least=True))
    if "block" in rows:
        of_a_record(session, tight, rows["block"], lines)
    columns = [column for column in COLUMNS
               if column[0] not in ("app_s", "total_s")]
    paced = Table("paced", "End to end: 50,000 lines a second",
                  [*columns, ("ratio", "ratio")],
                  NOTE + "; the application spins between its lines")
    rows = Run(session, paced, lines // 4, 50_000).every_way(times)
    for row in rows.values():
        paced.add(**row)
    base = rows["null"]["p99_ns"]
    compare(paced, rows, "divert", "divert: p99, to write(/dev/null)'s",
            "p99_ns", base, Goal("P8", 1 / 3))
    compare(paced, rows, "tee", "tee: p99, to write(/dev/null)'s", "p99_ns",
            base, Goal("P8", 1.2))
    return [tight, paced]
