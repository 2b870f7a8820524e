# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An application whose log records are exported by a thread of its own with
urllib3, and whose root logger is at DEBUG: each export is logged, and exported.

    exporter.py URL PERIOD FOLDER [--new-connections] [--gzip] [--info]
        [--nobody]

--info: the level; then it logs nothing but that an export failed.
--nobody: it becomes user and group 65534 first.
PERIOD: seconds between exports, each of all that is there; 0: one record each,
at once.  The application logs 20 records, then one whenever FOLDER/say is
there, until FOLDER/end is."""
import gzip
import json
import logging
import os
import queue
import sys
import threading
import time

import urllib3

url, period, folder = sys.argv[1], float(sys.argv[2]), sys.argv[3]
records = queue.Queue()
if "--nobody" in sys.argv:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


class Exporter(logging.Handler):
    def emit(self, record):
        records.put(record)


def encode(batch):
    return json.dumps({"resourceLogs": [{
        "resource": {"attributes": [
            {"key": "service.name", "value": {"stringValue": "exporter"}}]},
        "scopeLogs": [{
            "scope": {"name": "exporter"},
            "logRecords": [{
                "timeUnixNano": str(int(record.created * 1e9)),
                "observedTimeUnixNano": str(int(record.created * 1e9)),
                "severityNumber": record.levelno // 10 * 4 + 1,
                "body": {"stringValue": record.getMessage()},
            } for record in batch]}]}]})


def content(batch):
    headers = {"Content-Type": "application/json"}
    body = encode(batch).encode()
    if "--gzip" in sys.argv:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body)
    return {"body": body, "headers": headers}


def export():
    pool = urllib3.PoolManager()
    while True:
        batch = [records.get()]
        if period:
            time.sleep(period)
            while not records.empty():
                batch.append(records.get())
        if "--new-connections" in sys.argv:
            pool = urllib3.PoolManager()
        try:
            pool.request("POST", url + "/v1/logs", **content(batch),
                         retries=urllib3.Retry(0), timeout=5)
        except urllib3.exceptions.HTTPError:
            logging.exception("the export failed")
            time.sleep(0.05)


logging.basicConfig(
    level=logging.INFO if "--info" in sys.argv else logging.DEBUG,
    stream=sys.stderr)
logging.getLogger().addHandler(Exporter())
threading.Thread(target=export, name="exporter", daemon=True).start()
said = 0
while not os.path.exists(f"{folder}/end"):
    if said < 20 or os.path.exists(f"{folder}/say"):
        said += 1
        logging.info("application says %d", said)
    time.sleep(0.02)
