"""What a Pyro program does: its sites as names, values and log probabilities. Runs beside it.

A handler sees a program only in the program's own process, so that a check asks for what stands
here by `beside`. It returns plain values and tensors. Pyro is imported when a program is first
looked at: the checks of other labs do without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import runs_beside

Program = Callable[..., Any]


@runs_beside
def sites(
    program: Program,
    arguments: Sequence[Any],
    at: Mapping[str, Tensor] | None = None,
    parameters: Mapping[str, Tensor] | None = None,
) -> dict[str, Any]:
    """Run a program once, latent sites having the values `at` and parameters those given.

    Returns:
        "sites": for each sample site, in order, a dictionary: its name, its value, whether it is
        observed, log_prob (of its batch shape), what its log_prob is multiplied by in the joint
        ("scale"), whether a mask leaves some of it out, event_dims, and the names of its plates.
        "parameters": those of the parameter store that it met, by name.
    """
    with alone(parameters):
        nodes = _nodes(program, arguments, at)
        drawn = [node for node in nodes.values() if node["type"] == "sample"]
        return {
            "sites": [_site(node) for node in drawn if not _is_made_by_pyro(node)],
            "parameters": {
                name: node["value"].detach().clone()
                for name, node in nodes.items()
                if node["type"] == "param" and torch.is_tensor(node["value"])
            },
        }


@runs_beside
def reached(
    program: Program, arguments: Sequence[Any], name: str, steps: Sequence[Tensor]
) -> list[Tensor]:
    """What a parameter becomes where an optimizer has moved the numbers that it sees: once for each
    of `steps`, flat tensors, of which as many numbers are taken as the parameter has."""
    import pyro
    from torch.distributions import transform_to

    with alone():
        _nodes(program, arguments)
        store = pyro.get_param_store()
        free = store._params[name].detach()
        moved = [step[: free.numel()].view(free.shape).to(free) for step in steps]
        return [transform_to(store._constraints[name])(each) for each in moved]


@runs_beside
def registered(program: Program, arguments: Sequence[Any], network: Any) -> dict[str, str]:
    """All names in the store after a run, and for each the parameter of the network that it is;
    "" where it is none of its."""
    import pyro

    with alone():
        _nodes(program, arguments)
        own = {id(each): name for name, each in network.named_parameters()}
        trained = pyro.get_param_store()._params
        return {str(name): own.get(id(each), "") for name, each in trained.items()}


@runs_beside
def gradients(
    program: Program,
    arguments: Sequence[Any],
    of: tuple[str, str],
    weights: Tensor,
    at: Mapping[str, Tensor] | None = None,
    by: Mapping[str, Tensor] | Any = None,
) -> dict[str, Any]:
    """The gradient of a weighted sum over a site's "value" or "log_prob": `of` is (site, which).

    `by` is a network among the arguments, or the values of parameters by name, which are put into
    the store.

    Returns:
        "value": the site's, None where there is no such site; "gradients": by name, by each
        parameter of these, and by each latent site in `at`; None where no path leads there.
    """
    network = by if hasattr(by, "named_parameters") else None
    with alone(by if network is None else None):
        fixed = {name: each.detach().clone().requires_grad_() for name, each in (at or {}).items()}
        nodes = _nodes(program, arguments, fixed)
        if of[0] not in nodes:
            return {"value": None, "gradients": {}}
        if network is not None:  # pyro.module may have put others in place of its parameters
            parameters = dict(network.named_parameters())
        else:
            parameters = {name: nodes[name]["value"] for name in by or () if name in nodes}
        site, which = nodes[of[0]], of[1]
        value = site["value"] if which == "value" else site["fn"].log_prob(site["value"])
        names = fixed | parameters
        found: Sequence[Tensor | None] = [None] * len(names)
        if value.requires_grad and names:
            total = (weights * value).sum()
            found = torch.autograd.grad(total, list(names.values()), allow_unused=True)
        return {
            "value": site["value"].detach(),
            "gradients": dict(zip(names, found, strict=True)),
        }


@runs_beside
def draws(program: Program, arguments: Sequence[Any], times: int) -> dict[str, Tensor]:
    """The values of all sites that are tensors, in `times` runs, stacked, by name.

    One run may be refused: a scale that is uniform from 0 on is 0 once in 2^24 draws.
    """
    with alone(), torch.no_grad():
        runs: list[Mapping[str, Any]] = []
        may_be_refused = times > 1
        while len(runs) < times:
            try:
                runs.append(_nodes(program, arguments))
            except ValueError:
                if not may_be_refused:
                    raise
                may_be_refused = False
        return {
            name: torch.stack([nodes[name]["value"] for nodes in runs])
            for name, node in runs[0].items()
            if node["type"] == "sample" and torch.is_tensor(node["value"])
        }


@runs_beside
def calls(function: Callable[..., Any], arguments: Sequence[Any], times: int) -> dict[str, Any]:
    """What a function that trains returns, called several times in a store that began empty.

    Returns:
        "returned": what it returned, each time; "parameters": those in the store at the end of
        each, by name.
    """
    import pyro

    returned, parameters = [], []
    with alone():
        for _ in range(times):
            returned.append(function(*arguments))
            found = pyro.get_param_store()
            parameters.append({name: value.detach().clone() for name, value in found.items()})
    return {"returned": returned, "parameters": parameters}


@contextmanager
def alone(parameters: Mapping[str, Tensor] | None = None) -> Iterator[None]:
    """Inside there are no handlers, and in the store no parameters but these, unconstrained or
    not as the program says; afterwards all is as before. What a notebook has trained stays."""
    import pyro
    from pyro.poutine.runtime import _DIM_ALLOCATOR, _PYRO_STACK

    store = pyro.get_param_store()
    handlers, plates, before = _PYRO_STACK[:], _DIM_ALLOCATOR._stack[:], store.get_state()
    _PYRO_STACK.clear()
    _DIM_ALLOCATOR._stack.clear()
    store.clear()
    for name, value in (parameters or {}).items():
        pyro.param(name, value.clone())
    try:
        with pyro.validation_enabled(True):  # whatever a notebook has switched off
            yield
    finally:
        _PYRO_STACK[:], _DIM_ALLOCATOR._stack[:] = handlers, plates
        store.clear()
        store.set_state(before)


def _nodes(
    program: Program, arguments: Sequence[Any], at: Mapping[str, Tensor] | None = None
) -> Mapping[str, Any]:
    """What one run comes to, by name, latent sites having the values `at`."""
    from pyro import poutine

    fixed = poutine.Trace()
    for name, value in (at or {}).items():
        fixed.add_node(name, name=name, type="sample", is_observed=False, value=value, infer={})
    run = poutine.replay(program, trace=fixed) if at else program
    nodes: Mapping[str, Any] = poutine.trace(run).get_trace(*arguments).nodes
    return nodes


def _is_made_by_pyro(node: Mapping[str, Any]) -> bool:
    """A plate is a sample site of its own, and so is what `pyro.deterministic` notes: observed, and
    with a mask that takes it out of the joint."""
    from pyro.poutine.subsample_messenger import _Subsample

    if type(node["fn"]) is _Subsample:
        return True
    if not (node["infer"].get("_deterministic") and node["is_observed"]):
        return False
    return not bool(node["fn"].log_prob(node["value"]).detach().any())


def _site(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": node["name"],
        "value": node["value"],
        "observed": bool(node["is_observed"]),
        "log_prob": node["fn"].log_prob(node["value"]),
        "scale": float(node["scale"]),
        "masked": node["mask"] is not None and not bool(torch.as_tensor(node["mask"]).all()),
        "event_dims": int(node["fn"].event_dim),
        "plates": [frame.name for frame in node["cond_indep_stack"] if frame.vectorized],
    }
