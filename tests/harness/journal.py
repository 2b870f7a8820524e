# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A private socket of the journal's native protocol, in a mount namespace, read
by the case itself (systemd, JOURNAL_NATIVE_PROTOCOL)."""
import array
import os
import socket
import struct

from .devlog import DevLog, namespace_words

SCRIPT = r"""
set -e
socket=$1
shift
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/journal
: >/run/systemd/journal/socket
mount --bind "$socket" /run/systemd/journal/socket
exec "$@"
"""


def fields_of(datagram):
    """The (name, value) pairs of one entry, in order."""
    fields = []
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size, = struct.unpack_from("<Q", rest)
            value, rest = rest[8:8 + size], rest[8 + size + 1:]
        fields.append((name.decode(), value))
        datagram = rest
    return fields


class Journal(DevLog):
    """prefix: words before a command that give it this journal.
    take(): the entries since the last take, as they were sent."""

    def set_up(self, context):
        return [*namespace_words(), "sh", "-c", SCRIPT, "sh", str(self.path)]

    def receive(self):
        data, control, _, _ = self.socket.recvmsg(1 << 20,
                                                  socket.CMSG_SPACE(4))
        for level, kind, passed in control:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fd, = array.array("i", passed[:4])
                data = os.pread(fd, 1 << 26, 0)
                os.close(fd)
        return data
