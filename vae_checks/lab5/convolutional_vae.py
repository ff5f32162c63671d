"""A VAE of convolutions: sizes, outputs, and weights that all places of an image share."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks import heads, networks
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, normal
from vae_checks.values import expect_pair, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call

_LOOKS = 6


class _ConvVAE(Exercise):
    name, section = "ConvVAE", "2.1"

    @idea("codes and logits of every size, each of them any real number", random=True)
    def outputs(self, answer: Any, *, side: int = 8, channels: int = 3, latent: int = 5) -> None:
        """Shapes for this side and others, for one image and for no default but side, channels
        and latent_dim; mu and logvar beyond +-15, logits beyond +-40, none tied to another, by a
        nonlinear network whose weights all get gradients: see `heads` and `networks`, by which a
        right answer fails with probability below 1e-11."""
        with self._sizes_named(answer):
            for sizes in ((side, channels, latent), (side + 4, 1, 2), (28, 1, 20)):
                self._expect_sizes(answer, *sizes)
            encoder, decoder = self._networks(answer, side, channels, latent)
        pixels = channels * side**2
        self._expect_codes(encoder, grey_images(29, pixels).float())
        self._expect_logits(decoder, normal(29, latent).float())

    @idea("weights that meet pixels are shared by all places, and places are told apart")
    def shared(self, answer: Any, *, side: int = 8, channels: int = 1, latent: int = 3) -> None:
        """A weight whose shape depends on the channels of the image has the same shape for another
        side; every pixel moves a code, and every code pixels; a spot at another place has another
        code, under six draws of the weights (by chance for none of them: below 1e-15)."""
        given = {}
        for key, sizes in {
            "small": (side, channels),
            "wide": (side, channels + 2),
            "large": (side + 4, channels),
        }.items():
            with self._sizes_named(answer):
                module = networks.build(self.name, answer, _sizes(*sizes, latent))
                _encode(*sizes, latent)(module, grey_images(2, sizes[1] * sizes[0] ** 2).float())
                _decode(*sizes)(module, normal(2, latent).float())
            given[key] = {name: tuple(w.shape) for name, w in module.state_dict().items()}
        self._expect_shared(given, (side, side + 4))
        encoder, decoder = self._networks(answer, side, channels, latent)
        x, z = grey_images(5, channels * side**2).float(), normal(5, latent).float()
        networks.expect_all_inputs(encoder, ("mu", "logvar"), x)
        networks.expect_all_inputs(decoder, ("logits",), z)
        large = 10 * (side // 2)
        encoder, _ = self._networks(answer, large, channels, latent)
        self._expect_places(encoder, large, channels)

    def _expect_sizes(self, answer: Any, side: int, channels: int, latent: int) -> None:
        sizes, pixels = _sizes(side, channels, latent), channels * side**2
        made = (
            ({}, {}) if (side, channels, latent) == (28, 1, 20) else (sizes, sizes)
        )  # the defaults, which the last of them are
        for outputs, inputs in (
            (_encode(side, channels, latent), grey_images(3, pixels)),
            (_decode(side, channels), normal(3, latent)),
        ):
            modules = [networks.build(self.name, answer, each) for each in made]
            network, inputs = networks.working(modules[0], outputs, inputs)
            network(inputs[:1])
            names = ("mu", "logvar") if outputs.__name__ == "encode" else ("logits",)
            networks.expect_rows_apart(network, names, inputs)
            if side != 28:
                whole = self._both(side, channels, latent)
                first, x = networks.working(modules[0], whole, grey_images(3, pixels))
                networks.expect_registered(self.name, first, modules[1], x)

    def _both(self, side: int, channels: int, latent: int) -> networks.Outputs:
        """encode, and decode of the means: what all weights of a module together compute."""
        encode, decode = _encode(side, channels, latent), _decode(side, channels)

        def outputs(module: Any, x: Tensor) -> list[Tensor]:
            mu, logvar = encode(module, x)
            return [mu, logvar, *decode(module, mu.detach())]

        return outputs

    def _networks(
        self, answer: Any, side: int, channels: int, latent: int
    ) -> tuple[networks.Network, networks.Network]:
        sizes, pixels = _sizes(side, channels, latent), channels * side**2
        encode = _encode(side, channels, latent, finite=False)
        decode = _decode(side, channels, finite=False)
        both = (networks.build(self.name, answer, sizes) for _ in range(2))
        encoder, _ = networks.working(next(both), encode, grey_images(2, pixels))
        decoder, _ = networks.working(next(both), decode, normal(2, latent))
        return encoder, decoder

    @contextlib.contextmanager
    def _sizes_named(self, answer: Any) -> Iterator[None]:
        """What does not work at other sizes, and does at the default ones, is told so."""
        try:
            yield
        except Mistake as mistake:
            if mistake.slug not in ("raised", "wrong-shape"):
                raise
            with contextlib.suppress(Mistake):
                module = networks.build(self.name, answer, {})
                _encode(28, 1, 20)(module, grey_images(2, 784).float())
                _decode(28, 1)(module, normal(2, 20).float())
                mistake = Mistake("hard-coded-size", mistake.seen)
            raise mistake from None

    def _expect_codes(self, encoder: networks.Network, x: Tensor) -> None:
        names = ("mu", "logvar")
        positive = ("output-positive", "logvar-positive")
        networks.expect_nonlinear(encoder, names, x)
        try:
            heads.expect_unbounded(encoder, x, names, reach=15, positive=positive)
        except Mistake as mistake:
            for value, slug in zip(heads.outputs(encoder, x, size=1.0), positive, strict=True):
                if value.min() > 0:  # an exp of large numbers is 0 or infinite, of small ones not
                    raise Mistake(slug, mistake.seen) from None
            raise
        mu, logvar = heads.outputs(encoder, x)
        heads.expect_two_heads(mu, logvar)
        for value, name in ((mu, "mu"), (logvar, "logvar")):
            heads.expect_apart(value, name)
        heads.expect_gradients(encoder, names, x)

    def _expect_logits(self, decoder: networks.Network, z: Tensor) -> None:
        names = ("logits",)
        networks.expect_nonlinear(decoder, names, z)
        heads.expect_unbounded(decoder, z, names, reach=40, positive=("output-positive",))
        (value,) = heads.outputs(decoder, z)
        heads.expect_apart(value, "logits")
        heads.expect_gradients(decoder, names, z)

    def _expect_shared(
        self, given: dict[str, dict[str, tuple[int, ...]]], sides: tuple[int, int]
    ) -> None:
        small, wide, large = given["small"], given["wide"], given["large"]
        if not small:
            raise Mistake("layers-not-registered", f"{self.name}(...).state_dict() is empty.")
        meets = [key for key, shape in small.items() if wide.get(key) != shape]
        if not meets:
            raise Mistake("conv-channels-ignored", "No weight changes its shape with `channels`.")
        for key in meets:
            if large.get(key) != small[key]:
                seen = f"{key} is {small[key]} for side={sides[0]}, {large.get(key)} for "
                raise Mistake("conv-fully-connected", f"{seen}side={sides[1]}.")

    def _expect_places(self, encoder: networks.Network, side: int, channels: int) -> None:
        """Raise Mistake when a spot in the middle of an image has the same code elsewhere: moved by
        4 pixels, as a code that averages over places has it, whose borders are far away."""
        spots = torch.zeros(2, channels, side, side)
        patch = grey_images(channels, 4).view(channels, 2, 2).float()
        for spot, at in zip(spots, (side // 2 - 4, side // 2), strict=True):
            spot[:, at : at + 2, at : at + 2] = patch
        for _ in range(_LOOKS):
            networks.randomize(encoder)
            for value in encoder(spots.flatten(1)):
                value = value.detach()
                if not value.isfinite().all():
                    return  # the business of another idea
                if (value[0] - value[1]).abs().max() > 1e-4 * value.abs().max():
                    return
        seen = "A spot has the same code wherever in the image it stands."
        raise Mistake("conv-place-lost", seen)


def _sizes(side: int, channels: int, latent: int) -> dict[str, int]:
    return {"side": side, "channels": channels, "latent_dim": latent}


def _encode(side: int, channels: int, latent: int, *, finite: bool = True) -> networks.Outputs:
    """module.encode of images that come as rows; mu and logvar."""
    expect = _expect_finite if finite else networks.expect_output

    def encode(module: Any, x: Tensor) -> list[Tensor]:
        method = _method(module, "encode")
        value = call("encode", method, {"x": x.view(-1, channels, side, side)})
        if torch.is_tensor(value) and value.ndim == 2 and value.shape[1] == 2 * latent != len(x):
            seen = f"encode(x) is one tensor of shape {tuple(value.shape)}."
            raise Mistake("one-output", seen, "Return the pair (mu, logvar).")
        parts = expect_pair(value, "encode(x)", ("mu", "logvar"))
        pairs = zip(parts, ("mu", "logvar"), strict=True)
        return [expect(part, (len(x), latent), name) for part, name in pairs]

    return encode


def _decode(side: int, channels: int, *, finite: bool = True) -> networks.Outputs:
    """module.decode, its images as rows."""
    expect = _expect_finite if finite else networks.expect_output

    def decode(module: Any, z: Tensor) -> list[Tensor]:
        value = call("decode", _method(module, "decode"), {"z": z})
        shape = (len(z), channels, side, side)
        if torch.is_tensor(value) and tuple(value.shape) == (len(z), channels * side**2):
            seen = f"decode(z) has shape {tuple(value.shape)}, it should be {shape}."
            raise Mistake("conv-flat-images", seen)
        return [expect(value, shape, "decode(z)").flatten(1)]

    return decode


def _method(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise Mistake("conv-no-method", f"ConvVAE(...) has no method {name}.")
    return getattr(module, name)


def _expect_finite(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    return expect_single(expect_tensor(value, shape, what), what)


conv_vae = _ConvVAE()
