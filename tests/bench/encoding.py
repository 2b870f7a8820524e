# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What a record costs to encode: logtap's encoder, protobuf-c, memcpy."""
from .calls import add
from .rounds import Way, measure
from .session import Worker
from .table import Goal, Table

RECORDS = 512


def encoding(session):
    """encoding a batch, with protobuf-c and memcpy beside it"""
    table = Table("encoding", f"Encoding a batch of {RECORDS} records of 80 "
                  "bytes", [("what", "what"), ("base_ns", "base ns"),
                            ("ns", "ns"), ("ratio", "ratio"), ("low", "p10"),
                            ("high", "p90")], "ns: a record")
    worker = Worker(session, "encode", "encode")
    ways = [Way(name, worker, name, 20)
            for name in ("copy", "encode", "json", "protobuf")]
    measured = measure(ways, 10 if session.quick else 200)
    for name in measured.names:
        measured.ns[name] = [ns / RECORDS for ns in measured.ns[name]]
    add(table, measured, "protobuf, to a copy of its bytes", "encode", "copy",
        Goal("P6", 3.5))
    add(table, measured, "protobuf-c (fill, size, pack), to ours", "protobuf",
        "encode", Goal("P6", 35, least=True))
    add(table, measured, "JSON, to protobuf", "json", "encode")
    worker.end()
    return [table]
