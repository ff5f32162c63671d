"""Honest but odd notebooks get the marks of their answers, and those that plain nbgrader gives.

Two oracles: the same answers in a notebook that nothing was done to, by the judge; and nbgrader
without the judge, for each notebook that it can run as it is (odd/plain.json, written by `make
odd`, of which a part is made anew here).
"""

import json
from dataclasses import dataclass, replace

import pytest
from odd.kinds import KINDS, PLAIN_LOSES
from odd.notebooks import LABS, PLAIN, Makes, Odd, by_plain_nbgrader, course_with, odd_notebooks
from rich.console import Console

from vae_grading.course.course import Course, find_course
from vae_grading.grading import run as grade
from vae_grading.marks.results import Result
from vae_grading.marks.store import load

ODD = list(odd_notebooks())
ANSWERS = ("right", "wrong", "half")
NAMED = {"windows-code-page", "text-after-the-end"}  # what of a file is damaged is told a person
STORED = json.loads(PLAIN.read_text(encoding="utf-8"))["marks"]


@dataclass(frozen=True)
class Class:
    course: Course
    lab: str

    def result(self, student: str) -> Result:
        found = load(self.course, self.lab, student)
        assert found is not None
        return found

    def points(self, student: str) -> dict[str, float | None]:
        return {cell.grade_id: cell.points for cell in self.result(student).cells}


@pytest.fixture(scope="module", params=LABS)
def graded(request, tmp_path_factory) -> Class:
    """A class of one lab: every odd notebook of it, and an even one for each kind of answers."""
    lab = request.param
    course = course_with(lab, tmp_path_factory.mktemp("odd") / "course")
    makes = Makes(find_course(), lab)
    for odd in [*_of(lab), *(Odd(lab, answers, ()) for answers in ANSWERS)]:
        path = course.submitted / odd.name / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(makes.file(odd))
    with (tmp_path_factory.mktemp("console") / "log.txt").open("w") as log:
        grade.grade(course, lab, console=Console(file=log, width=200))
    return Class(course, lab)


def _of(lab: str) -> list[Odd]:
    return [odd for odd in ODD if odd.lab == lab]


def test_there_are_enough_of_them():
    assert len(ODD) >= 60
    assert len(KINDS) >= 30
    assert {kind for odd in ODD for kind in odd.kinds} == set(KINDS)
    assert sum(not odd.plain_loses for odd in ODD) >= len(ODD) / 2


@pytest.mark.slow
def test_their_marks_are_those_of_their_answers(graded):
    even = {answers: graded.points(answers) for answers in ANSWERS}
    automatic = [name for name, points in even["right"].items() if points is not None]
    assert sum(even["right"][name] for name in automatic) > 30
    assert len({sum(filter(None, points.values())) for points in even.values()}) == 3
    differing = {}
    for odd in _of(graded.lab):
        points, wanted = graded.points(odd.name), even[odd.answers]
        off = {name: points[name] for name in wanted if points[name] != wanted[name]}
        if off:
            differing[odd.name] = off
    assert differing == {}


@pytest.mark.slow
def test_who_needs_a_person_is_told_and_nobody_else(graded):
    for odd in _of(graded.lab):
        result = graded.result(odd.name)
        assert result.needs_person == bool(NAMED & {*odd.kinds}), (odd.name, result.doubts)
        assert result.problem is None


@pytest.mark.slow
def test_their_marks_are_those_of_plain_nbgrader_or_the_difference_has_a_name(graded):
    plain = STORED[graded.lab]
    unexplained = {}
    for odd in _of(graded.lab):
        points = graded.points(odd.name)
        theirs = plain.get(odd.name)
        if theirs is None or any(theirs[name] != points[name] for name in theirs):
            unexplained[odd.name] = odd.plain_loses
    assert [name for name, reasons in unexplained.items() if not reasons] == []
    assert len(unexplained) < len(_of(graded.lab)) / 2


@pytest.mark.slow
def test_plain_nbgrader_still_gives_what_is_stored(tmp_path):
    """Of one lab, one notebook with each kind of answers, and one that it refuses."""
    lab = "lab2-reparameterization"
    course = course_with(lab, tmp_path / "course")
    makes, chosen = Makes(find_course(), lab), {}
    for odd in _of(lab):
        chosen.setdefault((odd.answers, bool(odd.plain_loses)), odd)
    some = [odd for (_, loses), odd in chosen.items() if not loses]
    for odd in some:
        path = course.submitted / odd.name / lab / f"{lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(makes.file(odd))
    assert by_plain_nbgrader(course, lab) == {odd.name: STORED[lab][odd.name] for odd in some}


def test_every_difference_to_plain_nbgrader_is_explained_in_words():
    assert set(PLAIN_LOSES) <= set(KINDS)
    assert all(len(why) > 20 for why in PLAIN_LOSES.values())
    without = replace(ODD[0], kinds=())
    assert without.plain_loses == ()
