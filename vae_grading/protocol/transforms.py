"""torch.func across the wire: calls of the other end's functions under vmap, grad, vjp and jvp.

The tensors of a transformation have no data to send. So the call becomes an autograd function of
its own: torch peels the transformations off, one by one, until plain tensors are left, which cross
as always. A batch crosses as one, and the other end applies torch.vmap to its function: what it is
given it would be given in one process. Derivatives of a call are functions as well (`_Pulled`,
`_Pushed`), so that those of any order are. The same way goes forward-mode differentiation, whose
tangents have no place in a message either.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._C import _functorch
from torch.autograd import forward_ad
from torch.utils._pytree import tree_flatten, tree_unflatten

from vae_grading.protocol import batches

Tensors = Sequence[Tensor]
MOST_LEVELS = 8  # of vmap in vmap
_REFUSED = "torch._vmap_internals does not see through a function when it is graded."


def is_transformed(arguments: Any = ()) -> bool:
    """Whether the code that runs now is being transformed by torch.func, or `arguments` hold a
    tensor with a tangent."""
    if torch._C._are_functorch_transforms_active():
        return True
    if forward_ad._current_level < 0:
        return False
    tensors = (leaf for leaf in tree_flatten(arguments)[0] if isinstance(leaf, Tensor))
    return any(forward_ad.unpack_dual(each).tangent is not None for each in tensors)


def call_transformed(call: Callable[[Any, int], Any], arguments: Any) -> Any:
    """`call(arguments, 0)`, a remote call that gives tensors, under torch.func's transformations.

    `call(arguments, levels)` makes the call under that many vmaps, over the first dimensions.
    """
    if batches.is_batched():  # torch would give zeros
        raise NotImplementedError(_REFUSED)
    leaves, structure = tree_flatten(arguments)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    given = [leaves[place] for place in places]
    made: list[Any] = []  # the structure of the result

    def function(levels: int, *tensors: Tensor) -> list[Tensor]:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        results, structure_of_result = tree_flatten(call(tree_unflatten(filled, structure), levels))
        if not results or not all(isinstance(each, Tensor) for each in results):
            raise TypeError("under torch.func a function has to return tensors here")
        made[:] = [structure_of_result]
        return results

    found = _Call.apply(_Plain(function, [_is_varied(each) for each in given]), *given)
    return tree_unflatten(list(found), made[0])


def map_over(function: Callable[..., Any], arguments: Any, over: Tensors, levels: int) -> Any:
    """`function(*arguments)` under `levels` vmaps over the first dimensions of the tensors `over`
    that the arguments hold."""
    if not 0 <= levels <= MOST_LEVELS:
        raise ValueError(f"{levels} vmaps")
    if levels == 0:
        return function(*arguments)
    leaves, structure = tree_flatten(arguments)
    mapped = {id(each) for each in over}
    places = [place for place, leaf in enumerate(leaves) if id(leaf) in mapped]

    def flat(*tensors: Tensor) -> Any:
        filled = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        return function(*tree_unflatten(filled, structure))

    for _ in range(levels):
        flat = torch.vmap(flat, randomness="different")
    return flat(*(leaves[place] for place in places))


def by_what_crosses() -> None:
    """From now on, what traces a function or differentiates a whole batch forwards computes the
    same by transformations that see through a function of the other end's."""
    jacobian = torch.autograd.functional.jacobian

    def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
        return func(*primals), lambda *tangents: torch.func.jvp(func, primals, tangents)[1]

    @functools.wraps(jacobian)
    def in_rows(
        func: Callable[..., Any],
        inputs: Any,
        create_graph: bool = False,
        strict: bool = False,
        vectorize: bool = False,
        strategy: str = "reverse-mode",
    ) -> Any:
        if vectorize and strategy == "forward-mode":
            vectorize, strategy = False, "reverse-mode"
        return jacobian(func, inputs, create_graph, strict, vectorize, strategy)

    torch.func.linearize = torch._functorch.eager_transforms.linearize = linearize
    torch.autograd.functional.jacobian = in_rows


def _is_varied(value: Tensor) -> bool:
    """Whether somebody differentiates by a tensor, at any level."""
    while _functorch.is_functorch_wrapped_tensor(value):
        if _functorch.is_gradtrackingtensor(value):
            return value.is_floating_point()
        value = _functorch.get_unwrapped(value)
    if value.requires_grad:
        return True
    return forward_ad._current_level >= 0 and forward_ad.unpack_dual(value).tangent is not None


