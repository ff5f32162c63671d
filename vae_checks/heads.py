"""What a student's module can return: any real number, by weights of each output's own.

Its weights are drawn large here (`networks.randomize`), so that whatever follows the last layer
shows in the outputs: they are looked at, never the layers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from vae_checks.fixtures import normal
from vae_checks.networks import Network, randomize
from vae_checks.values import close
from vae_checks.verdict import Mistake

_DRAWS, _LOOKS = 4, 12
_SMALL, _MODERATE, _LARGE, _HUGE = 3.0, 6.0, 200.0, 20_000.0


def expect_gradients(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when an output depends on a parameter that gets no gradient from it.

    Under one draw of the weights a ReLU may be 0 for every input: a parameter gets none if it gets
    none under all of twelve.
    """
    module, unreached = network.module, [set[str]() for _ in names]
    for number in range(_LOOKS):
        weights = randomize(network)
        # What named_parameters() gives, by one request instead of one for each.
        state = module.state_dict(keep_vars=True)
        values = network(x)
        found = [_unreached(name, value, state) for name, value in zip(names, values, strict=True)]
        unreached = [a & b if number else b for a, b in zip(unreached, found, strict=True)]
        if not any(unreached):
            break
    fixed = {key for key, value in state.items() if not value.requires_grad} - network.buffers
    frozen = {key for key in fixed if state[key].is_floating_point()}
    for number, name in enumerate(names):

        def moves(keys: set[str], number: int = number) -> bool:
            new = {key: (normal(*weights[key].shape) * 6).to(weights[key].dtype) for key in keys}
            module.load_state_dict(weights | new)
            return not close(network(x)[number], values[number].detach().double())

        # Each head has parameters that the other does not depend on: all of them first. An output
        # that moves with no parameter changed is random, which is a mistake of its own.
        suspects = unreached[number] | frozen
        if suspects and moves(suspects) and not moves(set()):
            for key in suspects:
                if moves({key}):
                    raise Mistake("detached", f"{name} depends on {key}, which gets no gradient.")
    module.load_state_dict(weights)


def _unreached(name: str, value: Tensor, state: dict[str, Tensor]) -> set[str]:
    """Trained parameters that get no gradient from an output. Raises Mistake if none can."""
    if not value.requires_grad:
        raise Mistake("detached", f"{name} has requires_grad=False.")
    trained = {key: each for key, each in state.items() if each.requires_grad}
    weighted = (value * normal(*value.shape).to(value.dtype)).sum()
    found = torch.autograd.grad(
        weighted, list(trained.values()), allow_unused=True, retain_graph=True
    )
    # All 0: a rounding or a sign stands in between, whose derivative is 0.
    pairs = zip(trained, found, strict=True)
    return {key for key, gradient in pairs if gradient is None or not gradient.any()}


def outputs(network: Network, x: Tensor, *, size: float = _SMALL) -> list[Tensor]:
    """The outputs for x (batch, size) under four draws of the weights: each (4 * batch, n).

    With weights from N(0, 200^2 / fan_in) a linear output has a standard deviation beyond 100,
    whatever the hidden layer, even one that is bounded by 1. With size 3 it rarely meets a clamp
    at +-15, and a smooth hidden layer is far from linear.
    """
    if not network.weights:
        raise Mistake("layers-not-registered", "The state_dict() is empty.")
    runs = []
    for _ in range(_DRAWS):
        randomize(network, size=size)
        runs.append([value.detach().double() for value in network(x)])
    return [torch.cat(parts) for parts in zip(*runs, strict=True)]


def expect_unbounded(
    network: Network, x: Tensor, names: Sequence[str], *, reach: float, positive: Sequence[str]
) -> None:
    """Raise Mistake unless every output can be below -reach and above reach.

    Asked are weights of size 200 and, where these do not suffice, of size 20,000: an output that is
    merely scaled down on one side, by a leaky ReLU, reaches everything with the second. A plain
    linear output fails with probability below 1e-25 for n >= 30 outputs and reach <= 40: each of
    at least 28 independent rows lies above -40 with probability below 0.66. A slope that is learned
    is negative in all of 40 draws with probability 1e-12. `positive` has the slug of each output
    for values that are all positive.
    """
    seen: list[list[Tensor]] = []
    for size in (_LARGE, _HUGE) * 5:
        seen.append(outputs(network, x, size=size))
        drawn = [torch.cat(values) for values in zip(*seen, strict=True)]
        short = [number for number, values in enumerate(drawn) if not _reaches(values, reach)]
        if not short:
            break
    large = seen[0]
    infinite = [number for number, value in enumerate(large) if not value.isfinite().all()]
    for number in sorted({*short, *infinite}):
        moderate = outputs(network, x, size=_MODERATE)[number]  # shows best what stands there
        _tell_bound(moderate, large[number], names[number], reach, positive[number])


def _reaches(values: Tensor, reach: float) -> bool:
    finite = values[values.isfinite()]
    return len(finite) > 0 and finite.min().item() < -reach and finite.max().item() > reach


