"""The shell in which a notebook's cells run: a Jupyter kernel's own, without a kernel around it.

What an ordinary notebook holds has to work here as it does in Jupyter: magics, shell lines, figures
inline. What cannot work (a package to be installed, a window to be opened) says so in the cell's
output, and the cell goes on.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import threading
import time
import warnings
from typing import IO, Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib_inline.config import InlineBackend
from traitlets import Type
from traitlets.config import Config

COMMAND_SECONDS = 10  # nobody's answer is a command
MOST_SAID = 4_000_000  # bytes, by one command
MOST_PRINTED = 20_000  # characters, by one cell


class Shell(ZMQInteractiveShell):
    """IPython as ipykernel makes it, printing where ipykernel would send messages."""

    def __init__(self) -> None:
        # No history: its file would be open in the zygote, and so in every student's process.
        # Pictures would be drawn at the end of every cell for nobody: a figure is shown by name.
        configuration = {
            "HistoryManager": {"enabled": False},
            "InlineBackend": {"figure_formats": set()},
        }
        super().__init__(config=Config(configuration))
        self.colors = "nocolor"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matplotlib_inline's own, on how it was written
            inline = InlineBackend.instance(parent=self)
        inline.shell = self
        configurables: list[Any] = self.configurables
        configurables.append(inline)

    # Those of a terminal, in place of those that send messages.
    displayhook_class: Any = Type(DisplayHook)
    display_pub_class: Any = Type(DisplayPublisher)
    _showtraceback = InteractiveShell._showtraceback

    def init_environment(self) -> None:
        os.environ |= {"PAGER": "cat", "GIT_PAGER": "cat"}

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows, and so no events of theirs to wait for."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str | None, str]:
        """Figures are drawn inline, whatever was asked for: nobody looks at a window here."""
        if gui not in (None, "inline", "auto"):
            print(f"%matplotlib {gui}: figures are drawn inline here.")
        return super().enable_matplotlib("inline")

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """An extension's magic that is not installed leaves the cell below it as it is."""
        if self.find_cell_magic(magic_name) is None:
            print(f"%%{magic_name} is not known here: the cell was run without it.")
            self.run_cell(cell)
            return None
        return super().run_cell_magic(magic_name, line, cell)

    def ask_exit(self) -> None:
        """`exit()` ends a kernel after its cell; the answers below are marked all the same."""

    def system_piped(self, cmd: str) -> None:
        """Run a command with its output in the cell's; `_exit_code` in the notebook tells its end.

        Raises OSError for one that is to go on in the background, as a kernel does.
        """
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        code, output = run_command(self.var_expand(cmd, depth=1))
        print(output, end="")
        self.user_ns["_exit_code"] = code

    system = system_piped

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """The output of a command: `x = !ls`."""
        from IPython.utils.text import LSString, SList

        _, output = run_command(self.var_expand(cmd, depth=depth + 1))
        return SList(output.splitlines()) if split else LSString(output)


def run_command(command: str) -> tuple[int, str]:
    """Exit code and output of a shell command, which is stopped after COMMAND_SECONDS. Of what it
    says the first MOST_SAID bytes are kept."""
    # No terminal: the sandbox has none to give. A session of its own: it ends with all it started.
    process = subprocess.Popen(
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdout is not None
    said, ended = bytearray(), threading.Event()
    # Not `communicate`, which keeps all of it: gigabytes, where a command prints without an end.
    reader = threading.Thread(target=_read, args=(process.stdout, said, ended), daemon=True)
    deadline = time.monotonic() + COMMAND_SECONDS
    notes = []
    try:
        reader.start()
        reader.join(COMMAND_SECONDS)
        process.wait(max(0.0, deadline - time.monotonic()))
        late = reader.is_alive()
    except subprocess.TimeoutExpired:
        late = True
    except BaseException:
        _end(process)
        raise
    if late:
        ended.set()
        _end(process)
        process.wait()
        notes.append(f"stopped after {COMMAND_SECONDS} s: {command[:100]}")
    if len(said) > MOST_SAID:
        notes.append(f"cut after {MOST_SAID:,} bytes: {command[:100]}")
    output = bytes(said[:MOST_SAID]).decode(errors="replace")
    return process.returncode, output + "".join(f"\n{note}\n" for note in notes)


def _read(pipe: IO[bytes], said: bytearray, ended: threading.Event) -> None:
    """Read to the end, and keep one byte more than MOST_SAID at most, which tells of a longer one.

    The end comes when nobody is left who could write, whoever was put into the background, too; or
    with the next that is said after the command has `ended`.
    """
    with pipe:
        while (part := pipe.read(1 << 16)) and not ended.is_set():
            said += part[: MOST_SAID + 1 - len(said)]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and, where there are sessions, all that it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # Windows
        process.kill()


class Printed(io.TextIOBase):
    """What a cell prints, up to a bound; a stream as a kernel's, so also one with a number."""

    encoding = "UTF-8"
    errors = "replace"

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MOST_PRINTED

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1  # leads nowhere; `faulthandler` and the like ask for it

    def take(self) -> str:
        """What was printed since this was asked last."""
        found = "".join(self._parts)
        self._parts, self._left = [], MOST_PRINTED
        return found
