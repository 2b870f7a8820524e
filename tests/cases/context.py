# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The trace context of programs that publish it for whoever wants to read it,
and of the one that started them."""
from harness import case

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


def check(t, outcome):
    """Each line ends with the number of its context; 0: none."""
    t.equal(outcome.status, 0, "status")
    seen = set()
    for record in outcome.records:
        number = int(record.body.split()[-1])
        seen.add(record.body)
        t.equal((record.trace_id, record.span_id),
                (f"{0xa0 + number:02x}" * 16, f"{0xb0 + number:02x}" * 8)
                if number else ("", ""), f"context of {record.body!r}")
    t.equal(seen, {f"{way} {number}" for number in range(1, 5) for way in
                   ("by stdio", "by write", "by syslog")} |
            {"before 0", "not valid 0", "zeros 0", "after 0", "in a child 5",
             "in a handler 3"}, "records")


@case()
def of_the_program(t):
    for way in (t.run, t.preload):
        check(t, way([t.program("context")]))


@case()
def of_a_plugin_that_is_loaded_later(t):
    """With static TLS, as the loader gives it to one that asks for descriptors
    and finds room."""
    plugin = t.program("context_plugin.so")
    check(t, t.preload([t.program("context"), plugin]))


@case()
def of_the_one_that_started_it(t):
    """Lines of a process that was started in a trace belong to it; not if the
    variable makes no sense."""
    line = ["/bin/sh", "-c", "echo a line >&2"]
    for way in (t.run, t.preload):
        outcome = way(line, env={"TRACEPARENT": f"00-{TRACE}-{SPAN}-01"})
        record, = [r for r in outcome.records if r.body == "a line"]
        t.equal((record.trace_id, record.span_id), (TRACE, SPAN), "context")
    outcome = t.run(line, env={"TRACEPARENT": f"00-{TRACE}-{SPAN}"})
    t.equal({r.trace_id for r in outcome.records}, {""}, "none")


@case()
def of_children_that_are_started_in_a_span(t):
    """They get it as their TRACEPARENT, and their lines are in it."""
    start = f"00-{TRACE}-{SPAN}-01"
    outcome = t.run([t.program("traces")], env={"TRACEPARENT": start})
    span = outcome.stdout.decode().strip()
    chosen = "00-" + "1" * 32 + "-" + "2" * 16 + "-00"
    t.check(span.startswith(f"00-{TRACE}-") and span != start, "a new span")
    t.equal(sorted(outcome.bodies()),
            sorted([f"outside {start}", f"inside {span}", f"chosen {chosen}"]),
            "what children are given")
    for record in outcome.records:
        t.equal(f"00-{record.trace_id}-{record.span_id}",
                record.body.split()[1][:52], f"of {record.body}")
    bare = t.bare([t.program("traces")], env={"TRACEPARENT": start})
    t.equal(bare.stderr_lines(), [f"outside {start}", f"inside {start}",
                                  f"chosen {chosen}"], "bare")
