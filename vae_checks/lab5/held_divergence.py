"""A layer that passes on what it is given, and holds its KL."""

from typing import Any

import torch
from torch import Tensor

from vae_checks.beside import beside, runs_beside
from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread, true_kl
from vae_checks.misread import arguments_named
from vae_checks.shared_exercises.gaussian_kl import kl_terms, special_codes, wrong_formulas
from vae_checks.terms import Term, terms_named
from vae_checks.values import (
    Candidates,
    close,
    expect_equal,
    expect_exact,
    expect_pair,
    expect_tensor,
    gradients,
)
from vae_checks.verdict import Mistake, call, quiet

_PARTS = ("mu", "logvar")
_UNEXPLAINED = ("raised", "wrong-value", "wrong-shape", "wrong-type")


@runs_beside
def call_and_read(layer: Any, mu: Tensor, logvar: Tensor) -> tuple[Any, bool, Any]:
    """What a layer returns, whether it has a kl afterwards, and this: in one call, since what is
    read of an object later comes without its graph."""
    passed = layer(mu, logvar)
    return passed, hasattr(layer, "kl"), getattr(layer, "kl", None)


class _KLLayer(Exercise):
    name, section = "KLLayer", "7.1"

    @idea(
        "mu and logvar pass as they are; the KL of the last call is held, with its gradient",
        also=[{"batch": 4, "latent": 4}, {"batch": 1, "latent": 1}],
    )
    def holds(self, answer: Any, *, batch: int = 3, latent: int = 5) -> None:
        """The values exactly, gradients of 1; the KL and its gradient to 1e-10, also far from 0,
        in float32, in eval mode, without gradients, in a second call and beside a second layer."""
        layer = self._new(answer)
        mu, logvar = (spread(batch, latent).requires_grad_() for _ in range(2))
        passed, kl = self._called(layer, mu, logvar)
        self._expect_passed(layer, passed, mu, logvar)
        self._expect_kl(answer, kl, mu, logvar)
        self._expect_gradients(kl, mu, logvar, "")
        self._expect_last_call(answer, batch, latent)
        for far, wide, slug, where in special_codes(batch, latent):
            far, wide = far.requires_grad_(), wide.requires_grad_()
            passed, kl = self._called(layer, far, wide)
            self._expect_passed(layer, passed, far, wide)
            kl = expect_tensor(kl, (batch,), f"layer.kl ({where})")
            truth = true_kl(far, wide).detach()
            if ((kl.detach() - truth).abs() > 1e-9 + 1e-9 * truth).any():
                seen = f"With {where} layer.kl[0] is {kl[0]:.4g}, it should be {truth[0]:.4g}."
                raise Mistake(slug, seen)
            self._expect_gradients(kl, far, wide, f" ({where})", slug)
        self._expect_everywhere(answer, batch, latent)

    def _new(self, answer: Any) -> Any:
        layer = call(self.name, answer, {})
        if not hasattr(layer, "state_dict") or not callable(layer):
            raise Mistake("wrong-type", "KLLayer() is no nn.Module that can be called.")
        return layer

    def _called(self, layer: Any, mu: Tensor, logvar: Tensor) -> tuple[tuple[Any, Any], Any]:
        """The pair that comes back, and what is held then."""

        def asked(mu: Tensor, logvar: Tensor) -> Any:
            return beside("lab5.held_divergence.call_and_read")(layer, mu, logvar)

        result, has_kl, kl = call("layer", asked, {"mu": mu, "logvar": logvar})
        if torch.is_tensor(result) and result.shape == mu.shape[:1]:
            seen = f"layer(...) is a tensor of shape {tuple(result.shape)}."
            raise Mistake("layer-returns-kl", seen)
        if torch.is_tensor(result) and tuple(result.shape) == tuple(mu.shape):
            seen = "layer(...) is one tensor of the shape of mu."
            raise Mistake("layer-returns-code", seen)
        pair = expect_pair(result, "layer(...)", _PARTS)
        if not has_kl:
            raise Mistake("layer-no-kl", "After a call the layer has no attribute kl.")
        return pair, kl

    def _expect_passed(
        self, layer: Any, passed: tuple[Any, Any], mu: Tensor, logvar: Tensor
    ) -> None:
        given = {"mu": mu, "logvar": logvar}
        shape = tuple(mu.shape)
        for value, name in zip(passed, _PARTS, strict=True):
            value = expect_tensor(value, shape, name)
            if not torch.equal(value.detach(), given[name].detach()):
                self._tell_changed(layer, passed, mu, logvar, name)
            if not value.requires_grad:
                raise Mistake("layer-cuts-input", f"The returned {name} has requires_grad=False.")
            slope = gradients(value, {name: given[name]})[name]
            if not close(slope, torch.ones_like(slope)):
                seen = f"The gradient of the returned {name} by {name} is {slope[0, 0]:.4g}."
                raise Mistake("layer-cuts-input", seen)

    def _tell_changed(
        self, layer: Any, passed: tuple[Any, Any], mu: Tensor, logvar: Tensor, name: str
    ) -> None:
        """Raise the Mistake about a pair that is not the one that was given."""
        one, other = (each.detach() for each in passed)
        if torch.equal(one, logvar.detach()) and torch.equal(other, mu.detach()):
            raise Mistake("results-swapped", "What is returned is the pair the other way round.")
        again, _ = self._called(layer, mu, logvar)
        if not torch.equal(again[_PARTS.index(name)].detach(), passed[_PARTS.index(name)].detach()):
            seen = f"The returned {name} is another in a second call with the same arguments."
            raise Mistake("layer-returns-code", seen)
        known = ((logvar / 2).exp(), logvar.exp())
        slug = "layer-returns-sigma" if any(close(other, each) for each in known) else None
        raise Mistake(slug or "layer-changes-input", f"The returned {name} is not the one given.")

    def _expect_kl(self, answer: Any, kl: Any, mu: Tensor, logvar: Tensor) -> None:
        mu, logvar = mu.detach(), logvar.detach()
        if not torch.is_tensor(kl) and callable(kl):
            raise Mistake("layer-kl-is-method", "layer.kl is a method, it should be a tensor.")
        named = arguments_named(kl, true_kl, {"mu": mu, "logvar": logvar})
        with terms_named(lambda rows: self._asked(answer, rows)), named:
            expect_exact(kl, true_kl(mu, logvar), "layer.kl", _wrong_kl(mu, logvar), "nats")

    def _asked(self, answer: Any, rows: int) -> tuple[Any, list[Term]]:
        layer, mu, logvar = self._new(answer), spread(rows, 5), spread(rows, 5)
        return self._called(layer, mu, logvar)[1], kl_terms(mu, logvar)

    def _expect_gradients(
        self, kl: Tensor, mu: Tensor, logvar: Tensor, where: str, slug: str | None = None
    ) -> None:
        if not kl.requires_grad:
            raise Mistake("layer-kl-detached", f"layer.kl has requires_grad=False{where}.")
        found = gradients(kl, {"mu": mu, "logvar": logvar})
        truth = {"mu": mu.detach(), "logvar": (logvar.detach().exp() - 1) / 2}
        for key in truth:
            if not close(found[key], truth[key]):
                got, wanted = found[key][0, 0].item(), truth[key][0, 0].item()
                seen = f"d kl / d {key} is {got:.4g}, it should be {wanted:.4g}{where}."
                if not found[key].any():
                    raise Mistake("layer-kl-detached", seen)
                raise Mistake(slug or "value-right-gradient-wrong", seen)

    def _expect_last_call(self, answer: Any, batch: int, latent: int) -> None:
        """Raise Mistake where calls before, or another layer, show in what is held."""
        layer, other = self._new(answer), self._new(answer)
        calls = [(spread(rows, latent), spread(rows, latent)) for rows in (batch, batch, batch + 2)]
        before: list[Tensor] = []
        for number, (mu, logvar) in enumerate(calls):
            try:
                _, kl = self._called(layer, mu, logvar)
                truth = true_kl(mu, logvar)
                same = [each for each in before if each.shape == truth.shape]
                wrong = [("layer-accumulates", truth + sum(same))] if same else []
                wrong += [("layer-accumulates", (truth + sum(same)) / 2)] if same else []
                wrong += [("layer-keeps-first", each) for each in before[:1]]
                expect_exact(kl, truth, f"layer.kl after call {number + 1}", wrong, "nats")
            except Mistake as mistake:
                if number and mistake.slug in (
                    "raised",
                    "wrong-value",
                    "wrong-shape",
                    "wrong-type",
                ):
                    raise Mistake("layer-accumulates", mistake.seen) from None
                raise
            before.append(truth)
        mu, logvar = spread(batch, latent), spread(batch, latent)
        self._called(other, mu, logvar)
        with quiet("layer.kl"):
            kl = layer.kl
        if not close(kl, before[-1]):
            raise Mistake("layer-shared", "A call of one layer changes the kl of another one.")

    def _expect_everywhere(self, answer: Any, batch: int, latent: int) -> None:
        """In eval mode, without gradients, in float32; and nothing that would be saved."""
        layer = self._new(answer)
        for training, recorded in ((True, True), (False, True), (False, False)):
            layer.train(training)
            mu, logvar = spread(batch, latent).float(), spread(batch, latent).float()
            with torch.set_grad_enabled(recorded):
                passed, kl = self._called(layer, mu, logvar)
            if not all(torch.equal(a, b) for a, b in zip(passed, (mu, logvar), strict=True)):
                raise Mistake("layer-changes-input", "In float32 the returned pair is another.")
            truth = true_kl(mu.double(), logvar.double())
            try:
                expect_equal(kl, truth, "layer.kl", unit="nats")
            except Mistake as mistake:
                if training:
                    raise
                where = "in eval mode" if recorded else "under torch.no_grad()"
                raise Mistake("layer-training-only", f"{mistake.seen[:-1]}, {where}.") from None
            if kl.dtype != torch.float32:
                raise Mistake("layer-dtype", f"layer.kl is {kl.dtype} for mu of torch.float32.")
        if saved := list(layer.state_dict()):
            raise Mistake("layer-saved", f"layer.state_dict() has the entry {saved[0]!r}.")


def _wrong_kl(mu: Tensor, logvar: Tensor) -> Candidates:
    truth = true_kl(mu, logvar)
    each = true_kl(mu[..., None], logvar[..., None])  # (B, D)
    return [
        ("kl-mean-latent", each.mean(1)),
        ("kl-mean-all", each.mean()),
        ("kl-batch-sum", truth.sum()),
        ("layer-batch-mean", truth.mean()),
        ("kl-not-summed", each),
        ("kl-sum-over-batch", each.sum(0)),
        *wrong_formulas(mu, logvar),
    ]


kl_layer = _KLLayer()
