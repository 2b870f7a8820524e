# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What a record costs to drain and to encode: logtap, protobuf-c, memcpy."""
from .calls import add
from .rounds import Way, measure
from .session import Worker
from .table import Goal, Table

RECORDS = 512


def encoding(session):
    """draining and encoding, with protobuf-c and memcpy beside it"""
    table = Table("encoding", f"{RECORDS} records of 80 bytes, encoded", [("what", "what"), ("base_ns", "base ns"),
                            ("ns", "ns"), ("ratio", "ratio"), ("low", "p10"),
                            ("high", "p90")], 
                  "ns: a record; encoded: a batch as it lies in memory; drained: "
                  "copied from its ring, checked, shaped, put into a batch, "
                  "encoded (no journal, no HTTP)")
    worker = Worker(session, "encode", "encode")
    ways = [Way(name, worker, name, 20)
            for name in ("copy", "encode", "drain", "json", "protobuf")]
    measured = measure(ways, 10 if session.quick else 200)
    for name in measured.names:
        measured.ns[name] = [ns / RECORDS for ns in measured.ns[name]]
    add(table, measured, "encoded, to a copy of its bytes", "encode", "copy")
    add(table, measured, "drained and encoded, to that copy", "drain", "copy",
        Goal("P6", 3.5))
    add(table, measured, "protobuf-c (fill, size, pack), to ours", "protobuf",
        "encode", Goal("P6", 35, least=True))
    add(table, measured, "JSON, to protobuf", "json", "encode")
    worker.end()
    return [table]
