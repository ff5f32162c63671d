"""An instructor's way with each system: collect, grade, mark by hand, export, feedback; then a late
notebook, and export again. The files are made to the form that each system documents (see
support/grade_files.py); grading is the real one."""

import json
import zipfile

import classes
import deliveries
import grade_files
import pytest
import toy
from deliveries import make_zip
from grade_files import BLACKBOARD, BRIGHTSPACE, CANVAS, GRADESCOPE, MOODLE

from vae_grading.grading.run import grade
from vae_grading.returns.export import export
from vae_grading.returns.feedback_zip import SYSTEMS, feedback_zip
from vae_grading.sandbox.jail import fault
from vae_helpers.errors import VaeLabError

pytestmark = pytest.mark.skipif(fault() is not None, reason=f"no sandbox here: {fault()}")
DUE = """
c.VaeLab.timezone = "Europe/Berlin"
c.VaeLab.due = {"toy": "2026-09-25 23:59"}
c.LateSubmissionPlugin.penalty_method = "zero"
"""
# Bo once more, three days later; of Canvas, another upload.
AGAIN = {
    "Moodle": {"Bo “B, C” Ödman_102_assignsubmission_file_/toy.ipynb": "bo"},
    "Canvas": {"odmanbo_LATE_12_9005_toy-2.ipynb": "bo"},
    "Blackboard": {"Toy lab_bodman_attempt_2026-09-28-09-26-00_toy.ipynb": "bo"},
    "Brightspace": {"397064-2557369 - Bo “B, C” Ödman - Sep 28, 2026 926 AM/toy.ipynb": "bo"},
    "Gradescope": {"submission_9004/toy.ipynb": "bo"},
}
SAID = "Marks by exercise: 1: {}/3, 2: 2/2, Q1: {}/4."
LATE = " Late by 2 d 9 h, 9 points taken off."


def _notebooks(course, files: dict[str, str], **sources: str) -> dict[str, str]:
    answers = {"ada": toy.answered(course), "bo": toy.answered(course, **sources)}
    return {path: json.dumps(answers[who]) for path, who in files.items()}


def _comment(given, text: str) -> str:
    return f'"{text}"' if given is MOODLE else text


@pytest.mark.slow
@pytest.mark.parametrize(
    "given", [MOODLE, CANVAS, BLACKBOARD, BRIGHTSPACE, GRADESCOPE], ids=lambda given: given.system
)
def test_marks_go_back_to_where_the_notebooks_came_from(course, console, tmp_path, given):
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + DUE)
    path = tmp_path / f"marks{given.suffix}"
    path.write_bytes(given.file())
    roster = tmp_path / "roster.csv"
    roster.write_text(given.roster or "Full name\nNobody\n", encoding="utf-8")
    listed = path if given in (MOODLE, GRADESCOPE) else roster
    first = _notebooks(course, given.files, double="def double(number):\n    return number")
    source = make_zip(tmp_path / "all.zip", first | given.beside)
    deliveries.deliver(course, console, source, roster=listed)

    grade(course, "toy", workers=1, console=console)
    folders = sorted(deliveries.submitted(course), reverse=given is CANVAS)
    export(course, "toy", path, console=console)
    assert path.read_bytes() == given.file()  # nothing is final yet
    classes.mark_by_hand(course, *folders)
    export(course, "toy", path, console=console)
    said = {
        "said_ada": _comment(given, SAID.format(3, 4)),
        "said_bo": _comment(given, SAID.format(0, 4)),
    }
    assert path.read_bytes() == given.file(mark_ada="9", mark_bo="6", **said)
    if given.system.lower() in SYSTEMS:
        target = feedback_zip(course, "toy", given.system.lower(), console=console)
        with zipfile.ZipFile(target) as archive:
            assert len(archive.namelist()) == 2
    else:
        with pytest.raises(VaeLabError, match="archives of feedback are taken by moodle, canvas"):
            feedback_zip(course, "toy", given.system, console=console)

    again = _notebooks(course, AGAIN[given.system])
    beside = {
        name: text.replace("submission_9002", "submission_9004").replace("09-25 07", "09-28 07")
        for name, text in given.beside.items()
    }
    source = make_zip(tmp_path / "late.zip", again | beside, when=(2026, 9, 28, 9, 26, 0))
    deliveries.deliver(course, console, source, roster=roster)
    grade(course, "toy", workers=1, console=console)
    with_time = given is not CANVAS
    export(course, "toy", path, console=console)
    said["said_bo"] = _comment(given, SAID.format(3, 4) + (LATE if with_time else ""))
    mark = "0" if with_time else "9"
    assert path.read_bytes() == given.file(mark_ada="9", mark_bo=mark, **said)
    rows = grade_files.values(path.read_bytes(), given.encoding)
    assert len(rows) == len(grade_files.values(given.file(), given.encoding))
