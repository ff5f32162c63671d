"""Marks by question: automatic points, and in their place what a person gave."""

import contextlib
import dataclasses
from dataclasses import dataclass

from vae_grading.course.course import Course
from vae_grading.course.lab import Exercise, Lab
from vae_grading.deliveries import identities
from vae_grading.deliveries.identities import Member
from vae_grading.deliveries.teams import members
from vae_grading.marks.gradebook import PersonalMark, personal_marks
from vae_grading.marks.lateness import IN_TIME, Lateness, lateness, penalties
from vae_grading.marks.results import CellResult, Result
from vae_grading.marks.store import load_all
from vae_helpers.errors import VaeLabError


@dataclass(frozen=True)
class Mark:
    """Points of one student for one exercise; `open` of them still await a person."""

    points: float
    max_points: float
    open: float = 0.0


@dataclass(frozen=True)
class StudentMarks:
    """One student's result with all marks that are known by now.

    `late` is how late it came, `penalty` the points that are taken off for that; `members` have
    handed it in, too, and get the same mark.
    """

    result: Result
    lab: Lab
    personal: dict[str, PersonalMark]
    late: Lateness = IN_TIME
    penalty: float = 0.0
    members: tuple[Member, ...] = ()

    @property
    def student(self) -> str:
        return self.result.student

    @property
    def everybody(self) -> str:
        """The names of all whose mark it is."""
        return " + ".join([self.student, *(each.folder for each in self.members)])

    def cells(self, exercise: Exercise) -> list[CellResult]:
        wanted = {cell.grade_id for cell in exercise.graded}
        return [cell for cell in self.result.cells if cell.grade_id in wanted]

    def points(self, cell: CellResult) -> float | None:
        """The cell's points: a person's if there are any, else the automatic ones."""
        personal = self.personal.get(cell.grade_id)
        return cell.points if personal is None or personal.points is None else personal.points

    def mark(self, exercise: Exercise) -> Mark:
        cells = self.cells(exercise)
        points = [(self.points(cell), cell.max_points) for cell in cells]
        return Mark(
            sum(got for got, _ in points if got is not None),
            exercise.points,
            sum(most for got, most in points if got is None),
        )

    @property
    def total(self) -> Mark:
        """What counts: all that was earned, less what is taken off for being late."""
        earned = self.earned
        return dataclasses.replace(earned, points=max(0.0, earned.points - self.penalty))

    @property
    def earned(self) -> Mark:
        marks = [self.mark(exercise) for exercise in self.lab.exercises]
        return Mark(
            sum(mark.points for mark in marks), self.lab.points, sum(mark.open for mark in marks)
        )

    @property
    def unfinished(self) -> str:
        """Why the marks are not final yet, or "": what a person has to mark or to look at."""
        if self.result.problem:
            return "it could not be graded, and needs a person"
        if self.total.open:
            return f"{number(self.total.open)} points are still to be marked by hand"
        personal = {key for key, mark in self.personal.items() if mark.points is not None}
        undecided = [cell for cell in self.result.cells if cell.reason]
        if any(cell.grade_id not in personal for cell in undecided) or self.result.doubts:
            return "it needs a person (see the lines with ! of `vae-lab grade`)"
        return ""

    @property
    def automatic(self) -> Mark:
        """The part of the total that checks decide on."""
        marks = [self.mark(each) for each in self.lab.exercises if each.kind == "auto"]
        return Mark(sum(mark.points for mark in marks), sum(mark.max_points for mark in marks))


def all_marks(course: Course, lab: Lab) -> list[StudentMarks]:
    """Every graded student of the lab, by name. Raises VaeLabError when there is none."""
    personal: dict[str, dict[str, PersonalMark]] = {}
    for (student, cell), mark in personal_marks(course, lab.name).items():
        personal.setdefault(student, {})[cell] = mark
    late = lateness(course, lab.name)
    together: dict[str, list[Member]] = {}
    with contextlib.suppress(VaeLabError):  # which is told where it is asked who is missing
        together, _ = members(identities.read(course), lab.name)
    found = [
        StudentMarks(
            result,
            lab,
            personal.get(result.student, {}),
            late.get(result.student, IN_TIME),
            members=tuple(together.get(result.student, ())),
        )
        for result in load_all(course, lab.name)
    ]
    scores = {
        each.student: (each.earned.points, each.late.seconds) for each in found if each.late.seconds
    }
    taken = penalties(course, scores)
    return [
        dataclasses.replace(each, penalty=taken[each.student]) if each.student in taken else each
        for each in found
    ]


def number(points: float) -> str:
    """Points without a needless decimal.

    >>> number(3.0), number(2.5), number(31.949999)
    ('3', '2.5', '31.95')
    """
    return f"{round(points, 2):g}"
