"""Properties of a student's module that hold whatever its layers are and however they start.

Weights are replaced by random ones through `load_state_dict`, since some starts (heads at zero)
would hide what a network can do. Everything is called in eval mode: dropout is a right answer.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_checks.fixtures import grey_images, normal
from vae_checks.values import close, expect_tensor
from vae_checks.verdict import Mistake, call, describe

Outputs = Callable[[Any, Tensor], list[Tensor]]
MOST_WEIGHTS = 5_000_000  # of a network with fewer than 40 inputs, outputs and hidden units


class Network(NamedTuple):
    """A student's module that works: it has been called once, lazy layers have their weights.

    `weights` is its state_dict as it was then, read once: a module may live in another process.
    """

    module: Any
    outputs: Outputs
    weights: dict[str, Tensor]

    def __call__(self, x: Tensor) -> list[Tensor]:
        return self.outputs(self.module, x)


def build(name: str, module_class: Any, sizes: dict[str, int]) -> Any:
    """An instance `module_class(*sizes)` in eval mode; Mistake when it is not an nn.Module."""
    module = call(name, module_class, sizes)
    if not hasattr(module, "state_dict") or not hasattr(module, "load_state_dict"):
        raise Mistake("wrong-type", f"{name}(...) is {describe(module)}, not an nn.Module.")
    module.eval()
    return module


def working(module: Any, outputs: Outputs, x: Tensor) -> tuple[Network, Tensor]:
    """The module, called once, and x in the dtype of its weights. Raises what `outputs` raises."""
    x = like_weights(module, x)
    outputs(module, x)
    weights = module.state_dict()
    for key, value in weights.items():
        if value.device.type != "cpu":
            raise Mistake("wrong-device", f"The parameter {key} is on {value.device}.")
    if sum(value.numel() for value in weights.values()) > MOST_WEIGHTS:
        seen = f"At these sizes, {tuple(x.shape)} as input, it has over {MOST_WEIGHTS:,} weights."
        raise Mistake("hard-coded-size", seen)
    return Network(module, outputs, weights), x


def like_weights(module: Any, x: Tensor) -> Tensor:
    """x in the dtype of the module's weights."""
    weights = [v for v in module.state_dict().values() if v.is_floating_point()]
    return x.to(weights[0].dtype) if weights else x.float()


def randomize(network: Network, *, size: float = 6) -> dict[str, Tensor]:
    """Draw weights from N(0, size^2 / fan_in) and biases from N(0, 1); the new state_dict.

    With size 6 a hidden unit has even odds to change sign between two inputs, and an output
    without a nonlinearity takes both signs and exceeds 1. Statistics of normalization layers and
    tensors that hold no real numbers stay.
    """
    new = {}
    for key, value in network.weights.items():
        kept = "running_" in key or not value.is_floating_point()
        scale = size / value[0].numel() ** 0.5 if value.ndim > 1 else 1
        new[key] = value if kept else (scale * normal(*value.shape)).to(value.dtype)
    network.module.load_state_dict(new)
    return new


def expect_registered(name: str, first: Network, second: Any, x: Tensor) -> None:
    """Raise Mistake unless two instances with one state_dict compute the same in eval mode."""
    if not first.weights:
        raise Mistake("layers-not-registered", f"{name}(...).state_dict() is empty.")
    first.outputs(second, x)  # lazy layers get their weights in their first call
    second.load_state_dict(first.weights)
    pairs = zip(first(x), first.outputs(second, x), strict=True)
    if not all(close(one, other.double()) for one, other in pairs):
        seen = f"Two instances of {name} with the same state_dict return different values."
        raise Mistake("layers-not-registered", seen)


