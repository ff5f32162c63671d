"""The conditional VAE: encode(x, y) and decode(z, y), two networks that both see the class."""

import contextlib
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from vae_checks import heads, networks
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, normal
from vae_checks.lab5.use_of_labels import expect_labels_used
from vae_checks.values import expect_pair, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call, describe

# In training mode batch normalization of an output, a right answer, leaves it not much more.
_REACH_IN_TRAINING = 2
_HEADS, _DECODED = ("mu", "logvar"), ("decode(...)",)


class _ConditionalVAE(Exercise):
    name, section = "ConditionalVAE", "1.1"

    @idea(
        "encode gives two of (B, D), decode one of (B, P), whatever the sizes; row by row",
        also=[
            {"batch": 4, "pixels": 4, "classes": 4, "latent": 4},
            {"batch": 1, "pixels": 1, "classes": 2, "latent": 1},
        ],
    )
    def shapes(
        self,
        answer: Any,
        *,
        batch: int = 3,
        pixels: int = 13,
        classes: int = 11,
        latent: int = 7,
        hidden: int = 17,
    ) -> None:
        """Shapes, the default sizes, batches that lack most classes, a width that is obeyed,
        layers that are registered, rows that do not mix (with their labels)."""
        sizes = _sizes(pixels, classes, latent, hidden)
        try:
            module = networks.build(self.name, answer, sizes)
            _called(module, pixels, classes, latent)
            for which, size_in in (("encode", pixels), ("decode", latent)):
                outputs = _outputs(which, latent, pixels)
                rows = _labelled(_inputs(which, max(batch, classes), size_in), classes)
                network, rows = networks.working(module, outputs, rows)
                self._expect_any_labels(network, rows, classes)
                twin = networks.build(self.name, answer, sizes)
                _called(twin, pixels, classes, latent)
                networks.expect_registered(self.name, network, twin, rows)
                names = _HEADS if which == "encode" else _DECODED
                networks.expect_rows_apart(network, names, rows)
        except Mistake as mistake:
            if mistake.slug in ("raised", "wrong-shape") and _works_at_default_sizes(answer):
                raise Mistake("hard-coded-size", mistake.seen) from None
            raise
        wide = networks.build(self.name, answer, _sizes(pixels, classes, latent, hidden + 2))
        _called(wide, pixels, classes, latent)
        weights = [_count(each) for each in (module, wide)]
        if weights[0] == weights[1]:
            seen = f"It has {weights[0]} weights with hidden={hidden} and {hidden + 2} alike."
            raise Mistake("hard-coded-size", seen)
        _called(networks.build(self.name, answer, {}), 784, 10, 20)

    def _expect_any_labels(self, network: networks.Network, rows: Tensor, classes: int) -> None:
        """Batches of the first class alone, of all from the last one on, of one row."""
        for labels in (torch.zeros(2), torch.arange(classes).flip(0)):
            some = torch.cat([rows[:1, :-1].expand(len(labels), -1), labels[:, None]], 1)
            try:
                network(some.to(rows.dtype))
            except Mistake as mistake:
                if mistake.slug == "raised" and len(labels) == 2 and classes > 1:
                    raise Mistake("label-one-hot-of-batch", mistake.seen) from None
                raise
        network(rows[:1])  # squeeze takes a dimension from a batch of one

    @idea("encode depends on images and labels, each class in its own way", random=True)
    def encoder(
        self,
        answer: Any,
        *,
        batch: int = 61,
        pixels: int = 11,
        classes: int = 43,
        latent: int = 37,
        hidden: int = 127,
    ) -> None:
        """Both heads are nonlinear in x and see every pixel, go beyond +-15, are two, and pass
        gradients to all weights (see vae_checks.networks and .heads); labels by
        `expect_labels_used`."""
        module = networks.build(self.name, answer, _sizes(pixels, classes, latent, hidden))
        x = grey_images(batch, pixels)
        network, rows = _working(module, "encode", _labelled(x, classes), latent, pixels)
        expect_labels_used(network, _HEADS, x[:5], classes, "label-not-in-encoder")
        one_class, x = _of_one_class(network, "encode", x, latent, pixels)
        networks.expect_nonlinear(one_class, _HEADS, x)
        networks.expect_all_inputs(one_class, _HEADS, x)
        with networks.in_training(one_class):
            networks.expect_nonlinear(one_class, _HEADS, x)
        slugs = ("output-positive", "logvar-positive")
        heads.expect_unbounded(network, rows, _HEADS, reach=15, positive=slugs)
        with networks.in_training(network):
            heads.expect_unbounded(network, rows, _HEADS, reach=_REACH_IN_TRAINING, positive=slugs)
        mu, logvar = heads.outputs(network, rows)
        heads.expect_two_heads(mu, logvar)
        for value, name in ((mu, "mu"), (logvar, "logvar")):
            heads.expect_apart(value, name)
        heads.expect_gradients(network, _HEADS, rows)

    @idea("decode depends on codes and labels, each class in its own way: logits", random=True)
    def decoder(
        self,
        answer: Any,
        *,
        batch: int = 61,
        pixels: int = 37,
        classes: int = 43,
        latent: int = 5,
        hidden: int = 29,
    ) -> None:
        """The logits are nonlinear in z and see all of it, go beyond +-40 and pass gradients to
        all weights and to z; labels by `expect_labels_used`."""
        module = networks.build(self.name, answer, _sizes(pixels, classes, latent, hidden))
        z = normal(batch, latent)
        network, rows = _working(module, "decode", _labelled(z, classes), latent, pixels)
        expect_labels_used(network, _DECODED, z[:5], classes, "label-not-in-decoder")
        one_class, z = _of_one_class(network, "decode", z, latent, pixels)
        networks.expect_nonlinear(one_class, ("logits",), z)
        networks.expect_all_inputs(one_class, _DECODED, z)
        with networks.in_training(one_class):
            networks.expect_nonlinear(one_class, ("logits",), z)
        slugs = ("output-positive",)
        heads.expect_unbounded(network, rows, _DECODED, reach=40, positive=slugs)
        with networks.in_training(network):
            heads.expect_unbounded(
                network, rows, _DECODED, reach=_REACH_IN_TRAINING, positive=slugs
            )
        (value,) = heads.outputs(network, rows)
        heads.expect_apart(value, "logits")
        heads.expect_gradients(network, _DECODED, rows)
        z = z.requires_grad_()
        (value,) = one_class(z)
        weighted = (value * normal(*value.shape).to(value.dtype)).sum()
        (slope,) = torch.autograd.grad(weighted, z, allow_unused=True)
        if slope is None or not slope.any():
            raise Mistake("detached", "No gradient of the logits reaches z.")


