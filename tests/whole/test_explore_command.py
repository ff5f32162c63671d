"""`vae-lab explore`: what its page holds, and one line for a run that it cannot show."""

import base64
import csv
import hashlib
import html
import json
import re

import numpy as np
import pytest
import torch

import vae_helpers
from vae_grading.cli import run
from vae_grading.training import explorer_page
from vae_grading.training.kept_model import KEPT, KeptModel, kept_model, model_as_bytes
from vae_helpers import VAE, LabeledImages
from vae_zoo.families import make
from vae_zoo.networks import Convolutional, FullyConnected

# Fully connected, Gaussian codes, N(0, I), Bernoulli pixels; and one of each kind that is not.
SHOWN = ("vae", "beta", "capacity", "iwae", "beta-tc", "factor", "info")
NOT_SHOWN = ("vq", "vamp", "flow-posterior", "gamma", "ladder", "conditional", "sigma", "two-stage")


@pytest.fixture(autouse=True)
def _little_data(monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")
    monkeypatch.chdir(tmp_path)
    images, labels = vae_helpers.mnist("test")
    few = LabeledImages(images[:300], labels[:300])
    monkeypatch.setattr(vae_helpers, "mnist", lambda split: few)


def keep(folder, model, **about):
    folder.mkdir()
    about = {"settings": "MNIST, in a test", "binarize": None} | about
    (folder / KEPT).write_bytes(model_as_bytes(model, **about))


def data_of(page: str) -> dict:
    (text,) = re.findall(r'<script type="application/json" id="model">(.*?)</script>', page, re.S)
    return json.loads(text)


def numbers(text: str, kind: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), kind).astype(np.float64))


def test_a_run_of_train_becomes_a_page(tmp_path, capsys):
    """By the command that the training prints; the model is the one of its pictures, the first."""
    arguments = ["--epochs", "1", "--latent-dim", "2", "--binarize", "threshold", "--seeds", "2"]
    assert run(["train", *arguments, "--output", "it"]) == 0
    (command,) = re.findall(r"vae-lab (explore .+)", capsys.readouterr().out)
    assert run(command.split()) == 0
    assert "it/explore.html (1." in capsys.readouterr().out
    page = (tmp_path / "it/explore.html").read_text(encoding="utf-8")
    assert "MNIST, threshold binarization, D = 2, beta = 1" in page
    model, images = kept_model(tmp_path / "it").model, vae_helpers.mnist("test").images
    images = vae_helpers.binarize(images, "threshold")
    with open(tmp_path / "it/history.csv") as file:
        first = next(csv.DictReader(file))
    loss = vae_helpers.evaluate(model, images)
    assert float(loss.kl) == pytest.approx(float(first["test_kl"]), abs=1e-3)


@pytest.mark.parametrize("latent_dim", [1, 2, 20])
def test_the_page_stands_alone(tmp_path, latent_dim):
    """It asks for nothing outside of itself, and runs no script but its own."""
    keep(tmp_path / "it", VAE(latent_dim))
    assert run(["explore", "it"]) == 0
    page = (tmp_path / "it/explore.html").read_text(encoding="utf-8")
    assert "<h1>What a code means</h1>" in page
    assert ('id="plane"' in page) == (latent_dim == 2)
    assert page.count('type="range"') == latent_dim
    script = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert len(script) == 1
    assert f"default-src 'none'; script-src 'sha256-{digest}';" in html.unescape(page)
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"https?:|src=|url\(|@import|<link| on\w+=", page)


def test_the_page_has_the_model_s_numbers(tmp_path):
    """Oracle: torch's own decoder and encoder, and the rates by `kl_by_dimension`."""
    torch.manual_seed(0)
    model = VAE(latent_dim=3)
    keep(tmp_path / "it", model, binarize="threshold")
    assert run(["explore", "it", "--output", "new/page.html"]) == 0
    page = (tmp_path / "new/page.html").read_text(encoding="utf-8")
    data, (images, labels) = data_of(page), vae_helpers.mnist("test")
    for layer, own in zip(data["layers"], (model.fc3, model.fc4), strict=True):
        weight = numbers(layer["weight"], "<f2").view(own.weight.shape)
        assert (weight - own.weight).abs().max() <= 2**-11 * own.weight.abs().max()
        assert torch.equal(numbers(layer["bias"], "<f2"), own.bias.half().double())
    counts = np.bincount(data["labels"])
    assert counts.tolist() == np.bincount(labels).clip(max=explorer_page.IMAGES_A_DIGIT).tolist()
    assert data["labels"] == sorted(data["labels"])
    shown = numbers(data["pixels"], "u1").view(-1, 784)
    assert torch.equal(shown[0], 255.0 * (images[labels == 0][0] > 0.5))
    mu, logvar = model.encode((shown / 255).float())
    assert torch.allclose(numbers(data["codes"], "<f4").view(-1, 3), mu.double(), atol=1e-6)
    rates = vae_helpers.kl_by_dimension(mu, logvar)
    assert data["rates"] == pytest.approx(rates.tolist(), rel=1e-4)
    order = [int(each) for each in re.findall(r'<option value="(\d)">', page)]
    assert order == rates.argsort(descending=True).tolist()


def test_what_rounding_costs_is_said_and_is_little():
    """Oracle: torch's decoder, at codes of the prior, with weights as large as training makes them.

    Less than half of the step between two greys of a screen.
    """
    torch.manual_seed(1)
    model = VAE(latent_dim=2)
    with torch.no_grad():
        for each in model.parameters():
            each.mul_(3)
    codes = torch.randn(200, 2)
    kept = KeptModel(model, [model.fc3, model.fc4], None, "")
    rounded = explorer_page.round_weights(kept, codes)
    with torch.no_grad():
        exact = torch.sigmoid(model.decode(codes)).double()
    apart = (explorer_page.decoded(rounded.layers, codes) - exact).abs().max()
    assert float(apart) == pytest.approx(rounded.error, abs=1e-6)
    assert 0 < rounded.error < 0.5 / 255


