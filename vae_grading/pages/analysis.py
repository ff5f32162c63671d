"""What a class's marks say about its questions: plain numbers, no pictures."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from vae_grading.course.lab import Exercise, Lab
from vae_grading.marks.marks import StudentMarks

BINS = 10
# Slugs that say that there was no answer to judge rather than what was wrong with it.
NO_MISCONCEPTION = {"not-done", "not-defined", "raised"}


@dataclass(frozen=True)
class Question:
    """How the class did on one exercise.

    `share` of the possible points was earned (the difficulty; 1 is easy), over students whose
    mark is known. `discrimination` is the correlation of this mark with the marks of the other
    exercises, or None where either does not vary. `full`, `part`, `none` count students.
    """

    exercise: Exercise
    share: float | None
    discrimination: float | None
    full: int
    part: int
    none: int
    open: int


@dataclass(frozen=True)
class Misconception:
    """A mistake by name, what it means, the exercises it was seen in, and who made it."""

    slug: str
    means: str
    exercises: tuple[Exercise, ...]
    students: tuple[str, ...]


def questions(graded: Sequence[StudentMarks], lab: Lab) -> list[Question]:
    """Every exercise of the lab, over the submissions that could be graded."""
    counted = [each for each in graded if each.result.problem is None]
    return [_question(counted, exercise) for exercise in lab.exercises]


def _question(graded: Sequence[StudentMarks], exercise: Exercise) -> Question:
    marks = [(each.mark(exercise), each) for each in graded]
    known = [(mark, each) for mark, each in marks if not mark.open]
    points = [mark.points for mark, _ in known]
    # Without written answers, which are marked for some students and not yet for others.
    others = [each.automatic.points - _automatic(each, exercise) for _, each in known]
    full = sum(got >= exercise.points for got in points)
    none = sum(got == 0 for got in points)
    return Question(
        exercise=exercise,
        share=sum(points) / (len(points) * exercise.points) if points else None,
        discrimination=correlation(points, others),
        full=full,
        part=len(points) - full - none,
        none=none,
        open=len(marks) - len(known),
    )


def _automatic(graded: StudentMarks, exercise: Exercise) -> float:
    return graded.mark(exercise).points if exercise.kind == "auto" else 0.0


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's correlation, or None with fewer than three pairs or without variation.

    >>> round(correlation([1, 2, 3], [2, 4, 6]), 6)
    1.0
    """
    if len(first) < 3 or len(set(first)) < 2 or len(set(second)) < 2:
        return None
    return statistics.correlation(first, second)


def misconceptions(graded: Sequence[StudentMarks], lab: Lab) -> list[Misconception]:
    """The named mistakes, the most frequent first; each student counts once for each.

    What one means is said as everyone is told, not as one student's page said it.
    """
    found: dict[str, tuple[str, list[Exercise], list[str]]] = {}
    for each in graded:
        for exercise in lab.exercises:
            for cell in each.cells(exercise):
                if not cell.slug or cell.slug in NO_MISCONCEPTION:
                    continue
                means = cell.misconception or cell.meaning or cell.seen
                _, exercises, students = found.setdefault(cell.slug, (means, [], []))
                if exercise not in exercises:
                    exercises.append(exercise)
                if each.student not in students:
                    students.append(each.student)
    place = {exercise: position for position, exercise in enumerate(lab.exercises)}
    named = [
        Misconception(slug, means, tuple(sorted(exercises, key=place.__getitem__)), tuple(students))
        for slug, (means, exercises, students) in found.items()
    ]
    return sorted(
        named, key=lambda each: (-len(each.students), place[each.exercises[0]], each.slug)
    )


def lost_otherwise(graded: Sequence[StudentMarks]) -> tuple[int, float]:
    """How many submissions lost marks that no answer decided on, and how many such marks: a file
    that could not be read, a line that failed, a process that ended, time that ran out."""
    lost = [
        sum(cell.max_points for cell in each.result.cells if cell.reason and cell.points == 0)
        for each in graded
    ]
    return sum(points > 0 for points in lost), sum(lost)


def histogram(graded: Sequence[StudentMarks], lab: Lab) -> list[list[StudentMarks]]:
    """The students in ten bins of equal width by their share of the points known so far.

    Full marks belong to the last bin.
    """
    bins: list[list[StudentMarks]] = [[] for _ in range(BINS)]
    for each in sorted(graded, key=lambda each: -each.total.points):
        share = each.total.points / max(1e-9, lab.points - each.total.open)
        bins[min(BINS - 1, int(share * BINS))].append(each)
    return bins