def _tell_bound(value: Tensor, large: Tensor, name: str, reach: float, positive: str) -> None:
    """Raise the Mistake about an output whose values are bounded or infinite."""
    if large.isnan().any():
        raise Mistake("nan", f"With large weights {name} contains nan.")
    low, high = value.min().item(), value.max().item()
    zeros = (value == 0).double().mean().item()
    seen = f"With large weights {name} lies between {low:.3g} and {high:.3g}."
    if torch.allclose(value.sum(1), torch.ones(len(value), dtype=value.dtype), atol=1e-4):
        raise Mistake("output-softmax", f"The values of {name} add up to 1 in every row.")
    if low == high:
        raise Mistake("output-constant", f"{name} is {low:.3g} for every input and all weights.")
    if low == 0 and zeros > 0.05 and high > 1:
        raise Mistake("output-relu", f"{seen} {zeros:.0%} of the values are exactly 0.")
    if low >= 0 and high <= 1:
        raise Mistake("output-sigmoid", seen)
    if low >= 0:
        raise Mistake(positive, seen)
    if low >= -1.0001 and high <= 1.0001:
        raise Mistake("output-tanh", seen)
    low, high = large.min().item(), large.max().item()
    seen = f"With very large weights {name} lies between {low:.3g} and {high:.3g}."
    if not large.isfinite().all():
        raise Mistake("output-infinite", seen)
    if low > -reach and high < reach:
        raise Mistake("output-clipped", seen)
    raise Mistake("output-one-sided", seen)


def expect_apart(value: Tensor, name: str) -> None:
    """Raise Mistake when two columns of outputs (N, n) always move together, or one never does.

    `value` are outputs under four draws of the weights. Together: in every draw one column is a
    monotone function of the other, by the correlation of their ranks, which is 1 or -1. For
    columns of their own it is so in one draw of 61 rows with probability 2 / 61!.
    """
    still = (value == value[:1]).all(0).nonzero().flatten().tolist()
    if still:
        seen = (
            f"{name}[:, {still[0]}] is {value[0, still[0]].item():.3g} for all inputs and weights."
        )
        raise Mistake("output-constant", seen)
    tied = _tied(value, value).triu(1).nonzero().tolist()
    if tied:
        one, other = tied[0]
        seen = f"{name}[:, {other}] rises and falls with {name}[:, {one}], whatever the weights."
        raise Mistake("outputs-tied", seen)


def expect_two_heads(mu: Tensor, logvar: Tensor) -> None:
    """Raise Mistake when columns of logvar (N, n) are made of those of mu, by `outputs`.

    Made of one column, of its negative or of its size: see `expect_apart`. Made of several: in
    every draw logvar is a linear function of mu, which has full rank, to 1e-4 of its size.
    """
    if close(mu, logvar):
        raise Mistake("same-head", "mu and logvar are equal for every image.")
    readings = ((mu, logvar, "mu"), (mu.abs(), logvar, "the size of mu"), (mu, logvar.abs(), "mu"))
    ties = [(_tied(one, other), of) for one, other, of in readings]
    # Where a column has one sign by chance, its size is tied to what it is itself tied to: the
    # reading that explains the most columns is told.
    tied, of = max(ties, key=lambda each: int(each[0].any(0).sum()))
    if tied.any():
        place, head = tied.nonzero()[0].tolist()
        seen = f"logvar[:, {head}] is a function of {of}[:, {place}], whatever the weights."
        raise Mistake("same-head", seen)
    pairs = list(zip(mu.chunk(_DRAWS), logvar.chunk(_DRAWS), strict=True))
    if all(_is_linear_function(one, other) for one, other in pairs):
        raise Mistake("same-head", "logvar is a linear function of mu, whatever the weights.")


def _tied(one: Tensor, other: Tensor) -> Tensor:
    """Which columns of `one` (N, n) and `other` (N, m) are tied in every draw: (n, m)."""
    tied = torch.ones(one.shape[1], other.shape[1], dtype=torch.bool)
    shown = torch.zeros_like(tied)
    for first, second in zip(one.chunk(_DRAWS), other.chunk(_DRAWS), strict=True):
        ranks = [_ranks(each) for each in (first, second)]
        varies = [each.abs().sum(0) > 0 for each in ranks]
        both = varies[0][:, None] & varies[1][None]
        norms = [each.norm(dim=0).clamp(min=1e-9) for each in ranks]
        correlation = (ranks[0] / norms[0]).T @ (ranks[1] / norms[1])
        # Ranks of all but equal numbers are exchanged by rounding.
        tied &= (correlation.abs() > 1 - 1e-3) | ~both
        shown |= both
        if not tied.any():
            break
    return tied & shown


def _ranks(values: Tensor) -> Tensor:
    """The rank of each number in its column of (N, n), from the middle; equal ones share theirs."""
    columns = values.T.contiguous()
    ordered = columns.sort(dim=1).values
    below = torch.searchsorted(ordered, columns)
    up_to = torch.searchsorted(ordered, columns, right=True)
    return (below + up_to - len(values)).double().T


def _is_linear_function(mu: Tensor, logvar: Tensor) -> bool:
    """Whether logvar (N, n) is one of mu (N, n), which has full rank with rows to spare."""
    rows, size = mu.shape
    if rows < size + 10:
        return False
    mu, logvar = ((each - each.mean(0)) / each.std() for each in (mu, logvar))
    if not (mu.isfinite().all() and logvar.isfinite().all()):
        return False
    if int(torch.linalg.matrix_rank(mu, rtol=1e-4)) < size:
        return False  # a narrow layer before the heads: every number is a function of it
    made = mu @ torch.linalg.lstsq(mu, logvar).solution
    return bool((made - logvar).abs().max().item() < 1e-3)
