"""`nbgrader autograde`, and the formgrader's button for it, with the judge's marks.

nbgrader_config.py names the class below. nbgrader then neither reads nor runs what was handed in:
it is given the judged notebook, whose outputs it turns into exactly the judge's marks. The results
are stored as by `vae-lab grade`, for feedback pages and the report.
"""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import compute_checksum, determine_grade
from traitlets import Bool

from vae_grading.course.course import Course
from vae_grading.course.student_version import generated
from vae_grading.grading.dates_of_hand_ins import note_dates
from vae_grading.grading.one_submission import Graded, autograde
from vae_grading.marks.results import MOST_NOTES, NOT_GRADED, CellResult, Result, no_marks
from vae_grading.marks.store import Store
from vae_grading.plain_text import plain
from vae_grading.sandbox.jail import jail
from vae_grading.submissions.hand_in import Submission, shown_name
from vae_grading.submissions.harmless import markdown
from vae_helpers.errors import VaeLabError

_HOW_WITHOUT = "VAE_LAB_JUDGE=off runs nbgrader's own autograde, beside the student's code"


_OF_ANOTHER_TEXT = "0" * 32  # nbgrader takes an answer with the released checksum for none


class JudgingExporter(NotebookExporter):
    """Reads a submission by having it judged; whatever was handed in, there is a notebook.

    nbgrader makes one for each run. Raises NbGraderException, after one line in nbgrader's log,
    when there can be no sandbox or when the assignment is not a lab of one notebook of its name.
    """

    walls = Bool(True, help="Run submissions in the sandbox; False is for trusted ones.").tag(
        config=True
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._folders = self.parent.coursedir
        self._course = Course(Path(self._folders.root))
        prepared = contextlib.ExitStack()
        weakref.finalize(self, prepared.close)
        try:
            self._lab = self._course.lab(self._folders.assignment_id)
            jail(walls=self.walls, libraries=self._lab.libraries)
            self._leave_out_what_nbgrader_cannot_name()
            self._generated = prepared.enter_context(
                generated(self._course, self._lab.name, fresh=False)
            )
        except VaeLabError as error:
            self.log.error("%s (%s)", " ".join(str(error).split()), _HOW_WITHOUT)
            raise NbGraderException(str(error)) from None
        self._ignored = tuple(self._folders.ignore)
        self._dated = self._folders.get_existing_timestamp
        self._folders.get_existing_timestamp = self._timestamp
        self.parent.pre_convert_hook = self._leave_out_what_is_no_file

    def _leave_out_what_nbgrader_cannot_name(self) -> None:
        """Keep a submission from stopping the class by the name of its student."""
        for folder in list(self.parent.assignments):
            student = Path(folder).parent.name
            if student == shown_name(student) and "\n" not in student:
                continue
            del self.parent.assignments[folder]
            shown = plain(shown_name(student))
            reason = f"nbgrader has no place for the name {shown}."
            step = "Rename the folder to the student's name; then grade again."
            self.log.error("%s %s", reason, step)
            result = no_marks(self._lab, shown_name(student), "", "bad-name", reason, step)
            self._store(result)

    def _leave_out_what_is_no_file(
        self, *, assignment: str, student: str, notebooks: Sequence[str]
    ) -> None:
        """nbgrader copies all that lies beside the notebook: no links, pipes or devices.

        It calls this before each submission.
        """
        folder = os.path.dirname(notebooks[0])
        linked = os.path.islink(folder) or os.path.islink(os.path.dirname(folder))
        names = {assignment} if linked else set()
        for above, _, files in os.walk(folder):
            names |= {name for name in files if not _is_file(os.path.join(above, name))}
        # Notebooks it does not copy; the one that was handed in is left to the judge.
        names = {name for name in names if not name.endswith(".ipynb")}
        self._folders.ignore = [*self._ignored, *map(glob.escape, sorted(names))]

    def _timestamp(self, folder: str) -> Any:
        """When it was handed in, by a file that nbgrader opens whatever it is."""
        path = os.path.join(folder, "timestamp.txt")
        return self._dated(folder) if _is_file(path) else None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> Any:
        """The judged notebook of what lies in submitted/; other files are read as they are.

        nbgrader calls it twice, for what was handed in and for what came of that.
        """
        names = resources["nbgrader"]
        handed_in = self._folders.format_path(
            self._folders.submitted_directory, names["student"], names["assignment"]
        )
        if Path(filename).parent != Path(handed_in):
            return super().from_filename(filename, resources=resources, **options)
        graded = autograde(
            self._course,
            self._lab,
            Submission(names["student"], Path(filename), Path(handed_in).parents[1]),
            generated=self._generated,
            walls=self.walls,
        )
        self._keep(graded)
        self._note_dates(names["student"], Path(handed_in).parents[1])
        notebook = with_marks(graded, self._generated.notebook)
        return self.from_notebook_node(notebook, resources=resources, **options)

    def _keep(self, graded: Graded) -> None:
        """Store the result, unless no judge could be had: then the next run tries again."""
        if graded.result.problem != NOT_GRADED:
            self._store(graded.result)

    def _note_dates(self, student: str, folder: Path) -> None:
        """What nbgrader takes points off by, once it has the marks."""
        try:
            note_dates(self._course, self._lab.name, folder, [student])
        except VaeLabError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None

    def _store(self, result: Result) -> None:
        try:
            with Store(self._course) as store:
                store.save(result)
        except VaeLabError as error:
            self.log.error("%s", error)
            raise NbGraderException(str(error)) from None


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def with_marks(graded: Graded, release: Path) -> nbformat.NotebookNode:
    """The judged notebook, from which nbgrader reads the result's points for every graded cell.

    Without one it is the lab as released, with the reason as the output of each graded cell.
    """
    result = graded.result
    text = release.read_text(encoding="utf-8") if graded.notebook is None else graded.notebook
    notebook = nbformat.reads(text, as_version=4)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for verdict in result.cells:
        cell = cells[verdict.grade_id]
        if verdict.points is None:  # a person's to give, also where the answer stands elsewhere
            cell.metadata.nbgrader["checksum"] = _OF_ANOTHER_TEXT
            continue
        if cell.metadata.nbgrader["solution"]:
            # nbgrader's sign of an answer that was never begun
            cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
        elif graded.notebook is None or determine_grade(cell)[0] != verdict.points:
            cell.outputs = [_output(verdict, result.next_step)]
    if notes := (*result.doubts, *result.notes):
        said = "\n".join(
            ["Put right before grading:", "", *(f"- {note}" for note in notes[:MOST_NOTES])]
        )
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(markdown(said)))
    return notebook


def _output(verdict: CellResult, next_step: str) -> nbformat.NotebookNode:
    """An output that nbgrader reads as the verdict's points."""
    if verdict.points:
        return nbformat.v4.new_output(
            "execute_result", {"text/plain": f"{verdict.points!r}"}, execution_count=None
        )
    why = " ".join(filter(None, [verdict.message, next_step])) or "No verdict."
    return nbformat.v4.new_output(
        "error", ename=verdict.reason or "wrong", evalue=why, traceback=[why]
    )
