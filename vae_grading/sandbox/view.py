"""What a jailed process sees of this machine: files, folders and environment, and nothing else."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

# As `cd source; ../.venv/bin/python` names it, no path is found through the walls.
PYTHON = os.path.abspath(sys.executable)
SCRATCH = "/scratch"  # a student's home, working folder and place for temporary files
PROJECT = Path(__file__).parents[2]
# No /dev/zero: what is mapped from it, shared, stays when no process has it mapped.
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT),
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "4",  # each sets aside 64 MB of addresses, and addresses are bounded
}
_INSIDE = {
    # `!pip` and `!python` are the notebook's own.
    "PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin",
    "HOME": SCRATCH,
    "TMPDIR": SCRATCH,
    # getpass, and with it torch.compile, asks for a name.
    "USER": "student",
    "LOGNAME": "student",
    # There is no network: pip says so at once instead of trying for half a minute.
    "PIP_NO_INDEX": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
# Not every system has all of them.
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/fonts")


@dataclass(frozen=True)
class View:
    """What is shown besides the interpreter, its packages and this project's code.

    read_only, writable: paths, shown where they are.
    folder: the working folder.
    environment: variables besides those that every jailed process has.
    """

    read_only: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    folder: str = SCRATCH
    environment: dict[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        return ENVIRONMENT | _INSIDE | self.environment

    def shown(self) -> tuple[str, ...]:
        """Everything that is shown to be read, outermost folders only, in order."""
        code = (str(PROJECT / name) for name in ("vae_helpers", "vae_checks", "vae_grading"))
        paths = {*(path for path in _SYSTEM if Path(path).exists()), *_python(), *code}
        paths |= set(self.read_only)
        return tuple(
            sorted(path for path in paths if not any(map(paths.__contains__, _above(path))))
        )


def parents(path: str) -> list[str]:
    """The folders above a path, outermost first, without the root."""
    return _above(path)[::-1]


def _above(path: str) -> list[str]:
    return [str(each) for each in Path(path).parents if each != Path("/")]


def _python() -> set[str]:
    """Folders of the interpreter, its standard library and its packages."""
    folders = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
    folders |= {str(Path(sys.executable).resolve().parents[1])}
    return {os.path.abspath(folder) for folder in folders if Path(folder).is_dir()}
