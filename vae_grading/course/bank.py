"""The answer bank of a lab: other right answers, and wrong ones with the message each must earn.

A file for each solution cell, `answers/KEY.py`, in percent format; every block of it replaces the
cell:

    # %% half missing
    # slug: kl-no-half
    # says: factor 1/2
    # loses: gaussian-kl-value
    def gaussian_kl(mu, logvar):
        return (mu**2 + logvar.exp() - logvar - 1).sum(dim=1)

`slug` and `says` (a part of the message, whatever its case) are what a wrong answer has to be told;
`loses` names exactly the graded cells that it loses, where those are not all that judge the cell. A
right answer carries none of the three. What stands before the first block is a comment on the file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vae_grading.course.lab import Lab
from vae_helpers.errors import VaeLabError

_HEADING = re.compile(r"# %% (?P<name>\S.*?)\s*")
_FIELD = re.compile(r"# (?P<field>loses|slug|says): (?P<value>\S.*?)\s*")


@dataclass(frozen=True)
class Answer:
    """One answer to one solution cell, `exercise`; `loses` is empty for a right one."""

    exercise: str
    name: str
    source: str
    loses: tuple[str, ...] = ()
    slug: str | None = None
    says: str | None = None


def read_bank(lab: Lab, folder: Path) -> dict[str, list[Answer]]:
    """The answers of a lab by solution cell, in the lab's order and then the files'.

    Raises VaeLabError, with file and line, as `read_answers` does, and for a file whose name is no
    solution cell's.
    """
    keys = [key for exercise in lab.exercises for key in exercise.solutions]
    paths = {path.stem: path for path in sorted(folder.glob("*.py"))}
    for key, path in paths.items():
        if key not in keys:
            raise VaeLabError(f"{path}: {lab.name} has no solution cell called {key!r}")
    return {key: read_answers(paths[key], _judging(lab, key)) for key in keys if key in paths}


def _judging(lab: Lab, key: str) -> list[str]:
    """The graded cells that judge a solution cell."""
    exercise = lab.exercise_of(key)
    cells = exercise.graded if exercise else ()
    return [cell.grade_id for cell in cells if key in exercise.solutions_of(cell.grade_id)]


def read_answers(path: Path, graded: Sequence[str]) -> list[Answer]:
    """The answers of the file `path`, in its order; `graded` cells judge them.

    Raises VaeLabError, with file and line, for a heading or a field that is not understood, for a
    name used twice, and for a wrong answer that lacks `slug` or `says`.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    if not starts:
        raise VaeLabError(f"{path}: no answer in it; a block starts with `# %% name`")
    answers: list[Answer] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        where = f"{path}:{start + 1}"
        answer = _read_block(where, path.stem, lines[start:end], graded)
        if answer.name in [each.name for each in answers]:
            raise VaeLabError(f"{where}: {answer.name} again")
        answers.append(answer)
    return answers


def _read_block(where: str, key: str, lines: list[str], graded: Sequence[str]) -> Answer:
    heading = _HEADING.fullmatch(lines[0])
    if heading is None:
        raise VaeLabError(f"{where}: {lines[0]!r} should read `# %% name`")
    fields: dict[str, str] = {}
    body = 1
    while body < len(lines) and (field := _FIELD.fullmatch(lines[body])):
        fields[field["field"]] = field["value"]
        body += 1
    if fields and not {"slug", "says"} <= set(fields):
        raise VaeLabError(f"{where}: a wrong answer needs `slug` and `says`")
    source = "\n".join(lines[body:]).strip() + "\n"
    if not source.strip():
        raise VaeLabError(f"{where}: the answer is empty")
    loses = tuple(cell.strip() for cell in fields.get("loses", "").split(",") if cell.strip())
    if fields and not loses:
        loses = tuple(graded)
    return Answer(key, heading["name"], source, loses, fields.get("slug"), fields.get("says"))
