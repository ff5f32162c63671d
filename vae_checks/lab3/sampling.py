"""Images drawn from the prior, and reconstruction without any noise."""

from typing import Any

import torch
from torch import Tensor, nn

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import grey_images, normal, spread
from vae_checks.reference import expect_float32, expect_trainable, wide_model
from vae_checks.shared_exercises.reparameterize import Reparameterize
from vae_checks.statistics import expect_normal_numbers, expect_standard_normal, same_draws
from vae_checks.values import close, expect_equal, expect_single, expect_tensor
from vae_checks.verdict import Mistake, call
from vae_checks.watching import watch

_MANY_LATENT = 160


class _Sample(Exercise):
    name, section = "sample", "5.2"

    @idea("as many images and latent dimensions as asked for", also=[{"num_images": 1}])
    def shape(self, answer: Any, *, num_images: int = 3, latent: int = 5, pixels: int = 7) -> None:
        """Shape of the result and of the codes that the decoder was given."""
        decoder = _ProbeDecoder(latent, pixels, strict=False)
        try:
            result = call(self.name, answer, _arguments(decoder, num_images, latent))
        except Mistake as mistake:
            if mistake.slug == "raised" and decoder.refused:
                raise Mistake("hard-coded-latent", decoder.refused) from None
            raise
        expect_tensor(result, (num_images, pixels), "the result")
        expect_float32(decoder)
        codes = decoder.codes()
        if len(codes) != num_images:
            raise Mistake("wrong-shape", f"{len(codes)} codes were decoded, not {num_images}.")

    @idea("the codes come from N(0, I)", random=True)
    def prior(
        self, answer: Any, *, num_images: int = 2003, latent: int = 5, pixels: int = 2
    ) -> None:
        """The codes given to the decoder by `expect_standard_normal`, n = num_images * latent; then
        160 latent dimensions, some 320,000 numbers, by `expect_normal_numbers`. No code is used
        twice.
        """
        codes = []
        for _ in range(2):
            decoder = _ProbeDecoder(latent, pixels)
            call(self.name, answer, _arguments(decoder, num_images, latent))
            codes.append(decoder.codes())
        z = codes[0]
        # Five normal numbers for all images lie there, too, once in 200 times.
        if z.min() >= 0 and z.max() <= 1 and not same_draws(z[0], z[-1]):
            raise Mistake("prior-uniform", f"The codes lie between 0 and 1; mean {z.mean():.3f}.")
        expect_standard_normal(z, "z")
        if close(codes[0], codes[1]):
            raise Mistake("noise-frozen", "Two calls decode the same codes.")
        both = torch.cat(codes)
        if latent > 1 and len(both.unique(dim=0)) < len(both):
            raise Mistake("codes-used-before", "Two calls have codes in common.")
        decoder = _ProbeDecoder(_MANY_LATENT, pixels)
        call(self.name, answer, _arguments(decoder, num_images, _MANY_LATENT))
        expect_normal_numbers(decoder.codes().flatten(), "z")

    @idea("the decoder's probabilities, without gradients")
    def probabilities(
        self, answer: Any, *, num_images: int = 3, latent: int = 5, pixels: int = 7
    ) -> None:
        """sigmoid(decoder(z)) for the z that was decoded, with no graph behind it; also for logits
        of several hundreds.
        """
        for scale in (1, 300):
            decoder = _ProbeDecoder(latent, pixels, scale=scale)
            result = call(self.name, answer, _arguments(decoder, num_images, latent))
            logits = decoder.logits()
            if torch.is_tensor(result) and result.shape[:1] == (num_images,) != logits.shape[:1]:
                seen = f"{len(logits)} codes were decoded for {num_images} images."
                raise Mistake("codes-count", seen)
            if scale == 1:
                _expect_probabilities(result, logits, "the result")
        _expect_no_overflow(result, logits)
        expect_trainable(decoder)


