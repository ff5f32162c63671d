"""The loss of every family once more, written down from its paper with the same noise.

What is compared are the values of single images and the gradients by all parameters: a term that is
left out, detached, or given to the wrong player shows in one of them. Networks are taken from the
model, formulas are not.

Over 350 lines: cases, each read by itself.
"""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Categorical, Gamma, Independent, Normal, kl_divergence
from zoo_samples import seeded

from vae_zoo.families import FAMILIES, make
from vae_zoo.networks import FullyConnected

SIDE, BATCH, D = 14, 6, 20
P = SIDE * SIDE
float64 = torch.float64


def model_of(family):
    torch.manual_seed(0)
    model = make(family, FullyConnected(P, 16, grid_size=4), num_images=100, side=SIDE).double()
    generator = seeded(9)
    with torch.no_grad():  # away from where flows and priors are the identity
        for each in model.parameters():
            each += 0.05 * torch.randn(each.shape, generator=generator, dtype=float64)
    for name in ("capacity", "capacity_categorical"):
        if hasattr(model, name):
            getattr(model, name).step.fill_(700)
    return model


def images():
    return torch.rand(BATCH, P, generator=seeded(1), dtype=float64)


LABELS = torch.arange(BATCH) % 10


def bce(raw, x):
    """-log p(x|z), summed over pixels."""
    return F.binary_cross_entropy_with_logits(raw, x.expand_as(raw), reduction="none").sum(-1)


def normal(like, generator):
    return torch.randn(like.shape, generator=generator, dtype=float64)


def halves(values):
    return values.chunk(2, dim=-1)


def q_of(model, x):
    mu, logvar = halves(model.encoder(x))
    return Independent(Normal(mu, (0.5 * logvar).exp()), 1)


def prior_of(like):
    return Independent(Normal(torch.zeros_like(like), torch.ones_like(like)), 1)


def drawn(q, generator):
    return q.mean + q.stddev * normal(q.mean, generator)


def terms_of(model, x, generator):
    """nll and KL in closed form, q and z, of the plain model."""
    q = q_of(model, x)
    z = drawn(q, generator)
    return bce(model.decoder(z), x), kl_divergence(q, prior_of(q.mean)), q, z


def weights_of(model, x, number, generator):
    """log p(x, z) - log q(z|x), (K, B)."""
    q = q_of(model, x)
    z = torch.stack([drawn(q, generator) for _ in range(number)])
    log_p = prior_of(z[0]).log_prob(z) - bce(model.decoder(z), x)
    return log_p - q.log_prob(z)


def bound(log_w):
    return log_w.logsumexp(0) - math.log(len(log_w))


def vae(model, x, g):
    nll, kl, *_ = terms_of(model, x, g)
    return nll + kl


def sigma(model, x, g):
    q = q_of(model, x)
    mean = model.decoder(drawn(q, g))
    variance = (x - mean).square().mean().detach()
    nll = -Normal(mean, variance.sqrt()).log_prob(x).sum(1)
    return nll + kl_divergence(q, prior_of(q.mean))


def beta(model, x, g):
    nll, kl, *_ = terms_of(model, x, g)
    return nll + 4.0 * kl


def capacity(model, x, g):
    nll, kl, *_ = terms_of(model, x, g)
    return nll + 30.0 * (kl.mean() - 25.0 * 700 / 2000).abs()


def conditional(model, x, g):
    one_hot = F.one_hot(LABELS, 10).double()
    mu, logvar = halves(model.encoder(x, one_hot))
    q = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    nll = bce(model.decoder(torch.cat([drawn(q, g), one_hot], dim=1)), x)
    return nll + kl_divergence(q, prior_of(mu))


def semi_supervised(model, x, g):
    return (
        conditional(model, x, g)
        + math.log(10)
        + 10.0 * F.cross_entropy(model.classifier(x), LABELS, reduction="none")
    )


def iwae(model, x, g):
    return -bound(weights_of(model, x, 5, g))


def miwae(model, x, g):
    return -weights_of(model, x, 25, g).view(5, 5, BATCH).logsumexp(1).sub(math.log(5)).mean(0)


def ciwae(model, x, g):
    log_w = weights_of(model, x, 5, g)
    return -0.5 * log_w.mean(0) - 0.5 * bound(log_w)


def piwae(model, x, g):
    return -bound(weights_of(model, x, 25, g))


