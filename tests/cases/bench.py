# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run: whether they do, never how fast anything is."""
import json
import subprocess
import sys

from harness import case


@case(timeout=480, alone=True)
def every_section_runs(t):
    """Each figure of a quick run is of something that has happened."""
    result = t.dir / "bench.json"
    done = subprocess.run(
        [sys.executable, "-B", "-m", "bench", "--quick", "--json", result],
        cwd=t.root, env={**t.env, "PYTHONPATH": str(t.root / "tests"),
                         "LOGTAP_TEST_BUILD": str(t.build)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    t.equal(done.returncode, 0, f"{done.stdout[-1500:]}{done.stderr[-1500:]}")
    tables = {table["key"]: table
              for table in json.loads(result.read_text())["tables"]}
    for key in ("write", "stdio", "threads", "start", "api", "encoding",
                "growth", "idle", "tight", "paced"):
        t.check(tables.get(key, {}).get("rows"), f"no figures of {key}")
    for key in ("tight", "paced"):
        for row in tables[key]["rows"]:
            if row["what"].startswith("logtap"):
                t.equal(row["lost"], 0, f"{row['what']}: lines unaccounted for")
