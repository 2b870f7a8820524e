# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Debian's Apache with its process pool (prefork): a fork server whose master
reads what its CGI programs write to stderr and logs it again."""
import os
import re
import signal

from harness import case
from harness.devlog import DevLog, without_time_and_pid
from harness.servers import accepts, free_port, get, three_ways

CONFIGURATION = """
ServerRoot {dir}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {dir}/apache.pid
DefaultRuntimeDir {dir}
Mutex pthread
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule cgi_module {modules}/mod_cgi.so
StartServers 3
MinSpareServers 2
MaxSpareServers 3
MaxConnectionsPerChild 2
LogLevel info cgi:error
ErrorLog {log}
DocumentRoot {dir}/html
ScriptAlias /cgi/ {dir}/cgi/
<Directory />
    Require all granted
</Directory>
"""
REQUESTS = 12


class Apache:
    """One in a folder of its own, in the foreground."""

    def __init__(self, t, log):
        self.t = t
        self.program, self.env = t.daemon("usr/sbin/apache2")
        self.port = free_port()
        modules = t.rootfs / "usr/lib/apache2/modules"
        t.write("html/index.html", "hello\n")
        t.write("html/secret/index.html", "none of your business\n")
        t.write("cgi/says", "#!/bin/sh\necho said by a program >&2\n"
                            "printf 'Content-Type: text/plain\\n\\n'\n", 0o755)
        conf = t.write(f"apache-{self.port}.conf", CONFIGURATION.format(
            dir=t.dir, port=self.port, modules=modules, log=log))
        self.argv = [self.program, "-f", conf, "-DFOREGROUND"]

    def serve(self, start, finish, **spawn):
        env = {**self.env, **spawn.pop("env", {})}
        # It ends its whole process group.
        process = start(self.argv, env=env, start_new_session=True, **spawn)
        self.t.wait_for(
            lambda: process.poll() is not None or accepts(self.port), "apache")
        for number in range(REQUESTS):
            self.t.equal(get(self.port, f"/missing-{number}"), 404, "status")
            self.t.equal(get(self.port, "/cgi/says"), 200, "status of a CGI")
        master = int((self.t.dir / "apache.pid").read_text())
        os.kill(master, signal.SIGTERM)
        return finish(process)


def view(data):
    """Lines that every run has, without times, pids and ports."""
    return b"".join(
        re.sub(rb"^\[[A-Z][^]]*\] |\[pid .*?:tid \d+\] |\[client [^]]*\] ",
               b"", line) for line in data.splitlines(True)
        if b"missing-" in line or b"said by" in line)


@case(timeout=120)
def error_log_on_stderr(t):
    """Master and children that come and go: each line one record, of the
    process that it names; what a CGI program said is there once."""
    apache = Apache(t, "/dev/stderr")
    bare, captured, preloaded = three_ways(t, apache)
    said = bare.stderr.count(b"said by a program")
    t.equal(said, REQUESTS, "lines of CGI programs")
    for outcome in (captured, preloaded):
        t.same(bare, outcome, view, ordered=False)
        # As run leaves it out; a collector by itself has no session's stderr.
        own = [r for r in outcome.of("stderr")
               if r.body != "said by a program"]
        t.equal(sorted(r.body for r in own), sorted(outcome.stderr_lines()),
                f"{outcome.how}: records")
        for record in own:
            pid = re.search(r"\[pid (\d+)", record.body)
            if pid:
                t.equal(record.pid, int(pid[1]), f"pid of {record.body!r}")
    t.equal(len(captured.of("stderr")), len(captured.stderr_lines()),
            "nothing that the master read itself")


@case(timeout=120)
def error_log_to_syslog(t):
    """syslog(3), from processes that were forked for it."""
    log = DevLog(t)
    apache = Apache(t, "syslog:local1")
    sent = []
    for start, finish in ((t.spawn, t.finish), (t.start_run, t.finish_run)):
        outcome = apache.serve(start, finish, prefix=log.prefix)
        sent.append([datagram for datagram in log.take()
                     if b"missing-" in datagram or b"said by" in datagram])
    bare, under = (sorted(view(data) for data in without_time_and_pid(part))
                   for part in sent)
    t.equal(len(bare), 2 * REQUESTS, "datagrams")
    t.equal(under, bare, "datagrams")
    records = [r for r in outcome.of("syslog")
               if "missing-" in r.body or "said by" in r.body]
    t.equal(len(records), 2 * REQUESTS, "records")
    for record in records:
        t.equal(record.attributes.get("syslog.facility"), 17, f"{record!r}")
