"""Quadrature on a grid: against the linear-Gaussian model, scipy and closed forms."""

import math
import re

import pytest
import torch
from scipy import integrate
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from vae_helpers import (
    VAE,
    Grid,
    LinearGaussian,
    VaeLabError,
    kl_on_grid,
    log_evidence_on_grid,
    log_joint_of,
    missed_mass,
    posterior_on_grid,
    quadrature,
    refinement_change,
    require_covered,
)
from vae_helpers.model import standard_normal_log_prob

WIDE = {1: Grid(-9, 9, 400), 2: Grid((-9, -9), (9, 9), 200)}


def oracle(dims, images=3):
    """A linear-Gaussian model, images, and z -> log p(x, z) of them, (G, B)."""
    W = 0.7 * torch.randn(5, dims, dtype=torch.float64)
    model = LinearGaussian(W, torch.randn(5, dtype=torch.float64), s=0.8)
    x = model.sample(images).x
    return model, x, lambda z: model.log_joint(x, z[:, None])


def close(found, expected, tolerance=1e-9):
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dims", [1, 2])
def test_evidence_and_posterior_of_the_linear_gaussian_model(dims):
    """Oracle: LinearGaussian's closed forms, to 1e-9 nats."""
    model, x, log_joint = oracle(dims)
    points, area = WIDE[dims].points, WIDE[dims].cell_area
    close(log_evidence_on_grid(log_joint, points, area), model.log_evidence(x))
    found = posterior_on_grid(log_joint, points, area)
    close(found, model.posterior(x).log_prob(points[:, None]))
    close(found.exp().sum(0) * area, torch.ones(3, dtype=torch.float64))
    one = posterior_on_grid(lambda z: log_joint(z)[:, 0], points, area)
    close(one, found[:, 0])
    assert (missed_mass(log_joint, WIDE[dims]) < 1e-9).all()
    require_covered(log_joint, WIDE[dims])


@pytest.mark.parametrize("dims", [1, 2])
def test_the_evidence_is_the_elbo_and_the_kl_to_the_posterior(dims):
    """Oracle: LinearGaussian.elbo and torch.distributions; log p(x) = ELBO + KL to 1e-8."""
    model, x, log_joint = oracle(dims)
    points, area = WIDE[dims].points, WIDE[dims].cell_area
    mean = torch.randn(3, dims, dtype=torch.float64)
    q = Independent(Normal(mean, torch.full_like(mean, 0.5)), 1)
    kl = kl_on_grid(q.log_prob(points[:, None]), posterior_on_grid(log_joint, points, area), area)
    full = MultivariateNormal(mean, torch.diag_embed(q.variance))
    close(kl, kl_divergence(full, model.posterior(x)), 1e-8)
    close(model.elbo(x, q) + kl, log_evidence_on_grid(log_joint, points, area), 1e-8)


def test_a_vaes_evidence_by_another_quadrature():
    """Oracle: scipy's adaptive quadrature of VAE.log_joint between the ReLUs' kinks, to 1e-6."""
    model = VAE(latent_dim=1, hidden_dim=3, data_dim=7).double()
    kinks = -model.fc3.bias.detach() / model.fc3.weight.detach()[:, 0]
    points = [z for z in (0.0, *kinks.tolist()) if abs(z) < 9]
    x, fine = torch.rand(2, 7).round().double(), Grid(-9, 9, 20_000)
    found = log_evidence_on_grid(log_joint_of(model, x), fine.points, fine.cell_area)
    for image, value in zip(x, found, strict=True):

        def joint(z, image=image):
            z = torch.tensor([[z]], dtype=torch.float64)
            with torch.no_grad():
                return model.log_joint(image[None], z).exp().item()

        expected, _ = integrate.quad(joint, -9, 9, limit=400, epsabs=0, epsrel=1e-9, points=points)
        assert value.item() == pytest.approx(math.log(expected), abs=1e-6)
    change = refinement_change(log_joint_of(model, x), fine)
    assert (change.abs() < 1e-6).all()


