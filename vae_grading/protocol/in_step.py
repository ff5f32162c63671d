"""What the judge handed out and its replica in the student's process, in step (replicas.py).

With its next message each end tells the other what changed here since the last one: the mode of a
module and of its parts, the settings of an optimizer and the steps that it took, the state of a
generator. What a check has hung on its optimizer's steps is called for each.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from vae_grading.protocol.leaves import Leaves
from vae_grading.protocol.originals import settings
from vae_grading.protocol.values import Decoder, Encoder

MOST_STEPS = 1_000  # between two messages
Settings = list[dict[str, Any]]


class InStep:
    """The originals at one end, the replicas at the other, by number."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._modes: dict[int, tuple[list[nn.Module], list[bool]]] = {}
        self._places: list[tuple[int, nn.Module, str]] = []  # of mirrors in modules
        self._settings: dict[int, tuple[Optimizer, Settings]] = {}
        self._steps: dict[int, int] = {}
        self._states: dict[int, tuple[torch.Generator, Tensor]] = {}

    def original(self, number: int, value: Any) -> None:
        """This one has been handed out, now or before."""
        if isinstance(value, Optimizer):
            self._settings.setdefault(number, (value, _settings(value)))
        elif isinstance(value, torch.Generator):
            self._states.setdefault(number, (value, value.get_state()))
        elif number not in self._modes:
            modules = list(value.modules())
            self._modes[number] = modules, _modes(modules)

    def replica(self, number: int, value: Any) -> None:
        """This one has been built."""
        self.original(number, value)
        if isinstance(value, Optimizer):
            self._count_steps(number, value)
        elif isinstance(value, nn.Module):
            for module in value.modules():
                for name, each in module._parameters.items():
                    mirrored = None if each is None else self._leaves.mirror_of(each)
                    if mirrored is not None:
                        self._places.append((mirrored, module, name))

    def _count_steps(self, number: int, optimizer: Optimizer) -> None:
        self._steps[number] = 0

        def stepped(which: Optimizer, *_: Any) -> None:
            if which is optimizer:  # a copy has the same hooks
                self._steps[number] += 1

        optimizer.register_step_post_hook(stepped)

    def follow_replaced(self) -> None:
        """A parameter that was put in a mirror's place is the mirror from now on."""
        for number, module, name in self._places:
            now, before = module._parameters.get(name), self._leaves.mirrors[number]
            if now is not before and type(now) is nn.Parameter and now.shape == before.shape:
                self._leaves.replace(number, now)

    def news(self, encoder: Encoder) -> list[dict[str, Any]]:
        """What changed at this end since the last message."""
        found: list[dict[str, Any]] = []
        for number, (modules, before) in self._modes.items():
            modes = _modes(modules)
            if modes != before:
                before[:] = modes
                found.append({"id": number, "modes": modes})
        for number, (optimizer, known) in self._settings.items():
            now, steps = _settings(optimizer), self._steps.get(number, 0)
            if steps or now != known:
                known[:] = now
                found.append({"id": number, "steps": steps, "settings": encoder.encode(now)})
                self._steps[number] = 0
        for number, (generator, state) in self._states.items():
            drawn = generator.get_state()
            if not torch.equal(drawn, state):
                state.copy_(drawn)
                found.append({"id": number, "state": encoder.put(drawn)})
        return found

    def update(self, news: list[dict[str, Any]], tensors: list[Tensor], decoder: Decoder) -> None:
        """Take over what the other end did. Raises anything for news that are none."""
        for entry in news:
            number = int(entry["id"])
            if "modes" in entry and number in self._modes:
                self._take_modes(number, entry["modes"])
            elif "settings" in entry and number in self._settings:
                self._take_settings(number, decoder.decode(entry["settings"]))
                self._take_steps(number, min(int(entry["steps"]), MOST_STEPS))
            elif "state" in entry and number in self._states:
                generator, before = self._states[number]
                generator.set_state(tensors[int(entry["state"])])
                before.copy_(generator.get_state())

    def _take_modes(self, number: int, now: list[Any]) -> None:
        modules, before = self._modes[number]
        for module, mode in zip(modules, now, strict=True):
            module.training = mode is True
        before[:] = _modes(modules)

    def _take_settings(self, number: int, now: list[Any]) -> None:
        optimizer, before = self._settings[number]
        for group, changed in zip(optimizer.param_groups, now, strict=False):
            for key, value in changed.items():
                if isinstance(group.get(key), (bool, int, float)) and _is_number(value):
                    group[key] = value
        before[:] = _settings(optimizer)

    def _take_steps(self, number: int, steps: int) -> None:
        optimizer, _ = self._settings[number]
        hooks = (optimizer._optimizer_step_pre_hooks, optimizer._optimizer_step_post_hooks)
        for _ in range(steps):
            for hook in itertools.chain.from_iterable(each.values() for each in hooks):
                hook(optimizer, (), {})


def _modes(modules: list[nn.Module]) -> list[bool]:
    return [module.training for module in modules]


def _settings(optimizer: Optimizer) -> Settings:
    return [settings(group) for group in optimizer.param_groups]


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))
