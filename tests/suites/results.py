# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Keeps what the long form found, in docs/results/DATE-COMMIT-suites.txt."""
import datetime
import fcntl
import platform
import subprocess


def commit(root):
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=root,
                          capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def keep(t, lines):
    """Append lines to the file of this day and commit."""
    folder = t.root / "docs" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.date.today()}-{commit(t.root)}-suites.txt"
    with open(folder / name, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not file.tell():
            file.write("Foreign test suites, bare and under `logtap run`\n"
                       f"{platform.platform()}, glibc "
                       f"{platform.libc_ver()[1]}\n\n")
        for line in lines:
            file.write(line + "\n")
