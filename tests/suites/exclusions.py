# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads exclusions.txt: which tests of which suite are not run, and why."""
import pathlib

FILE = pathlib.Path(__file__).with_name("exclusions.txt")


def of(suite):
    """The tests, or patterns of tests, that a suite leaves out."""
    found = []
    for number, line in enumerate(FILE.read_text().splitlines(), 1):
        entry, _, reason = line.partition("#")
        if not entry.strip():
            continue
        words = entry.split()
        if len(words) != 2 or not reason.strip():
            raise ValueError(f"{FILE.name}:{number}: needs a suite, a test "
                             "and, after #, the reason")
        if words[0] == suite:
            found.append(words[1])
    return found
