# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Every way to stderr (tests/programs/ways), bare and preloaded, with fd 2 as
file, pipe, terminal and socket: the same output, status and errno, and each
byte captured exactly once.  docs/coverage.md is what this matrix says."""
import collections
import os
import re
import shutil

from harness import case, segment, streams

MAIN, UNSEEN, GAP, PAYLOAD, ELSEWHERE = 1, 2, 4, 8, 16
CONTEXTS = ("main", "constructor", "handler", "fork", "thread")


def ways_of(t):
    """{name: flags} of the program."""
    argv, _ = t.launch([t.program("matrix"), "list"], {})
    listed = t.bare(argv).stdout.decode().split()
    return dict(zip(listed[::2], map(int, listed[1::2])))


def normal(data):
    """Without what differs from run to run: addresses, pids."""
    if b"max mmap" in data or b"<malloc" in data:  # one more library
        data = re.sub(rb"\d+", b"N", data)
    data = re.sub(rb"qemu: uncaught target signal .*\n", b"", data)
    data = re.sub(rb"0x[0-9a-f]{3,}", b"ADDRESS", data)
    return re.sub(rb"(?<=pid )\d+", b"N", data)


class Captured:
    """What one program left in a directory of segments."""

    def __init__(self, directory):
        self.texts = collections.defaultdict(list)
        self.gap = 0
        slots = segment.read_all(directory)
        self.dropped = sum(slot.counters["dropped_chunks"] +
                           slot.counters["nested_dropped_chunks"]
                           for slot in slots)
        for slot in slots:
            for chunk in slot.main + slot.nested:
                if chunk.type == segment.DATA:
                    self.texts[slot.pid, slot.tid].append(chunk)
                elif chunk.type == segment.GAP:
                    self.gap += int.from_bytes(chunk.payload[:8], "little")

    def by_thread(self):
        return [b"".join(chunk.payload for chunk in
                         sorted(chunks, key=lambda chunk: chunk.sequence))
                for chunks in self.texts.values()]


def lines_of(texts):
    return collections.Counter(line for text in texts
                               for line in text.splitlines(True))


def judge(flags, output, captured):
    """What is wrong with the capture, or None."""
    texts = captured.by_thread()
    if captured.dropped:
        return f"{captured.dropped} chunks dropped"
    if flags & PAYLOAD:
        return f"captured {texts}" if any(texts) else None
    if flags & GAP:
        if captured.gap == len(output) and not any(texts):
            return None
        return f"a gap of {captured.gap} and {texts} for {output!r}"
    if flags & UNSEEN:
        return f"is captured: {texts}" if any(texts) else None
    if captured.gap:
        return f"a gap of {captured.gap}"
    if len(texts) == 1 and texts[0] == output:
        return None
    got = lines_of(map(normal, texts))
    away = [line for line in got if b"elsewhere" in line]
    if bool(away) != bool(flags & ELSEWHERE):
        return f"elsewhere: {away}"
    for line in away:
        del got[line]
    wanted = lines_of([normal(output)])
    if got == wanted:
        return None
    return f"missing {dict(wanted - got)}, unexpected {dict(got - wanted)}"


def run_one(t, way, flags, context, kind):
    """What is wrong with one way in one context on one kind, or None."""
    argv = [t.program("matrix"), context, way]
    path = str(t.dir / "stderr")
    bare = streams.run(*t.launch(argv, t.environment({})), kind, path)
    directory = t.session_dir()
    held = streams.run(
        *t.launch(argv, t.environment(t.preload_env(directory))), kind, path)
    for what, one, other in zip(("status", "stdout", "output"), bare, held):
        if isinstance(one, bytes):
            one, other = normal(one), normal(other)
            if b"thread" in way.encode() + context.encode() or \
                    way.startswith(("fork", "raw_fork")):
                one, other = (sorted(x.splitlines()) for x in (one, other))
        if one != other:
            return f"{what} differs: {one!r} / {other!r}"
    wrong = judge(flags, held[2], Captured(directory))
    shutil.rmtree(directory)
    return wrong


def outcome_of(flags):
    """As harness.tally counts it, when a way did what was promised."""
    if flags & GAP:
        return "gap"
    return "unseen" if flags & UNSEEN else \
        "no log" if flags & PAYLOAD else "once"


def run_matrix(t, contexts, kinds, chosen=None):
    wrong, count = [], 0
    for way, flags in ways_of(t).items():
        if chosen and not re.fullmatch(chosen, way):
            continue
        for context in contexts:
            if context != "main" and flags & MAIN:
                continue
            for kind in kinds:
                count += 1
                error = run_one(t, way, flags, context, kind)
                t.tally.add(t.libc, kind,
                            "failed" if error else outcome_of(flags))
                if error:
                    wrong.append(f"{way} ({context}, {kind}): {error[:600]}")
    t.check(not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong))
    t.check(count, "no way was run")


@case()
def every_way_is_documented(t):
    """docs/coverage.md names each way once, under what becomes of it."""
    text = (t.root / "docs" / "coverage.md").read_text()
    found = {}
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title = part.splitlines()[0]
        if "libc's own" in title or "With " in title:
            continue
        lines = [line.split("|")[1] if line.startswith("| ") else line
                 for line in part.splitlines()[1:]]
        for name in re.findall(r"`(\w+)`", "\n".join(lines)):
            found.setdefault(name, []).append(title)
    for name, flags in ways_of(t).items():
        title = "Captured, once"
        if flags & (UNSEEN | GAP):
            title = "Not captured"
        elif flags & (PAYLOAD | ELSEWHERE):
            title = "Not to be captured"
        t.equal(found.get(name), [title], f"{name} in docs/coverage.md")


@case(timeout=120)
def every_way_from_main(t):
    """Every way, each kind of fd 2."""
    run_matrix(t, ["main"], streams.KINDS, os.environ.get("WAYS"))


@case(timeout=120)
def every_way_in_other_contexts(t):
    """From a constructor, a signal handler, a forked child and a thread."""
    run_matrix(t, CONTEXTS[1:], ["file"], os.environ.get("WAYS"))


@case(timeout=600, long=True)
def every_way_everywhere(t):
    """All contexts on all kinds."""
    run_matrix(t, CONTEXTS[1:], streams.KINDS[1:], os.environ.get("WAYS"))
