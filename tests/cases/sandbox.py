# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Programs that are killed for a call that they would not make themselves."""
from harness import case


def confined(t, way, lines):
    argv = [t.program("sandbox"), way, str(lines)]
    bare = t.bare(argv)
    if bare.status == 77:
        t.skip("no seccomp here")
    outcome = t.preload(argv)
    t.same(bare, outcome)
    t.lines_once(outcome)
    return outcome


@case()
def strict_seccomp(t):
    """Only read, write and exit: what is written is captured."""
    confined(t, "strict", 50)


@case()
def a_filter_of_the_program_s_own(t):
    """Only read, write and exit_group: what is written is captured."""
    confined(t, "filter", 50)


@case()
def a_filter_from_before_the_program(t):
    """It lets a program start and open a file; rings grow all the same."""
    confined(t, "exec", 3000)
