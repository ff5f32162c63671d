"""What every family offers in one way: shapes, dtypes, noise of a generator, saved states."""

import copy
import re
import warnings

import pytest
import torch
from safetensors.torch import load_file, save_file
from zoo_samples import seeded

from vae_helpers import VaeLabError
from vae_zoo.families import FAMILIES, make
from vae_zoo.likelihoods.densities import Gaussian
from vae_zoo.likelihoods.log_cosh import LogCosh
from vae_zoo.networks import Convolutional, FullyConnected, ListedConvolutions, parameter_count
from vae_zoo.vae import GaussianVAE

SIDE, BATCH = 14, 6
P = SIDE * SIDE


def small(family, networks=None):
    torch.manual_seed(0)
    networks = networks or FullyConnected(P, hidden_dim=16, grid_size=4)
    return make(family, networks, num_images=100, side=SIDE)


def batch(model, n=BATCH):
    x = torch.rand(n, P, generator=seeded(1))
    return (x, torch.arange(n) % 10) if model.needs_labels else (x,)


families = pytest.mark.parametrize("family", FAMILIES)


@families
def test_a_loss_and_its_terms_are_one_number_an_image(family):
    model = small(family)
    for each in model.players():
        loss, terms = each.loss(*batch(model))
        assert terms
        for value in (loss, *terms.values()):
            assert value.shape == (BATCH,)
            assert value.isfinite().all()


@families
def test_every_parameter_is_some_players_and_each_gets_a_gradient(family):
    """Of the second stage's players only those of their stage."""
    model = small(family)
    stages = [model.players()]
    if hasattr(model, "first_steps"):
        model.step.fill_(model.first_steps)
        stages.append(model.players())
    found = set()
    for each in (player for stage in stages for player in stage):
        loss = each.loss(*batch(model)).loss.mean()
        gradients = torch.autograd.grad(loss, each.parameters, allow_unused=True)
        assert all(gradient is not None for gradient in gradients)
        found |= {id(parameter) for parameter in each.parameters}
    assert found == {id(p) for p in model.parameters() if p.requires_grad}


@families
def test_all_randomness_follows_from_the_generator(family):
    """And none is taken from torch's own."""
    model = small(family)
    calls = {
        "loss": lambda g: model.loss(*batch(model), generator=g).loss,
        "latent": lambda g: model.latent(*batch(model), generator=g),
        "sample": lambda g: model.sample(5, generator=g),
    }
    for name, call in calls.items():
        state = torch.get_rng_state()
        kept = copy.deepcopy(model.state_dict())
        first = call(seeded(3))
        model.load_state_dict(kept)
        second = call(seeded(3))
        model.load_state_dict(kept)
        torch.testing.assert_close(first, second, rtol=0, atol=0, msg=name)
        assert torch.equal(torch.get_rng_state(), state), name


@families
def test_pictures_have_the_images_shape_and_no_gradient(family):
    model = small(family).eval()
    with pytest.raises(VaeLabError, match="sample: n must be a whole number"):
        model.sample(-1)
    for made, n in (
        (model.sample(3), 3),
        (model.sample(0), 0),
        (model.reconstruct(*batch(model)), BATCH),
    ):
        assert made.shape == (n, P)
        assert not made.requires_grad
    torch.testing.assert_close(model.reconstruct(*batch(model)), model.reconstruct(*batch(model)))


@families
def test_float64_and_one_image_or_none(family):
    model = small(family).double().eval()
    x, *labels = batch(model)
    for n in (BATCH, 1, 0):
        if n < 2 and family in ("beta-tc", "info", "wae-mmd"):
            with pytest.raises(VaeLabError, match="at least two"):
                model.loss(x[:n].double(), *(each[:n] for each in labels))
            continue
        if n == 0:  # a mean over no images is no number; no family promises one
            continue
        loss = model.loss(x[:n].double(), *(each[:n] for each in labels)).loss
        assert loss.dtype == torch.float64
        assert loss.shape == (n,)
        assert loss.isfinite().all()


