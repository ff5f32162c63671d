"""From estimates to a fitted Gaussian: a sample, a loss with the right gradient, a descent."""

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal

from vae_checks.exercise import Exercise, idea
from vae_checks.fixtures import spread
from vae_checks.lab2.oracles import Curve, Pair, curve, expect_gradients
from vae_checks.shared_exercises.reparameterize import Reparameterize
from vae_checks.values import close, expect_pair, expect_tensor, gradients
from vae_checks.verdict import Mistake, call, describe

Wrong = list[tuple[str, Pair]]
_PARTS = ("the gradient by mu", "the gradient by logvar")


class _ScoreSurrogate(Exercise):
    name, section = "score_surrogate", "5.2"

    @idea("its gradient is the mean of f(z) times the score")
    def gradient(self, answer: Any, *, samples: int = 7, dimensions: int = 3) -> None:
        """Autograd through the result gives the score-function estimate for mu and logvar."""
        self._expect(answer, samples, dimensions, with_graph=False)

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
        expect_gradients((found["mu"], found["logvar"]), self.name, truth, wrong, _PARTS)


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


class _LinearGradient:
    """A gradient (by_mu, by_logvar) that is linear in both, so that a path has a closed form."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self.a, self.b, self.c, self.d = (0.5 * spread(dimensions) for _ in range(4))
        self.e, self.f = spread(dimensions), spread(dimensions)

    def __call__(self, mu: Any, logvar: Any) -> Pair:
        for value, name in ((mu, "mu"), (logvar, "logvar")):
            if not torch.is_tensor(value) or tuple(value.shape) != (self.dimensions,):
                seen = f"gradient was called with {describe(value)} for {name}."
                raise Mistake("gradient-arguments", seen)
        mu, logvar = mu.detach(), logvar.detach()
        by_mu = self.a * mu + self.b * logvar + self.e
        return by_mu, self.c * mu + self.d * logvar + self.f


class _Fit(Exercise):
    name, section = "fit", "5.3"

    @idea("every step goes down the gradient at the point that was reached")
    def path(self, answer: Any, *, steps: int = 5, dimensions: int = 3) -> None:
        """Every row after the first is the one before it minus rate times its gradient."""
        self._expect(answer, steps, dimensions, rows=slice(1, None))

    @idea("the path begins at the start, and the start is left alone")
    def start(self, answer: Any, *, steps: int = 3, dimensions: int = 2) -> None:
        """Row 0 is the start; there are steps + 1 rows, and they are not all the same."""
        self._expect(answer, steps, dimensions, rows=slice(0, 1))

    def _expect(self, answer: Any, steps: int, dimensions: int, *, rows: slice) -> None:
        gradient, rate = _LinearGradient(dimensions), spread(1, low=0.2, high=0.4).abs().item()
        mu, logvar = spread(dimensions), spread(dimensions)
        arguments = {"gradient": gradient, "mu": mu, "logvar": logvar, "steps": steps, "rate": rate}
        pair = expect_pair(call(self.name, answer, arguments), self.name, ("mus", "logvars"))
        truth = _descend(gradient, mu, logvar, steps, rate)
        wrong = _wrong_paths(gradient, mu, logvar, steps, rate)
        parts = ("mus", "logvars")
        for place, part in enumerate(parts):
            known = [(slug, path[place]) for slug, path in wrong]
            expect_tensor(pair[place], (steps + 1, dimensions), part, known)
        if all(close(v, first.expand_as(v)) for v, first in zip(pair, (mu, logvar), strict=True)):
            raise Mistake("fit-stands-still", f"All {steps + 1} rows are the start.")
        cut = [
            (slug, _with_rows(rows, path, truth))
            for slug, path in wrong
            if path[0].shape == truth[0].shape
        ]
        try:
            expect_gradients(_with_rows(rows, pair, truth), self.name, truth, cut, parts)
        except Mistake as mistake:
            if mistake.slug != "wrong-value":
                raise
            raise Mistake(_first_fault(pair, truth), mistake.seen) from None


def _with_rows(rows: slice, path: Pair, truth: Pair) -> Pair:
    """`truth` with these rows of `path`: the others belong to another idea."""

    def mixed(each: Tensor, right: Tensor) -> Tensor:
        rest = right.to(each.dtype, copy=True)
        rest[rows] = each.detach()[rows]
        return rest

    return mixed(path[0], truth[0]), mixed(path[1], truth[1])


def _first_fault(path: Pair, truth: Pair) -> str:
    right = [
        all(close(each[row], known[row]) for each, known in zip(path, truth, strict=True))
        for row in (0, 1)
    ]
    if not right[0]:
        return "fit-wrong-start"
    return "fit-later-step" if right[1] else "fit-first-step"


def _descend(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Pair:
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        by_mu, by_logvar = gradient(mus[-1], logvars[-1])
        mus.append(mus[-1] - rate * by_mu)
        logvars.append(logvars[-1] - rate * by_logvar)
    return torch.stack(mus), torch.stack(logvars)


def _in_turn(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Pair:
    mus, logvars = [mu], [logvar]
    for _ in range(steps):
        mus.append(mus[-1] - rate * gradient(mus[-1], logvars[-1])[0])
        logvars.append(logvars[-1] - rate * gradient(mus[-1], logvars[-1])[1])
    return torch.stack(mus), torch.stack(logvars)


def _only(gradient: Any, moved: int) -> Any:
    """The gradient with one of its two parts replaced by 0."""

    def part(mu: Tensor, logvar: Tensor) -> Pair:
        return tuple(g * (place == moved) for place, g in enumerate(gradient(mu, logvar)))

    return part


def _wrong_paths(gradient: Any, mu: Tensor, logvar: Tensor, steps: int, rate: float) -> Wrong:
    right = _descend(gradient, mu, logvar, steps, rate)
    longer = _descend(gradient, mu, logvar, steps + 1, rate)
    by_mu, by_logvar = gradient(mu, logvar)
    count = torch.arange(steps + 1, dtype=mu.dtype)[:, None]
    last = (right[0][-1].expand(steps + 1, -1), right[1][-1].expand(steps + 1, -1))
    wrong = [
        ("fit-uphill", _descend(gradient, mu, logvar, steps, -rate)),
        ("fit-rate-ignored", _descend(gradient, mu, logvar, steps, 1.0)),
        ("fit-one-after-other", _in_turn(gradient, mu, logvar, steps, rate)),
        ("fit-only-last", (right[0][-1], right[1][-1])),
        ("fit-no-start", (right[0][1:], right[1][1:])),
        ("fit-no-start", (longer[0][1:], longer[1][1:])),
        ("fit-step-count", longer),
        ("fit-step-count", (right[0][:-1], right[1][:-1])),
        ("fit-overwritten", last),
        ("gradients-swapped", (right[1], right[0])),
        ("fit-one-parameter", _descend(_only(gradient, 0), mu, logvar, steps, rate)),
        ("fit-one-parameter", _descend(_only(gradient, 1), mu, logvar, steps, rate)),
    ]
    if steps > 1:
        frozen = (mu - rate * count * by_mu, logvar - rate * count * by_logvar)
        wrong.append(("fit-gradient-frozen", frozen))
    return wrong


reparameterize = Reparameterize("5.1")
score_surrogate = _ScoreSurrogate()
fit = _Fit()
