"""The VAE as a Pyro program: decoder in the model, encoder in the guide."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import fresh_generator, spread, true_nll
from vae_checks.lab1 import oracle
from vae_checks.lab6 import examples
from vae_checks.lab6.programs import (
    Sites,
    expect_gradients,
    expect_registered,
    gradients,
    run,
)
from vae_checks.misread import arguments_named
from vae_checks.statistics import expect_standard_normal
from vae_checks.values import Candidates, close, expect_equal, expect_tensor
from vae_checks.verdict import Mistake

_PLATE = "images"


class _Program(Exercise):
    """What model and guide have: the arguments (x, encoder, decoder, latent_dim)."""

    def _run(
        self, answer: Any, x: Tensor, networks: _Networks, latent: int, z: Tensor | None = None
    ) -> Sites:
        arguments = self._arguments(x, networks, latent)
        return run(self.name, answer, arguments, None if z is None else {"z": z})

    def _arguments(self, x: Tensor, networks: _Networks, latent: int) -> dict[str, Any]:
        return {
            "x": x, "encoder": networks.encoder, "decoder": networks.decoder, "latent_dim": latent
        }  # fmt: skip

    def _expect_trained(self, answer: Any, arguments: dict[str, Any], network: str) -> None:
        """Raise Mistake unless exactly this network's parameters are registered, as "encoder" or
        "decoder"."""
        pixels, latent = arguments["x"].shape[1], arguments["latent_dim"]
        own = examples.network_weights(pixels, latent)[network]
        wanted = {f"{network}$$${key}": key for key in own}
        expect_registered(self.name, answer, arguments, arguments[network], wanted)

    def _expect_z(self, found: Sites, batch: int, latent: int) -> None:
        shape, events = tuple(found["z"]["value"].shape), found["z"]["event_dims"]
        if shape != (batch, latent):
            seen = f"Site 'z' has the shape {shape}, not {(batch, latent)}."
            raise Mistake("site-shape", seen)
        if events != 1:
            seen = f"A z has {events} event dimensions: its log_prob has the shape"
            seen += f" {tuple(found['z']['log_prob'].shape)}, it should be {(batch,)}."
            raise Mistake("program-no-event", seen)
        found.require_plate("z", _PLATE)
        found.require_full_weight("z")


class _Model(_Program):
    name, section = "vae_model", "2.1"

    @idea("sites z and x in one plate over images, each image's vector one event")
    def sites(self, answer: Any, *, batch: int = 3, pixels: int = 7, latent: int = 5) -> None:
        """z latent, x observed; shapes (B, D) and (B, P), log probabilities (B,); a plate named
        "images". The decoder's parameters are registered as "decoder"."""
        networks, x = _Networks(pixels, latent), _tossed(batch, pixels)
        found = self._run(answer, x, networks, latent)
        found.require_names(["z"], ["x"])
        self._expect_z(found, batch, latent)
        if found["x"]["event_dims"] != 1:
            seen = f"An x has {found['x']['event_dims']} event dimensions, it should have 1."
            raise Mistake("program-no-event", seen)
        found.require_plate("x", _PLATE)
        found.require_full_weight("x")
        self._expect_trained(answer, self._arguments(x, networks, latent), "decoder")

    @idea(
        "the prior of z is N(0, I)",
        random=True,
        also=[{"batch": 5, "latent": 5}, {"batch": 1, "latent": 1}],
    )
    def prior(self, answer: Any, *, batch: int = 3, pixels: int = 7, latent: int = 5) -> None:
        """log p(z) of each image at codes of the check's; z drawn for 2,003 images, in the dtype of
        x, by `expect_standard_normal`, twice. False alarm: below 1e-6."""
        z = spread(batch, latent)
        found = self._run(answer, _tossed(batch, pixels), _Networks(pixels, latent), latent, z)
        value = found.log_prob("z", (batch,))
        wrong = [("program-prior", oracle.log_normal(z, 2 * math.log(s)).sum(-1))
                 for s in (0.1, 0.5, 2.0, 10.0)]  # fmt: skip
        with arguments_named(value, oracle.log_prior, {"z": z}):
            expect_equal(value, oracle.log_prior(z), "log p(z)", wrong, "nats")
        networks, x, before = _Networks(pixels, latent), _tossed(2003, pixels), torch.zeros(())
        for _ in range(2):
            drawn = self._run(answer, x, networks, latent)["z"]["value"].detach()
            drawn = expect_tensor(drawn, (2003, latent), "Site 'z'")
            if drawn.dtype != x.dtype:
                seen = f"z is {drawn.dtype}, the images are {x.dtype}."
                raise Mistake("program-dtype", seen)
            if close(drawn, before):
                raise Mistake("noise-frozen", "Two runs of the model draw the same z.")
            expect_standard_normal(drawn, "z without a guide")
            before = drawn

    @idea(
        "the likelihood is that of the decoder's logits",
        also=[{"batch": 5, "pixels": 5, "latent": 5}, {"batch": 1, "pixels": 1, "latent": 1}],
    )
    def likelihood(self, answer: Any, *, batch: int = 3, pixels: int = 7, latent: int = 5) -> None:
        """log p(x|z) of each image at codes of the check's, for images of zeros and ones."""
        networks, x, z = _Networks(pixels, latent), _tossed(batch, pixels), spread(batch, latent)
        found = self._run(answer, x, networks, latent, z)
        value = found.log_prob("x", (batch,))
        logits = networks.own_decoder(z).detach()
        wrong = [*_wrong_likelihoods(logits, x), *_wrong_codes(networks.own_decoder, z, x)]
        with arguments_named(value, _log_likelihood, {"logits": logits, "x": x}):
            expect_equal(value, _log_likelihood(logits, x), "log p(x|z)", wrong, "nats")
        weights = spread(batch)
        arguments, of = self._arguments(x, networks, latent), ("x", "log_prob")
        _, by = gradients(self.name, answer, arguments, of, weights, {"z": z}, networks.decoder)
        leaf = z.clone().requires_grad_()
        total = (weights * _log_likelihood(networks.own_decoder(leaf), x)).sum()
        parameters = {"z": leaf} | dict(networks.own_decoder.named_parameters())
        expect_gradients(by, _slopes(total, parameters), "log p(x|z)")


