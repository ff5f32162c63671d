"""The mutants of an answer: each differs from it in one place, by one rule."""

import ast
import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from mutation import actions, formulas
from mutation.syntax import Place, changed, parsed, places

Rule = Callable[[Place], Iterator[tuple[str, ast.AST | list[ast.stmt]]]]

RULES: tuple[Rule, ...] = (
    formulas.slips,
    formulas.constants,
    formulas.around,
    formulas.stale_names,
    formulas.single_names,
    formulas.confused_functions,
    formulas.calls,
    formulas.comparisons,
    actions.draws,
    actions.removed,
    actions.repeated,
    actions.reordered,
    actions.loops,
    actions.accumulations,
    actions.no_grad,
    actions.heads,
    actions.steps,
    actions.backwards,
    actions.layers,
    actions.attributes,
)


@dataclass(frozen=True)
class Mutant:
    """An answer to the exercise `key` in which `rule` put `new` in the place of `old`.

    Where a whole function is another, these are the lines in which it differs.
    """

    key: str
    answer: str
    rule: str
    old: str
    new: str
    source: str

    @property
    def digest(self) -> str:
        """What it is called in lists, and its place in an order that is the same in every run."""
        return hashlib.sha256(f"{self.key}\n{self.source}".encode()).hexdigest()[:10]


def mutants(key: str, answer: str, source: str, number: int | None = None) -> list[Mutant]:
    """Mutants of `source`, a right answer to the exercise `key`; each differs from all others."""
    return made(RULES, key, answer, source, number)


def made(
    rules: tuple[Rule, ...], key: str, answer: str, source: str, number: int | None
) -> list[Mutant]:
    """What rules make of `source`: all of it, or `number`, the same ones in every run.

    Then each rule has as many as the others, as far as it makes as many.
    """
    tree = parsed(source)
    original = ast.unparse(tree) + "\n"
    found = defaultdict(list)
    for place in places(tree):
        if place.above:
            for apply in rules:
                for rule, new in apply(place):
                    found[rule].append((place, new))
    if number is not None:
        for rule, listed in found.items():
            random.Random(f"{key} {rule} {original}").shuffle(listed)
    in_turn = chain.from_iterable(
        zip_longest(*([(rule, *each) for each in found[rule]] for rule in sorted(found)))
    )
    seen = {original}
    finished: list[Mutant] = []
    for candidate in in_turn:
        if candidate is None or len(finished) == number:
            continue
        rule, place, new = candidate
        try:
            other = changed(tree, place.path, new)
        except (SyntaxError, ValueError):
            continue
        if other not in seen:
            seen.add(other)
            old_text, new_text = _texts(place.node, new) or difference(original, other)
            finished.append(Mutant(key, answer, rule, old_text, new_text, other))
    return finished


def _texts(node: ast.AST, new: ast.AST | list[ast.stmt]) -> tuple[str, str] | None:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.With, ast.For)):
        return None
    put = new if isinstance(new, list) else [new]
    return ast.unparse(node), "\n".join(ast.unparse(each) for each in put)


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines in which two sources differ, without those that are the same in both."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return tuple("\n".join(line.strip() for line in lines) for lines in (old, new))
