"""Which calls to the kernel a student's process may not make: a seccomp filter.

https://docs.kernel.org/userspace-api/seccomp_filter.html. No notebook needs these calls, and they
are where holes in the kernel have been found, or give memory that counts as nobody's, or tell one
submission what another does. A few that many programs make do nothing instead.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from vae_grading.sandbox.linux import SET_SECCOMP, libc, succeeded

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
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "syslog": (103, 116),
    # what others do with the same files
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "cachestat": (451, 451),
    # memory that outlives its use and is not seen to be anybody's
    "vmsplice": (278, 75),
    "splice": (275, 76),
    "tee": (276, 77),
    "io_setup": (206, 0),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
}
_CLONE3 = 435
# Calls that depend on an argument.
_CLONE, _SOCKET, _MMAP = (56, 220), (41, 198), (9, 222)
_FLOCK, _FCNTL, _SETSOCKOPT, _PRCTL = (73, 32), (72, 25), (54, 208), (157, 167)
_NEW_NAMESPACES = 0x7E020000
# Unix, IPv4, IPv6, netlink. Not all others keep to a network namespace: vsock leads to the host.
_FAMILIES = (1, 2, 10, 16)
# Shared and of no file: such memory stays when no process has it mapped.
_SHARED, _ANONYMOUS = 0x01, 0x20
_LOCKS = (6, 7, 37, 38)  # fcntl: locks of a process, and of an open file
_NOTICES = (1024, 1026)  # fcntl: leases, notices of what happens in a folder
_OF_SOCKETS = 1
_BUFFERS = (7, 8, 32, 33)  # how much a socket keeps, to send and received, also for root
_KEPT = (1, 41)  # prctl: the signal when the parent ends, no huge pages

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in the kernel's record of a call
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_ABOVE, _IF_ANY = 0x15, 0x35, 0x45
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_FILTER = 2
Step = tuple[int, int, int, int]  # what to do, how many to skip if so and if not, and a number


def fault() -> str | None:
    """Why there can be no filter here, or None."""
    if platform.machine() not in _ARCHITECTURES:
        return f"the numbers of the kernel's calls on {platform.machine()} are not known"
    # Without a filter to read, a kernel that has them says EFAULT.
    if libc.prctl(SET_SECCOMP, _FILTER, 0, 0, 0) == -1 and ctypes.get_errno() == errno.EFAULT:
        return None
    return "the kernel has no seccomp filters"


def forbid_calls() -> None:
    """From now on these calls fail, or do nothing, in this process and all that it starts.

    Raises OSError, also where `fault` says why. Needs no_new_privs.
    """
    reason = fault()
    if reason is not None:
        raise OSError(errno.ENOSYS, reason)
    program = b"".join(struct.pack("=HBBI", *step) for step in _program())
    steps = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(
        struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    )
    succeeded(libc.prctl(SET_SECCOMP, _FILTER, header, 0, 0), "seccomp")


def _program() -> list[Step]:
    """The filter's steps."""
    column, architecture = _ARCHITECTURES[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        _FAIL,
        (_LOAD, 0, 0, _NUMBER),
        (_IF_ABOVE, 0, 1, 0x40000000),  # x86-64 has all calls a second time, from there
        _FAIL,
        # Its flags lie in memory, where a filter cannot look; the C library then takes clone.
        *_when(_CLONE3, [_error(errno.ENOSYS)]),
    ]
    for numbers in _FORBIDDEN.values():
        if numbers[column] is not None:
            steps += _when(numbers[column], [_FAIL])
    for numbers, rest in (
        (_SOCKET, [_load(0), *_unless(_FAMILIES, _FAIL)]),
        (_CLONE, [_load(0), (_IF_ANY, 0, 1, _NEW_NAMESPACES), _FAIL]),
        (_MMAP, [_load(3), (_AND, 0, 0, _SHARED | _ANONYMOUS), *_if(_SHARED | _ANONYMOUS, _FAIL)]),
        # Done without doing: whoever locks a file waits until it can, and a lock that others see
        # tells them something. Processes of one submission have to do without, too.
        (_FLOCK, [_DONE]),
        (_FCNTL, [_load(1), *_each(_LOCKS, _DONE), *_each(_NOTICES, _FAIL)]),
        (_SETSOCKOPT, [_load(1), (_IF_EQUAL, 1, 0, _OF_SOCKETS), _PASS, _load(2),
                       *_each(_BUFFERS, _DONE)]),
        # What cage.py has set stays set.
        (_PRCTL, [_load(0), *_each(_KEPT, _DONE)]),
    ):  # fmt: skip
        steps += _when(numbers[column], [*rest, _PASS])
    return [*steps, _PASS]


def _error(number: int) -> Step:
    return _RETURN, 0, 0, _ERROR | number


_FAIL, _DONE, _PASS = _error(errno.EPERM), _error(0), (_RETURN, 0, 0, _ALLOW)


def _load(argument: int) -> Step:
    return _LOAD, 0, 0, _ARGUMENTS + 8 * argument  # its lower half: all of these are 32 bits wide


def _when(number: int, steps: list[Step]) -> list[Step]:
    return [(_IF_EQUAL, 0, len(steps), number), *steps]


def _if(value: int, step: Step) -> list[Step]:
    return [(_IF_EQUAL, 0, 1, value), step]


def _each(values: tuple[int, ...], step: Step) -> list[Step]:
    return [each for value in values for each in _if(value, step)]


def _unless(values: tuple[int, ...], step: Step) -> list[Step]:
    count = len(values)
    return [*((_IF_EQUAL, count - i, 0, value) for i, value in enumerate(values)), step]
