# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""An application with OpenTelemetry's SDK as its documentation sets it up, and
the root logger at DEBUG: the exporter's HTTP client logs through it, too.

    sdk_exporter.py URL FOLDER

It logs whenever FOLDER/say is there, until FOLDER/end is."""
import logging
import os
import sys
import time

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

url, folder = sys.argv[1:]
provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(
    OTLPLogExporter(endpoint=url + "/v1/logs"), schedule_delay_millis=200))
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
logging.getLogger().addHandler(LoggingHandler(logger_provider=provider))
said = 0
logging.info("application begins")
while not os.path.exists(f"{folder}/end"):
    if os.path.exists(f"{folder}/say"):
        said += 1
        logging.info("application says %d", said)
    time.sleep(0.02)
provider.shutdown()
