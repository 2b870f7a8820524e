# SPDX-FileCopyrightText: 2026 logtap contributors
# SPDX-License-Identifier: Apache-2.0
"""A small file system of a case's own, and how it is filled."""
import ctypes
import os


def enter_tmpfs(t, folder, options):
    """A mount namespace of this case's own, with such a tmpfs there."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_namespace, private = 0x20000, 1 << 18 | 1 << 14  # CLONE_NEWNS; MS_*
    if (libc.unshare(new_namespace) or
            libc.mount(None, b"/", None, ctypes.c_ulong(private), None) or
            libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs",
                       ctypes.c_ulong(0), options.encode())):
        t.skip("no tmpfs of its own: " + os.strerror(ctypes.get_errno()))


def small_tmpfs(t, options):
    """Return: its folder."""
    folder = t.dir / "small"
    folder.mkdir(exist_ok=True)
    enter_tmpfs(t, folder, options)
    return folder


def fill(folder, free):
    """All but so many bytes.  Return: the file that holds them."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        room = os.statvfs(folder)
        left = room.f_bavail * room.f_bsize - free
        while left > 0:
            try:
                left -= file.write(bytes(min(left, 4096)))
            except OSError:  # it has become less meanwhile
                break
    return filler
