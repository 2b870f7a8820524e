# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""scripts/bench: what logtap costs, as ratios to the bare call in one run."""
