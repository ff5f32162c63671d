"""The answer bank of a lab: other right answers, and wrong ones with the message each must earn.

A bank is a Python file in percent format. Every block replaces the solution cell of one exercise:

    # %% gaussian-kl / half missing
    # loses: gaussian-kl-value, gaussian-kl-gradient
    # slug: kl-no-half
    # says: factor 1/2
    def gaussian_kl(mu, logvar):
        return (mu**2 + logvar.exp() - logvar - 1).sum(dim=1)

`loses` names exactly the graded cells that the answer loses; `slug` and `says` (a part of the
message, whatever its case) are what the first of them has to tell the student. A right answer
carries none of the three. What stands before the first block is a comment on the file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from vae_helpers.errors import VaeLabError

_HEADING = re.compile(r"# %% (?P<exercise>[a-z0-9-]+) / (?P<name>\S.*?)\s*")
_FIELD = re.compile(r"# (?P<field>loses|slug|says): (?P<value>\S.*?)\s*")


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise; `loses` is empty for a right one."""

    exercise: str
    name: str
    source: str
    loses: tuple[str, ...] = ()
    slug: str | None = None
    says: str | None = None


def read_answers(path: Path) -> list[Answer]:
    """The answers of the bank in the file `path`, in its order.

    Raises VaeLabError, with file and line, for a heading or a field that is not understood, for a
    name used twice in one exercise, and for an answer that has some of the three fields only.
    """
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    if not starts:
        raise VaeLabError(f"{path}: no answer in it; a block starts with `# %% exercise / name`")
    answers = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        answers.append(_read_block(f"{path}:{start + 1}", lines[start:end]))
    seen = set()
    for start, answer in zip(starts, answers, strict=True):
        if (answer.exercise, answer.name) in seen:
            raise VaeLabError(f"{path}:{start + 1}: {answer.exercise} / {answer.name} again")
        seen.add((answer.exercise, answer.name))
    return answers


def _read_block(where: str, lines: list[str]) -> Answer:
    heading = _HEADING.fullmatch(lines[0])
    if heading is None:
        raise VaeLabError(f"{where}: {lines[0]!r} should read `# %% exercise / name`")
    fields: dict[str, str] = {}
    body = 1
    while body < len(lines) and (field := _FIELD.fullmatch(lines[body])):
        fields[field["field"]] = field["value"]
        body += 1
    if fields and len(fields) != 3:
        raise VaeLabError(f"{where}: a wrong answer needs `loses`, `slug` and `says`")
    source = "\n".join(lines[body:]).strip() + "\n"
    if not source.strip():
        raise VaeLabError(f"{where}: the answer is empty")
    loses = tuple(cell.strip() for cell in fields.get("loses", "").split(",") if cell.strip())
    return Answer(
        heading["exercise"], heading["name"], source, loses, fields.get("slug"), fields.get("says")
    )
