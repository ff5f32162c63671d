"""Which gradient did a training step use, and was it a step of the optimizer that was handed in?

The optimizer is SGD with momentum m and one rate a group: v <- m v + g, w <- w - rate v. Its memory
v is filled beforehand, so that from the parameters before and after the step follows the g that
was used, provided that it was this optimizer's step.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.fixtures import spread, true_kl, true_nll
from vae_checks.reference import ReferenceModel
from vae_checks.verdict import Mistake

State = dict[str, Tensor]
_SETTINGS = ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize")
_ENCODER, _DECODER = ("fc1.", "fc2"), ("fc3.", "fc4.")


class Stepping:
    """An optimizer over a reference model, and what is known of its next step.

    For a loss that is `scale` times as large its rates are as much smaller, and what it remembers
    is as much larger: the parameters go where they would without.
    """

    def __init__(self, model: ReferenceModel, rate: float = 0.1, scale: float = 1) -> None:
        named = dict(model.named_parameters())
        self.model, self._scale = model, scale
        self.rates = {name: rate if name.startswith(_ENCODER) else 0.7 * rate for name in named}
        self.momentum = {name: 0.5 if name.startswith(_ENCODER) else 0.4 for name in named}
        self.optimizer = torch.optim.SGD(
            [self._group(named, layers) for layers in (_ENCODER, _DECODER)]
        )
        self.memory = {name: 0.3 * spread(*each.shape).float() for name, each in named.items()}
        for name, each in named.items():
            self.optimizer.state[each]["momentum_buffer"] = scale * self.memory[name]
        self._taken: list[None] = []
        self.optimizer.register_step_post_hook(lambda *_: self._taken.append(None))
        self.begin()

    def _group(self, named: dict[str, nn.Parameter], layers: tuple[str, str]) -> dict[str, Any]:
        names = [name for name in named if name.startswith(layers)]
        return {
            "params": [named[name] for name in names],
            "lr": self.rates[names[0]] / self._scale,
            "momentum": self.momentum[names[0]],
        }

    def begin(self) -> None:
        """Note where the parameters and the optimizer stand before a step."""
        self._taken.clear()
        self.start, self._settings = state(self.model), self._read()

    def steps(self) -> int:
        """How many steps this optimizer has taken since."""
        return len(self._taken)

    def changed_setting(self) -> str:
        """What differs in the optimizer's settings, in a few words; nothing when none does."""
        now = self._read()
        if len(now) != len(self._settings):
            return f"It has {len(now)} groups of parameters, it had {len(self._settings)}."
        for before, after in zip(self._settings, now, strict=True):
            for key, value in before.items():
                if after[key] != value:
                    return f"Its {key} was {value} before the call and is {after[key]} afterwards."
        return ""

    def _read(self) -> list[dict[str, Any]]:
        return [{key: group[key] for key in _SETTINGS} for group in self.optimizer.param_groups]

    def moved(self) -> State:
        """How far the parameters have moved, downwards, in learning rates: v."""
        now = state(self.model)
        return {name: (self.start[name] - now[name]) / rate for name, rate in self.rates.items()}

    def unresolved(self) -> State:
        """The error of v by two roundings of half a unit, as a parameter in float32 has them.

        A logvar of -40 moves in units of 4e-6. Nothing coarser is allowed for.
        """
        eps = torch.finfo(torch.float32).eps
        return {name: self.start[name].abs() * eps / rate for name, rate in self.rates.items()}

    def momentum_of(self, vectors: State) -> State:
        """m v for these vectors."""
        return {name: self.momentum[name] * each for name, each in vectors.items()}


def state(model: nn.Module) -> State:
    """The parameters by name, in float64."""
    return {name: value.detach().double() for name, value in model.named_parameters()}