@pytest.mark.parametrize("family", SHOWN)
def test_a_family_of_the_zoo_with_the_same_codes_and_decoder_is_shown(tmp_path, family):
    model = make(family, FullyConnected(), num_images=60_000)
    keep(tmp_path / "it", model, family=family, binarize="dynamic")
    found = kept_model(tmp_path / "it")
    z = torch.randn(4, 20)
    with torch.no_grad():
        own = torch.sigmoid(model.decode(z))
    layers = [(each.weight, each.bias) for each in found.layers]
    assert torch.allclose(explorer_page.decoded(layers, z).float(), own, atol=1e-6)
    assert run(["explore", f"it/{KEPT}"]) == 0
    assert (tmp_path / "it/explore.html").exists()


def refused(tmp_path, capsys, said: str, *arguments: str) -> None:
    """One line, exit code 2, and nothing is there that was not before."""
    before = sorted(tmp_path.rglob("*"))
    assert run(["explore", *arguments]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("family", NOT_SHOWN)
def test_a_family_whose_codes_or_pixels_are_others_is_refused(tmp_path, capsys, family):
    keep(tmp_path / "it", make(family, FullyConnected(), num_images=60_000), family=family)
    refused(tmp_path, capsys, f"a model of the family '{family}'", "it")


def test_a_model_of_convolutions_is_refused(tmp_path, capsys):
    model = make("vae", Convolutional(28), num_images=60_000)
    keep(tmp_path / "it", model, family="vae", networks="Convolutional")
    refused(tmp_path, capsys, "networks of the kind Convolutional", "it")


def test_a_run_that_is_none_gets_one_line(tmp_path, capsys):
    refused(tmp_path, capsys, "nowhere: there is no such folder", "nowhere")
    (tmp_path / "empty").mkdir()
    refused(tmp_path, capsys, "empty is no folder that `vae-lab train` wrote", "empty")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/report.html").touch()
    refused(tmp_path, capsys, "old is of a version that kept no model: train anew", "old")
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe/recipe.toml").touch()
    refused(tmp_path, capsys, "recipe is a recipe's, which keeps no model", "recipe")
    (tmp_path / "zoo").mkdir()
    for name in ("vae.pt", "iwae.pt"):
        (tmp_path / "zoo" / name).touch()
    refused(tmp_path, capsys, "several models: name one, such as zoo/iwae.pt", "zoo")


def damages(good: bytes):
    weights = VAE(latent_dim=2).state_dict()
    about = {"settings": "", "binarize": None, "family": "reference", "networks": "FullyConnected"}

    def saved(value: object) -> bytes:
        torch.save(value, "scratch")
        with open("scratch", "rb") as file:
            return file.read()

    yield "empty", b""
    yield "cut", good[: len(good) // 2]
    yield "text", b"no model at all"
    yield "list", saved([1, 2])
    yield "weights alone", saved(weights)
    yield "one missing", saved({**about, "weights": {**weights, "fc4.bias": torch.zeros(3)}})
    yield "no tensors", saved({**about, "weights": {"fc3.weight": "a"}})
    yield "no such pixels", saved({**about, "binarize": "often", "weights": weights})
    yield "other pixels", saved({**about, "weights": VAE(2, data_dim=9).state_dict()})
    yield "runs code", saved({**about, "weights": VAE(2)})


def test_a_damaged_model_gets_one_line(tmp_path, capsys):
    keep(tmp_path / "it", VAE(latent_dim=2))
    for name, content in [*damages((tmp_path / "it" / KEPT).read_bytes())]:
        (tmp_path / "it" / KEPT).write_bytes(content)
        refused(tmp_path, capsys, "model.pt is damaged, or no model", "it")
        assert name


@pytest.mark.parametrize(
    ("weight", "said"),
    [(float("nan"), "its weights are not finite"), (1e5, "a weight of this decoder is above")],
)
def test_weights_that_no_page_can_hold_are_refused(tmp_path, capsys, weight, said):
    model = VAE(latent_dim=2)
    torch.nn.init.constant_(model.fc3.weight, weight)
    keep(tmp_path / "it", model)
    refused(tmp_path, capsys, said, "it")


def test_codes_that_are_not_finite_are_refused(tmp_path, capsys):
    model = VAE(latent_dim=2)
    torch.nn.init.constant_(model.fc22.bias, 1e5)
    keep(tmp_path / "it", model)
    refused(tmp_path, capsys, "codes of test images are not finite", "it")


def test_an_earlier_page_stays_where_a_new_one_cannot_be_made(tmp_path, monkeypatch, capsys):
    keep(tmp_path / "it", VAE(latent_dim=2))
    (tmp_path / "it/explore.html").write_text("earlier")
    (tmp_path / "file").touch()
    refused(tmp_path, capsys, "cannot be written", "it", "--output", "file/page.html")
    monkeypatch.setattr(explorer_page, "explorer_page", lambda kept: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(["explore", "it"])
    assert (tmp_path / "it/explore.html").read_text() == "earlier"
    assert len(list((tmp_path / "it").iterdir())) == 2


def test_words_in_a_model_are_words_on_its_page(tmp_path):
    keep(tmp_path / "it", VAE(latent_dim=2), settings="</script><script>alert(1)</script>")
    assert run(["explore", "it"]) == 0
    page = (tmp_path / "it/explore.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