class _Call(torch.autograd.Function):
    """The call; its derivatives are calls of other functions."""

    @staticmethod
    def forward(function: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
        given = {id(each) for each in tensors}
        found = function(*tensors)
        return tuple(each.clone() if id(each) in given else each.detach() for each in found)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.function = inputs[0]
        ctx.save_for_backward(*inputs[1:])
        ctx.save_for_forward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        pulled = _Pulled(ctx.function, len(gradients))
        return None, *_Call.apply(pulled, *gradients, *ctx.saved_tensors)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Tensor | None) -> tuple[Tensor, ...]:
        tensors = ctx.saved_tensors
        moved = [
            torch.zeros_like(each) if tangent is None else tangent
            for each, tangent in zip(tensors, tangents, strict=True)
        ]
        return _Call.apply(_Pushed(ctx.function), *tensors, *moved)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], function: Any, *tensors: Tensor) -> Any:
        size = info.batch_size
        rows = [
            each.expand(size, *each.shape) if dim is None else each.movedim(dim, 0)
            for each, dim in zip(tensors, in_dims[1:], strict=True)
        ]
        found = _Call.apply(function.mapped(), *rows)
        return found, (0,) * len(found)


class _Plain:
    """The call as a function of plain tensors, under `levels` vmaps.

    `varied` are those by which it is differentiated: then its last graph is kept, and the call is
    made once.
    """

    def __init__(
        self, function: Callable[..., list[Tensor]], varied: list[bool], levels: int = 0
    ) -> None:
        self._function, self._varied, self._levels = function, varied, levels
        self._mapped: _Plain | None = None
        self._last: tuple[Any, Tensors, Tensors] = None, (), ()

    def __call__(self, *tensors: Tensor) -> Tensors:
        if torch.is_grad_enabled() or not any(self._varied):
            return self._function(self._levels, *tensors)
        return self.graph(tensors)[1]

    def graph(self, tensors: Tensors) -> tuple[Tensors, Tensors]:
        """Leaves with the values of `tensors`, and the results as functions of them."""
        key = [(each.data_ptr(), each.shape, each.stride(), each._version) for each in tensors]
        if self._last[0] != key:
            leaves = [each.detach() for each in tensors]
            for each, varied in zip(leaves, self._varied, strict=True):
                each.requires_grad_(varied and each.is_floating_point())
            with torch.enable_grad():
                self._last = key, leaves, self._function(self._levels, *leaves)
        return self._last[1:]

    def mapped(self) -> _Plain:
        if self._mapped is None:
            self._mapped = _Plain(self._function, self._varied, self._levels + 1)
        return self._mapped


class _Pulled:
    """The vector-Jacobian product of a function with `count` results: of gradients and tensors."""

    def __init__(self, function: Any, count: int) -> None:
        self._function, self._count = function, count

    def __call__(self, *both: Tensor) -> Tensors:
        gradients, tensors = both[: self._count], both[self._count :]
        if torch.is_grad_enabled():  # this is being differentiated itself
            return _gradient(self._function(*tensors), tensors, gradients, again=True)
        leaves, results = self._function.graph(tensors)
        return _gradient(results, leaves, gradients, again=False)

    def graph(self, both: Tensors) -> tuple[Tensors, Tensors]:
        return _graph(self, both)

    def mapped(self) -> _Pulled:
        return _Pulled(self._function.mapped(), self._count)


class _Pushed:
    """The Jacobian-vector product: of tensors and as many tangents.

    The vector-Jacobian product is linear in its vector: its own gradient is what is asked for.
    """

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, *both: Tensor) -> Tensors:
        tensors, tangents = both[: len(both) // 2], both[len(both) // 2 :]
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            known = (tensors, self._function(*tensors)) if again else None
            leaves, results = known or self._function.graph(tensors)
            vectors = _leaves([torch.zeros_like(each) for each in results])
            pulled = _gradient(results, leaves, vectors, again=True)
            return _gradient(pulled, vectors, tangents, again=again)

    def graph(self, both: Tensors) -> tuple[Tensors, Tensors]:
        return _graph(self, both)

    def mapped(self) -> _Pushed:
        return _Pushed(self._function.mapped())


def _graph(function: Any, tensors: Tensors) -> tuple[Tensors, Tensors]:
    leaves = _leaves(tensors)
    with torch.enable_grad():
        return leaves, function(*leaves)


def _leaves(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [each.detach().requires_grad_(each.is_floating_point()) for each in tensors]


def _gradient(
    results: Sequence[Tensor], inputs: Sequence[Tensor], gradients: Sequence[Tensor], *, again: bool
) -> list[Tensor]:
    """d results / d inputs times `gradients`, 0 where there is none; `again`: with its graph."""
    pairs = [(r, g) for r, g in zip(results, gradients, strict=True) if r.requires_grad]
    varied = [each for each in inputs if each.requires_grad]
    found: Iterator[Tensor] = iter(())
    if pairs and varied:
        results, gradients = zip(*pairs, strict=True)
        found = iter(
            torch.autograd.grad(
                results,
                varied,
                gradients,
                retain_graph=True,
                create_graph=again,
                materialize_grads=True,
            )
        )
    return [
        next(found, torch.zeros_like(each)) if each.requires_grad else torch.zeros_like(each)
        for each in inputs
    ]
