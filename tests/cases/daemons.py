# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Debian's daemons, unpacked by scripts/setup --test, each as its package
configures it but for its folders and ports.  Never the machine's own."""
import os
import pathlib
import pwd
import re
import signal
import socket

from harness import case
from harness.devlog import SCRIPT as DEV_SCRIPT
from harness.devlog import (DevLog, check_records, namespace_words,
                            without_time_and_pid)
from harness.servers import accepts, free_port, get, three_ways


NGINX = """
daemon off;
{user}
worker_processes 2;
pid {dir}/nginx.pid;
error_log {log};
events {{ worker_connections 64; }}
http {{
    access_log {dir}/access.log;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi; uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{ listen 127.0.0.1:{port}; root {dir}/html; }}
}}
"""


class Nginx:
    """nginx in a folder of its own, in the foreground."""

    def __init__(self, t, log, user="root"):
        self.t = t
        self.program, self.env = t.daemon("usr/sbin/nginx")
        self.port = free_port()
        (t.dir / "html").mkdir(exist_ok=True)
        t.write("html/index.html", "hello\n")
        conf = t.write(f"nginx-{self.port}.conf", NGINX.format(
            dir=t.dir, port=self.port, log=log,
            user=f"user {user};" if os.getuid() == 0 else ""))
        self.argv = [self.program, "-e", "stderr", "-p", t.dir, "-c", conf]

    def serve(self, start, finish, **spawn):
        """Start it, ask for things that it logs about, stop it."""
        env = {**self.env, **spawn.pop("env", {})}
        process = start(self.argv, env=env, **spawn)
        self.t.wait_for(
            lambda: process.poll() is not None or accepts(self.port), "nginx")
        self.t.equal(get(self.port, "/"), 200, "status of /")
        for number in range(5):
            self.t.equal(get(self.port, f"/missing-{number}"), 404,
                         "status of a missing file")
        # nginx itself, which may run below unshare or logtap.
        master = int((self.t.dir / "nginx.pid").read_text())
        os.kill(master, signal.SIGQUIT)
        return finish(process)


