"""Mutants that earn every mark, and why they may: `survivors.toml` beside a lab's bank.

    [[survivor]]
    exercises = ["reparameterize"]
    was = "torch.randn_like(_a)"
    now = ["-torch.randn_like(_a)"]
    why = "Minus noise has the distribution of noise."

`was` and `now` are patterns in which `_a`, `_b` ... stand for any expression, the same one in both;
`was = ""` is a line that was put in. In their place, or beside them, `rule` names a rule.
"""

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mutation.mutants import Mutant
from mutation.syntax import Bound, match


@dataclass(frozen=True)
class Explanation:
    """Why mutants of some exercises may be paid."""

    exercises: tuple[str, ...]
    why: str
    was: str | None = None
    now: tuple[str, ...] = ()
    rule: str | None = None

    def fits(self, mutant: Mutant) -> bool:
        """Is it about this mutant?"""
        if mutant.key not in self.exercises or self.rule not in (None, mutant.rule):
            return False
        if self.was is None:
            return True
        bound = _match(self.was, mutant.old, {})
        return bound is not None and any(
            _match(now, mutant.new, dict(bound)) is not None for now in self.now
        )


def explanations(folder: Path) -> list[Explanation]:
    """What `survivors.toml` in `folder` explains; nothing where there is no such file.

    Raises ValueError for an entry that says neither what was changed nor by which rule, or not why.
    """
    path = folder / "survivors.toml"
    if not path.is_file():
        return []
    found = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["survivor"]:
        explanation = Explanation(
            tuple(entry.pop("exercises")),
            entry.pop("why", ""),
            entry.pop("was", None),
            tuple(entry.pop("now", ())),
            entry.pop("rule", None),
        )
        says_what = explanation.rule or (explanation.was is not None and explanation.now)
        if entry or not says_what or not explanation.why:
            raise ValueError(f"{path}: {explanation} lacks `was` and `now`, or `rule`, or `why`")
        found.append(explanation)
    return found


def _match(wanted: str, code: str, bound: Bound) -> Bound | None:
    try:
        lines, patterns = ast.parse(code).body, ast.parse(wanted).body
    except SyntaxError:  # a part that stands alone nowhere, as an argument
        return bound if wanted == code else None
    if len(lines) != len(patterns):
        return None
    for one, line in zip(patterns, lines, strict=True):
        if match(one, line, bound) is None:
            return None
    return bound