@families
@pytest.mark.parametrize("mixed", [True, False], ids=["autocast", "bfloat16"])
def test_losses_and_gradients_exist_with_few_digits(family, mixed):
    """Finite; of a model in bfloat16 in bfloat16."""
    model = small(family)
    if not mixed:
        model.to(torch.bfloat16)
    data = [
        each.to(torch.bfloat16) if each.is_floating_point() and not mixed else each
        for each in batch(model)
    ]
    for player in model.players():
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            loss = player.loss(*data).loss
        loss.mean().backward()
        assert loss.isfinite().all()
        assert mixed or loss.dtype == torch.bfloat16
        gradients = [each.grad for each in player.parameters if each.grad is not None]
        assert gradients
        assert all(each.isfinite().all() for each in gradients)
    model.after_step()


@families
def test_a_saved_state_brings_the_model_back(family, tmp_path):
    """By state_dict and by safetensors, into a model of other random numbers."""
    model = small(family)
    model.loss(*batch(model))
    model.after_step()
    save_file(
        {k: v.contiguous() for k, v in model.state_dict().items()}, tmp_path / "model.safetensors"
    )
    torch.save(model.state_dict(), tmp_path / "model.pt")
    states = (load_file(tmp_path / "model.safetensors"), torch.load(tmp_path / "model.pt"))
    expected = model.eval().reconstruct(*batch(model))
    trained = model.train().loss(*batch(model), generator=seeded()).loss
    for state in states:
        torch.manual_seed(99)
        other = make(
            family, FullyConnected(P, hidden_dim=16, grid_size=4), num_images=100, side=SIDE
        )
        other.load_state_dict(state)
        torch.testing.assert_close(other.eval().reconstruct(*batch(other)), expected)
        found = other.train().loss(*batch(other), generator=seeded()).loss
        torch.testing.assert_close(found, trained)


@families
def test_the_networks_may_be_convolutional(family):
    model = small(family, Convolutional(SIDE, width=4, hidden_dim=8, smallest=4))
    assert model.loss(*batch(model)).loss.shape == (BATCH,)
    assert model.sample(2).shape == (2, P)


@families
def test_a_compiled_loss_is_the_loss(family):
    """By the tracer alone, which needs no compiler; whatever it cannot trace it runs as it is."""
    model = small(family).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(model.loss, backend="eager")
        torch.manual_seed(5)
        found = compiled(*batch(model)).loss
    torch._dynamo.reset()
    torch.manual_seed(5)
    torch.testing.assert_close(found, model.loss(*batch(model)).loss)


@families
def test_mean_pixels_are_in_the_unit_interval(family):
    """Of likelihoods whose outputs are logits; a Gaussian's mean may be anywhere."""
    model = small(family).eval()
    likelihood = getattr(model, "likelihood", None) or model.first.likelihood
    if isinstance(likelihood, (Gaussian, LogCosh)):
        return
    with torch.no_grad():
        for each in model.parameters():
            each.mul_(5)
    for made in (model.sample(20, generator=seeded()), model.reconstruct(*batch(model))):
        assert made.min() >= 0
        assert made.max() <= 1


# Relaxed codes, a sigma of the batch, codes standardized by what has been seen until then.
OTHERWISE_IN_TRAINING = {"sigma", "categorical", "joint", "latent-diffusion"}


@families
def test_the_objective_of_a_test_is_that_of_the_training(family):
    """With the same noise the same number, in both modes."""
    if family in OTHERWISE_IN_TRAINING:
        return
    model = small(family)
    kept = copy.deepcopy(model.state_dict())
    found = []
    for training in (True, False):
        model.load_state_dict(kept)
        model.train(training)
        found.append(model.loss(*batch(model), generator=seeded()).loss)
    torch.testing.assert_close(*found)


BOUNDS = {
    *("vae", "sigma", "beta", "conditional", "semi-supervised", "iwae", "miwae", "ciwae", "piwae"),
    *("dreg", "categorical", "two-level", "ladder", "residual", "mixture", "vamp", "flow-prior"),
    *("flow-posterior", "planar-posterior", "gamma"),
}


@families
def test_a_model_says_whether_its_loss_bounds_the_evidence(family):
    assert small(family).is_bound == (family in BOUNDS)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@families
def test_a_model_on_a_gpu_computes_what_it_computes_on_the_cpu(family):
    model = small(family).eval()
    arguments = batch(model)
    expected = model.reconstruct(*arguments)
    moved = model.cuda()
    found = moved.reconstruct(*(each.cuda() for each in arguments))
    torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-4)
    assert moved.loss(*(each.cuda() for each in arguments), generator=seeded()).loss.is_cuda