def anonymous(data):
    """An nginx log without times, pids, ports and connection numbers."""
    data = re.sub(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", b"", data)
    data = re.sub(rb"\d+#\d+:( \*\d+)?", b"N#N:", data)
    data = re.sub(rb"(process|from|signal) \d+", rb"\1 N", data)
    return re.sub(rb"127\.0\.0\.1:\d+", b"HOST", data)


def important(data):
    """Lines that every run has: which of two workers says what, and how often
    it woke up, is chance."""
    return b"".join(line for line in anonymous(data).splitlines(True)
                    if b"missing-" in line or b"start worker process" in line)


@case(timeout=120)
def nginx_error_log_on_stderr(t):
    """Master and workers: each line one record, of the thread it names."""
    nginx = Nginx(t, "stderr notice")
    bare, captured, preloaded = three_ways(t, nginx)
    t.check(len(bare.stderr_lines()) >= 8, f"nginx said {bare.stderr!r}")
    for outcome in (captured, preloaded):
        t.same(bare, outcome, important, ordered=False)
        t.lines_once(outcome)
        # 2025/01/31 12:00:00 [error] PID#THREAD: ...
        t.tids_match(outcome, r"\] \d+#(\d+): ")
        for record in outcome.records:
            pid = int(re.search(r"\] (\d+)#", record.body)[1])
            t.equal(record.pid, pid, f"process.pid of {record.body!r}")


@case(timeout=120)
def nginx_whose_workers_give_up_root(t):
    """The master is root's, its workers are not: each record says whose."""
    if os.getuid():
        t.skip("giving up root takes root")
    os.chmod(t.dir, 0o755)
    nginx = Nginx(t, "stderr notice", "nobody nogroup")
    for outcome in three_ways(t, nginx)[1:]:
        t.lines_once(outcome)
        master = next(r.pid for r in outcome.records
                      if "start worker process " in r.body)
        owners = {(r.pid == master, r.resource["process.owner"])
                  for r in outcome.records
                  if r.pid == master or "missing-" in r.body}
        t.equal(owners, {(True, "root"), (False, "nobody")}, "owners")


@case(timeout=120)
def nginx_error_log_to_syslog(t):
    """Its own socket to /dev/log: the same datagrams, each one record."""
    log = DevLog(t)
    nginx = Nginx(t, "syslog:server=unix:/dev/log,tag=web info")
    sent = []
    for start, finish in ((t.spawn, t.finish), (t.start_run, t.finish_run)):
        outcome = nginx.serve(start, finish, prefix=log.prefix)
        sent.append([datagram for datagram in log.take()
                     if b"missing-" in datagram])
    view = [sorted(anonymous(data) for data in without_time_and_pid(part))
            for part in sent]
    t.equal(len(sent[0]), 5, "datagrams")
    t.equal(view[1], view[0], "datagrams")
    records = [r for r in outcome.of("syslog") if "missing-" in r.body]
    t.equal(len(records), 5, "records")
    for record in records:
        t.equal(record.severity, 17, f"severity of {record!r}")
        t.equal(record.attributes.get("syslog.facility"), 23,
                f"facility of {record!r}")


REDIS = """
bind 127.0.0.1
port {port}
dir {dir}
save ""
syslog-enabled yes
syslog-ident store
syslog-facility local2
"""


@case(timeout=120)
def redis_logs_to_syslog(t):
    """syslog(3) of a daemon with threads: same datagrams, each one record."""
    log = DevLog(t)
    program, env = t.daemon("usr/bin/redis-server")
    views = []
    for start, finish in ((t.spawn, t.finish), (t.start_run, t.finish_run)):
        port = free_port()
        conf = t.write("redis.conf", REDIS.format(port=port, dir=t.dir))
        process = start([program, conf], env=env, prefix=log.prefix)
        t.wait_for(lambda: process.poll() is not None or accepts(port),
                   "redis-server")
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"SHUTDOWN NOSAVE\r\n")
            client.recv(100)
        outcome = finish(process)
        t.equal(outcome.status, 0, f"status ({outcome.stderr!r})")
        sent = log.take()
        views.append([re.sub(rb"(?<=pid=)\d+|(?<=version=)\S+|\d+", b"N", data)
                      for data in without_time_and_pid(sent)])
    t.check(len(sent) > 3, f"redis sent {sent}")
    t.equal(views[1], views[0], "datagrams")
    check_records(t, outcome, sent)


SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {dir}/host_key
PidFile {dir}/sshd-{port}.pid
AuthorizedKeysFile {dir}/user_key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
LogLevel VERBOSE
"""

# The user that sshd drops to, and the folder that it locks itself into.
SSHD_NAMESPACE = r"""
set -e
dir=$1
shift
mount --bind "$dir/passwd" /etc/passwd
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd
exec "$@"
"""


def sshd_view(data):
    """What every run has; how far a session came before the end is chance."""
    return b"".join(re.sub(rb"port \d+|SHA256:\S+", b"N", line)
                    for line in data.splitlines(True)
                    if re.match(rb"Server|Accepted|Starting|Invalid", line))


@case(timeout=120)
def sshd_with_its_sandbox(t):
    """Log-ins work, though sshd closes everything and locks its child in with
    chroot, setuid, rlimits and a seccomp filter."""
    if os.getuid():
        t.skip("sshd changes its user, which takes root")
    sshd, env = t.daemon("usr/sbin/sshd")
    ssh, _ = t.daemon("usr/bin/ssh")
    keygen, _ = t.daemon("usr/bin/ssh-keygen")
    for name in ("host_key", "user_key"):
        made = t.bare([keygen, "-q", "-t", "ed25519", "-N", "", "-f",
                       t.dir / name], env=env)
        t.equal(made.status, 0, f"ssh-keygen: {made.stderr!r}")
    with open("/etc/passwd") as file:
        users = [line for line in file
                 if not line.startswith(("sshd:", "root:"))]
    # No start-up files of the machine's own root.
    t.write("passwd", f"root:x:0:0::{t.dir}:/bin/sh\n" + "".join(users) +
            "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n")
    prefix = [*namespace_words(), "sh", "-c", SSHD_NAMESPACE, "sh",
              str(t.dir)]
    probe = t.bare(["true"], prefix=prefix)
    if probe.status:
        t.skip(f"no mount namespace: {probe.stderr[:200]!r}")
    outcomes = []
    for start, finish in ((t.spawn, t.finish), (t.start_run, t.finish_run)):
        port = free_port()
        conf = t.write(f"sshd-{port}.conf",
                       SSHD.format(port=port, dir=t.dir))
        process = start([sshd, "-D", "-e", "-f", conf], env=env,
                        prefix=prefix)
        t.wait_for(lambda: process.poll() is not None or
                   (t.dir / f"sshd-{port}.pid").exists(), "sshd")
        words = [ssh, "-F", "none", "-p", port, "-o", "BatchMode=yes", "-o",
                 "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile="
                 "/dev/null", "-o", "LogLevel=ERROR"]
        good = t.bare([*words, "-i", t.dir / "user_key", "root@127.0.0.1",
                       "echo logged in"], env=env)
        refused = t.bare([*words, "nobody-at-all@127.0.0.1", "true"], env=env)
        os.kill(int((t.dir / f"sshd-{port}.pid").read_text()), signal.SIGTERM)
        outcome = finish(process)
        t.equal((good.status, good.stdout), (0, b"logged in\n"),
                f"{outcome.how}: log-in; ssh: {good.stderr!r}, sshd: "
                f"{outcome.stderr!r}")
        t.equal(refused.status, 255, f"{outcome.how}: an unknown user")
        outcomes.append(outcome)
    bare, captured = outcomes
    t.same(bare, captured, sshd_view, ordered=False)
    # sshd ends its lines with CR LF.
    t.equal(sorted(r.body.rstrip("\r") for r in captured.of("stderr")),
            sorted(captured.stderr_lines()), "records")


RSYSLOG = """
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{dir}/rsyslog.sock" CreatePath="on"
      RateLimit.Interval="0" UsePIDFromSystem="off")
