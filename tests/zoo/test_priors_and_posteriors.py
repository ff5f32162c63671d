"""Densities that integrate to 1, determinants by autograd, and posteriors that are reached."""

import itertools
import math

import pytest
import torch
from linear_models import LinearNetworks, exact, images, linear_gaussian
from torch.distributions import Gamma
from zoo_samples import networks, seeded

from vae_helpers import VaeLabError
from vae_zoo.flows import AffineAutoregressive, Planar, affine_chain
from vae_zoo.likelihoods.densities import Gaussian
from vae_zoo.posteriors.flow import FlowPosteriorVAE
from vae_zoo.posteriors.gamma import GammaVAE
from vae_zoo.priors.flow import FlowPriorVAE
from vae_zoo.priors.mixture import MixtureVAE, VampPrior, mixture_log_prob
from vae_zoo.vae import GaussianVAE

float64 = torch.float64


def disturbed(module, seed=0, size=0.3):
    """Parameters moved away from where the module begins."""
    generator = seeded(seed)
    with torch.no_grad():
        for each in module.parameters():
            each += size * torch.randn(each.shape, generator=generator)
    return module.double()


def integral(log_prob, most=12.0, cells=600):
    """Over the plane, by the midpoint rule."""
    places = (torch.arange(cells, dtype=float64) + 0.5) / cells * 2 * most - most
    z = torch.cartesian_prod(places, places)
    return log_prob(z).exp().sum().item() * (2 * most / cells) ** 2


@pytest.mark.parametrize("sort", [MixtureVAE, VampPrior, FlowPriorVAE, GaussianVAE])
def test_a_prior_integrates_to_one(sort):
    torch.manual_seed(0)
    model = disturbed(sort(networks(), 2), size=0.1)
    with torch.no_grad():
        assert abs(integral(model.prior_log_prob) - 1) < 1e-6


def test_a_bracket_too_far_does_not():
    """The fault of a known implementation, planted: logvar is divided by the variance as well."""
    mu, logvar = torch.zeros(1, 2, dtype=float64), torch.full((1, 2), -1.0, dtype=float64)

    def faulty(z):
        each = -0.5 * (logvar + (z - mu).square()) / logvar.exp() - 0.5 * math.log(2 * math.pi)
        return each.sum(1)

    assert abs(integral(lambda z: mixture_log_prob(z, mu, logvar)) - 1) < 1e-6
    assert abs(integral(faulty) - 1) > 0.5


@pytest.mark.parametrize(
    ("sort", "size"), [(MixtureVAE, 0.5), (VampPrior, 0.5), (FlowPriorVAE, 0.1)]
)
def test_samples_of_a_prior_have_its_density(sort, size):
    """E log p over 20,000 samples against the entropy by the grid, within five standard errors."""
    torch.manual_seed(0)
    model = disturbed(sort(networks(), 2), size=size)
    with torch.no_grad():
        found = model.prior_log_prob(model.prior_sample(20_000, generator=seeded(1)))
        places = (torch.arange(600, dtype=float64) + 0.5) / 25 - 12
        log_p = model.prior_log_prob(torch.cartesian_prod(places, places))
        expected = (log_p.exp() * log_p).nan_to_num().sum() / 25**2
    assert abs(found.mean() - expected) < 5 * found.std() / 20_000**0.5


def test_the_vamp_prior_is_the_mean_of_q_over_its_images():
    torch.manual_seed(0)
    model = VampPrior(networks(), 3, num_components=4).double()
    z = torch.randn(5, 3, generator=seeded(), dtype=float64)
    mu, logvar = model.encode(torch.sigmoid(model.pseudo_logits))
    q = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    expected = q.log_prob(z[:, None]).sum(2).logsumexp(1) - math.log(4)
    torch.testing.assert_close(model.prior_log_prob(z), expected)


@pytest.mark.parametrize("dim", [1, 4])
@pytest.mark.parametrize(
    "made",
    [lambda dim: AffineAutoregressive(dim, 16), lambda dim: affine_chain(dim, 3, 16), Planar],
)
def test_the_log_determinant_is_that_of_the_jacobian(made, dim):
    torch.manual_seed(0)
    flow = disturbed(made(dim))
    x = torch.randn(3, dim, generator=seeded(), dtype=float64)
    y, log_det = flow(x)
    for row in range(3):
        jacobian = torch.autograd.functional.jacobian(lambda v: flow(v[None])[0][0], x[row])
        torch.testing.assert_close(log_det[row], torch.linalg.slogdet(jacobian).logabsdet)
    assert y.shape == x.shape


