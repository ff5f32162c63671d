"""One call trains them all: players, stages, labels; and what it says of what it cannot train."""

import copy
import math
from itertools import pairwise

import pytest
import torch
from zoo_samples import seeded

from vae_helpers import TrainingDiverged, VaeLabError, mnist
from vae_helpers import fit as fit_reference
from vae_zoo.families import FAMILIES, make
from vae_zoo.networks import FullyConnected
from vae_zoo.regularizers.capacity import CapacityVAE
from vae_zoo.regularizers.factor import FactorVAE
from vae_zoo.training import fit
from vae_zoo.two_stage.latent_diffusion import LatentDiffusion
from vae_zoo.vae import GaussianVAE

SIDE = 14
P = SIDE * SIDE


@pytest.fixture(scope="module")
def digits():
    """400 images of 14 x 14 and their labels."""
    images, labels = mnist("test")
    small = torch.nn.functional.avg_pool2d(images[:400].view(-1, 1, 28, 28), 2)
    return small.flatten(1), labels[:400]


def small(family):
    torch.manual_seed(0)
    networks = FullyConnected(P, hidden_dim=32, grid_size=4)
    model = make(family, networks, num_images=400, side=SIDE)
    if hasattr(model, "first_steps"):
        model.first_steps = 4
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_something(family, digits):
    """Images are reconstructed better after thirty steps, and everything is finite."""
    images, labels = digits
    model = small(family)
    given = (images, labels) if model.needs_labels else (images,)

    def error():
        with torch.no_grad():
            return (model.eval().reconstruct(*given) - images).square().sum(1).mean().item()

    before = error()
    history = fit(
        model, *given, epochs=6, batch_size=80, generator=seeded(), progress=False,
        test_images=images[:50], test_labels=labels[:50], learning_rate=3e-3,
    )  # fmt: skip
    assert len(history) == len(history.test) == 6
    assert all(
        math.isfinite(v) for terms in (*history.train, *history.test) for v in terms.values()
    )
    assert error() < before
    assert "test_loss" in history.table()


def test_the_plain_model_learns_what_the_reference_learns(digits):
    """Not the same numbers (other weights to begin with), the same loss within two nats."""
    images, _ = digits
    torch.manual_seed(0)
    ours = GaussianVAE(FullyConnected(P, 32), 5)
    history = fit(ours, images, epochs=20, generator=seeded(), progress=False)
    from vae_helpers import VAE

    theirs = VAE(latent_dim=5, hidden_dim=32, data_dim=P)
    reference = fit_reference(theirs, images, epochs=20, generator=seeded(), progress=False)
    assert abs(history.train[-1]["loss"] - reference.train_loss[-1]) < 2


def test_the_same_generator_gives_the_same_model(digits):
    images, _ = digits
    made = []
    for _ in range(2):
        model = small("factor")
        state = torch.get_rng_state()
        fit(model, images, epochs=1, generator=seeded(3), progress=False)
        assert torch.equal(torch.get_rng_state(), state)
        made.append(model.state_dict())
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])


def test_both_players_take_a_step_in_each_batch(digits):
    images, _ = digits
    model = FactorVAE(FullyConnected(P, 16), 3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    history = fit(model, images, epochs=1, generator=seeded(), progress=False)
    assert all(not torch.equal(before[n], v) for n, v in model.state_dict().items())
    assert {"loss", "nll", "kl", "total_correlation", "discrimination"} == set(history.train[0])


def test_a_rate_for_each_epoch_an_optimizer_and_what_is_told_of_epochs(digits):
    """Plain gradient steps: the same as by hand, and none where the rate is next to nothing."""
    images = digits[0][:100]
    model, told, kept = small("vae"), [], []
    fit(
        model, images, epochs=3, batch_size=100, progress=False,
        generator=seeded(), learning_rate=lambda epoch: (1e-3, 1e-30, 2e-3)[epoch - 1],
        optimizer=lambda parameters, rate: torch.optim.SGD(parameters, lr=rate),
        after_epoch=lambda epoch, train: (
            told.append((epoch, *train)), kept.append(copy.deepcopy(model.state_dict()))
        ),
    )  # fmt: skip
    assert told == [(epoch, "loss", "nll", "kl") for epoch in (1, 2, 3)]
    first = small("vae").state_dict()
    moved = [{n for n in a if not torch.equal(a[n], b[n])} for a, b in pairwise([first, *kept])]
    assert moved == [set(first), set(), set(first)]


@pytest.mark.parametrize("rate", [0, math.nan, lambda epoch: -1])
def test_a_rate_that_makes_no_sense_ends_before_any_training(rate, digits):
    with pytest.raises(VaeLabError, match=r"learning_rate.* must be a positive number"):
        fit(small("vae"), digits[0], epochs=2, learning_rate=rate, progress=False)


def test_stages_follow_each_other_within_one_call(digits):
    """Four steps for the first; afterwards it stays as it is, and the second one moves."""
    images, _ = digits
    torch.manual_seed(0)
    model = LatentDiffusion(GaussianVAE(FullyConnected(P, 16), 3), 4, num_steps=5, hidden_dim=8)
    fit(model, images, epochs=1, batch_size=100, generator=seeded(), progress=False)
    first = {name: value.clone() for name, value in model.first.state_dict().items()}
    second = {name: value.clone() for name, value in model.denoiser.state_dict().items()}
    history = fit(model, images, epochs=1, batch_size=100, generator=seeded(), progress=False)
    assert all(torch.equal(first[n], v) for n, v in model.first.state_dict().items())
    assert all(not torch.equal(second[n], v) for n, v in model.denoiser.state_dict().items())
    assert "noise" in history.train[0]
    assert int(model.step) == 8


def test_the_model_is_told_of_each_step(digits):
    images, _ = digits
    model = CapacityVAE(FullyConnected(P, 16), 3, steps=100, most=10.0)
    fit(model, images, epochs=2, batch_size=100, generator=seeded(), progress=False)
    assert model.capacity.nats() == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("images", "batch", "sizes"), [(7, 3, {3, 4}), (5, 8, {5}), (9, 3, {3}), (2, 1, {1})]
)
def test_no_batch_of_one_is_left_over(images, batch, sizes):
    seen = []
    model = GaussianVAE(FullyConnected(4, 5), 2)
    loss = model.loss
    model.loss = lambda x: seen.append(len(x)) or loss(x)
    fit(model, torch.rand(images, 4), epochs=1, batch_size=batch, progress=False)
    assert set(seen) == sizes
    assert sum(seen) == images


