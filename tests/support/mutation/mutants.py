"""The mutants of an answer: each differs from it in one place, by one rule."""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from mutation import actions, formulas
from mutation.syntax import Place, changed, normal, parsed, places

RULES: tuple[Callable[[Place], Iterator[tuple[str, ast.AST | list[ast.stmt]]]], ...] = (
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
    """An answer to the exercise `key` in which `rule` made `after` of `before`."""

    key: str
    answer: str
    rule: str
    before: str
    after: str
    source: str

    @property
    def digest(self) -> str:
        """What it is called in lists, and its place in an order that is the same in every run."""
        return hashlib.sha256(f"{self.key}\n{self.source}".encode()).hexdigest()[:10]


def mutants(key: str, answer: str, source: str) -> list[Mutant]:
    """Every mutant of `source`, an answer to the exercise `key`, without repetition."""
    tree = parsed(source)
    seen = {normal(source)}
    made = []
    for place in places(tree):
        if not place.above:
            continue
        for apply in RULES:
            for rule, new in apply(place):
                try:
                    mutated = changed(tree, place.path, new)
                except SyntaxError:
                    continue
                if normal(mutated) in seen:
                    continue
                seen.add(normal(mutated))
                before, after = difference(normal(source), normal(mutated))
                made.append(Mutant(key, answer, rule, before, after, mutated))
    return made


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines in which two sources differ, without those that are the same in both."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return tuple("\n".join(line.strip() for line in lines) for lines in (old, new))


def chosen(made: list[Mutant], number: int | None) -> list[Mutant]:
    """`number` of them, the same in every run: of each rule as many, as far as there are."""
    if number is None:
        return made
    by_rule = defaultdict(list)
    for mutant in sorted(made, key=lambda each: each.digest):
        by_rule[mutant.rule].append(mutant)
    in_turn = chain.from_iterable(zip_longest(*(by_rule[rule] for rule in sorted(by_rule))))
    return [mutant for mutant in in_turn if mutant is not None][:number]