def _sizes(pixels: int, classes: int, latent: int, hidden: int) -> dict[str, int]:
    return {"pixels": pixels, "classes": classes, "latent_dim": latent, "hidden": hidden}


def _inputs(which: str, batch: int, size: int) -> Tensor:
    return grey_images(batch, size) if which == "encode" else normal(batch, size)


def _labelled(x: Tensor, classes: int) -> Tensor:
    """Rows (B, n + 1): those of x (B, n), and in the last column a class, all in turn."""
    return torch.cat([x, (torch.arange(len(x)) % classes)[:, None].to(x.dtype)], dim=1)


def _outputs(
    which: str, latent: int, pixels: int, label: int | None = None, *, finite: bool = True
) -> networks.Outputs:
    """What encode or decode returns for rows whose last column is the class, or all of `label`."""
    expect = _expect_finite if finite else networks.expect_output

    def outputs(module: Any, rows: Tensor) -> list[Tensor]:
        inputs = rows if label is not None else rows[:, :-1]
        y = torch.full((len(rows),), label) if label is not None else rows[:, -1].long()
        what, method = f"{which}(...)", getattr(module, which, None)
        if method is None:
            raise Mistake("label-no-method", f"ConditionalVAE(...) has no method {which}.")
        value = call(which, method, {"x" if which == "encode" else "z": inputs, "y": y})
        if which == "decode":
            return [expect(value, (len(rows), pixels), what)]
        if torch.is_tensor(value) and value.ndim == 2 and value.shape[1] == 2 * latent != len(rows):
            seen = f"{what} is {describe(value)}."
            raise Mistake("wrong-type", seen, "Return the pair (mu, logvar).")
        parts = expect_pair(value, what, _HEADS)
        return [expect(part, (len(rows), latent), n) for part, n in zip(parts, _HEADS, strict=True)]

    return outputs


def _expect_finite(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    return expect_single(expect_tensor(value, shape, what), what)


def _working(
    module: Any, which: str, rows: Tensor, latent: int, pixels: int
) -> tuple[networks.Network, Tensor]:
    outputs = _outputs(which, latent, pixels, finite=False)
    other, size_in = ("decode", latent) if which == "encode" else ("encode", pixels)
    with contextlib.suppress(Mistake):  # what is wrong with the other method is another idea's
        _outputs(other, latent, pixels)(module, _labelled(_inputs(other, 2, size_in), 2).float())
    network, rows = networks.working(module, outputs, rows)
    # A frozen identity is a one-hot vector by another name: no weight that anyone would train.
    state = module.state_dict(keep_vars=True)
    fixed = {key for key, each in state.items() if not each.requires_grad and _is_identity(each)}
    return network._replace(buffers=network.buffers | fixed), rows


def _is_identity(value: Tensor) -> bool:
    square = value.ndim == 2 and value.shape[0] == value.shape[1]
    return square and torch.equal(value.detach(), torch.eye(len(value), dtype=value.dtype))


def _of_one_class(
    network: networks.Network, which: str, x: Tensor, latent: int, pixels: int
) -> tuple[networks.Network, Tensor]:
    """The same network as a function of images, or of codes, alone: all of class 1."""
    return network._replace(outputs=_outputs(which, latent, pixels, 1, finite=False)), x.float()


def _called(module: Any, pixels: int, classes: int, latent: int) -> None:
    """Once, both methods, as the notebook does: lazy layers have their weights then."""
    for which, size_in in (("encode", pixels), ("decode", latent)):
        rows = _labelled(_inputs(which, classes, size_in), classes)
        _outputs(which, latent, pixels, finite=False)(module, rows.float())


def _count(module: Any) -> int:
    return sum(value.numel() for value in module.state_dict().values())


def _works_at_default_sizes(module_class: Any) -> bool:
    """Do its methods compute something from images and codes of the lab's own sizes?"""
    try:
        module = networks.build("", module_class, {})
        for which, size_in in _default_inputs():
            inputs = _inputs(which, 10, size_in).float()
            call("", getattr(module, which), {"x": inputs, "y": torch.arange(10)})
    except (Mistake, AttributeError):
        return False
    return True


def _default_inputs() -> Sequence[tuple[str, int]]:
    return (("encode", 784), ("decode", 20))


conditional_vae = _ConditionalVAE()
