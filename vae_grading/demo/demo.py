"""The demonstration: an invented class, graded from notebook to report in a course of its own."""

import filecmp
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vae_grading import atomic
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.demo.classroom import Student, hand_in, read_class
from vae_grading.grading.run import grade
from vae_grading.marks.marks import all_marks, number
from vae_grading.pages.analysis import NO_MISCONCEPTION
from vae_grading.pages.feedback import feedback
from vae_grading.pages.report import report
from vae_grading.sandbox.jail import fault
from vae_helpers.errors import VaeLabError

MARKER = ".vae-lab-demo"


def demo(
    course: Course,
    output: Path,
    *,
    lab_name: str,
    workers: int | None = None,
    console: Console | None = None,
) -> Path:
    """Make a course in `output`, hand in the class's notebooks, grade, write feedback and report.

    The instructor's own gradebook and submissions are not touched. Running it again grades only
    what has changed. Returns the report's path. Raises VaeLabError when the lab was not built,
    or when `output` holds something else.
    """
    console = console or Console()
    lab = course.lab(lab_name)
    if not course.release(lab.name).is_file():
        raise VaeLabError(f"release/{lab.name} was not built yet: run `vae-lab build {lab.name}`")
    no_sandbox = fault()
    students = read_class(course.answers(lab.name) / "class.toml")
    left_out = [each for each in students if each.hostile and no_sandbox]
    students = [each for each in students if each not in left_out]
    root = output.absolute()
    if root.exists() and not (root / MARKER).is_file() and any(root.iterdir()):
        raise VaeLabError(f"{output} holds something else: name a new folder with --output DIR")
    with tempfile.TemporaryDirectory(prefix="vae-lab-") as folder, atomic.explained(root):
        new = Path(folder)
        _copy_course(course, lab.name, new)
        hand_in(course, lab, students, new / "submitted")
        for part in ("nbgrader_config.py", "source", "release", "submitted", MARKER):
            _put(new / part, root / part)
    console.print(_introduction(students, lab.title))
    ours = Course(root)
    # The class is invented, and shipped with the course: it may run where there is no sandbox.
    grade(ours, lab.name, workers=workers, walls=no_sandbox is None, console=console)
    for each in left_out:
        console.print(f"{each.id} was left out: it is hostile, and there is no sandbox here.")
    if no_sandbox:
        console.print(f"There is no sandbox here: {no_sandbox}.")
    for each in students:
        if each.hostile:
            console.print(_contained(ours, lab, each.id), style="bold")
    console.print()
    feedback(ours, lab.name, console=Console(quiet=True))
    page = report(ours, lab.name, console=Console(quiet=True))
    _tell_next(ours, lab.name, page, console)
    return page


def _copy_course(course: Course, lab: str, new: Path) -> None:
    ignored = shutil.ignore_patterns("answers", ".ipynb_checkpoints")
    shutil.copy(course.root / "nbgrader_config.py", new)
    shutil.copytree(course.source(lab).parent, new / "source" / lab, ignore=ignored)
    shutil.copytree(course.release(lab).parent, new / "release" / lab, ignore=ignored)
    (new / MARKER).write_text("Made by `vae-lab demo`; it may be deleted.\n")


def _put(new: Path, target: Path) -> None:
    """Replace a file or folder, unless it is the same already."""
    if new.is_file():
        atomic.write_bytes(target, new.read_bytes())
    elif not target.exists() or not _same(filecmp.dircmp(new, target)):
        target.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace_folder(new, target)


def _same(both: filecmp.dircmp) -> bool:
    apart = both.left_only or both.right_only or both.diff_files or both.funny_files
    return not apart and all(_same(below) for below in both.subdirs.values())


def _introduction(students: Sequence[Student], title: str) -> Table:
    table = Table(
        title=f"A class of {len(students)} for {title}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("student", style="bold", no_wrap=True)
    table.add_column("hands in")
    for student in students:
        table.add_row(Text(student.id), Text(student.does))
    return table


def _contained(course: Course, lab: Lab, student: str) -> Text:
    """What a hostile student tried, by its own account, and what it got, by the judge's."""
    (graded,) = (each for each in all_marks(course, lab) if each.student == student)
    cells = read_notebook(course.autograded(lab.name, student))["cells"]
    printed = "".join(
        "".join(output.get("text", ""))
        for cell in cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )
    tried = [line.removeprefix("tried to ") for line in printed.splitlines() if "tried to " in line]
    got = f"{number(graded.total.points)} of {number(lab.points)} points"
    return Text(f"{student} got {got}; tried to " + "; ".join(tried) + ".")


def _tell_next(course: Course, lab: str, page: Path, console: Console) -> None:
    lines = [
        ("Open in a browser", ""),
        ("  the report", page),
        ("  one student's feedback", course.feedback(lab, _one_student(course, lab))),
        ("Then", ""),
        (
            "  mark the written answers",
            f"cd {course.root} && jupyter lab, then Nbgrader > Formgrader",
        ),
        ("  put the marks into the report", f"vae-lab report {lab} --course {course.root}"),
        (
            "  grade your own class",
            f"vae-lab collect {lab} ZIP_OR_FOLDER, then vae-lab grade {lab}",
        ),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, where in lines:
        table.add_row(Text(what, style="" if where else "bold"), Text(str(where)))
    console.print(table)


def _one_student(course: Course, lab: str) -> str:
    """Somebody whose page has something to say."""
    graded = all_marks(course, course.lab(lab))
    slips = [
        each
        for each in graded
        if any(cell.slug and cell.slug not in NO_MISCONCEPTION for cell in each.result.cells)
    ]
    return (slips or graded)[0].student