class _Guide(_Program):
    name, section = "vae_guide", "2.1"

    @idea("one site z in the plate over images, each image's vector one event")
    def sites(self, answer: Any, *, batch: int = 3, pixels: int = 7, latent: int = 5) -> None:
        """z of shape (B, D), log probabilities (B,), a plate named "images"; no other site. The
        encoder's parameters are registered as "encoder"."""
        networks, x = _Networks(pixels, latent), _tossed(batch, pixels)
        found = self._run(answer, x, networks, latent)
        found.require_names(["z"])
        self._expect_z(found, batch, latent)
        self._expect_trained(answer, self._arguments(x, networks, latent), "encoder")

    @idea(
        "z has the Gaussian of the encoder's mu and logvar",
        also=[{"batch": 5, "pixels": 5, "latent": 5}, {"batch": 1, "pixels": 1, "latent": 1}],
    )
    def density(self, answer: Any, *, batch: int = 3, pixels: int = 7, latent: int = 5) -> None:
        """log q(z|x) of each image at codes of the check's."""
        networks, x, z = _Networks(pixels, latent), _tossed(batch, pixels), spread(batch, latent)
        found = self._run(answer, x, networks, latent, z)
        found.require_density("z")
        value = found.log_prob("z", (batch,))
        mu, logvar = (each.detach() for each in networks.own_encoder(x))
        arguments = {"z": z, "mu": mu, "logvar": logvar}
        wrong = _wrong_guides(**arguments)
        with arguments_named(value, oracle.log_q, arguments):
            expect_equal(value, oracle.log_q(**arguments), "log q(z|x)", wrong, "nats")

    @idea("every draw is new, and passes gradients to the encoder", random=True)
    def draws(self, answer: Any, *, batch: int = 2003, pixels: int = 7, latent: int = 5) -> None:
        """(z - mu) / sigma of each image by `expect_standard_normal`, twice; the gradients of a
        weighted sum of z by the encoder's parameters. False alarm: below 1e-6."""
        networks, x = _Networks(pixels, latent), _tossed(batch, pixels)
        mu, logvar = networks.own_encoder(x)
        std = torch.exp(logvar / 2)
        weights, before = spread(batch, latent), torch.zeros(batch, latent)
        for _ in range(2):
            arguments = self._arguments(x, networks, latent)
            z, by = gradients(
                self.name, answer, arguments, ("z", "value"), weights, None, networks.encoder
            )
            z = expect_tensor(z, (batch, latent), "Site 'z'")
            eps = ((z - mu) / std).detach()
            if close(eps, before):
                raise Mistake("noise-frozen", "Two runs of the guide draw the same z.")
            expect_standard_normal(eps, "(z - mu) / sigma")
            total = (weights * (mu + std * eps)).sum()
            parameters = dict(networks.own_encoder.named_parameters())
            expect_gradients(by, _slopes(total, parameters), "a drawn z")
            before = eps


