# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A private /dev/log: in a mount namespace, read by the case itself.

Nothing of the machine's own /dev changes, and its syslog sees no message."""
import os
import re
import socket
import subprocess
import threading

# A /dev of our own, because there may be no /dev/log to mount over.
SCRIPT = r"""
set -e
new=$1 log=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs "$new"
for name in null zero full random urandom tty; do
    : >"$new/$name"
    mount --bind "/dev/$name" "$new/$name"
done
for name in shm pts; do
    mkdir "$new/$name"
    mount --rbind "/dev/$name" "$new/$name"
done
ln -s /proc/self/fd "$new/fd"
ln -s /proc/self/fd/0 "$new/stdin"
ln -s /proc/self/fd/1 "$new/stdout"
ln -s /proc/self/fd/2 "$new/stderr"
: >"$new/log"
mount --bind "$log" "$new/log"
mount --rbind "$new" /dev
exec "$@"
"""


def namespace_words():
    words = ["unshare", "--mount", "--propagation", "private"]
    return words if os.getuid() == 0 else [*words, "--map-root-user"]


def in_namespace(t, script):
    """Words that run a command after a script, in a mount namespace."""
    words = [*namespace_words(), "sh", "-c", f'{script}; exec "$@"', "sh"]
    probe = t.bare(["true"], prefix=words)
    if probe.status:
        t.skip("no mount namespace: " + probe.stderr.decode().strip()[:200])
    return words


class DevLog:
    """prefix: words before a command that give it this /dev/log.
    take(): the datagrams since the last take."""

    def __init__(self, context):
        self.path = context.dir / "log.sock"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.path.chmod(0o666)
        self.prefix = self.set_up(context)
        probe = subprocess.run([*self.prefix, "true"], capture_output=True,
                               text=True)
        if probe.returncode:
            self.socket.close()
            context.skip("no private socket, for want of a mount "
                         f"namespace: {probe.stderr.strip()[:200]}")
        self.datagrams = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()
        context.cleanups.append(self.close)

    def set_up(self, context):
        """The words of prefix."""
        new = context.dir / "dev"
        new.mkdir()
        return [*namespace_words(), "sh", "-c", SCRIPT, "sh", str(new),
                str(self.path)]

    def receive(self):
        return self.socket.recv(1 << 20)

    def read(self):
        while True:
            data = self.receive()
            if data == b"\0end of the reader":
                return
            self.datagrams.append(data)

    def flush(self):
        """Returns once all that was sent before it has been read."""
        self.send_end()
        self.thread.join()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def send_end(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"\0end of the reader", str(self.path))

    def take(self):
        self.flush()
        taken, self.datagrams = self.datagrams, []
        return taken

    def close(self):
        self.send_end()
        self.thread.join()
        self.socket.close()


CUT_BYTES = 1024


def without_time_and_pid(datagrams):
    """What must be the same from run to run.  Of what libc cuts (musl, to 1 KiB)
    a pid with more digits leaves less: as much as the longest would."""
    same = []
    for data in datagrams:
        pid = re.search(rb"\[(\d+)\]", data)
        if len(data) == CUT_BYTES and pid:
            data = data[:CUT_BYTES - 7 + len(pid[1])]
        data = re.sub(rb"^(<\d+>)\w{3} [ \d]\d \d\d:\d\d:\d\d ",
                      rb"\1TIME ", data)
        same.append(re.sub(rb"\[\d+\]|(?<=pid )\d+", b"[N]", data))
    return same


# Syslog severity 0 to 7 as SeverityNumber (OpenTelemetry's own table).
SEVERITY = [21, 19, 18, 17, 13, 10, 9, 5]


def message_of(datagram):
    """(priority, text) of a datagram of syslog(3)."""
    match = re.fullmatch(
        rb"<(\d+)>(?:\w{3} [ \d]\d [\d:]{8} )?(?:[^ :]*: )?(.*?)[\n\0]*",
        datagram, re.S)
    return int(match[1]), match[2].decode()


def check_records(context, outcome, datagrams):
    """Each datagram is one record, of its severity and facility.  Where libc
    cuts what it sends (musl, to 1 KiB), the record has the whole message."""
    wanted = sorted(message_of(datagram) for datagram in datagrams)
    records = outcome.of("syslog")
    cut = [message_of(datagram)[1] for datagram in datagrams
           if len(datagram) == CUT_BYTES]
    for record in records:
        for text in cut:
            if record.body.startswith(text):
                record.body = text
    context.equal(sorted(r.body for r in records),
                  sorted(text for _, text in wanted),
                  f"{outcome.how}: syslog records")
    by_text = {text: priority for priority, text in wanted}
    for record in records:
        priority = by_text[record.body]
        context.equal(record.severity, SEVERITY[priority & 7],
                      f"severity of {record.body[:60]!r}")
        context.equal(record.attributes.get("syslog.facility"), priority >> 3,
                      f"facility of {record.body[:60]!r}")
