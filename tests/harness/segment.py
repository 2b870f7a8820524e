# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads segment files without the collector, from docs/format.md: what a
program has committed, as a second opinion.  For segments at rest only."""
import pathlib
import struct

CHUNK = struct.Struct("<IBBBBQIHH")
DATA, PAD, GAP = 1, 2, 3
BLOCKS = 8
COUNTERS = ("chunks", "bytes", "dropped_chunks", "dropped_bytes",
            "nested_dropped_chunks", "nested_dropped_bytes", "nested_chunks",
            "overwrote", "reentrant", "suppressed", "stale_guards", "gap_bytes",
            "truncated", "grown", "fallback", "blocked_ns")


class Chunk:
    def __init__(self, fields, body, slot):
        (_, self.type, self.flags, self.sink, self.format, self.time,
         self.sequence, self.priority, extension) = fields
        self.payload = body[extension:]
        self.slot = slot


class Slot:
    """One claimed slot: who, how many, and its chunks in order."""

    def __init__(self, data, at, geometry, index):
        word, = struct.unpack_from("<Q", data, at)
        self.state = word & 0xff
        self.pid, self.tid = struct.unpack_from("<II", data, at + 64)
        self.flags, self.parent_tid = struct.unpack_from("<II", data, at + 88)
        self.start, = struct.unpack_from("<Q", data, at + 72)
        self.name = data[at + 128:at + 144].split(b"\0")[0].decode()
        self.counters = dict(zip(COUNTERS,
                                 struct.unpack_from("<16Q", data, at + 256)))
        heads = struct.unpack_from("<4Q", data, at + 192)
        tails = struct.unpack_from("<2Q", data, at + 384)
        self.death_word, = struct.unpack_from(
            "<I", data, at + geometry["death"])
        self.went_round = bool(heads[1] or heads[3])  # gave up its oldest
        ring, nested = geometry["ring"], geometry["nested"]
        base = geometry["data"] + index * (ring + nested)
        self.main = self.chunks_of(data, base, ring, *heads[:2], tails[0])
        self.nested = self.chunks_of(data, base + ring, nested, *heads[2:],
                                     tails[1])

    def chunks_of(self, data, base, capacity, head, floor, tail):
        """What lies between the tail (or the floor) and the head."""
        chunks = []
        block = capacity // BLOCKS
        position = max(tail, floor)
        while position < head:
            left = block - position % block
            if left < CHUNK.size:  # skipped without a mark
                position += left
                continue
            at = base + position % capacity
            fields = CHUNK.unpack_from(data, at)
            length, kind = fields[0], fields[1]
            if kind == 0 or length > capacity:
                raise ValueError(f"no chunk at {position} of {head}")
            if kind != PAD:
                body = data[at + CHUNK.size:at + CHUNK.size + length]
                chunks.append(Chunk(fields, body, self))
            position += (CHUNK.size + length + 7) & ~7
        if position != head:
            raise ValueError(f"the last chunk ends at {position}, not {head}")
        return chunks


def read(path):
    """The slots of one segment that were ever claimed; none when the program
    died while it made the segment."""
    data = pathlib.Path(path).read_bytes()
    if data[28:32] != b"\1\0\0\0":
        return []
    if data[:8] != b"LOGTAPSG":
        raise ValueError(f"{path}: not a segment")
    size, _, slots, area = struct.unpack_from("<4Q", data, 32)
    count, step, ring, nested, _, death = struct.unpack_from("<6I", data, 64)
    if size != len(data):
        raise ValueError(f"{path}: {len(data)} bytes, its header says {size}")
    geometry = {"ring": ring, "nested": nested, "data": area, "death": death}
    found = [Slot(data, slots + i * step, geometry, i) for i in range(count)]
    return [slot for slot in found if slot.state]


def diagnostics(path):
    """The texts that the library left in a segment instead of printing."""
    data = pathlib.Path(path).read_bytes()
    texts = []
    for at in range(5480, 5480 + 16 * 96, 96):
        state, = struct.unpack_from("<I", data, at)
        if state == 2:
            texts.append(data[at + 8:at + 96].split(b"\0")[0].decode())
    return texts


def read_all(directory):
    """All slots of all segments in a directory, by thread and start."""
    slots = []
    for path in sorted(pathlib.Path(directory).glob("*.seg")):
        slots += read(path)
    return slots


def text_of(slots):
    """{tid: bytes} that the data chunks of each thread hold, by sequence."""
    found = {}
    for slot in slots:
        found.setdefault(slot.tid, []).extend(
            chunk for chunk in slot.main + slot.nested if chunk.type == DATA)
    return {tid: b"".join(chunk.payload for chunk in sorted(
                chunks, key=lambda chunk: chunk.sequence))
            for tid, chunks in found.items()}
