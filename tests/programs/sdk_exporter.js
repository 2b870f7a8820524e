// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
// An application with OpenTelemetry's SDK for JavaScript, whose own messages go where all others
// go: to standard error, and into the exporter.
//
//     node sdk_exporter.js URL FOLDER
//
// It logs whenever FOLDER/say is there, until FOLDER/end is.
'use strict';
const fs = require('fs');
const {diag, DiagLogLevel} = require('@opentelemetry/api');
const {OTLPLogExporter} = require('@opentelemetry/exporter-logs-otlp-http');
const {BatchLogRecordProcessor, LoggerProvider} = require('@opentelemetry/sdk-logs');

const [url, folder] = process.argv.slice(2);
const provider = new LoggerProvider();
provider.addLogRecordProcessor(new BatchLogRecordProcessor(
  new OTLPLogExporter({url: url + '/v1/logs'}), {scheduledDelayMillis: 200}));
const logger = provider.getLogger('application');

function log(severityText, parts) {
  const body = parts.map((part) => typeof part === 'string' ? part : JSON.stringify(part))
    .join(' ').slice(0, 300);
  process.stderr.write(`${severityText} ${body}\n`);
  logger.emit({severityText, body});
}

const levels = ['debug', 'error', 'info', 'verbose', 'warn'];
diag.setLogger(Object.fromEntries(levels.map((level) => [level, (...parts) => log(level, parts)])),
  DiagLogLevel.DEBUG);
log('info', ['application begins']);
let said = 0;
setInterval(() => {
  if (fs.existsSync(`${folder}/say`))
    log('info', [`application says ${++said}`]);
  if (fs.existsSync(`${folder}/end`))
    process.exit(0);
}, 20);
