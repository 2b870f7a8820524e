# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
# Debian packages: install what is missing, and unpack daemons into the build
# folder without installing them.  Neither touches the network when nothing is
# missing.  Sourced after common.sh.
# shellcheck shell=bash

apt_updated=false

need_debian()
{
	command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
		die "this needs apt-get and dpkg, that is Debian 12 or a relative" \
			"of it; elsewhere install the packages named in" \
			"scripts/setup by hand, then: meson setup build &&" \
			"meson compile -C build"
}

# $*: what for.  Called before any output goes to a file.
need_root()
{
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
		die "$* needs root, and sudo is not there;" \
			"run scripts/setup once as root, with the same options"
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# A source that fails (some other vendor's, perhaps) is no reason to stop: the
# command that follows says whether what it needs is there.
apt_update()
{
	$apt_updated && return
	need_root "fetching the package lists"
	say "fetching the package lists"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update \
		>"$build/apt-update.log" 2>&1 </dev/null ||
		say "apt-get update had errors, going on ($build/apt-update.log)"
	apt_updated=true
}

# Print those of the packages that are not installed.
missing_packages()
{
	local package
	for package; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" \
			2>/dev/null)" = installed ] || echo "$package"
	done
}

install_packages()
{
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	need_debian
	need_root "installing ${missing[*]}"
	mkdir -p "$build"
	apt_update
	say "installing ${missing[*]}"
	logged "$build/apt-install.log" "installing packages" \
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 install --no-install-recommends \
		"${missing[@]}"
}

# Print the packages that the named ones bring with them on this machine.
with_dependencies()
{
	local out
	out=$(apt-get -s install --no-install-recommends "$@" 2>&1) || {
		printf '%s\n' "$out" >"$build/apt-resolve.log"
		return 1
	}
	{
		printf '%s\n' "$@"
		sed -n 's/^Inst \([^ ]*\) .*/\1/p' <<<"$out"
	} | sort -u
}

download_packages()
{
	(cd "$build/debs" && apt-get -q -o APT::Sandbox::User="$(id -un)" \
		download "$@") >"$build/apt-download.log" 2>&1 </dev/null
}

# Unpack packages and what they need into $rootfs.  Nothing of theirs is
# installed, configured or started.
unpack_packages()
{
	local missing=() package packages deb
	for package; do
		[ -e "$rootfs/.unpacked/$package" ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	need_debian
	rm -rf "$build/debs"
	mkdir -p "$build/debs" "$rootfs/.unpacked"
	say "unpacking ${missing[*]} into ${rootfs#"$root"/}"
	if ! packages=$(with_dependencies "${missing[@]}"); then
		apt_update
		packages=$(with_dependencies "${missing[@]}") ||
			die "apt-get cannot resolve ${missing[*]}:" \
				"$(tail -n 3 "$build/apt-resolve.log")"
	fi
	# Old lists name versions that the archive has dropped: try anew once.
	# shellcheck disable=SC2086 # one word a package
	if ! download_packages $packages; then
		apt_update
		download_packages $packages || {
			tail -n 20 "$build/apt-download.log" >&2
			die "apt-get download failed; is the network there?" \
				"(all of its output: $build/apt-download.log)"
		}
	fi
	for deb in "$build"/debs/*.deb; do
		dpkg-deb -x "$deb" "$rootfs" ||
			die "cannot unpack $deb into $rootfs"
	done
	rm -rf "$build/debs"
	for package in "${missing[@]}"; do
		: >"$rootfs/.unpacked/$package"
	done
}
