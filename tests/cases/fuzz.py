# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""What hosts, users and networks write, made up by libFuzzer: nothing that the
collector reads may crash it, and what it makes of it must be readable."""
import os
import pathlib
import random
import subprocess

from harness import builds, case

TARGETS = ("chunks", "journal", "runs", "segment", "texts")
# Of inputs that are mutated from nothing, with the same seed each time.
SHORT = {"chunks": 3000, "journal": 400, "runs": 3000,
         "segment": 300, "texts": 100000}
OPTIONS = ["-len_control=0", "-max_len=2048", "-timeout=60",
           "-rss_limit_mb=3000", "-print_final_stats=1"]


def run(t, target, options):
    folder = builds.fuzz(target)
    argv = [folder / "tests" / "fuzz" / f"fuzz-{target}", *OPTIONS,
            f"-artifact_prefix={t.dir}/", *options]
    done = subprocess.run(list(map(str, argv)), cwd=t.dir, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, errors="replace")
    found = [path.name for path in pathlib.Path(t.dir).iterdir()
             if path.name.startswith(("crash-", "leak-", "timeout-", "oom-"))]
    t.check(done.returncode == 0 and not found,
            f"{target}: {found}: {done.stdout[-6000:]}")
    t.check("Done " in done.stdout, done.stdout[-2000:])


def add(target):
    def short(t):
        run(t, target, [f"-runs={SHORT[target]}", "-seed=1"])

    def long(t):
        seconds = int(os.environ.get("LOGTAP_FUZZ_SECONDS", "600"))
        run(t, target, [f"-max_total_time={seconds}",
                        f"-seed={random.randrange(1, 1 << 31)}"])

    short.__name__ = target
    short.__doc__ = f"tests/fuzz/{target}.c, a little of it."
    long.__name__ = f"{target}_for_long"
    long.__doc__ = f"The same for LOGTAP_FUZZ_SECONDS (600), anew each time."
    case(timeout=1200)(short)
    case(timeout=4000, long=True)(long)


for name in TARGETS:
    add(name)
