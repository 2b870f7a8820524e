#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT FILE...: the files as C arrays, page_html[] for page.html."""
import pathlib
import re
import sys


def main(out, *paths):
    with open(out, "w", encoding="ascii") as header:
        for path in map(pathlib.Path, paths):
            name = re.sub(r"\W", "_", path.name)
            header.write(f"static const unsigned char {name}[] = {{\n")
            data = path.read_bytes()
            for at in range(0, len(data), 16):
                header.write("".join(f"{byte}," for byte in
                                     data[at:at + 16]) + "\n")
            header.write("};\n")


main(*sys.argv[1:])
