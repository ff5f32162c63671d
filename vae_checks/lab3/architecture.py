"""Encoder and decoder: shapes for all sizes, a nonlinear hidden layer, outputs without bounds."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks import heads, networks
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, normal
from vae_checks.values import expect_pair, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call

# In training mode batch normalization of an output, a right answer, leaves it not much more.
_REACH_IN_TRAINING = 2


def _encode(latent: int, *, finite: bool = True) -> networks.Outputs:
    expect = _expect_finite if finite else networks.expect_output

    def outputs(module: Any, x: Tensor) -> list[Tensor]:
        value = call("Encoder(...)", module, {"x": x})
        if torch.is_tensor(value) and value.ndim == 2 and value.shape[1] == 2 * latent != len(x):
            seen = f"Encoder(...)(x) is one tensor of shape {tuple(value.shape)}."
            raise Mistake("one-output", seen, "Return the pair (mu, logvar).")
        parts = expect_pair(value, "Encoder(...)(x)", ("mu", "logvar"))
        shape = (len(x), latent)
        if all(_is_half_of_batch(part, len(x), latent) for part in parts):
            seen = f"mu has shape {tuple(parts[0].shape)}, it should be {shape}."
            raise Mistake("chunk-batch", seen)
        return [expect(part, shape, n) for part, n in zip(parts, ("mu", "logvar"), strict=True)]

    return outputs


def _is_half_of_batch(part: Any, batch: int, latent: int) -> bool:
    whole = torch.is_tensor(part) and part.ndim == 2 and part.shape[1] == 2 * latent
    return whole and part.shape[0] in (batch // 2, batch - batch // 2)


def _decode(pixels: int, *, finite: bool = True) -> networks.Outputs:
    expect = _expect_finite if finite else networks.expect_output

    def outputs(module: Any, z: Tensor) -> list[Tensor]:
        value = call("Decoder(...)", module, {"z": z})
        return [expect(value, (len(z), pixels), "Decoder(...)(z)")]

    return outputs


def _expect_finite(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    return expect_single(expect_tensor(value, shape, what), what)


class _Encoder(Exercise):
    name, section = "Encoder", "2.1"

    @idea("two outputs of shape (B, D), whatever the sizes")
    def shapes(
        self, answer: Any, *, batch: int = 3, latent: int = 5, hidden: int = 11, pixels: int = 7
    ) -> None:
        """Shapes, the default sizes, a width that is obeyed, layers that are registered."""

        def sizes(hidden: int) -> dict[str, int]:
            return {"data_dim": pixels, "hidden_dim": hidden, "latent_dim": latent}

        names = ("mu", "logvar")
        x = _expect_shapes(self.name, answer, sizes, _encode(latent), pixels, batch, names)
        _expect_defaults(self.name, answer, _encode(20), grey_images(2, 784).to(x.dtype))

    @idea("the hidden layer is nonlinear", random=True)
    def nonlinear(
        self, answer: Any, *, batch: int = 3, latent: int = 5, hidden: int = 11, pixels: int = 7
    ) -> None:
        """Neither mu nor logvar is an affine function of x, and every pixel counts; see
        `expect_nonlinear` and `expect_all_inputs`.
        """
        sizes = {"data_dim": pixels, "hidden_dim": hidden, "latent_dim": latent}
        module = networks.build(self.name, answer, sizes)
        network, x = networks.working(
            module, _encode(latent, finite=False), grey_images(batch, pixels)
        )
        networks.expect_nonlinear(network, ("mu", "logvar"), x)
        networks.expect_all_inputs(network, ("mu", "logvar"), x)
        with networks.in_training(network):
            networks.expect_nonlinear(network, ("mu", "logvar"), x)

    @idea("two different heads, each able to return any real number", random=True)
    def heads(
        self, answer: Any, *, batch: int = 61, latent: int = 37, hidden: int = 127, pixels: int = 11
    ) -> None:
        """Both go beyond +-15, have weights of their own for every number, and pass gradients.

        See `expect_unbounded`, `expect_apart`, `expect_two_heads` and `expect_gradients`. What is
        made of several numbers of the other head shows where batch and hidden exceed latent.
        """
        sizes = {"data_dim": pixels, "hidden_dim": hidden, "latent_dim": latent}
        module = networks.build(self.name, answer, sizes)
        network, x = networks.working(
            module, _encode(latent, finite=False), grey_images(batch, pixels)
        )
        names = ("mu", "logvar")
        slugs = ("output-positive", "logvar-positive")
        heads.expect_unbounded(network, x, names, reach=15, positive=slugs)
        with networks.in_training(network):
            heads.expect_unbounded(network, x, names, reach=_REACH_IN_TRAINING, positive=slugs)
        mu, logvar = heads.outputs(network, x)
        heads.expect_two_heads(mu, logvar)
        for value, name in ((mu, "mu"), (logvar, "logvar")):
            heads.expect_apart(value, name)
        heads.expect_gradients(network, names, x)


class _Decoder(Exercise):
    name, section = "Decoder", "2.3"

    @idea("logits of shape (B, P), whatever the sizes")
    def shapes(
        self, answer: Any, *, batch: int = 3, latent: int = 5, hidden: int = 11, pixels: int = 7
    ) -> None:
        """Shapes, the default sizes, a width that is obeyed, layers that are registered."""

        def sizes(hidden: int) -> dict[str, int]:
            return {"latent_dim": latent, "hidden_dim": hidden, "data_dim": pixels}

        names = ("the output",)
        z = _expect_shapes(self.name, answer, sizes, _decode(pixels), latent, batch, names)
        _expect_defaults(self.name, answer, _decode(784), grey_images(2, 20).to(z.dtype))

    @idea("the hidden layer is nonlinear", random=True)
    def nonlinear(
        self, answer: Any, *, batch: int = 3, latent: int = 5, hidden: int = 11, pixels: int = 7
    ) -> None:
        """The logits are no affine function of z, and every number of it counts; see
        `expect_nonlinear` and `expect_all_inputs`.
        """
        sizes = {"latent_dim": latent, "hidden_dim": hidden, "data_dim": pixels}
        module = networks.build(self.name, answer, sizes)
        network, z = networks.working(module, _decode(pixels, finite=False), normal(batch, latent))
        networks.expect_nonlinear(network, ("logits",), z)
        networks.expect_all_inputs(network, ("logits",), z)
        with networks.in_training(network):
            networks.expect_nonlinear(network, ("logits",), z)

    @idea("the output can be any real number: logits", random=True)
    def logits(
        self, answer: Any, *, batch: int = 61, latent: int = 5, hidden: int = 23, pixels: int = 37
    ) -> None:
        """The output goes beyond +-40, every number by weights of its own; gradients reach z.

        See `expect_unbounded` and `expect_apart`.
        """
        sizes = {"latent_dim": latent, "hidden_dim": hidden, "data_dim": pixels}
        module = networks.build(self.name, answer, sizes)
        network, z = networks.working(module, _decode(pixels, finite=False), normal(batch, latent))
        names = ("the output",)
        positive = ("output-positive",)
        heads.expect_unbounded(network, z, names, reach=40, positive=positive)
        with networks.in_training(network):
            heads.expect_unbounded(network, z, names, reach=_REACH_IN_TRAINING, positive=positive)
        (value,) = heads.outputs(network, z)
        heads.expect_apart(value, "logits")
        z = z.requires_grad_()
        heads.expect_gradients(network, names, z)
        (value,) = network(z)
        weighted = (value * normal(*value.shape).to(value.dtype)).sum()
        (slope,) = torch.autograd.grad(weighted, z, allow_unused=True)
        if slope is None or not slope.any():
            raise Mistake("detached", "No gradient of the output reaches z.")


def _expect_shapes(
    name: str,
    module_class: Any,
    sizes: Callable[[int], dict[str, int]],
    outputs: networks.Outputs,
    size_in: int,
    batch: int,
    names: tuple[str, ...],
) -> Tensor:
    """Raise Mistake unless it works at these sizes and at others; inputs in its dtype."""
    hidden = 11
    try:
        module = networks.build(name, module_class, sizes(hidden))
        narrow, x = networks.working(module, outputs, grey_images(max(batch, 2), size_in))
        module = networks.build(name, module_class, sizes(hidden + 2))
        wide, _ = networks.working(module, outputs, x)
    except Mistake as mistake:
        if mistake.slug in ("raised", "wrong-shape") and _works_at_default_sizes(module_class):
            raise Mistake("hard-coded-size", mistake.seen) from None
        raise
    narrow(x[:1])  # squeeze takes a dimension from a batch of one
    narrow(x[:batch])
    twin = networks.build(name, module_class, sizes(hidden))
    networks.expect_registered(name, narrow, twin, x)
    weights = [sum(v.numel() for v in each.weights.values()) for each in (narrow, wide)]
    if weights[0] == weights[1]:
        seen = f"{name} has {weights[0]} weights with hidden_dim={hidden} and {hidden + 2} alike."
        raise Mistake("hard-coded-size", seen)
    networks.expect_rows_apart(narrow, names, x)
    return x


def _works_at_default_sizes(module_class: Any) -> bool:
    """Does it compute something from images or codes of the lab's own sizes?"""
    for size_in in (784, 20):
        try:
            module = networks.build("", module_class, {})
            call("", module, {"x": grey_images(2, size_in).float()})
        except Mistake:
            continue
        return True
    return False


def _expect_defaults(name: str, module_class: Any, outputs: networks.Outputs, x: Tensor) -> None:
    outputs(networks.build(name, module_class, {}), x)


encoder = _Encoder()
decoder = _Decoder()
