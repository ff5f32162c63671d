"""`vae-lab train`: its table, its folder of pictures, and what it says to bad input."""

import csv
import re
import statistics

import pytest
import typer
from typer.testing import CliRunner

import vae_helpers
from vae_grading.training import run_page
from vae_grading.training.train import train
from vae_helpers import LabeledImages, VaeLabError, precision

app = typer.Typer()
app.command()(train)


@pytest.fixture(autouse=True)
def _little_data(monkeypatch, tmp_path):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")
    monkeypatch.chdir(tmp_path)
    images, labels = vae_helpers.mnist("test")
    few = LabeledImages(images[:300], labels[:300])
    monkeypatch.setattr(vae_helpers, "mnist", lambda split: few)


@pytest.mark.parametrize(
    ("arguments", "folder", "manifold"),
    [
        ([], "runs/mnist-grey-z20-beta1", False),
        (["--latent-dim", "2", "--binarize", "dynamic"], "runs/mnist-dynamic-z2-beta1", True),
        (["--latent-dim", "1", "--beta", "4", "--output", "here"], "here", False),
    ],
)
def test_a_run_leaves_a_table_and_pictures(tmp_path, arguments, folder, manifold):
    result = CliRunner().invoke(app, ["--epochs", "2", *arguments])
    assert result.exit_code == 0, result.output
    names = {"loss.png", "reconstructions.png", "samples.png", "rates.png"}
    names |= {"history.csv", "measures.csv", "report.html", "model.pt"}
    names |= {"manifold.png"} if manifold else set()
    names |= {"latent.png"} if "1" not in arguments[:2] else set()
    assert {path.name for path in (tmp_path / folder).iterdir()} == names
    for picture in (tmp_path / folder).glob("*.png"):
        assert picture.read_bytes()[:4] == b"\x89PNG"

    with open(tmp_path / folder / "history.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    shown = [float(number) for number in re.findall(r"\d+\.\d\d", result.output)]
    for row in rows:
        loss = float(row["test_nll"]) + float(row["test_kl"])
        assert float(row["test_loss"]) == pytest.approx(loss, abs=1e-3)
        assert min(abs(float(row["test_loss"]) - number) for number in shown) < 0.006
    assert ("no log-likelihood" in result.output) == ("--binarize" not in arguments)

    with open(tmp_path / folder / "measures.csv") as file:
        (measures,) = csv.DictReader(file)
    parts = float(measures["rate"]) + float(measures["distortion"])
    assert float(measures["negative_elbo"]) == pytest.approx(parts, abs=1e-3)
    page = (tmp_path / folder / "report.html").read_text()
    assert f"{float(measures['iw_nll']):.2f}" in page
    assert ("the cross-entropy is no likelihood" in page) == ("--binarize" not in arguments)
    stands_alone(page, sorted(name for name in names if name.endswith(".png")))


def stands_alone(page, pictures):
    """It asks for nothing outside of itself, and all its pictures are said in words."""
    images = re.findall(r"<img ([^>]*)>", page)
    assert len(images) == len(pictures)
    for image in images:
        assert re.search(r'alt="[^"]{30,}"', image)
        assert re.search(r'src="data:image/png;base64,iVBOR', image)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    without_data = re.sub(r"base64,[^\"]*", "", page)
    assert not re.search(r"https?:|<script|url\(|@import|<link", without_data)


def test_seeds_give_a_mean_a_spread_and_bands(monkeypatch, tmp_path):
    """Oracle: statistics over the rows of measures.csv; the same seeds give the same numbers."""
    drawn = []
    bands = vae_helpers.loss_bands
    monkeypatch.setattr(
        vae_helpers,
        "loss_bands",
        lambda all, **named: drawn.append(len(all)) or bands(all, **named),
    )
    for folder in ("one", "two"):
        result = CliRunner().invoke(app, ["--epochs", "2", "--seeds", "3", "--output", folder])
        assert result.exit_code == 0, result.output
    assert drawn == [3, 3]
    one, two = (
        list(csv.DictReader((tmp_path / folder / "measures.csv").read_text().splitlines()))
        for folder in ("one", "two")
    )
    assert one == two
    assert [row["seed"] for row in one] == ["0", "1", "2"]
    page = (tmp_path / "one/report.html").read_text()
    for name in ("negative_elbo", "iw_nll", "rate", "marginal_kl"):
        values = [float(row[name]) for row in one]
        assert len(set(values)) == 3
        mean, spread = statistics.mean(values), statistics.stdev(values)
        assert f'<b>{mean:.2f}</b></td><td class="right">{spread:.2f}</td>' in page
    history = list(csv.DictReader((tmp_path / "one/history.csv").read_text().splitlines()))
    places = [(row["seed"], row["epoch"]) for row in history]
    assert places == [(seed, epoch) for seed in "012" for epoch in "12"]


def test_ctrl_c_in_a_later_seed_keeps_the_whole_ones(monkeypatch, tmp_path):
    made = []

    class Stopped(vae_helpers.VAE):
        def __init__(self, **sizes):
            super().__init__(**sizes)
            made.append(self)

        def forward(self, x):
            if len(made) == 3:
                raise KeyboardInterrupt
            return super().forward(x)

    monkeypatch.setattr(vae_helpers, "VAE", Stopped)
    result = CliRunner().invoke(app, ["--epochs", "1", "--seeds", "4", "--output", "run"])
    assert result.exit_code == 130
    rows = (tmp_path / "run/measures.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["seed", "0", "1"]


def test_nothing_is_written_when_the_page_fails(monkeypatch, tmp_path):
    """An earlier run's files stay as they were, all of them."""
    CliRunner().invoke(app, ["--epochs", "1", "--output", "run"])
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def fails(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(run_page, "run_page", fails)
    result = CliRunner().invoke(app, ["--epochs", "1", "--output", "run"])
    assert isinstance(result.exception, ZeroDivisionError)
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_the_precision_is_asked_for_and_named_in_the_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(precision, "cpu_has_bf16", lambda: True)
    given = []
    fit = vae_helpers.fit
    monkeypatch.setattr(
        vae_helpers, "fit", lambda *a, **named: given.append(named["precision"]) or fit(*a, **named)
    )
    for arguments in ([], ["--precision", "bf16"]):
        result = CliRunner().invoke(app, ["--epochs", "1", *arguments])
        assert result.exit_code == 0, result.output
    assert given == ["float32", "bf16"]
    folders = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert folders == ["mnist-grey-z20-beta1", "mnist-grey-z20-beta1-bf16"]


def test_bad_arguments_end_before_any_training(tmp_path):
    for arguments in (
        ["--epochs", "0"],
        ["--binarize", "often"],
        ["--latent-dim", "two"],
        ["--precision", "half"],
        ["--seeds", "0"],
    ):
        assert CliRunner().invoke(app, arguments).exit_code == 2
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["--output", "file"])
    assert isinstance(result.exception, VaeLabError)
    assert "cannot be written" in str(result.exception)
    result = CliRunner().invoke(app, ["--lr", "-1", "--output", "x"])
    assert isinstance(result.exception, VaeLabError)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("epochs", [0, 1])
def test_ctrl_c_leaves_what_was_finished_and_nothing_half_done(monkeypatch, tmp_path, epochs):
    """The folder holds the pictures of the epochs that were finished, or does not appear."""
    steps = []

    class Stopped(vae_helpers.VAE):
        def forward(self, x):
            steps.append(len(x))
            if len(steps) == 2 + 4 * epochs:  # 3 steps and 1 of the test in each epoch
                raise KeyboardInterrupt
            return super().forward(x)

    monkeypatch.setattr(vae_helpers, "VAE", Stopped)
    result = CliRunner().invoke(app, ["--epochs", "3", "--output", "new/run"])
    assert result.exit_code == 130
    assert f"interrupted after {epochs} of 3 epochs" in result.output
    if not epochs:
        assert list(tmp_path.iterdir()) == []
        return
    assert len((tmp_path / "new/run/history.csv").read_text().splitlines()) == 1 + epochs
    assert len(list((tmp_path / "new/run").iterdir())) == 9