class _Reconstruct(Exercise):
    name, section = "reconstruct", "5.1"

    @idea("the probabilities of the decoded posterior mean", also=[{"batch": 1}, {"batch": 257}])
    def value(
        self, answer: Any, *, batch: int = 3, latent: int = 5, hidden: int = 11, pixels: int = 7
    ) -> None:
        """sigmoid(decode(mu)), the same in two calls, with no graph behind it.

        Some pixels are 0 and 1. Then the logits are five times, and several hundred times as large.
        """
        model, x = (
            wide_model(pixels=pixels, latent=latent, hidden=hidden),
            grey_images(batch, pixels).float(),
        )
        x[:, 1::3], x[:, 2::3] = 0, 1
        with torch.no_grad():
            mu, logvar = model.codes(x)
            logits = model.logits(mu)
            std = torch.exp(logvar / 2)
            others = [
                ("decodes-logvar", torch.sigmoid(model.logits(logvar))),
                ("decodes-std", torch.sigmoid(model.logits(std))),
                ("decodes-std", torch.sigmoid(model.logits(mu + std))),
                ("decodes-std", torch.sigmoid(model.logits(mu - std))),
                ("batch-averaged", torch.sigmoid(model.logits(mu.mean(0).expand_as(mu)))),
                ("returns-input", x),
            ]
        one, other = (call(self.name, answer, {"model": model, "x": x}) for _ in range(2))
        expect_tensor(one, (batch, pixels), "the result")
        if torch.is_tensor(other) and not close(one, other.double()):
            if all(((p == 0) | (p == 1)).all() for p in (one, other)):
                raise Mistake("probabilities-rounded", "The result holds nothing but 0 and 1.")
            raise Mistake("reconstruction-random", "Two calls with the same image differ.")
        _expect_probabilities(one, logits, "the result", others)
        expect_float32(model)
        for factor in (5, 60):  # probabilities near 0 and 1, where a clamp shows; then 0 and 1
            with torch.no_grad():
                model.fc4.weight.mul_(factor)
                model.fc4.bias.mul_(factor)
                logits = model.logits(mu)
            result = call(self.name, answer, {"model": model, "x": x})
            if factor == 5:
                _expect_probabilities(result, logits, "the result")
        _expect_no_overflow(result, logits)
        expect_trainable(model)


def _expect_no_overflow(result: Any, logits: Tensor) -> None:
    """Raise Mistake unless the result is right for logits of hundreds, which are less exact."""
    if torch.is_tensor(result) and result.isnan().any():
        raise Mistake("probabilities-overflow", "For logits in the hundreds the result holds nan.")
    value = expect_tensor(result, tuple(logits.shape), "the result").detach().double()
    if (value - torch.sigmoid(logits.double())).abs().max() > 0.05:
        raise Mistake("wrong-value", "For logits in the hundreds the result is wrong.")


def _expect_probabilities(
    result: Any,
    logits: Tensor,
    what: str,
    others: list[tuple[str, Tensor]] = [],  # noqa: B006
) -> None:
    p = torch.sigmoid(logits.double())
    wrong = [
        ("returns-logits", logits),
        ("sigmoid-twice", torch.sigmoid(p)),
        ("returns-softmax", torch.softmax(logits, dim=-1)),
        ("returns-softmax", torch.softmax(logits, dim=0)),
        ("returns-tanh", torch.tanh(logits)),
        ("returns-tanh", (torch.tanh(logits) + 1) / 2),
        ("log-probabilities", torch.nn.functional.logsigmoid(logits)),
        ("probabilities-flipped", 1 - p),
        ("probabilities-rounded", p.round()),
        *others,
    ]
    expect_single(expect_tensor(result, tuple(p.shape), what, wrong), what)
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

    With `strict` off it takes codes of any size, so that a hard-coded one can be named. `scale` is
    how large its logits are.
    """

    def __init__(self, latent: int, pixels: int, *, strict: bool = True, scale: float = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(scale * normal(latent, pixels).float())
        self.bias = nn.Parameter(spread(pixels).float())
        # What an answer does to the parameters does not change what is right.
        self._given = [each.detach().clone() for each in (self.weight, self.bias)]
        seen: list[Tensor] = []
        self.seen = seen
        # A function, which a copy of the module shares: what a copy decodes is seen as well.
        self._note = lambda codes: seen.append(codes.clone())
        self.refused = ""

    def forward(self, z: Tensor) -> Tensor:
        """Logits (B, P) of codes (B, D)."""
        if z.shape[-1] != len(self.weight):
            self.refused = f"The decoder was given codes of shape {tuple(z.shape)}"
            self.refused += f", latent_dim is {len(self.weight)}."
        if z.dtype != self.weight.dtype:  # as a layer would
            seen = f"The decoder was given codes of {z.dtype}, its weights are {self.weight.dtype}."
            raise Mistake("codes-not-single", seen)
        logits = z @ self.weight + self.bias
        watch(self._note, z)
        return logits

    def codes(self) -> Tensor:
        """All codes (N, D) decoded so far, in float64; those of a call that repeats one, once."""
        if not self.seen:
            raise Mistake("decoder-not-called", "The decoder was never called.")
        new: list[Tensor] = []
        for z in self.seen:
            if not any(torch.equal(z, other) for other in new):
                new.append(z)
        return torch.cat([z.reshape(-1, len(self.weight)) for z in new]).double()

    def logits(self) -> Tensor:
        """The logits (N, P) of all codes decoded so far, by the decoder as it was handed out."""
        weight, bias = self._given
        return (self.codes().float() @ weight + bias).double()


_ProbeDecoder.__name__ = _ProbeDecoder.__qualname__ = "Decoder"  # as errors call it

reparameterize = Reparameterize("2.2")
sample = _Sample()
reconstruct = _Reconstruct()