def expect_nonlinear(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when an output is an affine function f of an input like x (batch, size).

    Affine f: f(a) + f(b) = f(a + b) + f(0). Inputs lie in [0, 1], where a nonlinearity in front of
    the first layer shows nothing. Six draws of the weights, 16 inputs each; a ReLU network with 11
    hidden units is taken for affine with probability below 1e-15.
    """
    largest, constant = [0.0] * len(names), [True] * len(names)
    for _ in range(6):
        randomize(network)
        a, b = ((grey_images(16, x.shape[1]) / 2).to(x.dtype) for _ in range(2))
        values = network(torch.cat([a, b, a + b, 0 * a]))
        for number, value in enumerate(values):
            f_a, f_b, f_ab, f_0 = value.detach().double().chunk(4)
            scale = value.detach().abs().max().item()
            bend = (f_a + f_b - f_ab - f_0).abs().max().item()
            largest[number] = max(largest[number], bend / (scale + 1e-30))
            # In every draw: behind a ReLU an output may well be 0 for all inputs in one of them.
            constant[number] &= not (value - value[:1]).any()
    for name, bend, same in zip(names, largest, constant, strict=True):
        if same:
            raise Mistake("output-constant", f"{name} is the same for every input.")
        if bend < 1e-3:
            seen = f"{name}(a) + {name}(b) = {name}(a + b) + {name}(0)."
            path = None
            if max(largest) >= 1e-3:
                path = f"The path to {name} is linear: no nonlinearity stands before that head."
            raise Mistake("no-nonlinearity", seen, path)


def expect_rows_apart(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when a row of an output depends on other rows of x (batch, size), batch > 1."""
    randomize(network)
    together = network(x)
    alone = zip(*(network(row[None]) for row in x), strict=True)
    for name, value, rows in zip(names, together, alone, strict=True):
        off = (value.detach() - torch.cat([row.detach() for row in rows])).abs().max().item()
        # The order of sums differs between batch sizes, by far less than this in float32.
        if off > 1e-3 * value.detach().abs().max().item():
            seen = f"{name} of the first row changes with the other rows of the batch."
            raise Mistake("rows-mixed", seen)


def expect_gradients(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when an output depends on a parameter that gets no gradient from it."""
    weights, module = randomize(network), network.module
    # What named_parameters() gives, by one request instead of one for each.
    state = module.state_dict(keep_vars=True)
    values = network(x)
    unreached = [_unreached(name, value, state) for name, value in zip(names, values, strict=True)]
    frozen = _frozen(module, state)
    for number, name in enumerate(names):

        def moves(keys: set[str], number: int = number) -> bool:
            new = {key: (normal(*weights[key].shape) * 6).to(weights[key].dtype) for key in keys}
            module.load_state_dict(weights | new)
            return not close(network(x)[number], values[number].detach().double())

        # Each head has parameters that the other does not depend on: all of them first.
        suspects = unreached[number] | frozen
        if suspects and moves(suspects):
            for key in suspects:
                if moves({key}):
                    raise Mistake("detached", f"{name} depends on {key}, which gets no gradient.")
    module.load_state_dict(weights)


def _unreached(name: str, value: Tensor, state: dict[str, Tensor]) -> set[str]:
    """Trained parameters that get no gradient from an output. Raises Mistake if none can."""
    if not value.requires_grad:
        raise Mistake("detached", f"{name} has requires_grad=False.")
    trained = {key: each for key, each in state.items() if each.requires_grad}
    found = torch.autograd.grad(
        value.sum(), list(trained.values()), allow_unused=True, retain_graph=True
    )
    return {key for key, gradient in zip(trained, found, strict=True) if gradient is None}


def _frozen(module: Any, state: dict[str, Tensor]) -> set[str]:
    """Parameters that are not trained, of a module's state."""
    fixed = {key for key, value in state.items() if not value.requires_grad}
    floating = {key for key in fixed if state[key].is_floating_point()}
    return floating & {key for key, _ in module.named_parameters()} if floating else set()


def unbounded_outputs(network: Network, x: Tensor, *, size: float = 200) -> list[Tensor]:
    """The outputs for x (batch, size) under four draws of the weights: each (4 * batch, n).

    With weights from N(0, 200^2 / fan_in) a linear output has a standard deviation beyond 100,
    whatever the hidden layer, even one that is bounded by 1.
    """
    if not network.weights:
        raise Mistake("layers-not-registered", "The state_dict() is empty.")
    runs = []
    for _ in range(4):
        randomize(network, size=size)
        runs.append([value.detach().double() for value in network(x)])
    return [torch.cat(parts) for parts in zip(*runs, strict=True)]


def expect_unbounded(
    value: Tensor, large: Tensor, name: str, *, reach: float, positive: str = "output-positive"
) -> None:
    """Raise Mistake unless the outputs (N, n) `large` of large weights go beyond -reach and +reach.

    `value` are those of moderate weights, size 6, which show best what stands on the output. A
    plain linear output fails with probability below 1e-25 for n >= 30 and reach <= 40: each of
    4 n independent rows lies above -40 with probability below 0.66. `positive` is the slug for
    values that are all positive.
    """
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
    if low > -1.0001 or high < 1.0001:
        raise Mistake("output-one-sided", seen)
    low, high = large.min().item(), large.max().item()
    seen = f"With very large weights {name} lies between {low:.3g} and {high:.3g}."
    if low > -reach and high < reach:
        raise Mistake("output-clipped", seen)
    if low > -reach or high < reach:
        raise Mistake("output-one-sided", seen)
    if not torch.isfinite(large).all():
        raise Mistake("output-infinite", seen)


def expect_two_heads(mu: Tensor, logvar: Tensor) -> None:
    """Raise Mistake when, column by column, logvar is a multiple of mu (`unbounded_outputs`)."""
    if close(mu, logvar):
        raise Mistake("same-head", "mu and logvar are equal for every image.")
    for one, other in zip(mu.chunk(4), logvar.chunk(4), strict=True):
        one, other = one - one.mean(0), other - other.mean(0)
        product = (one * other).sum(0).square()
        norms = one.square().sum(0) * other.square().sum(0)
        if not ((norms > 0) & (product > (1 - 1e-5) * norms)).all():
            return
    raise Mistake("same-head", "logvar is a multiple of mu, plus a constant, for every image.")


def expect_output(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    """A floating tensor of `shape`, infinite values allowed: exp of a large number is one."""
    if torch.is_tensor(value) and value.is_floating_point():
        expect_tensor(torch.nan_to_num(value), shape, what)
        return value
    return expect_tensor(value, shape, what)
