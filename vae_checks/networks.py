"""Properties of a student's module that hold whatever its layers are and however they start.

Weights are replaced by random ones through `load_state_dict`, since some starts (heads at zero)
would hide what a network can do. Values are looked at in eval mode, where dropout, a right answer,
does nothing; what an output can be, and that it is no affine function, in training mode as well.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_checks.fixtures import grey_images, normal
from vae_checks.values import close, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call, describe

Outputs = Callable[[Any, Tensor], list[Tensor]]
MOST_WEIGHTS = 5_000_000  # of a network with fewer than 40 inputs, outputs and hidden units


class Network(NamedTuple):
    """A student's module that works: it has been called once, lazy layers have their weights.

    `weights` is its state_dict as it was then, read once: a module may live in another process.
    `buffers` are its keys of what is no parameter: no training changes it but as the module does.
    """

    module: Any
    outputs: Outputs
    weights: dict[str, Tensor]
    buffers: frozenset[str]

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
    """The module, called once, and x in float32, as a notebook has it.

    Raises what `outputs` raises, and Mistake for layers that do not take float32.
    """
    x = x.float()
    try:
        outputs(module, x)
    except Mistake as mistake:
        types = {str(v.dtype) for v in module.state_dict().values() if v.is_floating_point()}
        if mistake.slug == "raised" and types - {"torch.float32"}:
            raise Mistake("weights-not-single", mistake.seen) from None
        raise
    weights = module.state_dict()
    for key, value in weights.items():
        if value.device.type != "cpu":
            raise Mistake("wrong-device", f"The parameter {key} is on {value.device}.")
    if sum(value.numel() for value in weights.values()) > MOST_WEIGHTS:
        seen = f"At these sizes, {tuple(x.shape)} as input, it has over {MOST_WEIGHTS:,} weights."
        raise Mistake("hard-coded-size", seen)
    return Network(module, outputs, weights, _buffers(module)), x


def _buffers(module: Any) -> frozenset[str]:
    state = module.state_dict(keep_vars=True)
    untrained = {key for key, value in state.items() if not value.requires_grad}
    # Most modules have none, and are not asked.
    named = {key for key, _ in module.named_parameters()} if untrained else set()
    return frozenset(untrained - named)


def randomize(network: Network, *, size: float = 6) -> dict[str, Tensor]:
    """Draw weights from N(0, size^2 / fan_in) and biases from N(0, 1); the new state_dict.

    With size 6 a hidden unit has even odds to change sign between two inputs, and an output
    without a nonlinearity takes both signs and exceeds 1. Buffers stay (what images are centred by,
    statistics of normalization layers), and so do tensors that hold no real numbers.
    """
    new = {}
    for key, value in network.weights.items():
        kept = key in network.buffers or not value.is_floating_point()
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
        once, again = first(x), first(x)
        if not all(close(one, other.double()) for one, other in zip(once, again, strict=True)):
            seen = f"Two calls of {name} with the same input differ, in eval mode."
            raise Mistake("output-random", seen)
        seen = f"Two instances of {name} with the same state_dict return different values."
        raise Mistake("layers-not-registered", seen)


def expect_nonlinear(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when an output is an affine function f of an input like x (batch, size).

    Affine f: f(a) + f(b) = f(a + b) + f(0). Inputs lie in [0, 1], where a nonlinearity in front of
    the first layer shows nothing, but for one that rounds: then f(a) = f(0.1 a), a < 1/2. Six draws
    of the weights, 16 inputs each; a ReLU network with 11 hidden units is taken for affine with
    probability below 1e-15. Half of the draws are a thousand times as large, for a network that
    makes its inputs small first.
    """
    largest, constant = [0.0] * len(names), [True] * len(names)
    rounded = [True] * len(names)
    for number in range(6):
        randomize(network, size=6 if number % 2 else 6000)
        a, b = ((grey_images(16, x.shape[1]) / 2).to(x.dtype) for _ in range(2))
        values = network(torch.cat([a, b, a + b, 0 * a, 0.1 * a]))
        for number, value in enumerate(values):
            f_a, f_b, f_ab, f_0, f_less = value.detach().double().chunk(5)
            rounded[number] &= bool((f_a == f_less).all())
            scale = value.detach().abs().max().item()
            bend = (f_a + f_b - f_ab - f_0).abs().max().item()
            largest[number] = max(largest[number], bend / (scale + 1e-30))
            # In every draw: behind a ReLU an output may well be 0 for all inputs in one of them.
            constant[number] &= not (value - value[:1]).any()
    for name, bend, same, coarse in zip(names, largest, constant, rounded, strict=True):
        if same:
            raise Mistake("output-constant", f"{name} is the same for every input.")
        if coarse:
            raise Mistake("input-rounded", f"{name} of x and of x / 10 are equal, for x below 1/2.")
        if bend < 1e-3:
            seen = f"{name}(a) + {name}(b) = {name}(a + b) + {name}(0)."
            path = None
            if max(largest) >= 1e-3:
                path = f"The path to {name} is linear: no nonlinearity stands before that head."
            raise Mistake("no-nonlinearity", seen, path)


