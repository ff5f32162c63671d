"""Which calls to the kernel a student's process may not make: a seccomp filter.

https://docs.kernel.org/userspace-api/seccomp_filter.html. No notebook needs these calls, and they
are where holes in the kernel have been found, or give memory that counts as nobody's.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from vae_grading.sandbox.kernel_calls import SET_SECCOMP, check, libc

# Numbers on x86-64 and on 64-bit ARM; newer calls have one number everywhere.
_FORBIDDEN = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # parts of the kernel that only system software uses
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "syslog": (103, 116),
    # memory that outlives its use and is not seen to be anybody's
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
}
_CLONE, _CLONE3, _SOCKET = (56, 220), 435, (41, 198)
# Unix, IPv4, IPv6, netlink. Not all others keep to a network namespace: vsock leads to the host.
_FAMILIES = (1, 2, 10, 16)
_NEW_NAMESPACES = 0x7E020000
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in the kernel's record of a call
_LOAD, _IF_EQUAL, _IF_ABOVE, _IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_FILTER = 2


def forbid() -> None:
    """From now on these calls fail in this process and all that it starts.

    Does nothing on machines for which the numbers are not known. Raises OSError. Needs
    no_new_privs.
    """
    if platform.machine() not in _ARCHITECTURES:
        return
    program = b"".join(struct.pack("=HBBI", *step) for step in _program())
    steps = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    )
    check(libc.prctl(SET_SECCOMP, _FILTER, header, 0, 0), "seccomp")


def _program() -> list[tuple[int, int, int, int]]:
    """The filter's steps: what to do, how many to skip if so and if not, and a number."""
    column, architecture = _ARCHITECTURES[platform.machine()]
    fail = (_RETURN, 0, 0, _FAIL | errno.EPERM)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        fail,
        (_LOAD, 0, 0, _NUMBER),
        (_IF_ABOVE, 0, 1, 0x40000000),  # x86-64 has all calls a second time, from there
        fail,
        # Its flags lie in memory, where a filter cannot look; the C library then takes clone.
        (_IF_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
    ]
    for numbers in _FORBIDDEN.values():
        steps += [(_IF_EQUAL, 0, 1, numbers[column]), fail]
    count, allow = len(_FAMILIES), (_RETURN, 0, 0, _ALLOW)
    families = [(_IF_EQUAL, count - i, 0, family) for i, family in enumerate(_FAMILIES)]
    return [
        *steps,
        (_IF_EQUAL, 0, count + 3, _SOCKET[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *families,
        fail,
        allow,
        (_IF_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_IF_ANY, 0, 1, _NEW_NAMESPACES),
        fail,
        allow,
    ]