class _Networks:
    """A small encoder and decoder where the answer lives, and the same ones here."""

    def __init__(self, pixels: int, latent: int) -> None:
        weights = examples.network_weights(pixels, latent)
        self.encoder, self.decoder = beside("lab6.examples.networks")(weights)
        self.own_encoder, self.own_decoder = examples.networks(weights)


def _slopes(total: Tensor, by: dict[str, Tensor]) -> dict[str, Tensor]:
    found = torch.autograd.grad(total, list(by.values()), retain_graph=True)
    return dict(zip(by, found, strict=True))


def _tossed(batch: int, pixels: int) -> Tensor:
    return torch.randint(0, 2, (batch, pixels), generator=fresh_generator()).double()


def _log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    return -true_nll(logits, x)


def _wrong_likelihoods(logits: Tensor, x: Tensor) -> Candidates:
    probabilities = torch.sigmoid(logits)
    return [
        ("program-sigmoid-twice", _log_likelihood(probabilities, x)),
        ("program-mean", _log_likelihood(logits, x) / logits.shape[1]),
        ("value-negated", -_log_likelihood(logits, x)),
        ("program-gaussian", oracle.log_normal(x - probabilities, 0.0).sum(-1)),
        ("program-gaussian", oracle.log_normal(x - logits, 0.0).sum(-1)),
    ]


def _wrong_codes(decoder: Any, z: Tensor, x: Tensor) -> Candidates:
    """Where the decoder is given something else than z."""
    changed = (
        z / 2, 2 * z, -z, z.abs(), z.relu(), z.tanh(), z.sigmoid(), z.round(), z**2, z.exp(), 0 * z,
        z.clamp(min=1e-6), z.clamp(-1, 1), z.sum(0).expand_as(z), z.mean(0).expand_as(z),
        z[:1].expand_as(z), z.flip(0), z.flip(1), z + 1, z + 0.001, z + 0.01, z + 0.1,
    )  # fmt: skip
    with torch.no_grad():
        found = [_log_likelihood(decoder(each), x) for each in changed if not close(each, z)]
    return [("program-code-changed", each) for each in found]


def _wrong_guides(z: Tensor, mu: Tensor, logvar: Tensor) -> Candidates:
    return [
        ("std-is-variance", oracle.log_q(z, mu, 2 * logvar)),
        ("std-no-exp", oracle.log_q(z, mu, 2 * logvar.abs().log())),
        ("std-no-exp", oracle.log_q(z, mu, 2 * (logvar / 2).abs().log())),
        ("program-guide-is-prior", oracle.log_prior(z)),
        ("program-unit-scale", oracle.log_q(z, mu, 0 * logvar)),
        ("std-softplus", oracle.log_q(z, mu, 2 * torch.nn.functional.softplus(logvar).log())),
    ]


vae_model = _Model()
vae_guide = _Guide()
