"""What an answer returned: is it the kind of value that was asked for, and is it the right one?"""

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.distortions import distorted_shape, distortion, ones_dropped
from vae_checks.verdict import Mistake, describe

Candidates = Iterable[tuple[str, Tensor]]


def expect_tensor(value: Any, shape: tuple[int, ...], what: str, wrong: Candidates = ()) -> Tensor:
    """`value`, which has to be a finite floating tensor of `shape` on the CPU; `what` names it.

    `wrong` are known wrong results (slug, tensor): one of another shape is named before the shape
    is complained about. Raises Mistake.
    """
    if not torch.is_tensor(value):
        hint = " Is a `return` missing?" if value is None else " A torch tensor is wanted."
        raise Mistake("wrong-type", f"{what} is {describe(value)}.{hint}")
    if value.device.type != "cpu":
        raise Mistake("wrong-device", f"{what} is on {value.device}, the arguments are on the CPU.")
    if not value.is_floating_point():
        raise Mistake("wrong-type", f"{what} has dtype {value.dtype}; real numbers are wanted.")
    if tuple(value.shape) != tuple(shape):
        seen = f"{what} has shape {tuple(value.shape)}, it should be {tuple(shape)}."
        if ones_dropped(tuple(value.shape), tuple(shape)):
            raise Mistake("shape-ones-dropped", seen)
        if slugs := _known(value, wrong):
            raise Mistake(slugs[0], seen, undecided=len(slugs) > 1)
        likely = distorted_shape(tuple(value.shape), tuple(shape))
        raise Mistake("wrong-shape", seen, likely=likely)
    if not bool(torch.isfinite(value.detach()).all()):
        raise Mistake("nan", f"{what} contains {not_finite(value)}.")
    return value


def expect_single(value: Tensor, what: str) -> Tensor:
    """`value`, which has to be as exact as float32, the type of a notebook. Raises Mistake."""
    if value.dtype not in (torch.float32, torch.float64):
        raise Mistake("half-precision", f"{what} has dtype {value.dtype}.")
    return value


def expect_equal(
    value: Any, truth: Tensor, what: str, wrong: Candidates = (), unit: str = ""
) -> None:
    """Raise Mistake unless `value` is a tensor equal to `truth`.

    Tolerance: 1e-6 of the largest number, 1e-4 where the answer comes back in float32. A value
    that equals one of the `wrong` ones is given that name.
    """
    wrong = list(wrong)
    value = expect_tensor(value, truth.shape, what, wrong)
    if close(value, truth):
        return
    seen = _first_difference(value, truth, what, unit)
    if slugs := _known(value, wrong):
        raise Mistake(slugs[0], seen, undecided=len(slugs) > 1)
    factor = (value.detach().double().flatten() / truth.double().flatten()).unique()
    meaning = None
    same = factor.max() - factor.min() < 1e-5 * factor.abs().max()
    if truth.numel() > 1 and same and abs(factor[0] - 1) > 1e-3:
        meaning = f"All numbers are {factor[0]:.4g} times the right ones."
    raise Mistake("wrong-value", seen, meaning, likely=distortion(value, truth))


def expect_exact(
    value: Any,
    truth: Tensor,
    what: str,
    wrong: Candidates = (),
    unit: str = "",
    *,
    within: float = 1e-10,
) -> None:
    """Raise Mistake unless `value` is `truth` as far as float64 goes: `within` of the largest.

    For identities that hold for every draw, which float32 would blur. See `expect_equal`.
    """
    value = expect_tensor(value, truth.shape, what, wrong := list(wrong))
    if value.dtype != torch.float64:
        raise Mistake("lost-precision", f"{what} is {value.dtype}, the arguments are float64.")
    expect_equal(value, truth, what, wrong, unit)
    off = (value.detach() - truth).abs().max().item()
    if off > within * max(1.0, truth.abs().max().item()):
        raise Mistake(
            "not-exact", f"{what} is off by {off:.1g}, though all of it is known exactly."
        )


@contextlib.contextmanager
def sampling_named(again: Callable[[], Any], value: Any) -> Iterator[None]:
    """An unexplained `value` is told as a drawn one, where `again()`, the same call, gives another.

    For answers whose arguments are numbers, so that nothing but themselves can draw.
    """
    try:
        yield
    except Mistake as mistake:
        if mistake.slug not in ("wrong-value", "not-exact", "difference-quotient"):
            raise
        other = again()
        if torch.is_tensor(other) and torch.is_tensor(value) and not torch.equal(other, value):
            seen = "Two calls with the same arguments differ."
            raise Mistake("value-random", seen) from None
        raise


def expect_uncut(
    value: Any,
    truth: Tensor,
    what: str,
    wrong: Candidates = (),
    *,
    near: str = "value-cut",
    where: str = "For large arguments",
) -> None:
    """Raise Mistake unless an answer that is right elsewhere is right for large arguments, too.

    To 1e-9 of the largest number (1e-4 where the answer comes back in float32): a clamp that no
    other argument reached shows here. A value that equals one of the `wrong` ones is given that
    name; `near` is the slug where it is off by less than 1e-4; `where` begins what is said.
    """
    value = expect_tensor(value, tuple(truth.shape), what)
    off = (value.detach() - truth).abs()
    rtol = 1e-9 if value.dtype == torch.float64 else 1e-4
    largest = truth.abs().max()
    if not off.max() <= rtol * largest:
        got, wanted = _apart(
            value.flatten()[off.argmax()].item(), truth.flatten()[off.argmax()].item(), 4
        )
        known = _known(value, wrong)
        slug = known[0] if known else near if off.max() < 1e-4 * largest else "value-cut"
        raise Mistake(slug, f"{where} {what} is {got}, it should be {wanted}.")


