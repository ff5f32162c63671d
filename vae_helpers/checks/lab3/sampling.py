"""Sampling from q(z|x), from the prior, and reconstruction without any noise."""

from typing import Any

import torch
from torch import Tensor, nn

from vae_helpers.checks.exercise import Exercise, idea
from vae_helpers.checks.fixtures import grey_images, normal, spread
from vae_helpers.checks.reference import wide_model
from vae_helpers.checks.statistics import expect_standard_normal
from vae_helpers.checks.values import close, expect_equal, expect_tensor
from vae_helpers.checks.verdict import Mistake, call


class _Reparameterize(Exercise):
    name, section = "reparameterize", "2.2"

    @idea("gradients pass the sample: dz/dmu = 1, dz/dlogvar = (z - mu) / 2", random=True)
    def pathwise(self, answer: Any, *, batch=3, latent=5) -> None:
        """Two identities that hold for whatever noise was drawn; no false alarms.

        They fix z = mu + c * exp(logvar / 2) with c free of mu and logvar; `noise` looks at c. The
        second holds at logvar of +-[5, 8], too, and z = mu to 1e-5 at logvar = -60. A constant of
        1e-6 added to the standard deviation is below all tolerances.
        """
        mu = spread(batch, latent).requires_grad_()
        logvar = spread(batch, latent).requires_grad_()
        z = call(self.name, answer, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(z) and z.isnan().any() and torch.equal(z.isnan(), logvar < 0):
            raise Mistake("std-square-root", "z is nan wherever logvar is negative.")
        expect_tensor(z, (batch, latent), "z")
        if close(z, mu):
            raise Mistake("no-noise", "z equals mu.")
        if not z.requires_grad:
            raise Mistake("sample-detached", "z has requires_grad=False.")
        # Random weights tell dz_i/dmu_i apart from derivatives of z_i by another image's mu.
        weight = spread(batch, latent)
        found = torch.autograd.grad((z * weight).sum(), (mu, logvar), allow_unused=True)
        by_mu, by_logvar = (_or_zero(g, mu).to(z.dtype) / weight.to(z.dtype) for g in found)
        _expect_derivatives(z.detach(), mu.detach(), logvar.detach(), by_mu, by_logvar)
        for sign in (-1, 1):
            self._expect_stretch(answer, sign * spread(batch, latent, low=5, high=8).abs())
        # So many that the largest noise is above 2.7, whatever was drawn.
        mu = torch.full((100, 20), 2.0, dtype=torch.float64)
        z = call(self.name, answer, {"mu": mu, "logvar": 0 * mu - 60})
        off = (expect_tensor(z, (100, 20), "z").detach() - 2).abs().max().item()
        if off > 1e-5:
            seen = f"At mu = 2, logvar = -60 z differs from 2 by up to {off:.2g}."
            raise Mistake("std-clipped", seen)

    def _expect_stretch(self, answer: Any, logvar: Tensor) -> None:
        logvar.requires_grad_()
        mu = spread(*logvar.shape)
        z = call(self.name, answer, {"mu": mu, "logvar": logvar})
        expect_tensor(z, tuple(mu.shape), "z")
        (found,) = torch.autograd.grad(z.sum(), logvar, allow_unused=True)
        found, half = _or_zero(found, mu).double(), (z.detach().double() - mu) / 2
        if (found - half).abs().max() > 1e-4 * half.abs().max():
            ratio = (found / half)[0, 0].item() / 2
            seen = f"At logvar = {logvar[0, 0].item():.2f} dz/dlogvar is {ratio:.4g} times z - mu,"
            raise Mistake("std-clipped", f"{seen} it should be 0.5 times.")

    @idea("the noise is N(0, 1), independent over images and latent dimensions", random=True)
    def noise(self, answer: Any, *, batch=2003, latent=5) -> None:
        """eps = z - mu at logvar = 0 by `expect_standard_normal`, n = batch * latent numbers.

        Once as in training, once under `torch.no_grad()`, as in evaluation.
        """
        for gradients, where in ((True, ""), (False, ", under torch.no_grad()")):
            mu = spread(batch, latent)
            with torch.set_grad_enabled(gradients):
                z = call(self.name, answer, {"mu": mu, "logvar": 0 * mu})
            expect_tensor(z, (batch, latent), "z")
            expect_standard_normal(z.detach().double() - mu, f"eps = z - mu (at logvar = 0{where})")

    @idea("every call draws new noise", random=True)
    def fresh(self, answer: Any, *, batch=3, latent=5) -> None:
        """Two calls with the same arguments differ; by chance they never agree."""
        arguments = {"mu": spread(batch, latent), "logvar": spread(batch, latent)}
        for gradients, where in ((True, ""), (False, " under torch.no_grad()")):
            with torch.set_grad_enabled(gradients):
                one, other = (call(self.name, answer, arguments) for _ in range(2))
            for z in (one, other):
                expect_tensor(z, (batch, latent), "z")
            if close(one, arguments["mu"]):
                raise Mistake("no-noise", f"z equals mu{where}.")
            if close(one, other.double()):
                seen = f"Two calls with the same arguments give the same z{where}."
                raise Mistake("noise-frozen", seen)


class _Sample(Exercise):
    name, section = "sample", "5.2"

    @idea("as many images and latent dimensions as asked for")
    def shape(self, answer: Any, *, num_images=3, latent=5, pixels=7) -> None:
        """Shape of the result and of the codes that the decoder was given."""
        decoder = _ProbeDecoder(latent, pixels, strict=False)
        try:
            result = call(self.name, answer, _arguments(decoder, num_images, latent))
        except Mistake as mistake:
            if mistake.slug == "raised" and decoder.refused:
                raise Mistake("hard-coded-latent", decoder.refused) from None
            raise
        expect_tensor(result, (num_images, pixels), "the result")
        codes = decoder.codes()
        if len(codes) != num_images:
            raise Mistake("wrong-shape", f"{len(codes)} codes were decoded, not {num_images}.")

    @idea("the codes come from N(0, I)", random=True)
    def prior(self, answer: Any, *, num_images=2003, latent=5, pixels=2) -> None:
        """The codes given to the decoder by `expect_standard_normal`, n = num_images * latent."""
        codes = []
        for _ in range(2):
            decoder = _ProbeDecoder(latent, pixels)
            call(self.name, answer, _arguments(decoder, num_images, latent))
            codes.append(decoder.codes())
        z = codes[0]
        if z.min() >= 0 and z.max() <= 1 and z.max() > z.min():
            raise Mistake("prior-uniform", f"The codes lie between 0 and 1; mean {z.mean():.3f}.")
        expect_standard_normal(z, "The code z")
        if close(codes[0], codes[1]):
            raise Mistake("noise-frozen", "Two calls decode the same codes.")

    @idea("the decoder's probabilities, without gradients")
    def probabilities(self, answer: Any, *, num_images=3, latent=5, pixels=7) -> None:
        """sigmoid(decoder(z)) for the z that was decoded, with no graph behind it."""
        decoder = _ProbeDecoder(latent, pixels)
        result = call(self.name, answer, _arguments(decoder, num_images, latent))
        _expect_probabilities(result, decoder.logits(), "the result")


class _Reconstruct(Exercise):
    name, section = "reconstruct", "5.1"

    @idea("the probabilities of the decoded posterior mean")
    def value(self, answer: Any, *, batch=3, latent=5, hidden=11, pixels=7) -> None:
        """sigmoid(decode(mu)), the same in two calls, with no graph behind it."""
        model, x = (
            wide_model(pixels=pixels, latent=latent, hidden=hidden),
            grey_images(batch, pixels),
        )
        with torch.no_grad():
            mu, logvar = model.encode(x)
            logits = model.decode(mu)
            others = [
                ("decodes-logvar", torch.sigmoid(model.decode(logvar))),
                ("returns-input", x),
            ]
        one, other = (call(self.name, answer, {"model": model, "x": x}) for _ in range(2))
        expect_tensor(one, (batch, pixels), "the result")
        if torch.is_tensor(other) and not close(one, other.double()):
            if all(((p == 0) | (p == 1)).all() for p in (one, other)):
                raise Mistake("probabilities-rounded", "The result holds nothing but 0 and 1.")
            raise Mistake("reconstruction-random", "Two calls with the same image differ.")
        _expect_probabilities(one, logits, "the result", others)


def _expect_derivatives(z: Tensor, mu: Tensor, logvar: Tensor, by_mu: Tensor, by_logvar: Tensor):
    off = z.double() - mu  # std * eps
    std = torch.exp(logvar / 2)
    no_mu, no_logvar = not by_mu.any(), not by_logvar.any()
    if no_mu and no_logvar:
        raise Mistake("sample-detached", "dz/dmu and dz/dlogvar are both 0.")
    if no_logvar:
        raise Mistake("std-detached", "dz/dmu is right, dz/dlogvar is 0.")
    if no_mu:
        raise Mistake("mu-detached", "dz/dmu is 0, it should be 1.")
    if not close(by_mu, torch.ones_like(mu)):
        slug = "mu-scaled" if close(by_mu, std) or close(by_mu, std**2) else "wrong-derivative"
        raise Mistake(slug, f"dz/dmu is {by_mu[0, 0]:.4g}, it should be 1.")
    # dz/dlogvar is eps * dstd/dlogvar, and off is eps * std: the ratio knows the formula of std.
    known = [
        ("std-is-variance", off),
        ("std-no-exp", off / logvar),
        ("std-inverse", -off / 2),
        ("std-inverse", -off),
        ("std-softplus", off * torch.sigmoid(logvar) / nn.functional.softplus(logvar)),
        ("std-softplus", off * torch.sigmoid(logvar) / (2 * nn.functional.softplus(logvar))),
    ]
    # 1e-6 added to the standard deviation changes this by less than 1e-5.
    if (by_logvar - off / 2).abs().max() <= 1e-4 * off.abs().max():
        return
    slug = next((slug for slug, wrong in known if close(by_logvar, wrong)), "wrong-derivative")
    ratio = (by_logvar / off)[0, 0].item()
    raise Mistake(slug, f"dz/dlogvar is {ratio:.4g} times z - mu, it should be 0.5 times.")


def _or_zero(gradient: Tensor | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if gradient is None else gradient


def _expect_probabilities(
    result: Any,
    logits: Tensor,
    what: str,
    others: list[tuple[str, Tensor]] = [],  # noqa: B006
) -> None:
    p = torch.sigmoid(logits)
    wrong = [
        ("returns-logits", logits),
        ("sigmoid-twice", torch.sigmoid(p)),
        ("returns-softmax", torch.softmax(logits, dim=-1)),
        ("probabilities-flipped", 1 - p),
        ("probabilities-rounded", p.round()),
        *others,
    ]
    expect_tensor(result, tuple(p.shape), what, wrong)
    values = result.detach()
    if ((values == 0) | (values == 1)).all() and not close(values, p):
        raise Mistake("probabilities-rounded", f"{what} holds nothing but 0 and 1.")
    expect_equal(result, p, what, wrong)
    if result.requires_grad:
        raise Mistake("graph-kept", f"{what} has requires_grad=True.")


def _arguments(decoder: Any, num_images: int, latent: int) -> dict[str, Any]:
    return {"decoder": decoder, "num_images": num_images, "latent_dim": latent}


class _ProbeDecoder(nn.Module):
    """A right decoder, one linear layer, that remembers its codes; float32, as a student's is.

    With `strict` off it takes codes of any size, so that a hard-coded one can be named.
    """

    def __init__(self, latent: int, pixels: int, *, strict: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(latent, pixels).float())
        self.bias = nn.Parameter(spread(pixels).float())
        self.seen: list[Tensor] = []
        self.refused = ""

    def forward(self, z: Tensor) -> Tensor:
        """Logits (B, P) of codes (B, D)."""
        if z.shape[-1] != len(self.weight):
            self.refused = f"The decoder was given codes of shape {tuple(z.shape)}"
            self.refused += f", latent_dim is {len(self.weight)}."
        logits = z.to(self.weight.dtype) @ self.weight + self.bias
        self.seen.append(z.detach().clone())
        return logits

    def codes(self) -> Tensor:
        """All codes (N, D) decoded so far, in float64."""
        if not self.seen:
            raise Mistake("decoder-not-called", "The decoder was never called.")
        return torch.cat([z.reshape(-1, len(self.weight)) for z in self.seen]).double()

    def logits(self) -> Tensor:
        """The logits (N, P) of all codes decoded so far."""
        with torch.no_grad():
            return (self.codes().float() @ self.weight + self.bias).double()


_ProbeDecoder.__name__ = _ProbeDecoder.__qualname__ = "Decoder"  # as errors call it

reparameterize = _Reparameterize()
sample = _Sample()
reconstruct = _Reconstruct()
