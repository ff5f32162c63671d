"""Build a lab: the student version by nbgrader, and the executed model answer."""

import copy
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from traitlets.config import Config

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.figures import smaller_figures
from vae_grading.course.notebooks import as_text, read_notebook
from vae_grading.course.regions import HIDDEN_TESTS, without
from vae_grading.course.student_version import Generated, generated
from vae_helpers.errors import VaeLabError

CELL_SECONDS = 1800  # a model answer trains at full size
SMALL_SIZE_SWITCHES = ("NBGRADER_EXECUTION", "VAE_LAB_SMOKE")


def build(
    course: Course,
    labs: Iterable[str] = (),
    *,
    force: bool = False,
    console: Console | None = None,
) -> None:
    """Bring release/ and solutions/ of these labs (or of all) up to date with source/.

    A model answer is executed again only when its code has changed, or with `force`; where only
    text has changed, its outputs are kept. Each of the two folders of a lab is replaced as a
    whole when it is complete: a full disk or a cell that fails leaves the old one.

    Raises VaeLabError for an unknown lab, a source that breaks a rule, a model answer whose cell
    fails (which one, and how), a full disk.
    """
    console = console or Console()
    names = list(labs) or list(course.labs())
    if not names:
        raise VaeLabError(f"{course.root / 'source'} holds no lab: nothing to build")
    for name in [course.lab(name).name for name in names]:
        with generated(course, name) as new:
            released = _put_release(course, new)
            console.print(f"release/{name}: {'built' if released else 'up to date'}")
            done = _put_solution(course, new, force=force, console=console)
            console.print(f"solutions/{name}: {done}")


def _put_release(course: Course, new: Generated) -> bool:
    target = course.release(new.lab).parent
    if _contents(target) == _contents(new.release):
        return False
    atomic.replace_folder(new.release, target)
    return True


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if ".ipynb_checkpoints" not in path.parts
    }


def _put_solution(course: Course, new: Generated, *, force: bool, console: Console) -> str:
    """Bring the model answer up to date; what that took."""
    expected = solution_notebook(read_notebook(course.source(new.lab)))
    if not force:
        if solution_fault(course.solution(new.lab), expected) is None:
            return "up to date"
        reworded = _with_stored_outputs(expected, course.solution(new.lab))
        if reworded is not None:
            atomic.write_bytes(course.solution(new.lab), as_text(reworded).encode())
            return "new text, outputs kept"
    with (
        Progress(
            TextColumn("  executing the model answer"),
            BarColumn(),
            TextColumn("cell {task.completed:.0f} of {task.total:.0f}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress,
        tempfile.TemporaryDirectory(prefix="vae-lab-") as folder,
    ):
        task = progress.add_task("", total=len(expected["cells"]))
        # The files that go with a notebook (pictures, data) lie beside the answer too.
        beside = Path(folder) / new.lab
        shutil.copytree(new.release, beside)
        executed = execute(
            expected,
            beside,
            shown=f"source/{new.lab}/{new.lab}.ipynb",
            on_cell=lambda index: progress.update(task, completed=index + 1),
        )
        shutil.rmtree(beside)
        shutil.copytree(new.release, beside)
        (beside / f"{new.lab}.ipynb").write_text(as_text(executed), encoding="utf-8")
        atomic.replace_folder(beside, course.solution(new.lab).parent)
    return "executed"


def solution_notebook(source: dict[str, Any]) -> dict[str, Any]:
    """The model answer, not executed: hidden tests and delimiter lines gone, all else kept."""
    notebook = copy.deepcopy(source)
    notebook["metadata"].pop("celltoolbar", None)
    for cell in notebook["cells"]:
        cell["source"] = without(cell["source"], [HIDDEN_TESTS])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def solution_fault(path: Path, expected: dict[str, Any]) -> str | None:
    """What is wrong with an executed model answer, or None: it must show the expected cells,
    every one of them executed and none with an error."""
    if not path.is_file():
        return "is missing"
    try:
        stored = read_notebook(path)
    except VaeLabError:
        return "is not a notebook"
    if _bare(stored) != _bare(expected):
        return "differs from what source builds"
    for position, cell in enumerate(stored["cells"], start=1):
        if cell["cell_type"] != "code" or not cell["source"].strip():
            continue
        if cell.get("execution_count") is None:
            return f"has a cell that was not executed (cell {position})"
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            return f"has a cell that failed (cell {position})"
    return None


def _with_stored_outputs(expected: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """`expected` with the outputs stored at `path`, or None unless all code is the same there."""
    if not path.is_file():
        return None
    notebook, stored = copy.deepcopy(expected), read_notebook(path)
    pairs = [_code_cells(notebook), _code_cells(stored)]
    if [cell["source"] for cell in pairs[0]] != [cell["source"] for cell in pairs[1]]:
        return None
    for cell, executed in zip(*pairs, strict=True):
        cell["outputs"] = executed["outputs"]
        cell["execution_count"] = executed["execution_count"]
    return notebook if solution_fault(path, stored) is None else None


def _code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _bare(notebook: dict[str, Any]) -> list[Any]:
    cells = [
        (cell["cell_type"], cell.get("id"), cell["source"], cell["metadata"])
        for cell in notebook["cells"]
    ]
    return [notebook["metadata"], cells]


def execute(
    notebook: dict[str, Any],
    folder: Path,
    *,
    shown: str,
    on_cell: Callable[[int], None] = lambda index: None,
) -> dict[str, Any]:
    """Execute a notebook at full size in a fresh kernel; its outputs are kept, its metadata too.

    Raises VaeLabError, which names the cell (counted from 1) and the error, when one fails.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    executed = nbformat.from_dict(copy.deepcopy(notebook))
    at = 0

    def on_cell_start(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    client = NotebookClient(
        executed,
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        config=_sockets_of_files(folder.parent),
        on_cell_start=on_cell_start,
        on_cell_complete=lambda cell, cell_index: on_cell(cell_index),
    )
    environment = {k: v for k, v in os.environ.items() if k not in SMALL_SIZE_SWITCHES}
    try:
        # The kernel's own remarks on how it was started are nobody's business here.
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        why = (
            f"{error.ename}: {error.evalue}"
            if isinstance(error, CellExecutionError)
            else str(error)
        )
        why = " ".join(why.split())[:300]
        raise VaeLabError(
            f"{shown}: the model answer fails in cell {at + 1} ({_name(executed.cells[at])}): "
            f"{why}; solutions/ stays as it was"
        ) from None
    except RuntimeError as error:  # the kernel did not start, or not in time
        raise VaeLabError(
            f"{shown}: no kernel to execute the model answer: {error}; solutions/ stays as it was"
        ) from None
    # What depends on the run and not on the cells stays out: kernel version, widgets' state.
    executed.metadata = nbformat.from_dict(copy.deepcopy(notebook["metadata"]))
    for cell in executed.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _lasting(output)]
            smaller_figures(cell.outputs)
    return executed


def _sockets_of_files(folder: Path) -> Config:
    """Let kernels be reached by files in `folder`, not by network ports: without any network."""
    config = Config()
    if os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(folder / "kernel")  # the beginning of the files' names
    return config


def _lasting(output: Any) -> bool:
    """Whether an output still shows something without the kernel: a widget does not."""
    if output.output_type == "stream":
        return bool(output.text.strip())
    return "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


def _name(cell: Any) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "no id")
