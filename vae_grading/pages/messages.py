"""What an exercise's cells have to say, each thing once."""

from vae_grading.course.lab import Exercise
from vae_grading.marks.marks import StudentMarks
from vae_grading.marks.results import CellResult


def distinct(graded: StudentMarks, exercise: Exercise) -> list[CellResult]:
    """The cells of one exercise that say something, each misconception once."""
    found: dict[str, CellResult] = {}
    for cell in graded.cells(exercise):
        if cell.seen:
            found.setdefault(cell.slug or cell.seen, cell)
    return list(found.values())