template(name="plain" type="string"
         string="%syslogfacility%.%syslogseverity% %syslogtag% %msg%\\n")
$ActionNonsense on
action(type="omfile" file="{dir}/{name}.out" template="plain")
"""


def rsyslog_view(data):
    """Its messages without the pid of its own."""
    return re.sub(rb"pid \d+|\d{4}-\d\d-\d\dT\S+", b"N", data)


@case(timeout=120)
def rsyslogd(t):
    """As a program that is captured, and as one that syslog(3) of a captured
    program goes to: the same files, and its own messages are records."""
    daemon, env = t.daemon("usr/sbin/rsyslogd")
    modules = t.rootfs / "usr/lib/x86_64-linux-gnu/rsyslog"
    socket_path = t.dir / "rsyslog.sock"
    new = t.dir / "dev"
    new.mkdir()
    inside = [*namespace_words(), "sh", "-c", DEV_SCRIPT, "sh", str(new),
              str(socket_path)]
    files, outcomes = [], []
    for name, start, finish, run in (
            ("bare", t.spawn, t.finish, t.bare),
            ("captured", t.start_run, t.finish_run, t.run)):
        socket_path.unlink(missing_ok=True)
        pidfile = t.dir / f"{name}.pid"
        conf = t.write(f"{name}.conf", RSYSLOG.format(dir=t.dir, name=name))
        # Left alone unless it is named: it receives logs.
        process = start([daemon, "-n", "-f", conf, "-i", pidfile, "-M",
                         modules], env={**env, "LOGTAP_ONLY": "rsyslogd"})
        t.wait_for(lambda: process.poll() is not None or
                   (socket_path.exists() and pidfile.exists()), "rsyslogd")
        sender = run([t.program("syslog")], prefix=inside)
        if name == "bare" and sender.status and b"unshare" in sender.stderr:
            t.skip(f"no mount namespace: {sender.stderr[:200]!r}")
        for number in range(100):
            done = t.bare([t.tool("logger"), "-u", socket_path, "-p",
                           "local3.err", "-t", "tag", f"message {number}"])
            t.equal(done.status, 0, f"logger: {done.stderr!r}")
        file = t.dir / f"{name}.out"
        t.wait_for(lambda: file.exists() and b"message 99" in
                   file.read_bytes(), "the last message in the file")
        os.kill(int(pidfile.read_text()), signal.SIGTERM)
        outcomes.append(finish(process))
        files.append(re.sub(rb"\[\d+\]|pid \d+|x-pid=\S+|swVersion=\S+", b"N",
                            file.read_bytes()))
        if name == "captured":
            t.check(len(sender.of("syslog")) > 5,
                    f"records of the sender: {sender.records}")
    t.equal(files[1], files[0], "what rsyslogd wrote")
    t.check(files[0].count(b"message ") >= 100, "messages")
    bare, captured = outcomes
    t.same(bare, captured, rsyslog_view)
    t.check(b"Nonsense" in bare.stderr, f"rsyslogd said {bare.stderr!r}")
    t.lines_once(captured)


def postgres_folder(t):
    """Where the programs of PostgreSQL are: unpacked, or the machine's."""
    folders = sorted(t.rootfs.glob("usr/lib/postgresql/*/bin")) + sorted(
        pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "psql").exists():
            return folder
    t.skip("PostgreSQL's server is not installed")