def test_a_run_that_diverges_gives_back_the_last_good_state(digits):
    images, _ = digits
    model = small("vae")
    with pytest.raises(
        TrainingDiverged, match="training diverged: the loss is not finite at epoch 1"
    ) as caught:
        fit(model, images, epochs=3, learning_rate=1e30, generator=seeded(), progress=False)
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert len(caught.value.history) == 0


def test_the_best_epoch_is_kept_where_it_is_wanted(digits):
    """Of eight images learned by heart: the model's test loss is that of the history's best epoch,
    which is not the last."""
    images, _ = digits
    kept = {}
    for keep in (False, True):
        torch.manual_seed(0)
        model = GaussianVAE(FullyConnected(P, hidden_dim=32), 4, "gaussian-optimal")
        history = fit(
            model, images[:8], epochs=40, batch_size=8, learning_rate=1e-2,
            test_images=images[8:208], keep_best=keep, generator=seeded(),
        )  # fmt: skip
        kept[keep] = model.eval().loss(images[8:208], generator=seeded(1)).loss.mean().item()
    losses = [terms["loss"] for terms in history.test]
    assert 0 < history.best < 40
    assert losses[history.best - 1] == min(losses)
    assert kept[True] == pytest.approx(min(losses), rel=0.05)
    assert kept[False] == pytest.approx(losses[-1], rel=0.05)
    assert kept[True] < kept[False]


def test_the_history_is_drawn_as_that_of_the_labs(digits):
    import matplotlib.pyplot as plt

    from vae_helpers import plots

    images, _ = digits
    history = fit(small("vae"), images, epochs=2, test_images=images[:50], generator=seeded())
    curves = history.curves()
    assert curves["train_kl"] == [terms["kl"] for terms in history.train]
    assert set(curves) == {f"{s}_{t}" for s in ("train", "test") for t in ("loss", "nll", "kl")}
    plots.loss_curves(curves)
    plt.close("all")


def test_ctrl_c_keeps_what_was_learned(digits, capsys):
    images, _ = digits
    model = small("vae")
    steps = iter(range(100))

    def interrupt():
        if next(steps) == 5:
            raise KeyboardInterrupt

    model.after_step = interrupt
    history = fit(model, images, epochs=9, batch_size=100, generator=seeded(), progress=False)
    assert history.interrupted
    assert len(history) == 1
    assert "interrupted after 1 of 9 epochs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda x: fit(torch.nn.Linear(2, 2), x, epochs=1),
            "a model of vae_zoo is wanted, got Linear",
        ),
        (
            lambda x: fit(small("conditional"), x, epochs=1),
            "needs a label for each of 5 images, got none",
        ),
        (lambda x: fit(small("conditional"), x, torch.zeros(3), epochs=1), "got 3"),
        (lambda x: fit(small("vae"), x * 255, epochs=1), "divide by 255"),
        (lambda x: fit(small("vae"), x, epochs=0), "fit: epochs must be a whole number"),
        (lambda x: fit(small("vae"), x, epochs=1, binarize_as="otsu"), "unknown binarize mode"),
        (
            lambda x: fit(small("vae"), x, epochs=1, learning_rate=0),
            "learning_rate must be a positive",
        ),
        (lambda x: fit(small("vae"), x, epochs=1, test_images=x[:, :9]), "not of the size"),
        (lambda x: fit(small("vae"), x, epochs=1, keep_best=True), "keep_best=True is told by"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(call, said):
    with pytest.raises(VaeLabError, match=said) as caught:
        call(torch.rand(5, P))
    assert "\n" not in str(caught.value)
