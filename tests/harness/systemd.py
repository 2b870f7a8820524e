# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A systemd of a case's own, in namespaces: with this machine's files below a
layer of memory, none of its units, and logtap as it is installed.  Nothing of the
machine changes: what is not in the layer is read-only, or is the case's folder."""
import os
import pathlib
import shutil
import subprocess

from . import builds

SYSTEMD = pathlib.Path("/lib/systemd/systemd")
CGROUPS = (pathlib.Path("/sys/fs/cgroup/systemd"),  # mixed, or as of old
           pathlib.Path("/sys/fs/cgroup/unified"), pathlib.Path("/sys/fs/cgroup"))

# $1: the case's folder; $2: its files for /.
BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1/layer"
mkdir "$1/layer/upper" "$1/layer/work" "$1/layer/root"
root=$1/layer/root
mount -t overlay overlay \
    -o "lowerdir=/,upperdir=$1/layer/upper,workdir=$1/layer/work" "$root"
rm -rf "$root"/etc/systemd/system "$root"/lib/systemd/system/*.wants \
    "$root"/lib/systemd/system-generators "$root"/etc/default/logtap
cp -a "$2/." "$root/"
mount -t proc proc "$root/proc"
mount -o bind,ro "$root/proc/sys" "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
if [ -d /sys/fs/cgroup/unified ]; then
    mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
mount -t tmpfs tmpfs "$root/run"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount --bind "$1" "$root$1"
: > "$1/boots"
cd "$root"
mkdir -p old
pivot_root . old # in a chroot(2) there would be no namespaces of users
umount -l old
exec env -i container=lxc "PATH=$PATH" /lib/systemd/systemd --system \
    --unit=case.target --show-status=no --log-target=null
"""

CASE = """[Unit]
DefaultDependencies=no
Wants=systemd-journald.socket systemd-journald.service case.service
"""

# What stops a container is a signal to its first process (systemd(1)).
SERVICE = """[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart=/bin/sh -ex {folder}/script
StandardOutput=file:{folder}/said
StandardError=file:{folder}/said
ExecStopPost=/bin/kill -s RTMIN+4 1
TimeoutStartSec=60
"""

JOURNALD = "[Journal]\nReadKMsg=no\nStorage=volatile\n"


class Systemd:
    """files: what is put into /, by path; units, by name, into
    /etc/systemd/system."""

    def __init__(self, t):
        self.t = t
        self.files = builds.staged(t.dir / "files")
        self.groups = []
        if os.getuid():
            t.skip("a systemd of its own takes root")
        if not SYSTEMD.exists() or not shutil.which("journalctl"):
            t.skip("systemd is not installed")
        self.put("etc/systemd/journald.conf.d/case.conf", JOURNALD)
        self.unit("case.target", CASE)
        self.unit("case.service", SERVICE.format(folder=t.dir))

    def put(self, path, text):
        file = self.files / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def unit(self, name, text):
        self.put(f"etc/systemd/system/{name}", text)

    def capture(self, *names):
        """As the installed drop-in says in its first line."""
        text = next(self.files.rglob("capture.conf")).read_text()
        for name in names:
            self.unit(f"{name}.d/logtap.conf", text)

    def enter_group(self):
        """A cgroup of its own, for what systemd makes below it."""
        for place in CGROUPS:
            if not (place / "cgroup.procs").exists():
                continue
            group = place / f"logtap-case-{os.getpid()}"
            try:
                group.mkdir()
                (group / "cgroup.procs").write_text("0")
            except OSError as error:
                self.t.skip(f"no cgroup of its own: {error}")
            self.groups.append(group)

    def leave_groups(self):
        for group in self.groups:
            (group.parent / "cgroup.procs").write_text(str(os.getpid()))
            for folder, _, _ in os.walk(group, topdown=False):
                os.rmdir(folder)

    def run(self, script):
        """Boots, runs the script as root in the case's folder, and powers off."""
        t = self.t
        t.write("script", script)
        (t.dir / "layer").mkdir(exist_ok=True)
        self.enter_group()
        try:
            done = subprocess.run(
                ["unshare", "--mount", "--pid", "--cgroup", "--uts", "--ipc",
                 "--fork", "--kill-child", "/bin/sh", "-c", BOOT, "sh", t.dir,
                 self.files], capture_output=True, timeout=100,
                stdin=subprocess.DEVNULL, env=t.environment({}))
        finally:
            self.leave_groups()
            self.groups.clear()
        if not (t.dir / "boots").exists():
            t.skip(f"no namespaces for systemd: {done.stderr[-300:]!r}")
        said = t.dir / "said"
        t.check(said.exists(), f"it did not start: {done.stderr[-300:]!r}")
        return said.read_text()
