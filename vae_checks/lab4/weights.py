"""Importance weights log p(x, z) - log q(z|x), K for each image, of codes drawn from q."""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab1 import oracle
from vae_checks.lab1.moments import expect_standard_noise, name_known_stretch
from vae_checks.lab1.recorder import expect_double_digits
from vae_checks.lab4.recorded_model import RecordedModel
from vae_checks.statistics import same_draws
from vae_checks.values import close, expect_equal, expect_exact, expect_tensor
from vae_checks.verdict import Mistake, call
from vae_helpers.linear_gaussian import LinearGaussian


class _LogWeights(Exercise):
    name, section = "log_weights", "1.1"

    @idea("with q equal to the posterior every weight is p(x), whatever was drawn")
    def every_draw(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Each of K x B log weights is log p(x) to 1e-10: log p(x, z) - log p(z|x) is constant.

        The posterior is diagonal because W has orthogonal columns; needs pixels >= latent.
        """
        linear, x = oracle.factorized_model(pixels, latent), spread(batch, pixels)
        mu, logvar = oracle.diagonal_posterior(linear, x)
        for number in (samples, 1):
            value, model = self._weights(answer, linear, x, mu, logvar, number)
            model.seen.require_distinct(number, "no-noise", mu)
            truth = linear.log_evidence(x).expand(number, batch)
            wrong = _wrong_weights(model, mu, logvar, number)
            with _other_codes_named(value, model, logvar, number):
                expect_exact(_in_order(value), truth, "log_w (q is the posterior)", wrong, "nats")

    @idea(
        "log p(x, z) - log q(z|x) at each of the codes that were drawn",
        also=[
            {"batch": 4, "latent": 4, "pixels": 4, "samples": 4},
            {"batch": 1, "latent": 1, "pixels": 1, "samples": 1},
        ],
    )
    def value(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """Exact for whatever codes came, if they lie about as wide as q, for logvar in
        +-[0.3, 0.9], +-[4, 6] and +-[11, 13]; and near 900 nats, as a density's log weights may be.

        The weights of an image are compared in the order of their size: in which order an answer
        draws is its own affair. Needs pixels >= latent.
        """
        for low, high, level in ((0.3, 0.9, 0), (0.3, 0.9, 900), (4.0, 6.0, 0), (11.0, 13.0, 0)):
            linear, x = oracle.mild_model(pixels, latent), spread(batch, pixels)
            mu, logvar = spread(batch, latent), spread(batch, latent, low=low, high=high)
            value, model = self._weights(answer, linear, x, mu, logvar, samples, level)
            model.seen.require_distinct(samples, "no-noise", mu)
            at_mean = (model.seen.codes(samples) - mu[:, None]).abs().amax(-1) < 1e-12  # (B, K)
            if at_mean.any():
                seen = f"{int(at_mean.sum())} of {at_mean.numel()} codes are mu itself."
                raise Mistake("bug-mean-decoded", seen)
            _expect_scale(model.seen.codes(samples), mu, logvar)
            truth = _log_weights(model, mu, logvar, samples).sort(0).values
            wrong = _wrong_weights(model, mu, logvar, samples)
            try:
                with _other_codes_named(value, model, logvar, samples):
                    expect_exact(_in_order(value), truth, "log_w, sorted,", wrong, "nats")
            except Mistake as mistake:
                # What is right for small logvar and wrong here was clamped.
                if low > 1 and mistake.slug in ("wrong-value", "not-exact", "weight-two-codes"):
                    raise Mistake("std-clipped", mistake.seen) from None
                raise

    @idea("the codes come from q(z|x), new ones for every image and every call", random=True)
    def samples(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 701
    ) -> None:
        """eps = (z - mu) / sigma by `expect_standard_normal`, n = batch * samples * latent numbers.

        What the answer makes of its codes is the business of `value`. Power: a variance that is off
        by a third, shared or frozen noise are found with probability above 0.999. False alarm:
        below 1e-7.
        """
        linear, x = oracle.fresh_model(pixels, latent), spread(batch, pixels)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        drawn = []
        for _ in range(2):
            value, model = self._weights(answer, linear, x, mu, logvar, samples)
            drawn.append(model.seen.codes(samples))
        z = drawn[0]
        eps = (z - mu[:, None]) / torch.exp(logvar / 2)[:, None]  # (B, K, D)
        if not eps.std(1).gt(1e-9).any():
            slug = "evidence-one-code" if eps.abs().max() > 1e-6 else "no-noise"
            raise Mistake(slug, "All samples of an image are the same code.")
        if any(len(image.unique(dim=0)) < samples for image in z):
            raise Mistake("evidence-repeated-codes", "Some codes of an image are the same.")
        name_known_stretch(z, mu, logvar)
        expect_double_digits(eps, "The noise")
        if same_draws(eps[0], eps[1]):
            raise Mistake("noise-shared-batch", "The noise of images 0 and 1 is the same.")
        expect_standard_noise(eps, z, mu, logvar)
        if close(drawn[0], drawn[1]):
            raise Mistake("noise-frozen", "Two calls use the same codes.")
        rises = expect_tensor(value, (samples, batch), "log_w").detach().diff(dim=0) >= 0
        if (rises.all(0) | (~rises).all(0)).any():
            raise Mistake(
                "weight-sorted", "The weights of an image rise or fall from first to last."
            )

    @idea("right in float32 as well, the type of the notebook's model")
    def single(
        self, answer: Any, *, batch: int = 3, latent: int = 5, pixels: int = 7, samples: int = 4
    ) -> None:
        """To 1e-4 of the largest, in float32, for images, mu and logvar in float32; near -20 nats,
        so that what happens to weights above 1 is left to `value`."""
        linear, x = oracle.mild_model(pixels, latent), spread(batch, pixels).float()
        mu, logvar = spread(batch, latent).float(), spread(batch, latent, high=0.9).float()
        value, model = self._weights(answer, linear, x, mu, logvar, samples, level=-20)
        truth = _log_weights(model, mu, logvar, samples).sort(0).values
        value = expect_tensor(value, (samples, batch), "log_w")
        if value.dtype != torch.float32:
            seen = f"log_w is {value.dtype}, images, mu and logvar are torch.float32."
            raise Mistake("weight-dtype", seen)
        wrong = _wrong_weights(model, mu, logvar, samples)
        with _other_codes_named(value, model, logvar, samples):
            expect_equal(_in_order(value), truth.float(), "log_w, sorted,", wrong, "nats")

    def _weights(
        self,
        answer: Any,
        linear: LinearGaussian,
        x: Tensor,
        mu: Tensor,
        logvar: Tensor,
        samples: int,
        level: float = 0,
    ) -> tuple[Any, RecordedModel]:
        def density(x: Tensor, z: Tensor) -> Tensor:
            found = oracle.log_likelihood(linear, x.double(), z.double())
            return (found + oracle.log_prior(z.double()) + level).to(x.dtype)

        model = RecordedModel(x, mu, logvar, density)
        arguments: dict[str, Any] = {"model": model, "x": x, "num_samples": samples}
        return call(self.name, answer, arguments), model


@contextlib.contextmanager
def _other_codes_named(
    value: Any, model: RecordedModel, logvar: Tensor, samples: int
) -> Iterator[None]:
    """An unexplained value is told apart if what was subtracted could be log q at other codes.

    Then it lies below the peak of log q, by half a chi-square with a degree for each dimension.
    """
    try:
        yield
    except Mistake as mistake:
        joint = model.seen.values(samples).double().T  # (K, B)
        if mistake.slug != "wrong-value" or value.shape != joint.shape:
            raise
        peak = -0.5 * (oracle.LOG_2PI + logvar.double()).sum(-1)
        below = peak - (joint - value.detach().double())
        latent = logvar.shape[1]
        if below.min() < 0 or not 0.1 * latent < below.mean() < 1.5 * latent:
            raise
        raise Mistake("weight-two-codes", mistake.seen) from None


def _expect_scale(codes: Tensor, mu: Tensor, logvar: Tensor) -> None:
    """Raise Mistake if the codes (B, K, D) are far from as wide as q: something was added to sigma.

    Of the mean square of 60 numbers or more, none of which stands for several codes (`samples` says
    so): outside of 0.2 to 3 below 1e-12 for right ones.
    """
    off, std = codes - mu[:, None], torch.exp(logvar / 2)[:, None]
    several = (off / std).flatten().sort().values.diff() < 1e-9
    if off.numel() < 60 or several.any() or _is_of_size(off, std):
        return
    seen = f"Where sigma is near {std.mean():.2g} the mean square of (z - mu) / sigma is "
    seen += f"{(off / std).square().mean():.3g}, it should be near 1."
    if _is_of_size(codes, torch.ones_like(std)):
        raise Mistake("bound-samples-prior", seen)
    for slug, other in (("std-is-variance", std**2), ("std-inverse", 1 / std)):
        if _is_of_size(off, other):
            raise Mistake(slug, seen)
    raise Mistake("std-clipped", seen)


def _is_of_size(off: Tensor, std: Tensor) -> bool:
    return 0.2 < (off / std).square().mean().item() < 3


def _in_order(value: Any) -> Any:
    """The samples of each image by size, where there are such."""
    good = torch.is_tensor(value) and value.ndim == 2 and value.is_floating_point()
    return value.sort(0).values if good and value.device.type == "cpu" else value


def _log_weights(model: RecordedModel, mu: Tensor, logvar: Tensor, samples: int) -> Tensor:
    codes, joint = model.seen.codes(samples).double(), model.seen.values(samples).double()
    log_q = oracle.log_q(codes, mu[:, None].double(), logvar[:, None].double())
    return (joint - log_q).T  # (K, B)


def _mixed_rows(codes: Tensor, joint: Tensor, mu: Tensor, logvar: Tensor) -> Iterator[Tensor]:
    """Weights (K, B), sorted, where row r of z met row r of images in another order.

    z (K, B, D) goes through the samples image by image, repeat_interleave through the images sample
    by sample, or the reverse: log q is then that of the image that the code was drawn for.
    """
    batch, samples = joint.shape
    image, sample = torch.arange(batch)[:, None], torch.arange(samples)
    for own, is_interleaved in (
        ((image * samples + sample) % batch, True),
        ((sample * batch + image) // samples, False),
    ):
        found = joint - oracle.log_q(codes, mu[own], logvar[own])
        flat = (found if is_interleaved else found.mT).flatten()
        yield flat.view(samples, batch).sort(0).values
        yield flat.view(batch, samples).mT.sort(0).values


def _wrong_weights(
    model: RecordedModel, mu: Tensor, logvar: Tensor, samples: int
) -> list[tuple[str, Tensor]]:
    """Wrong weights (K, B), sorted as right ones are, and some of other shapes."""
    mu, logvar = mu.double(), logvar.double()
    codes, joint = model.seen.codes(samples).double(), model.seen.values(samples).double()
    latent = mu.shape[1]
    log_q = oracle.log_q(codes, mu[:, None], logvar[:, None])  # (B, K)
    prior, right = oracle.log_prior(codes), joint - log_q
    entropy = oracle.entropy(logvar)[:, None]
    kl = oracle.cross_entropy(mu, logvar)[:, None] - entropy
    half = 0.5 * logvar.sum(-1)[:, None]
    constant = 0.5 * latent * oracle.LOG_2PI
    squares = 0.5 * ((codes - mu[:, None]) ** 2 * torch.exp(-logvar)[:, None]).sum(-1)
    wrong = [
        ("weight-no-proposal", joint),
        ("weight-sign", joint + log_q),
        ("weight-upside-down", -right),
        ("weight-only-proposal", -log_q),
        ("weight-prior-for-q", joint - prior),
        ("weight-no-prior", joint - prior - log_q),
        ("weight-prior-twice", right + prior),
        ("weight-kl-for-log-q", joint - kl),
        ("weight-kl-for-log-q", joint - prior - kl),
        ("weight-kl-for-log-q", right - kl),
        ("weight-entropy-for-log-q", joint + entropy),
        ("weight-at-mean", joint + half + constant),
        ("density-constant", right - constant),
        ("density-constant", right + constant),
        ("density-constant", right - constant + 0.5 * oracle.LOG_2PI),
        ("density-no-log-scale", right - half),
        ("density-log-scale-sign", right - 2 * half),
        ("density-log-sigma-factor", right + half),
        ("density-unnormalized", right - half - constant),
        ("density-no-half", right + squares),
        ("density-mean", joint - log_q / latent),
        ("weight-scale", joint - oracle.log_q(codes, mu[:, None], 2 * logvar[:, None])),
        ("weight-scale", joint - oracle.log_q(codes, mu[:, None], logvar[:, None] / 2)),
        ("weight-scale", joint - oracle.log_q(codes, mu[:, None], -logvar[:, None])),
        ("weight-normalized", right - right.logsumexp(1, keepdim=True)),
        ("weight-normalized", right - right.amax(1, keepdim=True)),
        ("weight-not-logged", right.exp()),
    ]
    shaped = [(slug, each.T.sort(0).values) for slug, each in wrong]
    if samples == 1:  # a mean, a sum or a bound of one weight is that weight
        return shaped
    return [
        *shaped,
        *(("weight-rows-mixed", each) for each in _mixed_rows(codes, joint, mu, logvar)),
        ("weight-averaged", right.mean(1)),
        ("weight-averaged", right.sum(1)),
        ("weight-averaged", right.logsumexp(1) - math.log(samples)),
        ("weight-averaged", right.logsumexp(1)),
    ]


log_weights = _LogWeights()
