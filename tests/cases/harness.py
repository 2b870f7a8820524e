# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The harness itself: it must notice what it is there to notice."""
import os
import subprocess

from harness import Failure, case
from harness import processes, records


def fails(action):
    try:
        action()
    except (Failure, records.BadOutput):
        return True
    return False


@case()
def differences_are_seen(t):
    """Another byte, another order, another exit status is a failure."""
    one = t.bare(["sh", "-c", "echo a >&2; echo b >&2"])
    two = t.bare(["sh", "-c", "echo b >&2; echo a >&2"])
    three = t.bare(["sh", "-c", "echo a >&2; echo b >&2; exit 3"])
    t.check(fails(lambda: t.same(one, two)), "another order was not seen")
    t.same(one, two, ordered=False)
    t.check(fails(lambda: t.same(one, three)), "a status was not seen")


@case()
def leftovers_are_seen(t):
    """A process that detached and cleared its environment is still found."""
    subprocess.run(["setsid", "-f", "env", "-i", "sleep", "1000"], check=True)
    # between its fork and its name there is a moment
    t.wait_for(lambda: any("sleep 1000" in left
                           for left in processes.leftovers(0)),
               "the leftover", 5)
    processes.kill_descendants(os.getpid())
    t.equal(processes.leftovers(0), [], "processes left")


@case()
def bad_output_is_seen(t):
    """What is not OTLP JSON is refused."""
    good = ('{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":'
            '[{"scope":{"name":"x"},"logRecords":[{"observedTimeUnixNano":"1"'
            ',"body":{"stringValue":"b"}}]}]}]}\n')
    t.equal(len(records.read_file(t.write("good", good))), 1, "records")
    for number, bad in enumerate((
            good[:-1], good.replace('"1"', "1"), good[:-3] + "\n",
            good.replace("body", "text"),
            good.replace('"stringValue"', '"intValue"').replace('"b"', "1"))):
        path = t.write(f"bad{number}", bad)
        t.check(fails(lambda: records.read_file(path)), f"accepted: {bad}")
