"""Open a lab in JupyterLab as a student does: on a copy, so that release/ stays as it was built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_helpers.errors import VaeLabError

START_HERE = Path("notebooks") / "00-start-here.ipynb"


def work_copy(course: Course, lab: str, *, fresh: bool = False) -> tuple[Path, bool]:
    """`work/<lab>/<lab>.ipynb`, made from the student version unless it is there already.

    Returns its path and whether it is new. With `fresh`, work that is there is set aside under
    another name, never deleted. Raises VaeLabError when the lab is unknown or was not built.
    """
    name = course.lab(lab).name
    folder = course.root / "work" / name
    notebook = folder / f"{name}.ipynb"
    if notebook.exists() and not fresh:
        return notebook, False
    release = course.release(name).parent
    if not course.release(name).is_file():
        raise VaeLabError(f"release/{name} was not built yet: run `vae-lab build {name}`")
    if folder.exists():
        aside = next(
            path
            for number in range(1, 10_000)
            if not (path := folder.with_name(f"{name}-{number}")).exists()
        )
        folder.rename(aside)
    with atomic.explained(folder):
        shutil.copytree(release, folder)
    return notebook, True


def open_lab(
    course: Course,
    lab: str | None,
    *,
    fresh: bool = False,
    browser: bool = True,
    port: int | None = None,
    console: Console | None = None,
) -> int:
    """Start JupyterLab on a lab's work copy, or on the first notebook; its exit code."""
    console = console or Console()
    if lab is None:
        notebook = course.root / START_HERE
        if not notebook.is_file():
            raise VaeLabError(f"name the lab to open: {', '.join(course.labs())}")
    else:
        notebook, new = work_copy(course, lab, fresh=fresh)
        shown = notebook.relative_to(course.root)
        what = "a new copy of the student version" if new else "your work; --fresh starts anew"
        console.print(Text(f"{shown}: {what}"))
    return subprocess.run(jupyter_command(course, notebook, browser=browser, port=port)).returncode


def jupyter_command(
    course: Course, notebook: Path, *, browser: bool = True, port: int | None = None
) -> list[str]:
    """The command that starts JupyterLab in the course's folder with this notebook open."""
    path = notebook.relative_to(course.root).as_posix()
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={course.root}",
        f"--LabApp.default_url=/lab/tree/{path}",
    ]
    # A container's only user is often root, whom Jupyter otherwise refuses.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    if not browser:
        command.append("--no-browser")
    if port is not None:
        command.append(f"--port={port}")
    return command
