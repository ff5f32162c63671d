"""The row of numbers of a model: each against what is known, and absent where it does not exist."""

import math

import pytest
import torch
from linear_models import exact, images, too_wide
from zoo_samples import seeded

from vae_helpers import VaeLabError, mnist
from vae_zoo.data.faces import faces
from vae_zoo.families import FAMILIES, make
from vae_zoo.features import WEIGHTS, FeatureNetwork, features_of, frechet_distance, trained
from vae_zoo.measures import ZooMeasures, measure_zoo
from vae_zoo.networks import FullyConnected
from vae_zoo.vae import GaussianVAE

float64 = torch.float64
SIDE = 14
P = SIDE * SIDE


def test_the_frechet_distance_of_gaussians_is_its_closed_form():
    """With covariances that commute: |m|^2 + sum (s_1 - s_2)^2; 50,000 draws."""
    z = torch.randn(2, 50_000, 3, generator=seeded(), dtype=float64)
    m, s = (
        torch.tensor([1.0, 0.0, -2.0], dtype=float64),
        torch.tensor([1.0, 2.0, 0.5], dtype=float64),
    )
    found = frechet_distance(z[0], m + s * z[1])
    expected = (m.square().sum() + (s - 1).square().sum()).item()
    assert abs(found - expected) < 0.1
    rotation = torch.linalg.qr(torch.randn(3, 3, generator=seeded(1), dtype=float64)).Q
    assert abs(frechet_distance(z[0] @ rotation, (m + s * z[1]) @ rotation) - found) < 1e-9
    assert frechet_distance(z[0], z[0]) < 1e-9


def test_features_that_do_not_fit_are_refused_in_one_line():
    with pytest.raises(VaeLabError, match=r"got \(1, 3\) and \(5, 3\)"):
        frechet_distance(torch.zeros(1, 3), torch.zeros(5, 3))


@pytest.mark.parametrize("data", ["mnist", "faces"])
def test_the_stored_networks_know_their_images(data):
    """Digits told and factors explained, as the command that made them printed; images that are
    held back are nearer to each other than noise is."""
    network = trained(data)
    assert not any(each.requires_grad for each in network.parameters())
    if data == "mnist":
        x, y = mnist("test")
        assert (network(x[:2000]).argmax(1) == y[:2000]).float().mean() > 0.97
    else:
        x, y = faces(2000, generator=seeded(3))
        left = (network(x) - y).square().mean(0) / y.var(0)
        assert (1 - left).mean() > 0.95
    real, held_back = features_of(network, x[:1000]), features_of(network, x[1000:2000])
    noise = features_of(network, torch.rand(1000, x.shape[1], generator=seeded()))
    floor = frechet_distance(real, held_back)
    assert floor < 0.1 * frechet_distance(real, noise)
    assert sum(path.stat().st_size for path in WEIGHTS.iterdir()) < 200_000


def test_a_network_that_is_not_there_gets_one_line(tmp_path, monkeypatch):
    from vae_zoo import features

    monkeypatch.setattr(features, "WEIGHTS", tmp_path)
    (tmp_path / "faces.pt").write_bytes(b"no weights")
    for name in ("mnist", "faces"):
        with pytest.raises(VaeLabError, match=r"missing or damaged .*zoo_features.py") as caught:
            trained(name)
        assert "\n" not in str(caught.value)
    with pytest.raises(VaeLabError, match="mnist and faces, got 'celeba'"):
        trained("celeba")


def test_the_numbers_of_a_linear_gaussian_are_those_that_are_known():
    """A q that is too wide: the negative ELBO in closed form, the evidence by 2,000 weights."""
    model, truth = exact(GaussianVAE, encoder=too_wide)
    x = images(400)
    mu, logvar = model.encode(x)
    q = torch.distributions.Independent(torch.distributions.Normal(mu, (0.5 * logvar).exp()), 1)
    found = measure_zoo(
        model, (x, None), (x, None), num_samples=2000, num_images=400, generator=seeded()
    )
    assert abs(found.negative_elbo + truth.elbo(x, q).mean()) < 0.1
    assert abs(found.iw_nll + truth.log_evidence(x).mean()) < 0.01
    assert found.rate + found.distortion == pytest.approx(found.negative_elbo)
    assert found.iw_nll < found.negative_elbo
    assert found.probe is None
    assert found.frechet is None


# What each family has no number of.
NO_ELBO = {
    *("wae-mmd", "sliced-wasserstein", "vq", "vq-average", "finite-scalar", "log-cosh", "ms-ssim"),
    *("perceptual", "two-stage", "latent-diffusion"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_the_numbers_that_exist_and_no_others(family):
    torch.manual_seed(0)
    model = make(family, FullyConnected(P, 16, 4), num_images=60, side=SIDE)
    x, y = torch.rand(60, P, generator=seeded()), torch.arange(60) % 10
    before = {name: value.clone() for name, value in model.state_dict().items()}
    network = FeatureNetwork(SIDE, 1, 10)
    found = measure_zoo(
        model, (x, y), (x, y), num_images=8, num_samples=5, network=network, generator=seeded()
    )
    assert (found.negative_elbo is None) == (family in NO_ELBO)
    assert (found.probe is None) == model.needs_labels
    assert found.frechet is not None
    assert found.frechet_floor is not None
    assert all(value is None or math.isfinite(value) for value in found)
    if found.marginal_kl is not None:
        assert found.active_units is not None
        assert family not in ("vamp", "mixture", "flow-prior", "gamma", "flow-posterior", "wae-mmd")
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.training


def test_the_probe_finds_what_is_linear_in_the_codes():
    """Codes that are the labels' own columns are told all; random ones as often as by chance."""
    model, _ = exact(GaussianVAE)
    x = images(600)
    codes = model.centre(x)
    labels, factors = codes.argmax(1), codes @ torch.randn(3, 2, generator=seeded(), dtype=float64)
    by_label = measure_zoo(model, (x[:300], labels[:300]), (x[300:], labels[300:]), num_samples=2)
    by_factor = measure_zoo(
        model, (x[:300], factors[:300]), (x[300:], factors[300:]), num_samples=2
    )
    noise = torch.randint(0, 3, (600,), generator=seeded(1))
    by_chance = measure_zoo(model, (x[:300], noise[:300]), (x[300:], noise[300:]), num_samples=2)
    assert by_label.probe > 0.85
    assert by_factor.probe > 0.99
    assert by_chance.probe < 0.5


def test_fields_of_the_row_are_explained():
    for name in ZooMeasures._fields:
        assert name in ZooMeasures.__doc__