def expect_all_inputs(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when a number of the input x (batch, size), or its size, changes no output.

    Asked are six draws of the weights, with moves of 1/2 and of 50: behind 11 ReLUs, or 11 steps,
    one input changes nothing in all of them with probability below 1e-15.
    """
    batch, size = x.shape
    inert, scaled = torch.ones(size, dtype=torch.bool), True
    for _ in range(6):
        randomize(network)
        near, far = (x[:1] + by * torch.eye(size, dtype=x.dtype) for by in (0.5, 50.0))
        for value in network(torch.cat([x, 20 * x, near, far])):
            if not value.isfinite().all() or len(value.unique()) <= 2:
                return  # the business of another idea
            value = value.detach()
            first, larger, *moved = value.split([batch, batch, size, size])
            # Each number by its own size: behind an exp one of them outweighs all others.
            for rest in moved:
                inert &= ~((rest - first[:1]).abs() > 1e-3 * (rest.abs() + first[:1].abs())).any(1)
            scaled &= not ((larger - first).abs() > 1e-3 * (larger.abs() + first.abs())).any()
    if inert.any():
        place = int(inert.int().argmax())
        seen = f"{names[0]} is the same whatever stands in column {place} of the input."
        raise Mistake("input-ignored", seen)
    if scaled:
        raise Mistake("input-scaled-away", f"{names[0]} is the same for x and for 20 x.")


@contextlib.contextmanager
def in_training(network: Network) -> Iterator[None]:
    """The module in training mode; what is found there says so. Afterwards it is in eval mode, with
    the weights and statistics that it had.
    """
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    network.module.train()
    try:
        yield
    except Mistake as mistake:
        seen = f"In training mode: {mistake.seen}"
        own = None if mistake.meaning == mistake.misconception else mistake.meaning
        raise Mistake(mistake.slug, seen, own, mistake.likely) from None
    finally:
        network.module.eval()
        network.module.load_state_dict(before)


def expect_rows_apart(network: Network, names: Sequence[str], x: Tensor) -> None:
    """Raise Mistake when a row of an output depends on other rows of x (batch, size), batch > 1.

    Under two draws of the weights: where an output is nearly 0 for all rows, as behind a GELU, one
    draw may show no more than what float32 makes of another batch size.
    """
    for is_last in (False, True):
        randomize(network, size=3)  # an exp at the end, another's business, does not overflow
        mistake = _rows_mixed(network, names, x)
        if mistake is None:
            return
        if is_last:
            raise mistake


def _rows_mixed(network: Network, names: Sequence[str], x: Tensor) -> Mistake | None:
    together = network(x)
    alone = zip(*(network(row[None]) for row in x), strict=True)
    for name, value, rows in zip(names, together, alone, strict=True):
        off = (value.detach() - torch.cat([row.detach() for row in rows])).abs().max().item()
        # The order of sums differs between batch sizes, by far less than this in float32.
        if off > 1e-3 * value.detach().abs().max().item():
            again = network(x)[list(names).index(name)]
            if not close(again, value.detach().double()):
                seen = f"{name} is another in a second call with the same input, in eval mode."
                return Mistake("output-random", seen)
            seen = f"{name} of the first row changes with the other rows of the batch."
            return Mistake("rows-mixed", seen)
    return None


def expect_output(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    """A floating tensor of `shape`, infinite values allowed: exp of a large number is one."""
    if torch.is_tensor(value) and value.is_floating_point():
        expect_tensor(torch.nan_to_num(value), shape, what)
        expect_single(value, what)
        return value
    return expect_tensor(value, shape, what)
