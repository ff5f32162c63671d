"""Calls to the Linux kernel for which Python 3.11 has no function."""

from __future__ import annotations

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SET_PDEATHSIG, SET_DUMPABLE, SET_SECCOMP, CAPBSET_DROP, SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SET_THP_DISABLE = 41
_MNT_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
# The same on every machine that Linux has been ported to since 2019.
_MOUNT_SETATTR = 442
_KCMP = {"x86_64": 312, "aarch64": 272}
_KCMP_VM = 1


def unshare(namespaces: int) -> None:
    """Move this process into new namespaces. Raises OSError."""
    succeeded(libc.unshare(namespaces), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2). Raises OSError."""
    encoded = (source.encode(), target.encode(), kind.encode() if kind else None)
    succeeded(libc.mount(*encoded, flags, options.encode() or None), f"mount {target}")


def lock_mounts(folder: str, flags: int) -> None:
    """Add flags to the mount at `folder` and to all below it. Raises OSError."""
    attributes = (ctypes.c_uint64 * 4)(flags, 0, 0, 0)  # the first three flags are as for mount
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    call = (_MOUNT_SETATTR, _AT_FDCWD, folder.encode(), _AT_RECURSIVE, attributes, size)
    succeeded(libc.syscall(*call), f"mount_setattr {folder}")


def change_root(root: str) -> None:
    """Make the mount at `root` the root, and let go of the old one. Raises OSError."""
    os.chdir(root)
    # "." twice: the old root comes to lie over the new one, from where it is taken away.
    succeeded(libc.pivot_root(b".", b"."), "pivot_root")
    succeeded(libc.umount2(b".", _MNT_DETACH), "umount2")
    os.chdir("/")


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument. Raises OSError."""
    succeeded(libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def drop_capabilities(kept: frozenset[int] = frozenset()) -> None:
    """Nothing that this process starts gets any but `kept`."""
    for capability in range(64):
        if capability not in kept:
            libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)  # fails above the last there is


def give_up_capabilities() -> None:
    """Nor has this process itself any. Raises OSError."""
    drop_capabilities()
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    succeeded(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def share_memory(one: int, other: int) -> bool:
    """Whether two tasks have one address space: threads of a process, or a process and the one that
    it has made with vfork(2). False where the kernel does not tell (no kcmp(2))."""
    number = _KCMP.get(platform.machine())
    return number is not None and libc.syscall(number, one, other, _KCMP_VM, 0, 0) == 0


def succeeded(result: int, what: str) -> int:
    """The result of a call. Raises OSError when it is -1, which says that the kernel refused."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