def beta_tc(model, x, g):
    nll, _, q, z = terms_of(model, x, g)
    each = Normal(q.mean, q.stddev).log_prob(z[:, None])  # code i, image j, dimension
    weights = torch.full((BATCH, BATCH), 99 / (100 * (BATCH - 1)), dtype=float64)
    weights.fill_diagonal_(1 / 100)
    log_q_z = (weights * each.sum(2).exp()).sum(1).log()
    marginals = (weights[:, :, None] * each.exp()).sum(1).log().sum(1)
    information = q.log_prob(z) - log_q_z
    return nll + information + 6.0 * (log_q_z - marginals) + marginals - prior_of(z).log_prob(z)


def factor(model, x, g):
    nll, kl, _, z = terms_of(model, x, g)
    return nll + kl + 10.0 * model.discriminator(z)[:, 0]


def dip(model, x, g, second):
    nll, kl, q, _ = terms_of(model, x, g)
    C = torch.cov(q.mean.T, correction=0)
    if second:
        C = C + q.variance.mean(0).diag()
    off = C - C.diagonal().diag()
    return nll + kl + 10.0 * off.square().sum() + 10.0 * (C.diagonal() - 1).square().sum()


def info(model, x, g):
    nll, kl, _, z = terms_of(model, x, g)
    return nll + kl + 99.0 * mmd(z, normal(z, g), rbf)


def rbf(a, b):
    return torch.exp(-(a[:, None] - b).square().sum(2) / (2 * D))


def imq(a, b):
    squares = (a[:, None] - b).square().sum(2)
    return sum(2 * D * s / (2 * D * s + squares) for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0))


def mmd(z, y, k):
    away = ~torch.eye(BATCH, dtype=torch.bool)
    return k(z, z)[away].mean() + k(y, y)[away].mean() - 2 * k(z, y).mean()


def wae_mmd(model, x, g):
    z = model.encoder(x)
    return bce(model.decoder(z), x) + 100.0 * mmd(z, normal(z, g), imq)


def sliced(model, x, g):
    z = model.encoder(x)
    y = normal(z, g)
    directions = torch.randn(D, 50, generator=g, dtype=float64)
    directions = directions / directions.norm(dim=0)
    away = (z @ directions).sort(0)[0] - (y @ directions).sort(0)[0]
    return bce(model.decoder(z), x) + 100.0 * away.square().mean()


def gumbel(like, g):
    return -torch.empty(like.shape, dtype=float64).exponential_(generator=g).log()


def from_uniform(logits):
    values = logits.shape[-1]
    even = Categorical(torch.full_like(logits, 1 / values))
    return kl_divergence(Categorical(logits=logits), even)


def categorical(model, x, g):
    logits = model.encoder(x).view(BATCH, 20, 10)
    z = ((logits + gumbel(logits, g)) / 0.67).softmax(-1)
    return bce(model.decoder(z.flatten(1)), x) + from_uniform(logits).sum(1)


def joint(model, x, g):
    mu, logvar, logits = model.encoder(x).split([10, 10, 10], dim=1)
    q = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    z = drawn(q, g)
    c = ((logits + gumbel(logits, g)) / 0.67).softmax(-1)
    first = (kl_divergence(q, prior_of(mu)).mean() - 20.0 * 700 / 2000).abs()
    second = (from_uniform(logits).mean() - math.log(10) * 700 / 2000).abs()
    return bce(model.decoder(torch.cat([z, c], dim=1)), x) + 30.0 * (first + second)


def vq(model, x, g, average=False):
    z = model.encoder(x)
    e = model.codebook[(z[:, :, None] - model.codebook).square().sum(3).argmin(2)]
    passed = z + (e - z).detach()
    loss = bce(model.decoder(passed), x) + 0.25 * (z - e.detach()).square().sum((1, 2))
    return loss if average else loss + (z.detach() - e).square().sum((1, 2))


def finite_scalar(model, x, g):
    z = model.encoder(x).tanh()
    levels = [torch.linspace(-1, 1, count, dtype=float64) for count in (5, 5, 3)]
    parts = []
    for c, level in enumerate(levels):
        near = level[(z[:, :, c, None] - level).abs().argmin(-1)]
        parts.append(z[:, :, c] + (near - z[:, :, c]).detach())
    return bce(model.decoder(torch.stack(parts, dim=2)), x)