def test_a_context_makes_another_flow_of_each_image():
    """The log-determinant by autograd at fixed context; without one, all images have one flow."""
    flow = disturbed(affine_chain(3, 2, 16, context_dim=2))
    x = torch.randn(4, 3, generator=seeded(), dtype=float64)
    context = torch.randn(4, 2, generator=seeded(1), dtype=float64)
    y, log_det = flow(x, context)
    for row in range(4):
        jacobian = torch.autograd.functional.jacobian(
            lambda v, row=row: flow(v[None], context[row, None])[0][0], x[row]
        )
        torch.testing.assert_close(log_det[row], torch.linalg.slogdet(jacobian).logabsdet)
    assert not torch.allclose(y, flow(x, context.flip(0))[0])


def test_a_flow_posterior_takes_its_context_from_the_encoder():
    model = disturbed(FlowPosteriorVAE(networks(), 3, context_dim=4))
    x = torch.rand(5, 12, generator=seeded(), dtype=float64)
    mu, logvar = model.encode(x)
    assert mu.shape == logvar.shape == model.centre(x).shape == (5, 3)
    z, log_q = model.posterior(x, 2, generator=seeded())
    u, _ = GaussianVAE.posterior(model, x, 2, generator=seeded())
    context = model.encoder(x)[:, 6:]
    expected, log_det = model.flow(u, context)
    torch.testing.assert_close(z, expected)
    normal = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    torch.testing.assert_close(log_q, normal.log_prob(u).sum(2) - log_det)


def test_the_mask_is_strictly_triangular():
    """No output sees its own dimension or a later one, and each sees all before it."""
    flow = disturbed(AffineAutoregressive(5, 64))
    x = torch.randn(5, generator=seeded(), dtype=float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: flow.parts(v), x)  # (2, 5, 5)
    for part in jacobian:
        assert (part.triu() == 0).all()
        assert (part.tril(-1)[tuple(torch.tril_indices(5, 5, -1))] != 0).all()


@pytest.mark.parametrize("steps", [1, 3])
def test_the_inverse_undoes_and_has_the_same_determinant(steps):
    flow = disturbed(affine_chain(4, steps, 16))
    x = torch.randn(3, 4, generator=seeded(), dtype=float64)
    y, log_det = flow(x)
    back, same = flow.inverse(y)
    torch.testing.assert_close(back, x)
    torch.testing.assert_close(same, log_det)


def test_planar_maps_are_invertible_whatever_their_parameters():
    for seed in range(20):
        flow = disturbed(Planar(1), seed)
        with torch.no_grad():
            flow.u.mul_(20)
        x = torch.linspace(-6, 6, 2001, dtype=float64)[:, None]
        y, _ = flow(x)
        assert (y.diff(dim=0) > 0).all()


def correlated():
    """An affine flow that bends N(mu, diag) into the correlated posterior exactly: with the
    covariance L L', z = mean + L eps, in the order of the dimensions."""
    model = linear_gaussian(orthogonal=False)
    p = model.posterior(images(1))
    L = torch.linalg.cholesky(p.covariance_matrix[0])
    d = L.diagonal()

    def encode(x, *_):
        # Before the flow u = d eps; the flow adds (L / d) u below the diagonal, and the mean.
        mean = model.posterior(x).mean
        unbent = torch.linalg.solve_triangular(L / d, mean.mT, upper=False).mT
        return torch.cat([unbent, (2 * d.log()).expand_as(mean)], dim=1)

    made = FlowPosteriorVAE(LinearNetworks(model, encode), 3, Gaussian(model.s), num_steps=1)
    made = made.double()
    made.likelihood.log_sigma.fill_(math.log(model.s))
    made.flow[0].parts = Linear((L / d).tril(-1))
    return made, model


class Linear(torch.nn.Module):
    """log-scales 0, shifts M x."""

    def __init__(self, M):
        super().__init__()
        self.M = M

    def forward(self, x):
        return torch.stack([torch.zeros_like(x), x @ self.M.mT], dim=-2)