def expect_pair(value: Any, what: str, names: tuple[str, str]) -> tuple[Any, Any]:
    """The two parts of a tuple, named tuple or list. Raises Mistake."""
    wanted = f"Return the pair ({names[0]}, {names[1]})."
    if value is None or torch.is_tensor(value) or not hasattr(value, "__len__"):
        hint = " Is a `return` missing?" if value is None else ""
        raise Mistake("wrong-type", f"{what} returned {describe(value)}.{hint}", wanted)
    if len(value) != 2 or type(value) in (dict, set, str):
        raise Mistake("wrong-type", f"{what} returned {describe(value)}, not two values.", wanted)
    return value[0], value[1]


def expect_number(value: Any, what: str) -> float:
    """`value` as a float: a Python or numpy number, not a tensor, finite. Raises Mistake."""
    if torch.is_tensor(value):
        raise Mistake("tensor-not-number", f"{what} is {describe(value)}.")
    if value is None or type(value) in (str, bool) or not hasattr(value, "__float__"):
        hint = " Is a `return` missing?" if value is None else ""
        raise Mistake("wrong-type", f"{what} is {describe(value)}, not a number.{hint}")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Mistake("wrong-type", f"{what} is {describe(value)}, not a number.") from None
    if not math.isfinite(number):
        raise Mistake("nan", f"{what} is {number}.")
    return number


def expect_close(
    value: Any, truth: float, what: str, wrong: Iterable[tuple[str, float]] = (), rtol: float = 1e-6
) -> None:
    """Raise Mistake unless `value` is a number equal to `truth` (see `expect_number`).

    `rtol` is 1e-6, or wider where the answer computes in float32. A value that equals one of the
    `wrong` ones is given that name.
    """
    number = expect_number(value, what)
    if math.isclose(number, truth, rel_tol=rtol, abs_tol=rtol):
        return
    got, wanted = _apart(number, truth, 6)
    seen = f"{what} is {got}, it should be {wanted}."
    fits = [slug for slug, w in wrong if math.isclose(number, w, rel_tol=rtol, abs_tol=rtol)]
    if fits:
        raise Mistake(fits[0], seen, undecided=len(set(fits)) > 1)
    likely = distortion(torch.tensor(number), torch.tensor(truth))
    raise Mistake("wrong-value", seen, likely=likely)


def unless_right(wrong: list[tuple[str, Tensor]], truth: Tensor) -> list[tuple[str, Tensor]]:
    """Those that differ from the right value: with one image some of them do not."""

    def right(value: Tensor) -> bool:
        return value.shape == truth.shape and torch.allclose(value, truth, rtol=1e-9, atol=1e-9)

    return [(slug, value) for slug, value in wrong if not right(value)]


def gradients(value: Tensor, arguments: dict[str, Tensor]) -> dict[str, Tensor]:
    """The gradient of value.sum() with respect to each argument; zeros where none arrives."""
    if not value.requires_grad:
        raise Mistake("detached", "The result has requires_grad=False.")
    found = torch.autograd.grad(
        value.sum(), list(arguments.values()), allow_unused=True, retain_graph=True
    )  # another part of the result may hang on the same graph
    pairs = zip(arguments.items(), found, strict=True)
    # Gradients of an answer that computes in float32 are as exact as that.
    dtype = value.dtype
    return {key: (torch.zeros_like(a) if g is None else g).to(dtype) for (key, a), g in pairs}


def close(value: Tensor, truth: Tensor) -> bool:
    """Equal up to 1e-6 (1e-4 where `value` is not float64) of the largest number of `truth`."""
    if value.shape != truth.shape:
        return False
    rtol = 1e-6 if value.dtype == torch.float64 else 1e-4
    value, truth = value.detach().double(), truth.detach().double()
    scale = truth.abs().max().item() if truth.numel() else 0.0
    if not math.isfinite(scale):
        return False
    return torch.allclose(value, truth, rtol=0, atol=rtol * scale + 1e-12)


def not_finite(value: Tensor) -> str:
    """ "nan" if `value`, which is not finite, contains one, or else its infinity."""
    return "nan" if bool(torch.isnan(value.detach()).any()) else infinity(value)


def infinity(value: Tensor) -> str:
    """The infinity that `value` contains, with its sign."""
    return "-inf" if bool(torch.isneginf(value.detach()).any()) else "inf"


def _known(value: Tensor, wrong: Candidates) -> list[str]:
    """The slugs whose results equal `value`, each once, in their order."""
    return list(dict.fromkeys(slug for slug, candidate in wrong if close(value, candidate)))


def _first_difference(value: Tensor, truth: Tensor, what: str, unit: str) -> str:
    off = (value.detach().double() - truth).abs()
    place = tuple(int(i) for i in torch.unravel_index(off.argmax(), truth.shape))
    where = f"[{', '.join(map(str, place))}]" if place else ""
    got, wanted = _apart(value[place].item(), truth[place].item(), 4)
    unit = f" {unit}" if unit else ""
    return f"{what}{where} is {got}{unit}, it should be {wanted}."


def _apart(got: float, wanted: float, digits: int) -> tuple[str, str]:
    """Both numbers with `digits` digits, or with as many as it takes to tell them apart."""
    texts = ((f"{got:.{n}g}", f"{wanted:.{n}g}") for n in range(digits, 18))
    return next((pair for pair in texts if pair[0] != pair[1]), (repr(got), repr(wanted)))