def expect_right_update(
    stepping: Stepping, stale: State, reference: ReferenceModel, x: Tensor
) -> None:
    """Raise Mistake unless the parameters moved by one step on the gradient of the right loss.

    `stale` are the gradients from before; `reference` is a copy of the model as it was. Equal to
    1e-4 of the largest number, and the rounding of float32. The optimizer remembers the step.
    """
    if changed := stepping.changed_setting():
        raise Mistake("optimizer-changed", changed)
    moved, memory = stepping.moved(), stepping.momentum_of(stepping.memory)
    # What has no gradient does not move at all, memory or not.
    used = {n: each - memory[n] if moved[n].any() else 0 * each for n, each in moved.items()}
    right, unresolved = _gradient(reference, x), stepping.unresolved()

    scale = _size(right)

    def is_step(other: State, found: State = used, within: float = 1e-4 * scale) -> bool:
        return all(
            ((found[n] - other[n]).abs() - unresolved[n]).max().item() < within for n in other
        )

    zero = {name: 0 * value for name, value in right.items()}
    unmoved = is_step(zero, moved, 1e-6 * scale)
    if stepping.steps() == 0 and not unmoved:
        seen = "The parameters have moved, but not by a step of the optimizer."
        raise Mistake("other-optimizer", seen)
    if stepping.steps() == 1 and is_step(right):
        stepping.memory = {name: value.float() for name, value in _combine(memory, right).items()}
        return
    if unmoved or is_step(zero, used, 1e-6 * scale):
        left = any(p.grad is not None and p.grad.any() for p in stepping.model.parameters())
        raise Mistake("no-step" if left else "no-step-cleared", "No parameter has moved downhill.")
    again = stepping.momentum_of(_combine(memory, right))
    second = {name: right[name] + again[name] for name in right}  # with the same gradient
    known = [
        ("no-zero-grad", _combine(right, stale)),
        ("step-on-old-gradients", stale),
        ("step-uphill", _combine(zero, right, -1)),
        ("optimizer-state-lost", _combine(right, memory, -1)),
        ("update-nll-only", _gradient(reference, x, kl=0)),
        ("update-kl-only", _gradient(reference, x, nll=0)),
        ("update-own-loss", _gradient(reference, x, kl=1)),
        ("update-minus-kl", _gradient(reference, x, kl=-0.6)),
        ("update-minus-kl", _gradient(reference, x, kl=-1)),
        ("update-batch-sum", _combine(zero, right, len(x))),
        ("update-batch-sum", _combine(zero, _gradient(reference, x, kl=1), len(x))),
        ("gradient-doubled", _combine(zero, right, 2)),
        ("step-twice", _combine(right, second)),
        ("step-twice", _combine(right, _second_step(stepping, reference, x, memory, right))),
        ("code-detached", _gradient(reference, x, detach=True)),
    ]
    seen = f"The step is not the learning rate times the gradient: {_largest(used, right)}."
    for slug, wrong in known:
        if is_step(wrong):
            raise Mistake(slug, seen)
    if stepping.steps() > 1:
        raise Mistake("step-twice", f"The optimizer took {stepping.steps()} steps.")
    for part, layers in (("encoder", _ENCODER), ("decoder", _DECODER)):
        names = [name for name in used if name.startswith(layers)]
        if is_step({name: zero[name] for name in names}, used, 1e-6 * scale):
            raise Mistake(f"{part}-not-moved", f"The gradient of the {part} is 0 or missing.")
        if is_step({name: zero[name] for name in names}, moved, 1e-6 * scale):
            raise Mistake(f"{part}-not-moved", f"No parameter of the {part} has moved.")
    velocity = _combine(memory, right)
    near = max(1e-4 * _size(used), 3e-6 * scale)  # a clipped gradient may be very small
    scaled = is_step(_scaled(used, right), used, near) or is_step(_clipped(used, right), used, near)
    if scaled or is_step(_scaled(moved, velocity), moved):
        raise Mistake("update-scaled", seen)
    if any(is_step(_decayed(used, right, pull)) for pull in _pulls(stepping.start)):
        raise Mistake("update-decayed", seen)
    raise Mistake("wrong-update", seen)


def _gradient(
    model: ReferenceModel, x: Tensor, *, nll: float = 1, kl: float = 0.6, detach: bool = False
) -> State:
    mu, logvar = model.codes(x)
    logits = model.logits(mu.detach() if detach else mu)
    loss = (nll * true_nll(logits, x) + kl * true_kl(mu, logvar)).mean()
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(loss, parameters, materialize_grads=True)
    return {name: each.double() for name, each in zip(names, found, strict=True)}


def _second_step(
    stepping: Stepping, reference: ReferenceModel, x: Tensor, memory: State, right: State
) -> State:
    """What a second step on the same images adds to v: m v' and the gradient after the first."""
    velocity = _combine(memory, right)
    after = copy.deepcopy(reference)
    moved = {n: (stepping.start[n] - stepping.rates[n] * velocity[n]).float() for n in velocity}
    after.load_state_dict(moved)
    return _combine(stepping.momentum_of(velocity), _gradient(after, x))


def _combine(one: State, other: State, factor: float = 1) -> State:
    return {name: value + factor * other[name] for name, value in one.items()}


def _size(vectors: State) -> float:
    return max(value.abs().max().item() for value in vectors.values())


def _scaled(used: State, right: State) -> State:
    """The right gradient, each parameter's by the factor that brings it nearest to the one used."""
    factors = {n: (used[n] * g).sum() / (g * g).sum().clamp(min=1e-30) for n, g in right.items()}
    return {name: factors[name] * each for name, each in right.items()}


def _clipped(used: State, right: State) -> State:
    """The right gradient clipped to the largest number of the one used."""
    largest = _size({n: value for n, value in used.items() if n != "fc22.bias"})  # -40: less exact
    return {name: each.clamp(-largest, largest) for name, each in right.items()}


def _decayed(used: State, right: State, pull: State) -> State:
    """The right gradient and the multiple of `pull` that brings it nearest to the one used."""
    top = sum(((used[n] - right[n]) * each).sum() for n, each in pull.items())
    return _combine(right, pull, float(top / sum((each * each).sum() for each in pull.values())))


def _pulls(start: State) -> list[State]:
    """What a penalty on the weights adds to a gradient: their squares, their sizes."""
    matrices = {n: w if w.ndim > 1 else 0 * w for n, w in start.items()}
    squares = [start, matrices]
    return [*squares, *({n: w.sign() for n, w in each.items()} for each in squares)]


def _largest(used: State, right: State) -> str:
    name = max(right, key=lambda n: (used[n] - right[n]).abs().max().item())
    place = (used[name] - right[name]).abs().argmax()
    got, wanted = used[name].flatten()[place].item(), right[name].flatten()[place].item()
    part = "encoder" if name.startswith(_ENCODER) else "decoder"
    return f"a parameter of the {part} moved as if its gradient were {got:.4g}, it is {wanted:.4g}"
