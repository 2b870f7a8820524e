# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""syslog, on a private /dev/log: the daemon gets what it got, and each message
is one record with its severity and facility."""
import re

from harness import case
from harness.devlog import DevLog, check_records, without_time_and_pid

def compare(t, argv, **run):
    """Bare, under run and preloaded: the same datagrams and output, and a
    record for each.  Returns the captured outcomes."""
    log = DevLog(t)
    bare = t.bare(argv, prefix=log.prefix, **run)
    sent = log.take()
    t.check(sent, "the bare program sent nothing")
    captured = []
    for way in (t.run, t.preload):
        outcome = way(argv, prefix=log.prefix, **run)
        t.same(bare, outcome, lambda data: re.sub(rb"\[\d+\]|pid \d+", b"N",
                                                  data))
        got = log.take()
        t.equal(sorted(without_time_and_pid(got)),
                sorted(without_time_and_pid(sent)),
                f"{outcome.how}: datagrams")
        check_records(t, outcome, got)
        captured.append(outcome)
    return captured


@case()
def syslog_of_c(t):
    """syslog, vsyslog and the __*_chk forms; %m, masks, ident, long text."""
    for outcome in compare(t, [t.program("syslog")]):
        t.equal({r.tid for r in outcome.records},
                {r.pid for r in outcome.records}, "thread.id")


@case()
def the_corners_of_syslog(t):
    """Facility 0, bits that mean nothing, masks, idents, own conversions."""
    compare(t, [t.program("syslog_edges")])


@case()
def log_perror_makes_one_record(t):
    """LOG_PERROR: on stderr and in syslog, but one record."""
    for outcome in compare(t, [t.program("syslog"), "perror"]):
        t.equal([r.body for r in outcome.of("stderr")], [],
                "records of stderr")


@case()
def python_syslog_handler(t):
    """logging.handlers.SysLogHandler writes to the socket itself."""
    script = t.write("handler.py", """
import logging, logging.handlers, threading
handler = logging.handlers.SysLogHandler("/dev/log", facility="local1")
log = logging.getLogger()
log.addHandler(handler)
log.setLevel(logging.DEBUG)
def work(n):
    for i in range(20):
        log.warning("thread %d message %d", n, i)
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
log.debug("debug"); log.error("error"); log.critical("critical")
""")
    compare(t, ["/usr/bin/python3", script])


@case()
def python_syslog_module(t):
    """The syslog module calls syslog(3)."""
    compare(t, ["/usr/bin/python3", "-c", """
import syslog
syslog.openlog("snake", syslog.LOG_PID, syslog.LOG_MAIL)
syslog.syslog("plain")
syslog.syslog(syslog.LOG_ERR, "an error: 100% %s %m")
"""])


@case()
def perl_sys_syslog(t):
    """Sys::Syslog through libc and through a socket of its own."""
    for way in ("native", "unix"):
        compare_perl(t, way)


def compare_perl(t, way):
    sub = type(t)(t.dir / way)
    sub.dir.mkdir()
    try:
        compare(sub, [t.tool("perl"), "-MSys::Syslog=:standard,:macros", "-e",
                      f'Sys::Syslog::setlogsock("{way}");'
                      'openlog("pearl", "pid,ndelay", LOG_LOCAL5);'
                      'syslog(LOG_WARNING, "from %s", "perl");'
                      'syslog("err", "an error");'
                      'closelog();'])
    finally:
        sub.cleanup()


@case()
def logger_of_util_linux(t):
    """logger(1) sends through a socket."""
    compare(t, [t.tool("logger"), "-p", "user.notice", "-t", "tag",
                "--", "a message of logger"])


CONSOLE = """
umount /dev/log; : >/dev/console
"$@"; status=$?; cat /dev/console; exit $status
"""


@case()
def without_a_daemon(t):
    """No /dev/log: messages are recorded once, and LOG_CONS writes to the
    console what it would have written."""
    log = DevLog(t)
    script = t.write("cons.py", """
import syslog
for option in (0, syslog.LOG_CONS, syslog.LOG_CONS | syslog.LOG_PERROR,
               syslog.LOG_NDELAY, syslog.LOG_NOWAIT | syslog.LOG_PID):
    syslog.openlog("lonely", option, syslog.LOG_LOCAL2)
    syslog.syslog(syslog.LOG_WARNING, f"option {option}")
    syslog.closelog()
""")
    argv = ["sh", "-c", CONSOLE, "sh", "/usr/bin/python3", script]
    bare = t.bare(argv, prefix=log.prefix)
    t.check(b"lonely: option 34" in bare.stdout,
            f"on the console: {bare.stdout}, {bare.stderr}")
    for way in (t.run, t.preload):
        outcome = way(argv, prefix=log.prefix)
        t.same(bare, outcome, lambda data: re.sub(
            rb"\w{3} [ \d]\d \d\d:\d\d:\d\d|\[\d+\]", b"N", data))
        t.equal([(r.body, r.severity, r.attributes["syslog.facility"])
                 for r in outcome.records],
                [(f"option {option}", 13, 18)
                 for option in (0, 2, 34, 8, 17)], "records")
    t.equal(log.take(), [], "datagrams")