def test_an_unknown_family_gets_one_line():
    with pytest.raises(VaeLabError, match="there is no family 'bvae'; there are vae, sigma, beta"):
        make("bvae", FullyConnected(), num_images=5)


def test_networks_for_other_images_get_one_line():
    with pytest.raises(VaeLabError, match="images of 3 x 32 x 32 are not the 784 numbers"):
        make("vae", FullyConnected(), num_images=5, side=32, channels=3)


@pytest.mark.parametrize(("side", "channels"), [(28, 1), (32, 3), (64, 3), (30, 1), (6, 2), (2, 1)])
def test_convolutions_come_back_to_any_even_side(side, channels):
    networks = Convolutional(side, channels, width=4, hidden_dim=8)
    x = torch.rand(2, channels * side**2)
    assert networks.encoder(5)(x).shape == (2, 5)
    assert networks.encoder(5, extra=3)(x, torch.zeros(2, 3)).shape == (2, 5)
    assert networks.decoder(4, outputs=2)(torch.zeros(2, 4)).shape == (2, 2 * x.shape[1])
    codes = networks.grid_encoder(7)(x)
    assert codes.shape == (2, networks.grid_size, 7)
    assert networks.grid_decoder(7)(codes).shape == x.shape


def test_hidden_layers_and_convolutions_stand_in_the_order_in_which_they_are_listed():
    networks = FullyConnected(6, hidden_dim=[5, 4], activation="tanh")
    kinds = [type(each).__name__ for each in networks.decoder(3)]
    assert kinds == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
    sizes = [each.in_features for each in networks.decoder(3) if hasattr(each, "in_features")]
    assert sizes == [3, 4, 5]
    networks = ListedConvolutions(
        [(4, 1), (8, 2), (8, 2)], [(6, 4)], side=8, channels=2, hidden_dim=5
    )
    x = torch.rand(3, 128)
    assert networks.encoder(5, extra=3)(x, torch.zeros(3, 3)).shape == (3, 5)
    assert networks.decoder(4, outputs=2)(torch.zeros(3, 4)).shape == (3, 256)
    assert networks.grid_decoder(7)(networks.grid_encoder(7)(x)).shape == x.shape
    layers = [each for each in networks.encoder(5).modules() if hasattr(each, "stride")]
    assert [(each.out_channels, *each.stride) for each in layers] == [
        (4, 1, 1),
        (8, 2, 2),
        (8, 2, 2),
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: FullyConnected(6, [5, 0]),
            "hidden_dim must be a whole number of at least 1, got 0",
        ),
        (lambda: FullyConnected(6, activation="sinus"), "no activation 'sinus'; there are relu"),
        (lambda: ListedConvolutions([(4, 2)], [(4, 1)]), "2 times smaller and 1 times larger"),
        (lambda: ListedConvolutions([(4, 3)], [(4, 3)]), "28 pixels a side 3 times smaller"),
        (lambda: ListedConvolutions([(4,)], [(4, 1)]), "(channels, stride) expected, got (4,)"),
        (
            lambda: make("vq", FullyConnected(), num_images=5, latent_dim=3),
            "vq cannot be made with",
        ),
    ],
)
def test_networks_that_make_no_sense_get_one_line(call, said):
    with pytest.raises(VaeLabError, match=re.escape(said)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_odd_side_is_refused_in_one_line():
    with pytest.raises(
        VaeLabError, match="an even number, got 27; cut or pad the images to 26 or 28"
    ):
        Convolutional(27)


def test_convolutions_have_fewer_parameters_than_layers_of_as_many_features():
    flat = GaussianVAE(FullyConnected(784, 3136))
    assert parameter_count(GaussianVAE(Convolutional(28))) < parameter_count(flat)


def test_what_is_no_image_is_refused_by_every_family():
    for family in FAMILIES:
        model = small(family)
        _, *labels = batch(model)
        for x, said in (
            (torch.rand(BATCH, 9), "expected shape"),
            (torch.full((BATCH, P), 2.0), "0, 1"),
        ):
            with pytest.raises(VaeLabError, match=said):
                model.latent(x, *labels)