def hierarchy(model, x, g, kind):
    h = model.encoder(x)
    mu, logvar = halves(model.top(h))
    q2 = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    z2 = drawn(q2, g)
    p_mu, p_logvar = halves(model.priors[0](z2))
    p1 = Independent(Normal(p_mu, (0.5 * p_logvar).exp()), 1)
    if kind == "ladder":
        e_mu, e_logvar = halves(model.posteriors[0](h))
        precision = (-e_logvar).exp() + (-p_logvar).exp()
        mu = (e_mu * (-e_logvar).exp() + p_mu * (-p_logvar).exp()) / precision
        q1 = Independent(Normal(mu, precision.rsqrt()), 1)
    else:
        mu, logvar = halves(model.posteriors[0](torch.cat([h, z2], dim=1)))
        if kind == "residual":
            mu, logvar = mu + p_mu, logvar + p_logvar
        q1 = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    nll = bce(model.decoder(drawn(q1, g)), x)
    return nll + kl_divergence(q1, p1) + kl_divergence(q2, prior_of(z2))


def sampled(model, x, g, log_prior):
    q = q_of(model, x)
    z = drawn(q, g)
    return bce(model.decoder(z), x) + q.log_prob(z) - log_prior(z)


def of_components(mu, logvar):
    components = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    return lambda z: components.log_prob(z[:, None]).exp().mean(1).log()


def mixture(model, x, g):
    return sampled(model, x, g, of_components(model.prior_mu, model.prior_logvar))


def vamp(model, x, g):
    pseudo = torch.sigmoid(model.pseudo_logits)
    return sampled(model, x, g, of_components(*halves(model.encoder(pseudo))))


def log_det(flow, z):
    """log |det| of the Jacobian of each row, by autograd."""
    matrix = torch.func.vmap(torch.func.jacrev(lambda row: flow(row[None])[0][0]))(z)
    return torch.linalg.slogdet(matrix).logabsdet


def flow_prior(model, x, g):
    def log_prior(z):
        noise = model.to_noise(z)[0]
        return prior_of(noise).log_prob(noise) + log_det(model.to_noise, z)

    return sampled(model, x, g, log_prior)


def flow_posterior(model, x, g):
    q = q_of(model, x)
    u = drawn(q, g)
    z = model.flow(u)[0]
    log_q = q.log_prob(u) - log_det(model.flow, u)
    return bce(model.decoder(z), x) + log_q - prior_of(z).log_prob(z)


def gamma(model, x, g):
    concentration, rate = halves(model.encoder(x))
    q = Gamma(F.softplus(concentration) + 0.2, F.softplus(rate) + 1e-3)
    z = torch._standard_gamma(q.concentration, generator=g) / q.rate
    p = Gamma(torch.full_like(z, 2.0), torch.ones_like(z))
    return bce(model.decoder(z), x) + kl_divergence(q, p).sum(1)


def log_cosh(model, x, g):
    q = q_of(model, x)
    raw = model.decoder(drawn(q, g))
    return (10 * (x - raw)).cosh().log().sum(1) / 10 + kl_divergence(q, prior_of(q.mean))


def perceptual(model, x, g):
    q = q_of(model, x)
    made = model.decoder(drawn(q, g)).sigmoid()
    layers = model.likelihood.layers
    away = 0.0
    for last in (3, 5):  # behind the first and the second activation
        one, other = layers[:last](made), layers[:last](x)
        away = away + (one - other).square().mean((1, 2, 3))
    squares = (made - x).square().sum(1)
    return 100.0 * away + squares + kl_divergence(q, prior_of(q.mean))