def test_what_is_decoded_at_once_changes_nothing(monkeypatch):
    model, x = VAE(latent_dim=2, hidden_dim=3, data_dim=7).double(), torch.rand(2, 7).double()
    log_joint, z = log_joint_of(model, x), torch.randn(30, 2, dtype=torch.float64)
    whole = log_joint(z)
    for pixels in (1, 70):
        monkeypatch.setattr(quadrature, "PIXELS_AT_ONCE", pixels)
        close(log_joint(z), whole, 1e-12)


@pytest.mark.parametrize("steps", [4, 8, 16])
def test_cells_that_are_too_coarse_are_told_by_halving_them(steps):
    """Oracle: sums by hand, of cells of 4, 2 and 1 sigma: 0.825, 0.0145 and 5e-9 nats."""

    def log_sum(cells):
        centers = (-8 + (i + 0.5) * 16 / cells for i in range(cells))
        density = (math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) for z in centers)
        return math.log(sum(density) * 16 / cells)

    expected = log_sum(2 * steps) - log_sum(steps)
    found = refinement_change(standard_normal_log_prob, Grid(-8, 8, steps))
    assert found.item() == pytest.approx(expected, abs=1e-12)
    two = Grid((-8, -8), (8, 8), steps)  # an independent second axis: twice as much
    both = refinement_change(standard_normal_log_prob, two)
    assert both.item() == pytest.approx(2 * expected, abs=1e-12)


def test_the_joint_of_a_float32_model_is_its_own():
    """Oracle: VAE.log_joint, image by image and code by code; grey images too."""
    model, x, z = VAE(latent_dim=2), torch.rand(4, 784), torch.randn(6, 2)
    found = log_joint_of(model, x)(z.double())
    expected = torch.stack([model.log_joint(x, code.expand(4, 2)) for code in z])
    assert not found.requires_grad
    close(found, expected.detach().double(), 1e-5)


def test_gradients_by_finite_differences():
    """Oracle: torch.autograd.gradcheck in the parameters of a Gaussian joint and of q."""
    points = Grid(-9, 9, 60).points

    def joint(mean):
        return lambda z: standard_normal_log_prob(z) + standard_normal_log_prob(2 * (z - mean))

    def value(mean, function):
        return function(joint(mean), points, 0.3)

    def kl(mean, logvar):
        log_q = Normal(mean, (0.5 * logvar).exp()).log_prob(points).sum(1)
        return kl_on_grid(log_q, posterior_on_grid(joint(0.5), points, 0.3), 0.3)

    mean = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    for function in (log_evidence_on_grid, posterior_on_grid):
        assert torch.autograd.gradcheck(lambda m, f=function: value(m, f), mean)
    assert torch.autograd.gradcheck(kl, [mean, torch.zeros_like(mean).requires_grad_()])


@pytest.mark.parametrize("edge", [-1.0, 0.0, 2.0])
def test_the_mass_outside_is_measured_and_said(edge):
    """Oracle: the normal distribution function, to the midpoint rule's error at a cut, 1e-5."""
    cut = Grid(edge, edge + 9, 2000)
    share = Normal(0.0, 1.0).cdf(torch.tensor(edge)).item()
    assert missed_mass(standard_normal_log_prob, cut).item() == pytest.approx(share, abs=1e-5)
    lost = -log_evidence_on_grid(standard_normal_log_prob, cut.points, cut.cell_area).item()
    said = r"misses (\S+) % of the posterior of image 0: log p\(x\) by it is (\S+) nats too low"
    with pytest.raises(VaeLabError, match=said) as told:
        require_covered(standard_normal_log_prob, cut)
    numbers = re.search(said, str(told.value)).groups()
    assert [float(n) for n in numbers] == [
        pytest.approx(100 * share, rel=1e-3),
        pytest.approx(lost, rel=1e-3),
    ]
    require_covered(standard_normal_log_prob, cut, most=0.999)


