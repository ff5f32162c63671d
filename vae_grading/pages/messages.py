"""A check's message taken apart: what was seen, what it means, where to look."""

from dataclasses import dataclass

from vae_grading.course.lab import Exercise
from vae_grading.marks.marks import StudentMarks
from vae_grading.marks.results import SLUG, CellResult


@dataclass(frozen=True)
class Message:
    """The three parts; the last two may be empty."""

    seen: str
    means: str
    look: str
    slug: str | None


def parse(cell: CellResult) -> Message:
    """The parts of a cell's message, without its mark and its slug.

    >>> parse(CellResult("a", 0, 1, "✗ f: 1 gives 2.\\n  It is wrong.\\n  See 1. [bad]", "bad"))
    Message(seen='f: 1 gives 2.', means='It is wrong.', look='See 1.', slug='bad')
    """
    lines = [line.strip() for line in SLUG.sub("", cell.message).strip().splitlines()]
    lines = [line for line in lines if line]
    seen = lines[0].removeprefix("✗").strip() if lines else ""
    if len(lines) < 2:
        return Message(seen, "", "", cell.slug)
    look = lines[-1] if lines[-1].startswith("See ") else ""
    means = " ".join(lines[1:-1] if look else lines[1:])
    return Message(seen, means, look, cell.slug)


def distinct(graded: StudentMarks, exercise: Exercise) -> list[Message]:
    """The messages on one exercise, each misconception once."""
    found: dict[object, Message] = {}
    for cell in graded.cells(exercise):
        if cell.message:
            message = parse(cell)
            found.setdefault(message.slug or message.seen, message)
    return list(found.values())
