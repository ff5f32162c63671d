"""Is everything built, and is it right? The findings, one line each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vae_grading.course.build import solution_fault, solution_notebook
from vae_grading.course.course import Course
from vae_grading.course.lab import Lab
from vae_grading.course.notebooks import read_notebook
from vae_grading.course.regions import hidden_lines, without
from vae_grading.course.student_version import generated
from vae_helpers.errors import VaeLabError

# A shorter hidden line may stand inside a longer visible one by chance.
TELLING_LENGTH = 16


@dataclass(frozen=True)
class Finding:
    """Something wrong: in which file, what, and what to do."""

    file: str
    what: str
    to_do: str


def check(course: Course, *, console: Console | None = None) -> bool:
    """Print what is wrong in source/, release/, solutions/ and notebooks/; whether all is right."""
    console = console or Console()
    found = list(findings(course))
    if not found:
        labs = ", ".join(course.labs()) or "none yet"
        console.print(f"[green]✓[/green] Everything is built and right (labs: {labs}).")
        return True
    table = Table(title=f"{len(found)} findings", title_justify="left")
    for head in ("file", "what is wrong", "what to do"):
        table.add_column(head, overflow="fold")
    for finding in found:
        table.add_row(Text(finding.file), Text(finding.what), Text(finding.to_do))
    console.print(table)
    return False


def findings(course: Course) -> Iterator[Finding]:
    """Everything that is wrong in the course folder."""
    for name in course.labs():
        try:
            yield from _lab_findings(course, course.lab(name))
        except VaeLabError as error:
            yield Finding(f"source/{name}", str(error), "correct the source")
    for built in ("release", "solutions"):
        for folder in sorted((course.root / built).glob("*/")):
            if folder.name not in course.labs() and not folder.name.startswith("."):
                yield Finding(f"{built}/{folder.name}", "has no source", "delete it")
    for path in sorted((course.root / "notebooks").glob("*.ipynb")):
        yield from _source_findings(path, f"notebooks/{path.name}")


def _lab_findings(course: Course, lab: Lab) -> Iterator[Finding]:
    name = lab.name
    shown = f"source/{name}/{name}.ipynb"
    yield from _source_findings(lab.notebook, shown)
    yield from _exercise_findings(lab, shown)
    yield from _forbidden_findings(lab, shown)
    if not course.answers(name).is_dir():
        yield Finding(
            f"source/{name}/answers", "is missing", "add right and wrong answers for the tests"
        )
    source = read_notebook(lab.notebook)
    schemes = sum(cell["source"].count("### BEGIN MARK SCHEME") for cell in source["cells"])
    questions = [exercise.label for exercise in lab.exercises if exercise.kind != "auto"]
    if schemes < len(questions):
        yield Finding(
            shown,
            f"has {len(questions)} written questions and {schemes} mark schemes",
            "add `### BEGIN MARK SCHEME` to the question's task",
        )
    release, solution = course.release(name), course.solution(name)
    rebuild = f"vae-lab build {name}"
    with generated(course, name) as new:
        if not release.is_file():
            yield Finding(f"release/{name}/{name}.ipynb", "is missing", rebuild)
        elif release.read_bytes() != new.notebook.read_bytes():
            yield Finding(
                f"release/{name}/{name}.ipynb", "differs from what source builds", rebuild
            )
    if release.is_file():
        for leak in leaks(source, release):
            yield Finding(
                f"release/{name}/{name}.ipynb",
                f"shows the instructor's line {leak!r}",
                "put the line inside its region, then " + rebuild,
            )
        yield from _format_findings(release, f"release/{name}/{name}.ipynb")
    fault = solution_fault(solution, solution_notebook(source))
    if fault:
        yield Finding(f"solutions/{name}/{name}.ipynb", fault, rebuild)
    else:
        yield from _format_findings(solution, f"solutions/{name}/{name}.ipynb")


def leaks(source: dict[str, Any], release: Path) -> list[str]:
    """Lines of a solution, hidden test or mark scheme that the student version shows.

    A line counts when it stands nowhere in the visible part of the source.
    """
    shown = {
        line.strip()
        for cell in read_notebook(release)["cells"]
        for line in cell["source"].split("\n")
    }
    text = release.read_text(encoding="utf-8")
    visible = "\n".join(
        without(cell["source"], ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"])
        for cell in source["cells"]
    )
    found = [
        line
        for line in sorted(hidden_lines(source["cells"]))
        if line in shown
        or (len(line) >= TELLING_LENGTH and _quoted(line) in text and line not in visible)
    ]
    delimiters = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")
    return found + [delimiter for delimiter in delimiters if delimiter in text]


def _quoted(line: str) -> str:
    """The line as it stands in a JSON file."""
    return line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")


def _source_findings(path: Path, shown: str) -> Iterator[Finding]:
    """An unexecuted notebook: valid, without outputs, its cells with ids of their own."""
    try:
        notebook = read_notebook(path, shown=shown)
    except VaeLabError as error:
        yield Finding(shown, str(error), "restore it")
        return
    yield from _format_findings(path, shown)
    with_outputs = [
        position
        for position, cell in enumerate(notebook["cells"], start=1)
        if cell.get("outputs") or cell.get("execution_count") is not None
    ]
    if with_outputs:
        cells = ", ".join(map(str, with_outputs[:5]))
        yield Finding(
            shown, f"has outputs or execution counts (cell {cells} ...)", "clear all outputs"
        )
    ids = [cell.get("id") for cell in notebook["cells"]]
    if None in ids or len(set(ids)) < len(ids):
        yield Finding(shown, "has cells without an id of their own", "save it in JupyterLab")
    kernel = notebook["metadata"].get("kernelspec", {})
    if kernel.get("name") != "python3":
        yield Finding(shown, "does not name the kernel python3", "choose it in JupyterLab, save")


def _format_findings(path: Path, shown: str) -> Iterator[Finding]:
    import nbformat

    try:
        nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    except Exception as error:
        said = str(error).strip().splitlines()[0]
        yield Finding(shown, f"is no valid notebook: {said}", "open and save it in JupyterLab")


def _forbidden_findings(lab: Lab, shown: str) -> Iterator[Finding]:
    """A name that is not there forbids nothing, and no submission could be graded."""
    import vae_helpers

    for name in lab.forbidden:
        value: Any = vae_helpers
        for part in name.split(".")[1:]:
            value = getattr(value, part, None)
        if value is None:
            yield Finding(shown, f"vae_lab.forbidden: there is no {name}", "correct the name")


def _exercise_findings(lab: Lab, shown: str) -> Iterator[Finding]:
    for exercise in lab.exercises:
        where = f"{exercise.word} {exercise.number} ({exercise.key})"
        if exercise.kind == "auto" and exercise.check is None:
            yield Finding(shown, f"{where} has no check cell", "add a locked, ungraded code cell")
        for cell in exercise.graded:
            named = any(cell.grade_id.startswith(f"{key}-") for key in exercise.solutions)
            if not cell.manual and not named:
                yield Finding(
                    shown,
                    f"{where}: graded cell {cell.grade_id} belongs to another exercise by name",
                    f"call it {exercise.key}-<idea>",
                )
    labels = [exercise.label for exercise in lab.exercises]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield Finding(shown, f"has two exercises with the number {label}", "number them anew")
