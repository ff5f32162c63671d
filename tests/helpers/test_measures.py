"""All measures of one model, against the functions they come from and a model known exactly."""

import math

import pytest
import torch
from matplotlib import pyplot as plt

from vae_helpers import (
    VAE,
    History,
    Recipe,
    VaeLabError,
    binarize,
    evaluate,
    kl_split,
    likelihood_estimate,
    loss_bands,
    measure,
    recipe,
    run_seed,
)


def test_every_number_is_that_of_the_function_it_comes_from():
    """Oracle: likelihood_estimate and kl_split with the same noise, evaluate's rate."""
    model, images = VAE(latent_dim=3, hidden_dim=5, data_dim=7), torch.rand(40, 7)
    found = measure(
        model, images, num_samples=9, num_images=25, binarize_as="dynamic",
        generator=torch.Generator().manual_seed(1),
    )  # fmt: skip
    generator = torch.Generator().manual_seed(1)
    x = binarize(images, "dynamic", generator=generator)
    estimate = likelihood_estimate(model, x[:25], 9, generator=generator)
    split = kl_split(*model.encode(x), generator=generator)
    assert found.negative_elbo == pytest.approx(-estimate.elbo.mean().item(), rel=1e-5)
    assert found.negative_elbo_error == pytest.approx(estimate.elbo.std().item() / 5, rel=1e-5)
    assert found.iw_nll == pytest.approx(-estimate.log_likelihood.mean().item(), rel=1e-5)
    assert found[3:5] == pytest.approx(estimate.mean()[1:], rel=1e-5)
    assert found.effective_sample_size == estimate.effective_sample_size.median().item()
    assert found.rate == pytest.approx(evaluate(model, x[:25]).kl, rel=1e-5)
    assert found.rate + found.distortion == pytest.approx(found.negative_elbo, rel=1e-6)
    assert found.mutual_information == pytest.approx(split.mutual_information, rel=1e-6)
    assert found.marginal_kl == pytest.approx(split.marginal_kl, rel=1e-6)
    assert found[-3:] == (25, 9, 40)
    assert model.training


def test_a_model_that_ignores_its_code_spends_nothing():
    """Oracle: with q the prior and logits of 0, everything is known: log p(x) = -P log 2."""
    model = VAE(latent_dim=2, hidden_dim=5, data_dim=7)
    for parameter in model.parameters():
        parameter.data.zero_()
    found = measure(model, torch.rand(30, 7).round(), num_samples=4)
    nll = 7 * math.log(2)
    assert found[:5] == pytest.approx((nll, 0, nll, 0, 0), abs=1e-4)
    assert found.rate == found.active_units == 0
    assert found.distortion == pytest.approx(nll, rel=1e-5)
    assert (found.mutual_information, found.marginal_kl) == pytest.approx((0, 0), abs=1e-6)


def test_bad_input_gets_one_clear_line():
    model, images = VAE(latent_dim=2, hidden_dim=5, data_dim=7), torch.rand(9, 7)
    for call, said in (
        (lambda: measure(model, images[:0]), "images: there are none"),
        (lambda: measure(model, images[:1]), "at least two images"),
        (lambda: measure(model, images, num_images=1), "num_images must be a whole number of at"),
        (lambda: measure(model, images, num_samples=0), "num_samples must be a whole number of at"),
        (lambda: measure(images, images), "measure: model must be an nn.Module"),
        (lambda: measure(model, images, generator=1), "measure: generator must be"),
        (lambda: run_seed(Recipe(2), -1), "run_seed: seed must be a whole number of at least 0"),
        (lambda: loss_bands([History([1.0], [1.0])]), "at least two histories"),
        (
            lambda: loss_bands([History([1.0], [1.0]), History([1.0, 2.0], [1.0, 2.0])]),
            r"as many epochs are wanted, got \[1, 2\]",
        ),
    ):
        with pytest.raises(VaeLabError, match=said) as told:
            call()
        assert "\n" not in str(told.value)


def test_a_seed_decides_everything_and_leaves_torchs_own_generator_alone(monkeypatch):
    images = torch.rand(50, 784)
    monkeypatch.setattr(recipe, "mnist", lambda split: recipe.mnist_pair(images))
    monkeypatch.setattr(recipe, "mnist_pair", lambda x: type("P", (), {"images": x}), raising=False)
    small = Recipe(2, hidden_dim=4, epochs=1, num_samples=3, num_images=10)
    state = torch.random.get_rng_state()
    first, second = (run_seed(small, 3, progress=False) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert first.measures == second.measures
    assert first.history == second.history
    assert run_seed(small, 4, progress=False).measures != first.measures


def test_bands_are_the_mean_and_one_standard_deviation():
    """Oracle: statistics of three numbers at each epoch, read off the drawn line and band."""
    runs = [History([a, a + 1], [1.0, 2.0], [a, a], [a, a]) for a in (1.0, 2.0, 6.0)]
    figure = loss_bands(runs, title="three seeds")
    reconstruction = figure.axes[1]
    train, test = reconstruction.lines[:2]
    assert list(train.get_ydata()) == pytest.approx([3.0, 4.0])
    assert list(test.get_ydata()) == pytest.approx([3.0, 3.0])
    band = reconstruction.collections[1].get_paths()[0].vertices[:, 1]
    spread = torch.tensor([1.0, 2.0, 6.0]).std().item()
    assert (band.min(), band.max()) == pytest.approx((3 - spread, 3 + spread), rel=1e-6)
    assert [ax.get_xlabel() for ax in figure.axes] == ["epoch"] * 3
    plt.close(figure)
