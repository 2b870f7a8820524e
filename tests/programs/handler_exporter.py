# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An application whose logging handler exports each record at once, in the
thread that logs, and logs itself: through its HTTP library where there is a
receiver, that it failed where there is none.

    handler_exporter.py URL FOLDER

It logs a few times a second until FOLDER/end is there."""
import json
import logging
import os
import sys
import time

import urllib3

url, folder = sys.argv[1:]
pool = urllib3.PoolManager(maxsize=8)


class Exporter(logging.Handler):
    depth = 0

    def emit(self, record):
        if self.depth > 2:  # or it would never end
            return
        self.depth += 1
        self.export(record)
        self.depth -= 1

    def export(self, record):
        body = json.dumps({"resourceLogs": [{
            "resource": {"attributes": []},
            "scopeLogs": [{"scope": {}, "logRecords": [{
                "observedTimeUnixNano": str(int(record.created * 1e9)),
                "body": {"stringValue": record.getMessage()}}]}]}]})
        try:
            pool.request("POST", url + "/v1/logs", body=body, timeout=5,
                         headers={"Content-Type": "application/json"},
                         retries=urllib3.Retry(0))
        except urllib3.exceptions.HTTPError:
            logging.error("export failed, a record is lost")


logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
logging.getLogger().addHandler(Exporter())
said = 0
while not os.path.exists(f"{folder}/end"):
    said += 1
    logging.info("application says %d", said)
    time.sleep(0.3)
