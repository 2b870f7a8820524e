# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Fetches what the short form needs of foreign suites, libcs and interpreters,
so that no test waits for a network.  The long form's rest is fetched by its
cases."""
import sys

from harness import pythons
from harness.debian import Suite, Unavailable
from harness.libcs import Libc

from . import cpython, stress

SHORT_LIBCS = ("bullseye", "sid")


def main():
    failed = False
    for fetch in (lambda: Suite("bookworm").unpack(cpython.PACKAGES),
                  lambda: Suite("bookworm").unpack(stress.PACKAGES),
                  lambda: Suite("bookworm").unpack("qemu-user-static"),
                  lambda: Suite("bookworm").source("bash"),
                  lambda: Suite("bookworm").source("perl"),
                  *(lambda name=name: Libc(name) for name in SHORT_LIBCS),
                  *(lambda version=version: pythons.fetch(version)
                    for version in pythons.SUITES)):
        try:
            fetch()
        except Unavailable as why:
            print(f"{why}; the tests that need it are skipped",
                  file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
