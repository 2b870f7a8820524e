# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Exact accounts: what programs produced is delivered, dropped for a reason
that is named, or on its way, at any moment and for every process."""
import re
import time

from harness import case
from harness.otlp_sink import OtlpSink

LINE = re.compile(r"way=\w+ tid=(\d+) n=(\d+) end")
DROPS = {"newest_chunks", "nested_chunks", "oldest_chunks",
         "quarantined_chunks", "unfinished_chunks"}


def balanced(t, counts, where):
    """The sum holds; how many of them were dropped."""
    t.equal(set(counts["dropped"]), DROPS, f"reasons of {where}")
    dropped = sum(counts["dropped"].values())
    t.equal(counts["chunks"], counts["settled_chunks"] + dropped +
            counts["in_flight_chunks"], f"chunks of {where}: {counts}")
    t.equal(counts["in_flight_chunks"],
            counts["ring_chunks"] + counts["journal_chunks"],
            f"chunks in flight of {where}")
    for name, value in counts.items():
        if isinstance(value, int):
            t.check(value >= 0, f"{name} of {where} is {value}")
    return dropped


def check_status(t, status):
    """Every sum of one status."""
    balanced(t, status, "all")
    for row in status["process_rows"]:
        balanced(t, row, f"process {row['pid']}")
    for name in ("chunks", "settled_chunks", "ring_chunks", "journal_chunks",
                 "bytes"):
        t.check(sum(row[name] for row in status["process_rows"])
                <= status[name], f"{name}: rows are more than all")
    for place in status["destinations"]:
        t.equal(place["accepted"],
                sum(place[k] for k in ("delivered", "refused", "dropped",
                                       "queued")), f"records of {place}")


def sample(t, collector, until):
    """Statuses as they come, checked, until until(status)."""
    seen = []

    def look():
        status = collector.status()
        if not seen or seen[-1]["updated_ns"] != status["updated_ns"]:
            check_status(t, status)
            for name in ("chunks", "settled_chunks", "journalled_chunks"):
                t.check(not seen or status[name] >= seen[-1][name],
                        f"{name} went back")
            seen.append(status)
        return until(status)
    t.wait_for(look, "the load to end", 60)
    return seen


def start(t, directory, words, **env):
    return t.spawn([t.program("lines"), *words], "preload",
                   env={**t.preload_env(directory), **env})


def written(outcome):
    return len(outcome.stderr_lines())


@case(timeout=120)
def under_load_with_drops(t):
    """Small rings: sampled all the time, and at the end each line was either
    delivered or is counted as dropped, process by process."""
    collector = t.collect()
    load = [start(t, collector.dir, ["mixed", 2, 100000],
                  LOGTAP_RING_BYTES="4096") for _ in range(3)]
    load.append(start(t, collector.dir, ["paced", 1, 3000]))
    seen = sample(t, collector, lambda _: all(
        process.poll() is not None for process in load))
    outcomes = {process.pid: t.finish(process) for process in load}
    records = collector.end()
    status = collector.status()
    check_status(t, status)
    t.equal(status["in_flight_chunks"], 0, "in flight at the end")
    rows = {row["pid"]: row for row in status["process_rows"]}
    t.equal(set(rows), set(outcomes), "processes")
    dropped = 0
    for pid, outcome in outcomes.items():
        row = rows[pid]
        lines = [r for r in records if r.pid == pid]
        t.equal(row["chunks"], written(outcome), f"chunks of {pid}")
        t.equal(row["settled_chunks"], len(lines), f"delivered of {pid}")
        dropped += balanced(t, row, f"process {pid}")
    t.check(dropped, "nothing was dropped: the rings are not small")
    t.equal(status["records"], len(records), "records")
    t.equal(status["destinations"][0]["delivered"], len(records), "delivered")
    t.note(f"{status['chunks']} lines, {dropped} dropped, {len(seen)} samples")


@case(timeout=120)
def while_a_receiver_is_away(t):
    """Nothing is lost while the journal has room; programs are not held up,
    and what waits is counted as being in the journal."""
    with OtlpSink(then="503:retry-after=1") as sink:
        collector = t.collect(options=["--otlp", sink.url])
        load = [start(t, collector.dir, ["slow", 2, 2000]) for _ in range(4)]
        outcomes = [t.finish(process) for process in load]
        lines = sum(map(written, outcomes))
        t.equal(lines, 16000, "lines")
        t.wait_for(lambda: collector.status()["journal_chunks"] == lines,
                   "the journal to hold everything")
        status = collector.status()
        check_status(t, status)
        t.equal(status["settled_chunks"], 0, "settled while it is away")
        t.check(sink.wait_for_requests(1), "nobody asked the receiver")
        sink.answer(then="ok")
        t.check(sink.wait_for(lines, 60), f"{sink.count} of {lines} records")
        t.wait_for(lambda: collector.status()["settled_chunks"] == lines,
                   "everything to be settled")
        collector.end()
        status = collector.status()
        check_status(t, status)
        t.equal(sum(status["dropped"].values()), 0, "dropped")
        t.equal(len(set(sink.uids())), lines, "records")
        for place in status["destinations"]:
            t.equal(place["delivered"], lines, f"delivered: {place}")


@case(timeout=120)
def when_a_receiver_refuses(t):
    """A 400 is final: those records are counted as refused, and the journal
    lets them go."""
    with OtlpSink(then="400") as sink:
        collector = t.collect(options=["--otlp", sink.url])
        outcome = t.finish(start(t, collector.dir, ["slow", 2, 1000]))
        t.equal(written(outcome), 2000, "lines")
        sample(t, collector, lambda s: s["settled_chunks"] == 2000)
        records = collector.end()
    status = collector.status()
    check_status(t, status)
    places = {place["kind"]: place for place in status["destinations"]}
    t.equal(places["otlp-http"]["refused"], 2000, "refused")
    t.equal(places["file"]["delivered"], len(records), "delivered")
    t.equal(len(records), 2000, "records")


@case(timeout=120)
def when_the_journal_is_full(t):
    """A receiver is away for good: the journal fills up, then the rings do,
    and then it is counted what is dropped; programs are not held up."""
    with OtlpSink(then="503") as sink:
        collector = t.collect(options=["--otlp", sink.url, "--journal-bytes",
                                       1 << 20],
                              env={"OTEL_BLRP_EXPORT_TIMEOUT": "500"})
        load = [start(t, collector.dir, ["slow", 2, 4000],
                      LOGTAP_RING_BYTES="65536") for _ in range(4)]
        seen = sample(t, collector, lambda _: all(
            process.poll() is not None for process in load))
        lines = sum(written(t.finish(process)) for process in load)
        t.equal(lines, 32000, "lines")
        status = seen[-1]
        sink.answer(then="ok")
        t.check(sink.wait(lambda s: s.count > 1000), "it is back, in vain")
        sample(t, collector, lambda s: not s["in_flight_chunks"])
        collector.end()
    status = collector.status()
    check_status(t, status)
    t.equal(status["chunks"], lines, "chunks")
    dropped = status["dropped"]["newest_chunks"]
    t.equal(sum(status["dropped"].values()), dropped, "dropped otherwise")
    t.check(dropped, "nothing was dropped: the journal was not full")
    t.equal(len(set(sink.uids())), lines - dropped, "records delivered")
    t.note(f"{lines} lines, {dropped} dropped")


@case(timeout=120)
def across_collectors(t):
    """A collector that is killed takes no count with it."""
    collector = t.collect()
    load = [start(t, collector.dir, ["slow", 2, 4000]) for _ in range(3)]
    for _ in range(4):
        time.sleep(0.2)
        collector.kill()
        collector = collector.restart()
        check_status(t, collector.status())
    seen = sample(t, collector, lambda _: all(
        process.poll() is not None for process in load))
    outcomes = {process.pid: t.finish(process) for process in load}
    collector.end()
    status = collector.status()
    check_status(t, status)
    t.equal(status["settled_chunks"], 24000, "settled")
    for row in status["process_rows"]:
        t.equal(row["settled_chunks"], written(outcomes[row["pid"]]),
                f"process {row['pid']}")
    t.check(seen, "no sample")


@case()
def in_the_summary(t):
    """logtap run says how many were dropped, and it is exact."""
    outcome = t.run([t.program("lines"), "write", 2, 50000], quiet=False,
                    env={"LOGTAP_RING_BYTES": "4096"})
    last = outcome.stderr.decode().splitlines()[-1]
    match = re.match(r"logtap: ([\d,]+) records from 1 process, "
                     r"([\d,]+)(?: chunks?)? dropped", last)
    t.check(match, f"said {last!r}")
    records, dropped = (int(n.replace(",", "")) for n in match.groups())
    t.equal(records, len(outcome.records), "records")
    t.equal(records + dropped, 100000, "records and drops")


@case()
def in_logtap_status(t):
    """A table for people, with a row a process."""
    collector = t.collect()
    process = start(t, collector.dir, ["slow", 1, 0])
    short = t.finish(t.spawn([t.program("dies"), "nothing"], "preload",
                             env=t.preload_env(collector.dir)))
    t.equal(short.status, 42, "status")

    def shown():
        outcome = t.bare([t.logtap_program, "status", "--dir", collector.dir])
        t.equal(outcome.status, 0, f"status: {outcome.stderr!r}")
        return outcome.stdout.decode()
    text = t.wait_for(lambda: (lambda s: s if re.search(
        rf"^ *{process.pid} .*lines", s, re.M) and "dies" in s else None)(
            shown()), "both programs in the table")
    for word in ("collector", "settled", "dropped", "in flight"):
        t.check(word in text, f"no {word!r} in {text}")
    process.terminate()
    t.finish(process)
    collector.end()
    row = re.search(rf"^ *{process.pid} +lines +ended +([\d,]+) +([\d,]+) +"
                    r"([\d,]+) +([\d,]+)$", shown(), re.M)
    t.check(row, f"no row of an ended program in {shown()}")
    chunks, settled, dropped, flying = (
        int(n.replace(",", "")) for n in row.groups())
    t.equal(chunks, settled + dropped + flying, "sum of the row")
    t.equal(flying, 0, "in flight")
