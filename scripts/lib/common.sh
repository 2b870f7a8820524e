# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
# What every script here starts from: the root of the tree, messages, and the
# tools by their full path.  Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source this

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
build=$root/build
rootfs=$build/rootfs
self=scripts/$(basename "$0")

# Debian's own, whatever else comes first in PATH: meson is a Python program
# and needs the Python that it was installed for.
python=/usr/bin/python3
meson=/usr/bin/meson

say()
{
	printf '%s: %s\n' "$self" "$*"
}

die()
{
	printf '%s: %s\n' "$self" "$*" >&2
	exit 1
}

# Run a command with its output in a file; show the end of it if it fails.
# $1: the file, $2: what is being done, then the command.
logged()
{
	local file=$1 what=$2
	shift 2
	mkdir -p "$(dirname "$file")"
	if ! "$@" >"$file" 2>&1 </dev/null; then
		tail -n 40 "$file" >&2
		die "$what failed: '$*' (all of its output: $file)"
	fi
}