def test_an_affine_step_reaches_a_correlated_posterior_and_a_diagonal_one_does_not():
    model, truth = correlated()
    x = images()
    for seed in range(3):
        found = -model.loss(x, generator=seeded(seed)).loss
        torch.testing.assert_close(found, truth.log_evidence(x), rtol=0, atol=1e-8)
    diagonal, truth = exact(GaussianVAE, orthogonal=False)
    mu, logvar = diagonal.encode(x)
    q = torch.distributions.Independent(torch.distributions.Normal(mu, (0.5 * logvar).exp()), 1)
    assert (truth.log_evidence(x) - truth.elbo(x, q) > 0.05).all()


@pytest.mark.parametrize("kind", ["affine", "planar"])
def test_a_flow_begins_as_the_identity(kind):
    model = FlowPosteriorVAE(networks(), 3, kind=kind, num_steps=1)
    x = torch.rand(4, 12, generator=seeded())
    flowed, plain = (
        posterior(model, x, generator=seeded(1))
        for posterior in (FlowPosteriorVAE.posterior, GaussianVAE.posterior)
    )
    torch.testing.assert_close(flowed, plain, rtol=1e-5, atol=1e-5)


def test_the_gamma_kl_is_that_of_quadrature():
    torch.manual_seed(0)
    model = GammaVAE(networks(), 1, concentration=2.0, rate=1.0).double()
    x = torch.rand(3, 12, generator=seeded(), dtype=float64)
    concentration, rate = model.encode(x)
    kl = model.loss(x, generator=seeded()).terms["kl"]
    edges = torch.logspace(-12, 2.5, 200_001, dtype=float64)
    z, width = (edges[1:] + edges[:-1]) / 2, edges.diff()
    for row in range(3):
        q, p = Gamma(concentration[row, 0], rate[row, 0]), model.prior(x)
        integrand = q.log_prob(z).exp() * (q.log_prob(z) - p.log_prob(z))
        assert abs((integrand * width).sum() - kl[row]) < 1e-3


def test_a_draws_derivative_by_the_concentration_is_implicit():
    """Oracle: -(dF/da) / (dF/dz) by central differences of the cumulative distribution."""
    a = torch.tensor([0.7, 2.0, 9.0], dtype=float64, requires_grad=True)
    z = GammaVAE(networks(), 1).draw(a, torch.ones_like(a), generator=seeded(3))
    (found,) = torch.autograd.grad(z.sum(), a)
    step = 1e-5
    with torch.no_grad():
        cumulative = torch.special.gammainc
        by_a = (cumulative(a + step, z) - cumulative(a - step, z)) / (2 * step)
        by_z = Gamma(a, torch.ones_like(a)).log_prob(z).exp()
    torch.testing.assert_close(found, -by_a / by_z, rtol=1e-4, atol=1e-6)


def test_gamma_draws_have_the_moments_of_their_distribution():
    """A known implementation draws of a concentration that is 8 too large."""
    model = GammaVAE(networks(), 1, concentration=2.0, rate=4.0)
    z = model.prior_sample(20_000, generator=seeded()).double()
    assert abs(z.mean() - 0.5) < 5 * z.std() / 20_000**0.5
    assert abs(z.var() - 2 / 16) < 0.01
    log_w = model.log_weights(torch.rand(2, 12, generator=seeded()), 7, generator=seeded())
    assert log_w.shape == (7, 2)
    assert log_w.isfinite().all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: FlowPosteriorVAE(networks(), 2, kind="spline"), "'affine' or 'planar'"),
        (lambda: FlowPosteriorVAE(networks(), 2, num_steps=0), "FlowPosteriorVAE: num_steps"),
        (lambda: FlowPosteriorVAE(networks(), 2, kind="planar", context_dim=1), "only an affine"),
        (lambda: MixtureVAE(networks(), 2, num_components=0), "MixtureVAE: num_components"),
        (lambda: GammaVAE(networks(), 2, rate=0), "rate must be a positive number"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_every_pair_of_a_prior_and_a_map_is_different():
    """Chains reverse the order between their steps: each dimension sees each other one."""
    flow = disturbed(affine_chain(3, 2, 32))
    x = torch.randn(3, generator=seeded(), dtype=float64)
    jacobian = torch.autograd.functional.jacobian(lambda v: flow(v[None])[0][0], x)
    for row, column in itertools.product(range(3), range(3)):
        assert jacobian[row, column] != 0
