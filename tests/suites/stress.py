# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""stress-ng's stressors of processes, signals and pipes, a bounded number of
rounds each, with its own verification on.  A result is the exit status and how
many complaints there were."""
from harness.debian import Suite

from . import exclusions

PACKAGES = """stress-ng libipsec-mb1 libjudydebian1 libsctp1 libegl1 libgbm1
    libgles2 libglvnd0 libdrm2 libwayland-server0 libexpat1 libapparmor1
    libxxhash0 libkmod2 libbsd0 libjpeg62-turbo"""

# Stressor: rounds.  Few, for this is about what programs may do, not how often.
STRESSORS = {
    "clone": 40, "daemon": 20, "dup": 500, "exec": 30, "fork": 100,
    "kill": 500, "nanosleep": 10, "pthread": 200, "procs": 0, "spawn": 20,
    "vfork": 100, "vforkmany": 50, "wait": 20, "zombie": 40,
    "itimer": 100, "sigabrt": 20, "sigchld": 100, "sigfd": 500,
    "sigfpe": 100, "sigio": 200, "signal": 1000, "signest": 20,
    "sigpending": 500, "sigpipe": 40, "sigq": 200, "sigrt": 200,
    "sigsegv": 200, "sigsuspend": 200, "sigtrap": 100, "timer": 100,
    "fifo": 200, "msg": 500, "pipe": 1000, "pipeherd": 200, "pty": 3,
    "sock": 50, "sockpair": 500, "splice": 100, "tee": 100, "vm-splice": 100,
}


class Stress:
    together = True

    def __init__(self, name="", stressors=None, seconds=20):
        self.name = f"stress-ng{name}"
        self.root = Suite("bookworm").unpack(PACKAGES)
        left_out = exclusions.of("stress-ng")
        self.stressors = [
            stressor for stressor in (stressors or " ".join(STRESSORS)).split()
            if STRESSORS[stressor] and stressor not in left_out]
        self.seconds = seconds

    def run(self, runner, wanted):
        found = {}
        library = self.root / "usr/lib/x86_64-linux-gnu"
        for stressor in wanted or self.stressors:
            status, text = runner.command(
                [self.root / "usr/bin/stress-ng", f"--{stressor}", "1",
                 f"--{stressor}-ops", STRESSORS[stressor], "--timeout",
                 f"{self.seconds}s", "--verify", "--log-brief",
                 "--temp-path", runner.dir / "tmp"],
                env={"LD_LIBRARY_PATH": str(library)},
                timeout=4 * self.seconds)
            complaints = text.count(b"stress-ng: fail:")
            found[stressor] = "ok" if status == 0 and not complaints else \
                f"FAIL status {status}, {complaints} complaints"
            if found[stressor] != "ok":
                (runner.dir / f"{stressor}.log").write_bytes(text)
        return found
