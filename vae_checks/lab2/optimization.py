"""As a VAE does it: a sample that gradients can pass, and a loss with the right gradient."""

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab2.oracles import Curve, Pair, curve, expect_gradients
from vae_checks.misread import arguments_named
from vae_checks.shared_exercises.reparameterize import Reparameterize
from vae_checks.values import expect_tensor, expect_uncut, gradients
from vae_checks.verdict import Mistake, call

Wrong = list[tuple[str, Pair]]
_PARTS = ("the gradient by mu", "the gradient by logvar")


class _ScoreSurrogate(Exercise):
    name, section = "score_surrogate", "5.2"

    @idea("its gradient is the mean of f(z) times the score")
    def gradient(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """Autograd through the result gives the score-function estimate for mu and logvar.

        So it does far from 0, for codes of some hundreds, and for logvar in +-[6, 9].
        """
        self._expect(answer, samples, dimensions, with_graph=False)
        for low, high in ((0.3, 1.0), (6.0, 9.0)):
            self._expect_far(answer, samples, spread(dimensions, low=low, high=high))

    def _expect_far(self, answer: Any, samples: int, logvar: Tensor) -> None:
        dimensions = len(logvar)
        f, logvar = curve(dimensions), logvar.requires_grad_()
        mu = (50 * spread(dimensions)).requires_grad_()
        z = (mu + 20 * torch.exp(logvar / 2) * spread(samples, dimensions)).detach()
        result = call(self.name, answer, {"f": f, "z": z, "mu": mu, "logvar": logvar})
        found = gradients(expect_tensor(result, (), "the surrogate"), {"mu": mu, "logvar": logvar})
        truth = _estimate(f, z, mu.detach(), logvar.detach())
        for value, right, part in zip(found.values(), truth, _PARTS, strict=True):
            expect_uncut(value, right, part)

    @idea("z and f(z) are constants, even where they carry a graph to mu and logvar")
    def constants(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """The same gradient where z was drawn by reparameterization, or f itself uses mu."""
        self._expect(answer, samples, dimensions, with_graph=True)
        try:
            self._expect(answer, samples, dimensions, with_graph=False, moving_f=True)
        except Mistake as mistake:
            if mistake.slug != "wrong-value":
                raise
            raise Mistake("surrogate-f-moves", mistake.seen) from None

    def _expect(
        self,
        answer: Any,
        samples: int,
        dimensions: int,
        *,
        with_graph: bool,
        moving_f: bool = False,
    ) -> None:
        f = curve(dimensions)
        mu = spread(dimensions).requires_grad_()
        logvar = spread(dimensions, high=1.0).requires_grad_()
        eps = spread(samples, dimensions)
        z = mu + torch.exp(logvar / 2) * eps
        # A view, which torch refuses to detach in place, with a graph or without.
        z = (z if with_graph else z.detach())[:]
        # The same values, with a graph that goes past z.
        moving = (mu - mu.detach()).sum() + (logvar - logvar.detach()).sum()
        given = (lambda z: f(z) + moving) if moving_f else f
        tensors = {"z": z, "mu": mu, "logvar": logvar}
        before = {key: tensor.requires_grad for key, tensor in tensors.items()}
        try:
            result = call(self.name, answer, {"f": given, **tensors})
        except Mistake as mistake:
            if "detach views in-place" not in mistake.seen:
                raise
            seen = "The answer calls detach_() on a tensor that it was given."
            raise Mistake("surrogate-in-place", seen) from None
        for key, tensor in tensors.items():
            if before[key] and not tensor.requires_grad:
                seen = f"After the call `{key}` has requires_grad=False, before it had True."
                raise Mistake("surrogate-in-place", seen)
        value = expect_tensor(result, (), "the surrogate")
        if value.dtype != torch.float64:
            seen = f"The surrogate is {value.dtype}, the arguments are float64."
            raise Mistake("lost-precision", seen)
        found = gradients(value, {"mu": mu, "logvar": logvar})
        truth = _estimate(f, z.detach(), mu.detach(), logvar.detach())
        wrong = _wrong_gradients(f, eps, mu.detach(), logvar.detach())
        for name, gradient in found.items() if not with_graph else ():
            if not gradient.any():
                raise Mistake("surrogate-no-gradient", f"The gradient with respect to {name} is 0.")
        try:
            expect_gradients((found["mu"], found["logvar"]), self.name, truth, wrong, _PARTS)
        except Mistake as mistake:
            if moving_f:
                raise
            place = 1 if mistake.seen.startswith(_PARTS[1]) else 0
            plain = {key: tensor.detach() for key, tensor in tensors.items()}
            part = (found["mu"], found["logvar"])[place]
            with arguments_named(part, lambda **a: _estimate(f, **a)[place], plain):
                raise


def _estimate(f: Curve, z: Tensor, mu: Tensor, logvar: Tensor) -> Pair:
    """mean_k f(z_k) times the score by mu and by logvar, two of (D,)."""
    values = f(z)[:, None]
    eps = (z - mu) * torch.exp(-logvar / 2)
    by_mu = values * eps * torch.exp(-logvar / 2)
    return by_mu.mean(0), (values * (eps**2 - 1) / 2).mean(0)


def _wrong_gradients(f: Curve, eps: Tensor, mu: Tensor, logvar: Tensor) -> Wrong:
    """Gradients of other losses, by autograd: (D,) by mu and by logvar."""
    mu, logvar = mu.clone().requires_grad_(), logvar.clone().requires_grad_()
    free = mu + torch.exp(logvar / 2) * eps  # gradients pass
    z = free.detach()
    values = f(z)
    log_q = Normal(mu, torch.exp(logvar / 2)).log_prob(z)  # (K, D)
    moving = Normal(mu, torch.exp(logvar / 2)).log_prob(free)
    as_log_sigma = Normal(mu, torch.exp(logvar)).log_prob(z).sum(1)
    no_constant = -0.5 * ((z - mu) ** 2 / logvar.exp()).sum(1)
    bare = no_constant.exp()
    no_mu = Normal(mu.detach(), torch.exp(logvar / 2)).log_prob(z).sum(1)
    no_logvar = Normal(mu, torch.exp(logvar.detach() / 2)).log_prob(z).sum(1)
    joint = log_q.sum(1)
    losses = [
        ("surrogate-sum", (values * joint).sum()),
        ("estimator-sign", -(values * joint).mean()),
        ("estimator-sign", -(values * joint).sum()),
        ("surrogate-pathwise-too", (f(free) * moving.sum(1)).mean()),
        ("surrogate-pathwise-too", (f(free) * joint).mean()),
        ("surrogate-pathwise-too", (f(free) + values * joint).mean()),
        ("surrogate-moving-sample", (values * moving.sum(1)).mean()),
        ("estimator-pathwise", f(free).mean()),
        ("estimator-no-f", joint.mean()),
        ("estimator-mean-f", values.mean() * joint.mean()),
        ("surrogate-mean-latent", (values * log_q.mean(1)).mean()),
        ("surrogate-mean-latent", (values[:, None] * log_q).mean()),
        ("score-of-density", (values * joint.exp()).mean()),
        ("surrogate-bare-density", (values * bare).mean()),
        ("surrogate-bare-density", (values * torch.exp(no_constant - logvar.sum() / 2)).mean()),
        ("score-of-density", (values[:, None] * log_q.exp()).sum(1).mean()),
        ("kl-log-sigma", (values * as_log_sigma).mean()),
        ("score-no-normalizer", (values * no_constant).mean()),
        ("surrogate-log-sigma", (values * (no_constant - logvar.sum())).mean()),
        ("score-normalizer-sign", (values * (no_constant + logvar.sum() / 2)).mean()),
        ("surrogate-no-gradient", (values * no_mu).mean()),
        ("surrogate-no-gradient", (values * no_logvar).mean()),
        ("estimator-baseline", ((values - values.mean()) * joint).mean()),
    ]
    wrong = []
    for slug, loss in losses:
        by_mu, by_logvar = torch.autograd.grad(
            loss, (mu, logvar), retain_graph=True, materialize_grads=True
        )
        wrong.append((slug, (by_mu, by_logvar)))
    return wrong


reparameterize = Reparameterize("5.1")
score_surrogate = _ScoreSurrogate()
