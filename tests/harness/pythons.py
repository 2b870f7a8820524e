# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Interpreters of Python that the machine does not have: Debian's of another
suite, unpacked into the build folder and run with that suite's libc."""
from .debian import Suite

# By minor version: the suite that has it.
SUITES = {"3.13": "trixie"}
PACKAGES = ("libc6 python{0}-minimal libpython{0}-minimal libpython{0}-stdlib "
            "zlib1g libexpat1 libssl3t64 libffi8 libbz2-1.0 liblzma5 libzstd1")
# Not /proc/self/exe: that is the loader.
SCRIPT = """#!/bin/sh
PYTHONHOME={root}/usr
export PYTHONHOME
exec {libraries}/ld-linux-x86-64.so.2 --library-path {libraries} \\
    {root}/usr/bin/python{version} "$@"
"""


def fetch(version):
    """The folder that it was unpacked into; Unavailable: says why not."""
    suite = Suite(SUITES[version])
    return suite.unpack(PACKAGES.format(version))


def script(version):
    """The text of a script that starts it."""
    root = fetch(version)
    return SCRIPT.format(root=root, version=version,
                         libraries=root / "usr/lib/x86_64-linux-gnu")