def ms_ssim(model, x, g):
    """Two scales of windows of 7, by unfolding them: the second one has its luminance as well."""
    q = q_of(model, x)
    pair = [each.view(BATCH, 1, SIDE, SIDE) for each in (x, model.decoder(drawn(q, g)).sigmoid())]
    line = torch.exp(-0.5 * ((torch.arange(7, dtype=float64) - 3) / 1.5).square())
    weight = (line[:, None] * line).flatten() / line.sum() ** 2
    powers = torch.tensor([0.0448, 0.2856], dtype=float64)
    powers, found = powers / powers.sum(), 1.0
    for scale in range(2):
        a, b = (F.unfold(F.avg_pool2d(each, 2**scale), 7) for each in pair)  # (B, 49, windows)
        mean_a, mean_b = (torch.einsum("bpw,p->bw", each, weight) for each in (a, b))
        var_a = torch.einsum("bpw,p->bw", (a - mean_a[:, None]).square(), weight)
        var_b = torch.einsum("bpw,p->bw", (b - mean_b[:, None]).square(), weight)
        both = torch.einsum("bpw,p->bw", (a - mean_a[:, None]) * (b - mean_b[:, None]), weight)
        part = (2 * both + 0.03**2) / (var_a + var_b + 0.03**2)
        if scale == 1:
            light = (2 * mean_a * mean_b + 0.01**2) / (mean_a**2 + mean_b**2 + 0.01**2)
            part = part * light
        found = found * part.mean(1).clamp_min(1e-6) ** powers[scale]
    return P * (1 - found) + kl_divergence(q, prior_of(q.mean))


def two_stage(model, x, g):
    with torch.no_grad():
        z = drawn(q_of(model.first, x), g)
    q = q_of(model.second, z)
    mean = model.second.decoder(drawn(q, g))
    nll = -Normal(mean, model.second.likelihood.log_sigma.exp()).log_prob(z).sum(1)
    return nll + kl_divergence(q, prior_of(q.mean))


def latent_diffusion(model, x, g):
    """The first batch is standardized by its own moments."""
    with torch.no_grad():
        z = drawn(q_of(model.first, x), g)
        z = (z - z.mean(0)) / z.std(0, correction=0)
    t = torch.randint(1, 101, (BATCH,), generator=g)
    eps = normal(z, g)
    noisy = model.a[t][:, None] * z + (1 - model.a[t] ** 2).sqrt()[:, None] * eps
    return (eps - model.denoiser(noisy, t / 100)).square().sum(1)


BY_HAND = {
    "vae": vae, "sigma": sigma, "beta": beta, "capacity": capacity, "conditional": conditional,
    "semi-supervised": semi_supervised, "iwae": iwae, "miwae": miwae, "ciwae": ciwae,
    "piwae": piwae, "dreg": iwae, "beta-tc": beta_tc, "factor": factor,
    "dip-i": lambda *a: dip(*a, second=False), "dip-ii": lambda *a: dip(*a, second=True),
    "info": info, "wae-mmd": wae_mmd, "sliced-wasserstein": sliced, "categorical": categorical,
    "joint": joint, "vq": vq, "vq-average": lambda *a: vq(*a, average=True),
    "finite-scalar": finite_scalar, "two-level": lambda *a: hierarchy(*a, kind="top-down"),
    "ladder": lambda *a: hierarchy(*a, kind="ladder"),
    "residual": lambda *a: hierarchy(*a, kind="residual"), "mixture": mixture, "vamp": vamp,
    "flow-prior": flow_prior, "flow-posterior": flow_posterior,
    "planar-posterior": flow_posterior, "gamma": gamma, "log-cosh": log_cosh, "ms-ssim": ms_ssim,
    "perceptual": perceptual, "two-stage": two_stage, "latent-diffusion": latent_diffusion,
}  # fmt: skip
# Its gradient for the encoder is another estimate of the same: see test_bounds.py.
OTHER_GRADIENT = {"dreg"}


def test_every_family_is_written_down():
    assert set(BY_HAND) == set(FAMILIES)


@pytest.mark.parametrize("family", BY_HAND)
def test_the_loss_is_what_it_is_by_hand_in_value_and_gradient(family):
    model, x = model_of(family), images()
    given = (x, LABELS) if model.needs_labels else (x,)
    before = copy.deepcopy(model.state_dict())
    loss = model.loss(*given, generator=seeded()).loss
    found = torch.autograd.grad(loss.sum(), parameters(model), allow_unused=True)
    model.load_state_dict(before)  # averages that have moved are back
    expected = BY_HAND[family](model, x, seeded())
    wanted = torch.autograd.grad(expected.sum(), parameters(model), allow_unused=True)
    torch.testing.assert_close(loss, expected.expand(BATCH), rtol=1e-6, atol=1e-6)
    if family in OTHER_GRADIENT:
        return
    for (name, _), one, other in zip(named(model), found, wanted, strict=True):
        assert (one is None) == (other is None), name
        if one is not None:
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6, msg=name)


def named(model):
    return [(name, each) for name, each in model.named_parameters() if each.requires_grad]


def parameters(model):
    return [each for _, each in named(model)]
