# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The test harness.  A file in tests/cases/ needs this and no more:

    from harness import case

    @case()
    def echo_to_stderr(t):
        t.compare(["bash", "-c", "echo hello >&2"])

Python 3 standard library only.  CONTRIBUTING.md says how to add a case.
"""
from .context import Failure, Skip
from .registry import case

__all__ = ["case", "Failure", "Skip"]
