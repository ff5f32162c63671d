"""Landlock (https://docs.kernel.org/userspace-api/landlock.html): what a process may do to files.

A wall of its own behind that of the namespaces: whatever a student's process sees, it can write
only where it is allowed to, whoever owns the files.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from vae_grading.sandbox.linux import libc, succeeded
from vae_grading.sandbox.view import DEVICES

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_GIVE_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_CHAR, _MAKE_SOCKET, _MAKE_BLOCK = 1 << 5, 1 << 6, 1 << 9, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
# How many rights on files each version of the interface knows.
_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def version() -> int:
    """The interface's version in this kernel, 0 where it has none."""
    return max(0, libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _GIVE_VERSION))


def fault() -> str | None:
    """Why there is none here, or None."""
    if version():
        return None
    return "the kernel has no Landlock (Linux 5.13 and newer have, unless it is switched off)"


def restrict(writable: Iterable[str], sockets: str | None = None) -> None:
    """From now on this process may read what it can see and write below `writable` alone.

    In the folder `sockets` it may make and remove sockets, and nothing that takes room.
    Nor may it open TCP connections, or reach processes that are not restricted with it by signals
    or abstract sockets, as far as the kernel knows these. Does nothing where it has no Landlock.
    Raises OSError. Needs no_new_privs.
    """
    known = version()
    if not known:
        return
    rights = (1 << _KNOWN.get(known, max(_KNOWN.values()))) - 1
    network = 3 if known >= 4 else None
    scopes = 3 if known >= 6 else None
    handled = [each for each in (rights, network, scopes) if each is not None]
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = succeeded(
        libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock"
    )
    try:
        _allow(ruleset, "/", _EXECUTE | _READ_FILE | _READ_DIR)
        for folder in writable:
            _allow(ruleset, folder, rights & ~(_MAKE_CHAR | _MAKE_BLOCK))
        if sockets is not None:
            _allow(ruleset, sockets, _MAKE_SOCKET | _REMOVE_FILE)
        for device in filter(os.path.exists, DEVICES):
            _allow(ruleset, device, rights & (_READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV))
        succeeded(libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, beneath)
        succeeded(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0), f"landlock {path}")
    finally:
        os.close(beneath)
