"""Numbers, generators, devices and images as people hand them in, to every function that takes one:
what is meant is understood, and what makes no sense gets one clear line."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from vae_helpers import (
    VAE,
    LinearGaussian,
    VaeLabError,
    bernoulli_nll,
    binarize,
    dataset,
    evaluate,
    fit,
    gaussian_kl,
    log_likelihood,
    mnist,
    plots,
    vae_loss,
)

IMAGES = torch.rand(7, 9)
CODES = torch.zeros(7, 2)
LINE = LinearGaussian(W=torch.ones(9, 2), b=torch.zeros(9), s=0.5)


def model():
    return VAE(latent_dim=2, hidden_dim=5, data_dim=9)


def small_fit(images=IMAGES, **arguments):
    return fit(model(), images, **{"epochs": 1, "progress": False, "device": "cpu"} | arguments)


# Every function that takes a whole number, as a function of it.
TAKES_A_WHOLE_NUMBER = {
    "fit: epochs": lambda n: small_fit(epochs=n),
    "fit: batch_size": lambda n: small_fit(batch_size=n),
    "evaluate: batch_size": lambda n: evaluate(model(), IMAGES, batch_size=n),
    "VAE: latent_dim": lambda n: VAE(n, 5, 9),
    "VAE: hidden_dim": lambda n: VAE(2, n, 9),
    "VAE: data_dim": lambda n: VAE(2, 5, n),
    "log_likelihood: num_samples": lambda n: log_likelihood(model(), IMAGES, n),
    "sample: n": lambda n: (model().sample(n), LINE.sample(n)),
    "image_grid: columns": lambda n: plots.image_grid(IMAGES, columns=n),
    "manifold: steps": lambda n: plots.manifold(model().decode, steps=n),
}
# Every function that takes a number, with the numbers it takes.
TAKES_A_NUMBER = {
    "fit: learning_rate": (lambda x: small_fit(learning_rate=x), "a positive number"),
    "fit: beta": (lambda x: small_fit(beta=x), "a finite number >= 0"),
    r"fit: beta\(0\)": (lambda x: small_fit(beta=lambda step: x), "a finite number >= 0"),
    "evaluate: beta": (lambda x: evaluate(model(), IMAGES, beta=x), "a finite number >= 0"),
    "vae_loss: beta": (
        lambda x: vae_loss(IMAGES, IMAGES, CODES, CODES, x),
        "a finite number >= 0",
    ),
    "LinearGaussian: s": (
        lambda x: LinearGaussian(W=torch.ones(9, 2), b=torch.zeros(9), s=x),
        "a positive number",
    ),
}
TAKES_IMAGES = {
    "fit": small_fit,
    "fit, test_images": lambda x: small_fit(test_images=x),
    "evaluate": lambda x: evaluate(model(), x),
    "binarize": lambda x: binarize(x, "threshold"),
    "encode": lambda x: model().encode(x),
    "log_likelihood": lambda x: log_likelihood(model(), x, 1),
    "bernoulli_nll": lambda x: bernoulli_nll(IMAGES, x),
}
TAKES_A_GENERATOR = {
    "fit": lambda g: small_fit(generator=g),
    "evaluate": lambda g: evaluate(model(), IMAGES, generator=g),
    "log_likelihood": lambda g: log_likelihood(model(), IMAGES, 1, generator=g),
    "sample": lambda g: model().sample(1, generator=g),
    "sample of LinearGaussian": lambda g: LINE.sample(1, generator=g),
    "reparameterize": lambda g: model().reparameterize(CODES, CODES, generator=g),
    "binarize": lambda g: binarize(IMAGES, "dynamic", generator=g),
}
NO_WHOLE_NUMBERS = (-1, np.int64(-1), 2.0, np.float64(2), True, np.True_, torch.tensor(True))
NO_WHOLE_NUMBERS += ("3", None, int, [3], np.array([3]), torch.tensor([3]), torch.tensor(3.0))
NO_NUMBERS = (-1, np.float64(-0.5), float("nan"), np.inf, True, "0.5", None, [0.5], 1j, ...)
NO_NUMBERS += (np.array([0.5]), torch.tensor([0.5]), torch.tensor(torch.nan), torch.tensor(True))


def told(match, call, *arguments):
    """The one line of the VaeLabError that the call raises."""
    with pytest.raises(VaeLabError, match=match) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", TAKES_A_WHOLE_NUMBER)
@pytest.mark.parametrize(
    "number",
    [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3), torch.tensor(3, dtype=torch.uint8)],
    ids=repr,
)
def test_a_whole_number_may_be_pythons_numpys_or_torchs(name, number):
    TAKES_A_WHOLE_NUMBER[name](number)


@pytest.mark.parametrize("name", TAKES_A_WHOLE_NUMBER)
@pytest.mark.parametrize(
    "number",
    NO_WHOLE_NUMBERS,
    ids=repr,
)
def test_what_is_no_whole_number_is_told_so(name, number):
    told(
        f"{name} must be a whole number of at least [01], got ", TAKES_A_WHOLE_NUMBER[name], number
    )


@pytest.mark.parametrize("name", TAKES_A_NUMBER)
@pytest.mark.parametrize(
    "number",
    [1, 0.5, np.float32(0.5), np.int64(1), np.array(0.5), torch.tensor(0.5)],
    ids=repr,
)
def test_a_number_may_be_pythons_numpys_or_torchs(name, number):
    TAKES_A_NUMBER[name][0](number)


@pytest.mark.parametrize("name", TAKES_A_NUMBER)
@pytest.mark.parametrize(
    "number",
    NO_NUMBERS,
    ids=repr,
)
def test_what_is_no_number_is_told_so(name, number):
    call, asked = TAKES_A_NUMBER[name]
    told(f"{name} must be {asked}, got ", call, number)


@pytest.mark.parametrize("name", TAKES_A_GENERATOR)
def test_a_seed_is_no_generator(name):
    for seed in (42, np.int64(42)):
        told(r"got .*42.*; for a seed use torch\.Generator\(\)\.manual_seed\(42\)",
             TAKES_A_GENERATOR[name], seed)  # fmt: skip
    told("generator must be a torch.Generator, got 'mine'", TAKES_A_GENERATOR[name], "mine")
    told("got a Generator", TAKES_A_GENERATOR[name], np.random.default_rng())


@pytest.mark.parametrize("name", TAKES_IMAGES)
@pytest.mark.parametrize(
    ("images", "says"),
    [
        ("images.pt", "got 'images.pt'"),
        (None, "got None"),
        (IMAGES.numpy(), r"got a numpy array; use torch\.from_numpy\(\.\.\.\)\.float\(\)$"),
        (np.zeros((7, 9), np.uint8), r"use torch\.from_numpy\(\.\.\.\)\.float\(\) / 255"),
        (list(IMAGES), r"got a list of 7; one tensor of many is torch\.stack"),
        (mnist("test"), r"got a LabeledImages of 2; take its images: mnist\(\.\.\.\)\.images"),
        (DataLoader(TensorDataset(IMAGES)), "got a DataLoader; all images in one tensor"),
        (TensorDataset(IMAGES), "got a TensorDataset; all images in one tensor"),
        ((IMAGES, CODES), "got a tuple of 2"),
        (torch.optim.SGD(model().parameters()), "got an? SGD"),
        (IMAGES.mul(255).byte(), r"got torch\.uint8; use \w+\.float\(\) / 255"),
        (IMAGES > 0.5, r"got torch\.bool"),
        (IMAGES + 0j, r"got torch\.complex64"),
        (IMAGES * 255, r"values must lie in \[0, 1\].*divide by 255"),
        (IMAGES - 1, r"values must lie in \[0, 1\]"),
        (IMAGES * torch.nan, r"values must lie in \[0, 1\]"),
        (IMAGES[0], "expected shape"),
        (IMAGES.to_sparse(), "expected an ordinary dense tensor"),
        (IMAGES.to("meta"), "expected an ordinary dense tensor, got one of no values"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_batch_of_images_is_told_so(name, images, says):
    if not (images is None and name == "fit, test_images"):  # where None means: no test
        told(says, TAKES_IMAGES[name], images)


def test_images_that_are_not_flattened_are_told_how():
    told(r"images\.flatten\(1\)", small_fit, IMAGES.view(7, 1, 3, 3))
    told(r"test_images: \(7, 8\) are not of the size of the training images, \(7, 9\)",
         lambda: small_fit(test_images=IMAGES[:, :8]))  # fmt: skip
    told("images: there are none", small_fit, IMAGES[:0])
    told("test_images: there are none", lambda: small_fit(test_images=IMAGES[:0]))


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "meta", 99, None.__class__, "cpu:x"])
def test_a_device_that_does_not_exist_is_told_so(device):
    told("fit: there is no device .* here that can compute", lambda: small_fit(device=device))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: gaussian_kl(x, CODES),
        lambda x: gaussian_kl(CODES, x),
        lambda x: bernoulli_nll(x, IMAGES),
        lambda x: model().decode(x),
        lambda x: LinearGaussian(W=x, b=torch.zeros(9), s=1.0),
        lambda x: LINE.log_evidence(x),
        lambda x: plots.image_grid(x),
        lambda x: plots.reconstructions(IMAGES, x),
        lambda x: plots.strip([IMAGES, x]),
        lambda x: plots.latent_scatter(x, CODES[:, 0]),
        lambda x: plots.latent_scatter(CODES, x),
        lambda x: plots.latent_panels(x, CODES[:, 0]),
        lambda x: plots.latent_panels(CODES, x),
    ],
)
@pytest.mark.parametrize("value", [None, "x", 1.0, np.zeros((7, 2)), [[0.0]]], ids=repr)
def test_what_is_no_tensor_is_told_so(call, value):
    told(r"expected a torch\.Tensor, got ", call, value)


@pytest.mark.parametrize("value", [5, None, ["train"], np.array(["train"]), CODES], ids=repr)
def test_a_name_of_the_wrong_kind_is_told_what_is_known(value):
    told("unknown split .*: use one of 'train', 'test'", mnist, value)
    told("unknown data set", dataset, value, "train")
    if value is not None:
        told("unknown binarize mode", binarize, IMAGES, value)
        told("root must be the path of a folder",
             lambda: dataset("FashionMNIST", "train", root=CODES))  # fmt: skip


def test_what_has_no_encoder_has_no_likelihood():
    for value in (VAE, torch.nn.Linear(9, 2), None, IMAGES):
        told(
            r"log_likelihood: a model with encode\(x\) is wanted", log_likelihood, value, IMAGES, 1
        )
