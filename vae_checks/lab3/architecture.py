"""Encoder and decoder: shapes for all sizes, a nonlinear hidden layer, outputs without bounds."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from vae_checks import networks
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, normal
from vae_checks.values import expect_pair, expect_tensor
from vae_checks.verdict import Mistake, call


def _encode(latent: int, *, finite: bool = True) -> networks.Outputs:
    expect = expect_tensor if finite else networks.expect_output

    def outputs(module: Any, x: Tensor) -> list[Tensor]:
        value = call("Encoder(...)", module, {"x": x})
        parts = expect_pair(value, "Encoder(...)(x)", ("mu", "logvar"))
        shape = (len(x), latent)
        return [expect(part, shape, n) for part, n in zip(parts, ("mu", "logvar"), strict=True)]

    return outputs


def _decode(pixels: int, *, finite: bool = True) -> networks.Outputs:
    expect = expect_tensor if finite else networks.expect_output

    def outputs(module: Any, z: Tensor) -> list[Tensor]:
        value = call("Decoder(...)", module, {"z": z})
        return [expect(value, (len(z), pixels), "Decoder(...)(z)")]

    return outputs


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
        """Neither mu nor logvar is an affine function of x; see `expect_nonlinear`."""
        sizes = {"data_dim": pixels, "hidden_dim": hidden, "latent_dim": latent}
        module = networks.build(self.name, answer, sizes)
        network, x = networks.working(
            module, _encode(latent, finite=False), grey_images(batch, pixels)
        )
        networks.expect_nonlinear(network, ("mu", "logvar"), x)

    @idea("two different heads, each able to return any real number", random=True)
    def heads(
        self, answer: Any, *, batch: int = 7, latent: int = 37, hidden: int = 23, pixels: int = 11
    ) -> None:
        """Both go beyond +-15 (`expect_unbounded`), have heads of their own, and pass gradients."""
        sizes = {"data_dim": pixels, "hidden_dim": hidden, "latent_dim": latent}
        module = networks.build(self.name, answer, sizes)
        network, x = networks.working(
            module, _encode(latent, finite=False), grey_images(batch, pixels)
        )
        mu, logvar = networks.unbounded_outputs(network, x)
        moderate = networks.unbounded_outputs(network, x, size=6)
        networks.expect_unbounded(moderate[0], mu, "mu", reach=15)
        networks.expect_unbounded(
            moderate[1], logvar, "logvar", reach=15, positive="logvar-positive"
        )
        networks.expect_two_heads(mu, logvar)
        networks.expect_gradients(network, ("mu", "logvar"), x)


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
        """The logits are no affine function of z; see `expect_nonlinear`."""
        sizes = {"latent_dim": latent, "hidden_dim": hidden, "data_dim": pixels}
        module = networks.build(self.name, answer, sizes)
        network, z = networks.working(module, _decode(pixels, finite=False), normal(batch, latent))
        networks.expect_nonlinear(network, ("logits",), z)

    @idea("the output can be any real number: logits", random=True)
    def logits(
        self, answer: Any, *, batch: int = 7, latent: int = 5, hidden: int = 23, pixels: int = 37
    ) -> None:
        """The output goes beyond +-40, see `expect_unbounded`; gradients reach weights and z."""
        sizes = {"latent_dim": latent, "hidden_dim": hidden, "data_dim": pixels}
        module = networks.build(self.name, answer, sizes)
        network, z = networks.working(module, _decode(pixels, finite=False), normal(batch, latent))
        (value,) = networks.unbounded_outputs(network, z)
        (moderate,) = networks.unbounded_outputs(network, z, size=6)
        networks.expect_unbounded(moderate, value, "the output", reach=40)
        z = z.requires_grad_()
        networks.expect_gradients(network, ("the output",), z)
        (value,) = network(z)
        if torch.autograd.grad(value.sum(), z, allow_unused=True)[0] is None:
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
            call("", module, {"x": networks.like_weights(module, grey_images(2, size_in))})
        except Mistake:
            continue
        return True
    return False


def _expect_defaults(name: str, module_class: Any, outputs: networks.Outputs, x: Tensor) -> None:
    outputs(networks.build(name, module_class, {}), x)


encoder = _Encoder()
decoder = _Decoder()