def postgres_view(data):
    """Which lines every run has: checkpoints and their order are chance."""
    return b"".join(
        re.sub(rb"pid=\d+ |\d{4}-\d\d-\d\d [\d:.]+ \w+", b"", line)
        for line in data.splitlines(True)
        if re.search(rb"starting Postgre|ready to accept|LOG:  statement|"
                     rb"ERROR|STATEMENT|received fast|is shut down", line))


@case(timeout=300)
def postgres(t):
    """A server of many processes that logs to stderr: each line one record, of
    the process that it names."""
    folder = postgres_folder(t)
    if t.rootfs in folder.parents:
        t.env.update(t.daemon((folder / "initdb").relative_to(t.rootfs))[1])
    user = None
    if os.getuid() == 0:  # it refuses to be root
        user = pwd.getpwnam("nobody")
        os.chown(t.dir, user.pw_uid, user.pw_gid)
    as_user = {"user": user.pw_uid, "group": user.pw_gid,
               "extra_groups": []} if user else {}
    seen = t.bare(["test", "-x", t.logtap_program, "-a", "-r", t.shim],
                  **as_user)
    if seen.status:
        t.skip("the build folder is not for every user's eyes")
    data = t.dir / "data"
    made = t.bare([folder / "initdb", "-A", "trust", "-N", "-U", "tester",
                   "-D", data, "--locale", "C"], timeout=200, **as_user)
    t.equal(made.status, 0, f"initdb: {made.stderr[-500:]!r}")

    def serve(start, finish, **spawn):
        process = start(
            [folder / "postgres", "-D", data, "-k", t.dir, "-c",
             "listen_addresses=", "-c", "log_line_prefix=pid=%p ", "-c",
             "log_statement=all", "-c", "fsync=off", "-c",
             "log_checkpoints=off"], **as_user, **spawn)

        def ask(text):
            return t.bare([folder / "psql", "-h", t.dir, "-U", "tester", "-d",
                           "postgres", "-At", "-c", text], **as_user)
        t.wait_for(lambda: process.poll() is not None or
                   ask("select 1").status == 0, "postgres", 60)
        for number in range(20):
            t.equal(ask(f"select {number} + 1").stdout,
                    b"%d\n" % (number + 1), "an answer")
            ask(f"select nonsense_{number}")
        with open(data / "postmaster.pid") as file:
            os.kill(int(file.readline()), signal.SIGINT)
        return finish(process)
    collector = t.collect(**as_user, directory=own_session_dir(t, user))
    outcomes = [serve(t.spawn, t.finish), serve(t.start_run, t.finish_run),
                serve(t.spawn, t.finish, env=t.preload_env(collector.dir))]
    bare, captured, preloaded = outcomes
    preloaded.records = collector.end()

    # The first question is asked until it is answered.
    def view(text):
        return postgres_view(b"".join(
            line for line in text.splitlines(True)
            if b"select 1\n" not in line and b"starting up" not in line))
    for outcome in (captured, preloaded):
        t.same(bare, outcome, view, ordered=False)
        t.lines_once(outcome)
        for record in outcome.records:
            match = re.match(r"pid=(\d+) ", record.body)
            if match:
                t.equal(record.pid, int(match[1]),
                        f"process.pid of {record.body!r}")
    t.check(bare.stderr.count(b"nonsense_") >= 40, "lines of errors")


def own_session_dir(t, user):
    directory = t.session_dir()
    if user:
        os.chown(directory, user.pw_uid, user.pw_gid)
    return directory
