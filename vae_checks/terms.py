"""Which term of a formula is wrong? Found by solving for the weight of each.

A closed form is a sum of known terms with known weights, as the KL is 1/2 mu^2 + 1/2 exp(logvar)
- 1/2 - 1/2 logvar. An answer that drops a term, turns its sign, doubles it or takes another in its
place is such a sum with other weights. Evaluated at more images than there are terms it determines
them, so that a mistake is named without having been thought of before.

Only for the words of a verdict that is reached: right answers are never asked.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vae_checks.verdict import Mistake

# Images to ask for: more than all terms have dimensions together.
ROWS = 97
# More wrong terms than these are another formula rather than this one with a slip.
_MOST = 3


@dataclass(frozen=True)
class Term:
    """A term `what` with its `values` (N,) or (N, D) at N images, and its `weight` in the formula.

    Values (N, D) are summed over D. A term of weight 0 is one that may stand in place of another.
    """

    what: str
    values: Tensor
    weight: float = 0.0


@contextlib.contextmanager
def terms_named(
    ask: Callable[[int], tuple[object, Sequence[Term]]], *, rows: Sequence[int] = (ROWS, ROWS + 26)
) -> Iterator[None]:
    """An unexplained mistake that is raised in here is told by the terms that are wrong.

    `ask(n)` calls the answer with n images and returns what it gave with the terms at them. An
    answer that is no sum of these terms keeps its mistake; one that is another sum for another
    number of images, of those in `rows`, is told that.
    """
    try:
        yield
    except Mistake as mistake:
        # A constant that was rounded is off by less than a millionth where the value is large.
        if mistake.slug not in ("wrong-value", "not-exact"):
            raise
        told = {told for count in rows if (told := _wrong_terms_of(ask, count)) is not None}
        if not told:
            raise
        if len(told) > 1:
            raise Mistake("term-batch", mistake.seen) from None
        slug, meaning = told.pop()
        raise Mistake(slug, mistake.seen, meaning) from None


def _wrong_terms_of(
    ask: Callable[[int], tuple[object, Sequence[Term]]], count: int
) -> tuple[str, str] | None:
    try:
        value, terms = ask(count)
    except Mistake:
        return None
    if not torch.is_tensor(value) or tuple(value.shape) != (count,):
        return None
    return wrong_terms(value.detach().double(), terms)


def terms_named_one_by_one(
    ask: Callable[[int], tuple[object, Sequence[Term]]],
) -> contextlib.AbstractContextManager[None]:
    """`terms_named`, where an answer takes one problem at a time; `ask` is that of `one_by_one`."""
    return terms_named(lambda count: one_by_one(ask, count), rows=(ROWS,))


def one_by_one(
    ask: Callable[[int], tuple[object, Sequence[Term]]], count: int
) -> tuple[object, list[Term]]:
    """What `terms_named` asks for, where an answer takes one problem at a time.

    `ask(k)` calls it with a new problem and returns one number of what it gave, as a tensor
    without dimensions, with the terms (values without dimensions, too) of that number.
    """
    asked = [ask(number) for number in range(count)]
    values = [value for value, _ in asked]
    if not all(torch.is_tensor(value) and value.ndim == 0 for value in values):
        return None, []
    columns = zip(*[terms for _, terms in asked], strict=True)
    terms = [
        Term(column[0].what, torch.stack([term.values for term in column]), column[0].weight)
        for column in columns
    ]
    return torch.stack([value.detach() for value in values if torch.is_tensor(value)]), terms


def wrong_terms(value: Tensor, terms: Sequence[Term]) -> tuple[str, str] | None:
    """The slug and the sentence that say how `value` (N,) differs from the sum of `terms`.

    None for the right sum, and for what no weights of the terms explain.

    >>> one = torch.ones(9, dtype=torch.float64)
    >>> x = torch.arange(9.0).double()
    >>> terms = [Term("x^2", x**2, 0.5), Term("the constant", one, -1), Term("x", x)]
    >>> wrong_terms(x**2 - 1, terms)
    ('term-factor', 'All but one term is right: x^2 counts 2 times what it should.')
    >>> wrong_terms(0.5 * x - 1, terms)
    ('term-replaced', 'Where x^2 belongs stands x.')
    >>> wrong_terms(x.exp(), terms) is None
    True
    """
    if not bool(torch.isfinite(value).all()):
        return None
    summed = [t.values if t.values.ndim == 1 else t.values.sum(1) for t in terms]
    proper = [place for place, term in enumerate(terms) if term.weight]
    for places in (proper, range(len(terms))):
        weights = _solve([summed[place] for place in places], value)
        if weights is not None:
            return _told([(terms[place], w) for place, w in zip(places, weights, strict=True)])
    return _wrong_dimension(value, terms)


def _solve(columns: Sequence[Tensor], value: Tensor) -> list[float] | None:
    """The weights of the columns (N,) whose sum is `value` to 1e-7 of its size, if there are any.

    None, too, where columns depend on each other: then many weights give the same sum.
    """
    matrix = torch.stack(list(columns), dim=1)  # (N, T)
    scale = matrix.norm(dim=0).clamp(min=1e-300)
    if torch.linalg.matrix_rank(matrix / scale, rtol=1e-9) < len(columns):
        return None
    solution = torch.linalg.lstsq(matrix / scale, value[:, None], driver="gelsd").solution[:, 0]
    off = (matrix / scale @ solution - value).abs().max()
    if off > 1e-7 * value.abs().max().clamp(min=1.0):
        return None
    weights = (solution / scale).tolist()
    return [w if _differ(w, 0) else 0.0 for w in weights]


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > 1e-5 * max(1.0, abs(other))


def _told(found: Sequence[tuple[Term, float]]) -> tuple[str, str] | None:
    """Slug and sentence for these terms and the weights that they have in place of their own."""
    wrong = [(term, w) for term, w in found if _differ(w, term.weight)]
    common = {round(w / term.weight, 5) for term, w in found if term.weight}
    if len(common) == 1 and not any(w for term, w in found if not term.weight):
        factor = common.pop()
        return None if factor == 1 else ("term-factor", f"All of it counts {factor:.4g} times.")
    strange = [(term, w) for term, w in wrong if not term.weight]
    proper = [(term, w) for term, w in wrong if term.weight]
    if not wrong or len(wrong) > _MOST:
        return None
    gone = [term for term, w in proper if not w]
    if len(wrong) == 2 and len(strange) == len(gone) == 1:
        other, w = strange[0]
        ratio = w / gone[0].weight
        times = f"{ratio:.4g} times " if _differ(abs(ratio), 1) else ""
        return "term-replaced", f"Where {gone[0].what} belongs stands {times}{other.what}."
    if strange:
        what = " and ".join(term.what for term, _ in strange)
        return "term-strange", f"The formula has no term with {what}."
    if len(gone) == len(proper):
        return "term-missing", f"Missing: {' and '.join(term.what for term in gone)}."
    ratios = [w / term.weight for term, w in proper]
    names = " and ".join(term.what for term, _ in proper)
    head = "All but one term is right: " if len(proper) == 1 else ""
    if all(not _differ(ratio, -1) for ratio in ratios):
        return "term-sign", f"{head}{names} has the wrong sign."
    if len(proper) == 1 and abs(ratios[0] - 1) < 2e-3 and _is_constant(proper[0][0]):
        digits = math.floor(-math.log10(abs(ratios[0] - 1)))
        return "not-exact", f"Only {digits} digits of {names} are right: it was rounded."
    if all(not _differ(ratio, ratios[0]) for ratio in ratios):
        return "term-factor", f"{head}{names} counts {ratios[0]:.4g} times what it should."
    parts = [f"{t.what} counts {r:.4g} times" for (t, _), r in zip(proper, ratios, strict=True)]
    return "term-factor", f"Of what they should: {', '.join(parts)}."


def _is_constant(term: Term) -> bool:
    """Whether a term has the same values for every image."""
    return bool((term.values == term.values[:1]).all())


def _wrong_dimension(value: Tensor, terms: Sequence[Term]) -> tuple[str, str] | None:
    """The same term by term and dimension by dimension: a slice, or an index, leaves some out."""
    columns, names = [], []
    for term in terms:
        if term.weight:
            apart = term.values[:, None] if term.values.ndim == 1 else term.values
            if not apart.std(0).any():  # a constant is the same in every dimension
                apart = apart.sum(1, keepdim=True)
            columns += list(apart.unbind(1))
            names += [(term, place) for place in range(apart.shape[1])]
    if len(columns) >= len(value):
        return None
    weights = _solve(columns, value)
    if weights is None:
        return None
    pairs = zip(names, weights, strict=True)
    wrong = [(t, place, w) for (t, place), w in pairs if _differ(w, t.weight)]
    if not wrong:
        return None
    term, place, weight = wrong[0]
    return (
        "term-dimension",
        f"{term.what} of dimension {place} counts {weight / term.weight:.4g} times what it should.",
    )
