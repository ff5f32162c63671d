"""`vae-lab zoo`: a row a family, what it stores, and what it says of what it cannot train."""

import os

import pytest
import torch
import typer
from PIL import Image
from typer.testing import CliRunner

from vae_grading.training.zoo import zoo
from vae_helpers import VaeLabError, recipe
from vae_zoo import runs
from vae_zoo.families import FAMILIES
from vae_zoo.runs import zoo_row, zoo_run, zoo_setting

app = typer.Typer()
app.command()(zoo)


@pytest.fixture(autouse=True)
def _little_work(monkeypatch):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")


def invoke(*arguments):
    return CliRunner().invoke(app, [*arguments, "--epochs", "1"], env={"COLUMNS": "200"})


def test_a_row_a_family_with_its_spread_and_what_it_came_from(tmp_path):
    result = invoke("vae", "vq", "--seeds", "2", "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "zoo.toml", "index.html", "vae.png", "vq.png", "vae.pt", "vq.pt"
    }  # fmt: skip
    page = (tmp_path / "out/index.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert page.count("<polyline") == 4
    stored = recipe.read(tmp_path / "out/zoo.toml")
    assert stored.command == "vae-lab zoo vae vq --data mnist --seeds 2 --epochs 1"
    assert [(row["family"], row["seed"]) for row in stored.runs] == [
        ("vae", 0), ("vae", 1), ("vq", 0), ("vq", 1)
    ]  # fmt: skip
    assert "iw_nll" in stored.runs[0]
    assert "iw_nll" not in stored.runs[2]
    lines = [line.rstrip() for line in result.output.splitlines()]
    head = next(line for line in lines if line.startswith("family"))
    assert head.split()[1:3] == ["-ELBO", "IW-NLL"]
    (own,) = (line for line in lines if line.startswith("vae  "))
    first, second = (row["negative_elbo"] for row in stored.runs[:2])
    assert f"{(first + second) / 2:,.2f} +- {abs(first - second) / 2**0.5:.2f}" in own
    assert len(own) == len(head)
    with Image.open(tmp_path / "out/vae.png") as picture:
        assert picture.width == picture.height > 8 * 28


def test_the_stored_numbers_are_those_of_the_run(tmp_path):
    invoke("iwae", "--seeds", "1", "--output", str(tmp_path))
    (row,) = recipe.read(tmp_path / "zoo.toml").runs
    again = zoo_row("iwae", 0, zoo_run("iwae", zoo_setting("mnist"), 0, epochs=1, progress=False))
    assert {**row, "seconds": 0} == {**again, "seconds": 0}


@pytest.mark.slow
@pytest.mark.parametrize("data", ["mnist", "faces"])
def test_every_family_has_its_row_or_says_why_not(tmp_path, data):
    result = invoke("--data", data, "--seeds", "1", "--output", str(tmp_path))
    assert result.exit_code == 0, result.output
    found = {row["family"] for row in recipe.read(tmp_path / "zoo.toml").runs}
    missing = {"conditional", "semi-supervised"} if data == "faces" else set()
    assert found == set(FAMILIES) - missing
    for name in missing:
        assert f"{name} is left out: zoo: {name} needs labels, faces has none" in result.output


def test_a_folder_of_pictures_is_trained_on_too(tmp_path):
    generator = torch.Generator().manual_seed(0)
    (tmp_path / "mine").mkdir()
    for number in range(50):
        values = torch.randint(0, 255, (20, 20, 3), generator=generator, dtype=torch.uint8)
        Image.fromarray(values.numpy()).save(tmp_path / f"mine/{number}.png")
    result = invoke("beta", "--data", str(tmp_path / "mine"), "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert recipe.read(tmp_path / "out/zoo.toml").recipe["data"] == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bvae"], "there is no family 'bvae'; there are vae, sigma"),
        (["vae", "--data", "cats"], "neither 'mnist' nor 'faces', nor a folder"),
        (["conditional", "--data", "faces"], "conditional needs labels, faces has none"),
        (["vae", "--data", "few"], "9 pictures are too few: forty at least"),
        (["vae", "--output", "file/x"], "cannot be written"),
    ],
)
def test_bad_arguments_get_one_clear_line(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few").mkdir()
    for number in range(9):
        Image.new("RGB", (8, 8)).save(tmp_path / f"few/{number}.png")
    (tmp_path / "file").write_text("")
    result = invoke(*arguments)
    assert isinstance(result.exception, VaeLabError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)


def test_ctrl_c_keeps_the_runs_that_were_finished_and_the_same_command_goes_on(
    tmp_path, monkeypatch
):
    def interrupted(family, *arguments, **options):
        if family == "beta":
            raise KeyboardInterrupt
        return zoo_run(family, *arguments, **options)

    command = ["vae", "beta", "iwae", "--seeds", "1", "--output", str(tmp_path)]
    with monkeypatch.context() as patched:
        patched.setattr(runs, "zoo_run", interrupted)
        assert invoke(*command).exit_code != 0
    (first,) = recipe.read(tmp_path / "zoo.toml").runs
    assert first["family"] == "vae"
    result = invoke(*command)
    assert result.exit_code == 0, result.output
    assert "1 run is there already" in result.output
    kept, *others = recipe.read(tmp_path / "zoo.toml").runs
    assert kept == first
    assert [row["family"] for row in others] == ["beta", "iwae"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vae", "--seeds", "1", "--epochs", "2"], "made with epochs = 1, this would be 2"),
        (["beta", "--seeds", "1"], "holds vae of seed 0, which this command does not make"),
        (["vae", "--seeds", "1", "--data", "faces"], "made with data = mnist, this would be faces"),
    ],
)
def test_numbers_of_other_settings_are_not_mixed(tmp_path, arguments, said):
    kept = ["--output", str(tmp_path)]
    assert invoke("vae", "--seeds", "1", *kept).exit_code == 0
    before = (tmp_path / "zoo.toml").read_text()
    result = CliRunner().invoke(app, ["--epochs", "1", *arguments, *kept])
    assert isinstance(result.exception, VaeLabError)
    assert said in str(result.exception)
    assert (tmp_path / "zoo.toml").read_text() == before


def test_a_damaged_file_is_told_in_one_line(tmp_path):
    (tmp_path / "zoo.toml").write_text("command = ")
    result = invoke("vae", "--output", str(tmp_path))
    assert isinstance(result.exception, VaeLabError)
    assert "zoo.toml is damaged" in str(result.exception)


def test_several_processes_make_the_same_numbers(tmp_path):
    """With as many threads: the order of sums is the same."""
    threads = torch.get_num_threads()
    try:
        for workers in ("1", "2"):
            torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))
            arguments = ["vae", "vq", "conditional", "--seeds", "2", "--workers", workers]
            result = invoke(*arguments, "--output", str(tmp_path / workers))
            assert result.exit_code == 0, result.output
    finally:
        torch.set_num_threads(threads)
    one, two = (recipe.read(tmp_path / name / "zoo.toml").runs for name in ("1", "2"))
    by_run = {(row["family"], row["seed"]): {**row, "seconds": 0} for row in two}
    assert len(by_run) == 6
    assert all(by_run[row["family"], row["seed"]] == {**row, "seconds": 0} for row in one)