def test_one_image_of_many_and_one_corner_of_two_dimensions_are_found():
    """Oracle: independent axes, of which one is cut at -1 sigma: 15.87 %."""
    low = torch.tensor([[0.0, 0.0], [0.0, 8.0]], dtype=torch.float64)  # the second image's mean
    two = Grid((-9, -9), (9, 9), 150)

    def log_joint(z):
        return standard_normal_log_prob(z[:, None] - low)

    share = 1 - Normal(0.0, 1.0).cdf(torch.tensor(1.0)).item()
    found = missed_mass(log_joint, two)
    assert found[0] < 1e-9
    assert found[1].item() == pytest.approx(share, abs=1e-3)
    with pytest.raises(VaeLabError, match=r"from \(-9, -9\) to \(9, 9\) misses 15.* of image 1"):
        require_covered(log_joint, two)


def test_a_posterior_that_is_elsewhere_is_missed_whole():
    def elsewhere(z):
        return standard_normal_log_prob(z - 300)

    with pytest.raises(VaeLabError, match="misses 100 % of the posterior of image 0"):
        require_covered(elsewhere, Grid(-5, 5, 50))


def test_points_are_the_centers_of_cells_that_tile_the_box():
    two = Grid((-1, 0), (1, 3), steps=2)
    assert two.points.tolist() == [[-0.5, 0.75], [-0.5, 2.25], [0.5, 0.75], [0.5, 2.25]]
    assert two.cell_area * len(two.points) == 6
    assert len(two.around()) == 8
    assert len({each.corners for each in [two, *two.around()]}) == 9
    assert Grid(-1, 1, 3, dtype=torch.float32).points.dtype == torch.float32


POINTS = Grid(-9, 9, 20).points
HALF = standard_normal_log_prob(POINTS)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Grid(1, -1, 5), "low below high, got 1 and -1"),
        (lambda: Grid((0, 0), (1, 1, 1), 5), r"one or two finite numbers each.*got \(0, 0\)"),
        (lambda: Grid((0, 0, 0), (1, 1, 1), 5), "one or two finite numbers"),
        (lambda: Grid(0, math.inf, 5), "one or two finite numbers"),
        (lambda: Grid("a", 1, 5), "one or two finite numbers"),
        (lambda: Grid(0, 1, 1), "steps must be a whole number of at least 2, got 1"),
        (lambda: log_evidence_on_grid(lambda z: z, POINTS[:, 0], 1.0), r"points must be \(G, 1\)"),
        (lambda: log_evidence_on_grid(lambda z: z, torch.zeros(4, 3), 1.0), "too many cells"),
        (lambda: log_evidence_on_grid(lambda z: z[:3], POINTS, 1.0), r"\(20, B\).*got \(3, 1\)"),
        (lambda: posterior_on_grid(lambda z: z[:, 0], POINTS, 0.0), "must be a positive number"),
        (lambda: posterior_on_grid(lambda z: z / 0, POINTS, 1.0), "nan or infinite at a point"),
        (lambda: posterior_on_grid(lambda z: z - math.inf, POINTS, 1.0), "misses all of it"),
        (lambda: posterior_on_grid(lambda z: 3.0, POINTS, 1.0), "expected a torch.Tensor, got 3.0"),
        (lambda: kl_on_grid(HALF, HALF[:3], 0.9), r"log_q \(20,\) and log_p \(3,\)"),
        (lambda: kl_on_grid(HALF, HALF, 0.45), "q of image 0 has the mass 0.5 on this grid"),
        (lambda: kl_on_grid(HALF / 0, HALF, 0.9), "q of image 0 has the mass 0 on this grid"),
        (lambda: log_joint_of(VAE(), torch.zeros(0, 784)), "x: there are none"),
        (
            lambda: log_joint_of(VAE(), torch.zeros(3, 6))(torch.zeros(1, 20)),
            r"logits \(1, 784\) are not of the size of the images, \(3, 6\)",
        ),
    ],
)
def test_bad_input_gets_one_clear_line(call, said):
    with pytest.raises(VaeLabError, match=said) as told:
        call()
    assert "\n" not in str(told.value)
