"""Jupyter kernels in the sandbox, by name: `vae-lab-sandbox`.

Whatever starts kernels by jupyter_client takes it (nbconvert, nbval, plain `nbgrader autograde`)
when the environment says JUPYTER_DEFAULT_PROVISIONER_NAME=vae-lab-sandbox, or when a kernelspec's
metadata name it under `kernel_provisioner`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Integer

from vae_grading.sandbox import landlock
from vae_grading.sandbox.cage import NOBODY
from vae_grading.sandbox.limits import MB, Limits
from vae_grading.sandbox.view import PYTHON, View
from vae_grading.sandbox.walls import behind, start
from vae_helpers.errors import VaeLabError

_PASSED_ON = ("NBGRADER_EXECUTION", "VAE_LAB_SMOKE")


class SandboxProvisioner(LocalProvisioner):
    """Starts a Python kernel behind walls, which sees its working folder and can change nothing.

    It talks through sockets in a folder of its own, having no network; interrupts are messages,
    since signals do not cross. All that it started ends with it. Starting raises VaeLabError
    where there can be no sandbox.
    """

    memory = Integer(
        Limits().memory // MB, help="MB that the kernel and all it starts may take together."
    ).tag(config=True)

    _connection: Path | None = None
    _keeper: socket.socket | None = None

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        manager = self.parent
        if self._connection is None:  # else it starts again, where its clients look for it
            self._connection = Path(tempfile.mkdtemp(prefix="vae-lab-kernel-"))
            sockets = self._sockets
            sockets.mkdir()
            manager.cache_ports = False
            manager.transport = "ipc"
            manager.ip = str(sockets / "kernel")
            manager.connection_file = str(self._connection / "connection.json")
        self.kernel_spec.interrupt_mode = "message"
        options = await super().pre_launch(**options)
        if os.getuid() == 0:  # the kernel is somebody else
            for path in (self._connection, self._sockets, Path(manager.connection_file)):
                os.chown(path, NOBODY, NOBODY)
        return options

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        try:
            self._start(cmd, **options)
        except BaseException:
            await self.cleanup()  # after a failure nobody else calls it
            raise
        return self.connection_info

    def _start(self, cmd: list[str], **options: Any) -> None:
        if "ipykernel_launcher" not in cmd:
            raise VaeLabError(
                f"{self.kernel_spec.display_name}: the sandbox runs Python kernels only"
            )
        if landlock.fault() is not None:
            raise VaeLabError(f"a kernel in the sandbox could fill the disk: {landlock.fault()}")
        folder = str(Path(options.get("cwd") or os.getcwd()).resolve())
        if os.getuid() == 0 and os.stat(folder).st_mode & 0o5 != 0o5:
            raise VaeLabError(
                f"{folder} is root's alone, and a kernel in the sandbox is not root: run it as "
                f"another user, or `chmod o+rx` the folder"
            )
        environment = options.get("env") or os.environ
        view = View(
            read_only=(folder, str(self._connection / "connection.json")),
            writable=(str(self._sockets),),
            environment={name: environment[name] for name in _PASSED_ON if name in environment},
        )
        asked = {
            "limits": asdict(Limits(memory=self.memory * MB)),
            "sockets": str(self._sockets),
            "folder": folder,
            "arguments": cmd[cmd.index("ipykernel_launcher") + 1 :],
        }
        self._keeper, theirs = socket.socketpair()
        with theirs:
            command = [PYTHON, "-m", "vae_grading.sandbox.jupyter_kernel", str(theirs.fileno())]
            self.process = start(
                [*behind(view), *command, json.dumps(asked)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self.process.pid

    async def send_signal(self, signum: int) -> None:
        """Signals do not cross the walls: those that end a kernel do, in our way."""
        if signum not in (0, signal.SIGINT) and self._keeper is not None:
            self._keeper.close()

    async def cleanup(self, restart: bool = False) -> None:
        if self._keeper is not None:
            self._keeper.close()
        if not restart and self._connection is not None:
            shutil.rmtree(self._connection, ignore_errors=True)

    @property
    def _sockets(self) -> Path:
        return self._connection / "sockets"
