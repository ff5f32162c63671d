"""`vae-lab train`: its table, its folder of pictures, and what it says to bad input."""

import csv
import re

import pytest
import typer
from typer.testing import CliRunner

import vae_helpers
from vae_grading.train import train
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
    names = {"loss.png", "reconstructions.png", "samples.png", "history.csv"}
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
    assert len(list((tmp_path / "new/run").iterdir())) == 5
