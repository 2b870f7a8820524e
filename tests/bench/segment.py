# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads counters and positions out of segment files (include/logtap/abi/), so
that a figure is only believed when the calls it stands for were recorded."""
import collections
import pathlib
import struct

MAGIC = b"LOGTAPSG"
SLOT_BYTES = 512
# offsets, see logtap/abi/segment.h and slot.h
CONTROL_OFFSET, SLOTS_OFFSET, DATA_OFFSET, SLOT_COUNT = 40, 48, 56, 64
FREE, CLAIMED, LIVE = 0, 1, 2
COUNTERS = ("chunks", "bytes", "dropped", "dropped_bytes", "nested_dropped",
            "nested_dropped_bytes", "nested", "spare", "reentrant",
            "suppressed", "stale_guards", "gap_bytes", "truncated", "grown",
            "fallback", "blocked_ns")

Slot = collections.namedtuple("Slot", "state main nested counters")
Position = collections.namedtuple("Position", "head floor tail")


def read_slots(path):
    """The slots that were ever used; none if it is not (yet) a segment."""
    try:
        with open(path, "rb") as file:
            header = file.read(72)
            if len(header) < 72 or header[:8] != MAGIC:
                return []
            offset, = struct.unpack_from("<Q", header, SLOTS_OFFSET)
            count, = struct.unpack_from("<I", header, SLOT_COUNT)
            file.seek(offset)
            table = file.read(count * SLOT_BYTES)
    except OSError:
        return []
    slots = []
    for at in range(0, len(table) - SLOT_BYTES + 1, SLOT_BYTES):
        word, = struct.unpack_from("<Q", table, at)
        main, floor, nested, nested_floor = struct.unpack_from(
            "<4Q", table, at + 192)
        counters = struct.unpack_from("<16Q", table, at + 256)
        tail, nested_tail = struct.unpack_from("<2Q", table, at + 384)
        slots.append(Slot(word & 0xff, Position(main, floor, tail),
                          Position(nested, nested_floor, nested_tail),
                          counters))
    return slots


def files(directory, pid):
    return sorted(pathlib.Path(directory).glob(f"{pid}-*.seg"))


def slots(directory, pid):
    return [slot for path in files(directory, pid)
            for slot in read_slots(path) if slot.state != FREE]


def attached(directory, pid):
    """Has a collector shown itself in the process's segments?"""
    found = files(directory, pid)
    for path in found:
        with open(path, "rb") as file:
            header = file.read(72)
            if len(header) < 72 or header[:8] != MAGIC:
                return False
            file.seek(struct.unpack_from("<Q", header, CONTROL_OFFSET)[0])
            if not any(file.read(16)):
                return False
    return bool(found)


def counters(directory, pid):
    """Sums over the slots in use of one process."""
    sums = [0] * len(COUNTERS)
    for slot in slots(directory, pid):
        sums = [a + b for a, b in zip(sums, slot.counters)]
    return dict(zip(COUNTERS, sums))


def drained(directory, pid):
    """Has the collector taken all that the process recorded?"""
    return all(slot.main.head <= slot.main.tail
               and slot.nested.head <= slot.nested.tail
               for slot in slots(directory, pid))
