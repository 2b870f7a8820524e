# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The journal's native protocol, by libsystemd itself: the journal gets what it
got, and each entry is one record with its fields."""
import ctypes.util

from harness import case
from harness.journal import Journal, fields_of

# Calls sd_journal_sendv(3) as a program in C would.
SEND = r"""
import ctypes, os, sys, syslog
systemd = ctypes.CDLL("libsystemd.so.0")
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("size", ctypes.c_size_t)]
def send(*fields):
    parts = (Part * len(fields))(*((f, len(f)) for f in fields))
    result = systemd.sd_journal_sendv(parts, len(fields))
    print("sent", result)
"""


def libsystemd(t):
    if not ctypes.util.find_library("systemd"):
        t.skip("libsystemd is not installed")


def compare(t, script, normal=lambda fields: fields):
    """Bare, under run and preloaded: the same entries and output.  Returns
    (entries, records) of each captured run."""
    libsystemd(t)
    journal = Journal(t)
    argv = ["/usr/bin/python3", t.write("send.py", SEND + script)]
    bare = t.bare(argv, prefix=journal.prefix)
    sent = [normal(fields_of(entry)) for entry in journal.take()]
    t.check(sent, f"the bare program sent nothing: {bare.stderr}")
    results = []
    for way in (t.run, t.preload):
        outcome = way(argv, prefix=journal.prefix)
        t.same(bare, outcome)
        got = [normal(fields_of(entry)) for entry in journal.take()]
        t.equal(got, sent, f"{outcome.how}: entries")
        results.append((got, outcome.records))
    return results


@case()
def fields_of_entries(t):
    """Severity, ident, facility, place in the code, fields of one's own."""
    for _, records in compare(t, r"""
send(b"MESSAGE=plain")
send(b"MESSAGE=with fields", b"PRIORITY=3", b"SYSLOG_IDENTIFIER=tag",
     b"SYSLOG_FACILITY=16", b"SYSLOG_PID=77", b"CODE_FILE=a.c",
     b"CODE_LINE=12", b"CODE_FUNC=main", b"REQUEST_ID=0042")
send(b"MESSAGE=two\nlines", b"BINARY=\x00\xff\n")
send(b"NO_MESSAGE=at all", b"PRIORITY=6")
"""):
        t.equal([r.body for r in records],
                ["plain", "with fields", "two\nlines", ""], "bodies")
        found = records[1]
        t.equal(found.severity, 17, "severity of PRIORITY=3")
        wanted = {"syslog.appname": "tag", "syslog.facility": 16,
                  "syslog.procid": "77", "code.file.path": "a.c",
                  "code.line.number": 12, "code.function.name": "main",
                  "journal.request_id": "0042"}
        t.equal({key: found.attributes.get(key) for key in wanted}, wanted,
                "attributes")
        t.equal(records[3].attributes.get("journal.no_message"), "at all",
                "an entry without a message")
        t.equal(records[3].severity, 9, "its severity")


@case()
def large_datagrams(t):
    """What still fits into the buffer of the socket."""
    for _, records in compare(t, r"""
send(b"MESSAGE=" + b"m" * 150000, b"PRIORITY=4")
"""):
        t.equal([(len(r.body), r.severity) for r in records], [(150000, 13)],
                "records")


@case()
def memory_files(t):
    """A large entry is passed as a sealed memory file, as the protocol has
    it; the sender's buffer is what decides when, so it is made by hand."""
    for entries, records in compare(t, r"""
import array, fcntl, socket
def pass_file(entry):
    fd = os.memfd_create("entry", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.write(fd, entry)
    fcntl.fcntl(fd, 1033, 15)  # F_ADD_SEALS, all
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendmsg([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                        array.array("i", [fd]))], 0,
                  "/run/systemd/journal/socket")
    os.close(fd)
pass_file(b"MESSAGE=" + b"m" * 300000 + b"\nPRIORITY=4\n")
send(b"MESSAGE=after")
"""):
        t.equal([len(dict(entry)["MESSAGE"]) for entry in entries],
                [300000, 5], "what the journal got")
        t.equal([(len(r.body), r.severity) for r in records],
                [(300000, 13), (5, 0)], "records")


@case()
def too_large_to_keep(t):
    """More than any buffer: a memory file of 20 MiB, which libsystemd makes
    by itself.  A gap says how many bytes there were."""
    for entries, records in compare(t, r"""
send(b"MESSAGE=" + b"m" * (20 << 20))
send(b"MESSAGE=after")
"""):
        t.equal([len(dict(entry)["MESSAGE"]) for entry in entries],
                [20 << 20, 5], "what the journal got")
        t.equal([r.attributes.get("logtap.gap_bytes", 0) > 20 << 20
                 for r in records], [True, False], "gaps")
        t.equal(records[1].body, "after", "the last record")


@case()
def many_in_a_row_from_threads(t):
    """400 entries of four threads, in order each."""
    for _, records in compare(t, r"""
import threading
def work(n):
    for i in range(100):
        parts = (Part * 1)((b"MESSAGE=%d %03d" % (n, i), 13))
        assert systemd.sd_journal_sendv(parts, 1) == 0
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""", normal=lambda fields: None):
        for n in "0123":
            t.equal([r.body for r in records if r.body.startswith(f"{n} ")],
                    [f"{n} {i:03}" for i in range(100)], f"thread {n}")
        t.equal(len(records), 400, "records")


@case()
def three_channels_in_one_program(t):
    """stderr, syslog and the journal: each message once, where it went."""
    for _, records in compare(t, r"""
os.write(2, b"to stderr\n")
syslog.openlog("snake"); syslog.syslog("to syslog")
send(b"MESSAGE=to the journal")
print("again", file=sys.stderr)
"""):
        t.equal(sorted((r.stream, r.body) for r in records),
                [("stderr", "again"), ("stderr", "to stderr"),
                 ("syslog", "to syslog"), ("syslog", "to the journal")],
                "records")


@case()
def logger_to_the_journal(t):
    """logger --journald sends what it reads, as one entry."""
    libsystemd(t)
    journal = Journal(t)
    fields = t.write("entry", "MESSAGE=by logger\nPRIORITY=4\nUNIT=x\n")
    argv = [t.tool("logger"), f"--journald={fields}"]
    bare = t.bare(argv, prefix=journal.prefix)
    sent = [fields_of(entry) for entry in journal.take()]
    t.check(sent, f"the bare program sent nothing: {bare.stderr}")
    outcome = t.run(argv, prefix=journal.prefix)
    t.same(bare, outcome)
    t.equal([fields_of(entry) for entry in journal.take()], sent, "entries")
    t.equal([(r.body, r.severity) for r in outcome.records],
            [("by logger", 13)], "records")
