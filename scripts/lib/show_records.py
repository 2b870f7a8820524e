# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""Shows a file of OTLP JSON lines to a person.

    show_records.py FILE PATTERN

The first record whose body has PATTERN in full, as it is in the file, and
then all of them, a line each."""
import json
import re
import sys
import time

SEVERITIES = ["", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]


def plain(attributes):
    """{key: value} of a list of OTLP attributes."""
    return {pair["key"]: next(iter(pair["value"].values()))
            for pair in attributes}


def entries(path):
    """(resourceLogs, scopeLogs, record) of each record."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            for resource in json.loads(line)["resourceLogs"]:
                for scope in resource["scopeLogs"]:
                    for record in scope["logRecords"]:
                        yield resource, scope, record


def in_full(resource, scope, record):
    """A request with this record alone."""
    one_scope = {**scope, "logRecords": [record]}
    text = json.dumps({"resourceLogs": [{**resource,
                                         "scopeLogs": [one_scope]}]},
                      indent=2, ensure_ascii=False)
    # An attribute on a line of its own, not on six.
    return re.sub(r'\{\s+"key": (".*"),\s+"value": \{\s+(.*)\s+\}\s+\}',
                  r'{ "key": \1, "value": { \2 } }', text)


def when(entry):
    """Nanoseconds since the epoch."""
    return int(entry[2].get("timeUnixNano")
               or entry[2]["observedTimeUnixNano"])


def in_a_line(resource, record):
    seconds, rest = divmod(when((resource, None, record)), 10**9)
    clock = time.strftime("%H:%M:%S", time.gmtime(seconds))
    own, whose = plain(record.get("attributes", [])), plain(
        resource["resource"]["attributes"])
    severity = SEVERITIES[(record.get("severityNumber", 0) + 3) // 4] or "-"
    text = (f"{clock}.{rest // 1000:06} {severity:5} "
            f"pid={whose.get('process.pid')} tid={own.get('thread.id')} "
            f"{own.get('log.iostream', 'syslog')}: "
            f"{record['body']['stringValue']}")
    return text if len(text) <= 150 else text[:147] + "..."


def main():
    path, pattern = sys.argv[1:]
    found = list(entries(path))
    if not found:
        sys.exit(f"{path}: no records in it")
    shown = next((entry for entry in found
                  if pattern in entry[2]["body"]["stringValue"]), found[0])
    print("One record in full, as it is in the file:\n")
    print(in_full(*shown))
    print(f"\nAll {len(found)} records, a line each:\n")
    for resource, _, record in sorted(found, key=when):
        print(in_a_line(resource, record))


if __name__ == "__main__":
    main()
