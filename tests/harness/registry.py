# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Which cases there are: every function that carries the decorator."""
import importlib.util
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("cases", "interop", "faults")
CASES = {}


class Case:
    def __init__(self, function, timeout, long, alone):
        self.function = function
        self.timeout = timeout
        self.long = long
        self.alone = alone
        self.tally = []  # rows of harness.tally, once it has run
        module = function.__module__.replace(".", "/")
        self.name = f"{module}/{function.__name__}"
        self.promise = " ".join((function.__doc__ or "").split())


def case(timeout=60, long=False, alone=False):
    """Declare a case.  timeout: seconds, then it is killed and has failed;
    long: only with --long; alone: nothing else runs beside it."""

    def register(function):
        entry = Case(function, timeout, long, alone)
        if entry.name in CASES:
            raise ValueError(f"two cases are named {entry.name}")
        CASES[entry.name] = entry
        return function

    return register


def load():
    """Import every file of cases; their names are FILE/FUNCTION."""
    for folder in FOLDERS:
        for path in sorted((TESTS / folder).glob("*.py")):
            name = path.stem
            if folder != "cases":
                name = f"{folder}.{path.stem}"
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            # Under a prefix, or cases/python.py would shadow real modules.
            sys.modules[f"logtap_{folder}_{path.stem}"] = module
            spec.loader.exec_module(module)
    return list(CASES.values())
