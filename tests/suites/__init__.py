# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Test suites that nobody here wrote, run bare and under logtap.

They are fetched as Debian packages when they are first needed and are not part
of this tree.  tests/cases/suites.py says which ones run; compare.py is the
judge; the other files know one suite each.
"""
