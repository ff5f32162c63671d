"""`vae-lab measure`: what it writes, and that the file in the package is what it wrote."""

import dataclasses
import datetime
import math
import statistics

import pytest
import typer
from typer.testing import CliRunner

import vae_helpers
from vae_grading.training.measure import LABS, SEEDS, measure
from vae_helpers import LabeledImages, Measures, Recipe, VaeLabError, recipe, run_seed, stored

app = typer.Typer()
app.command()(measure)


@pytest.fixture
def _little_data(monkeypatch):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")
    images, labels = vae_helpers.mnist("test")
    few = LabeledImages(images[:300], labels[:300])
    monkeypatch.setattr(recipe, "mnist", lambda split: few)


@pytest.mark.usefixtures("_little_data")
def test_the_file_holds_its_runs_and_how_they_were_made(tmp_path):
    """Oracle: run_seed of the same recipe, to the digits that are kept."""
    file = tmp_path / "new/folder.toml"
    result = CliRunner().invoke(app, ["lab4-evaluation", "--seeds", "2", "--output", str(file)])
    assert result.exit_code == 0, result.output
    found = recipe.read(file)
    assert found.command == "vae-lab measure lab4-evaluation --seeds 2"
    assert found.date == datetime.date.today().isoformat()
    assert [(run["latent_dim"], run["seed"]) for run in found.runs] == [
        (2, 0), (2, 1), (20, 0), (20, 1)
    ]  # fmt: skip
    again = run_seed(Recipe(2, **found.recipe), 1, progress=False)
    assert recipe.as_row(Recipe(2), 1, again.measures) == found.runs[1]
    assert [path.name for path in file.parent.iterdir()] == ["folder.toml"]


@pytest.mark.usefixtures("_little_data")
def test_bad_arguments_get_one_clear_line(tmp_path):
    for arguments, said in (
        (["lab9"], "nothing is stored for 'lab9': use one of lab4-evaluation"),
        (["lab4-evaluation"], "at small work size --output must say where to write"),
        (["lab4-evaluation", "--output", str(tmp_path / "file/x")], "cannot be written"),
    ):
        (tmp_path / "file").write_text("")
        result = CliRunner().invoke(app, arguments)
        assert isinstance(result.exception, VaeLabError)
        assert said in str(result.exception)


@pytest.mark.parametrize("lab", LABS)
def test_what_is_stored_is_of_the_recipe_as_it_is_now(lab):
    """The form of the file, and what must hold of any such numbers: a bound is a bound."""
    found = stored(lab)
    assert found.command == f"vae-lab measure {lab}"
    assert datetime.date.fromisoformat(found.date)
    assert set(found.versions) == {"python", "torch", "vae-lab", "machine"}
    assert found.recipe == recipe.shared(Recipe(2))
    assert [(run["latent_dim"], run["seed"]) for run in found.runs] == [
        (latent_dim, seed) for latent_dim in (2, 20) for seed in range(SEEDS)
    ]
    for run in found.runs:
        assert set(run) == {"latent_dim", "seed", *Measures._fields}
        assert all(math.isfinite(value) for value in run.values())
        assert run["negative_elbo"] == pytest.approx(run["rate"] + run["distortion"], abs=1e-3)
        assert run["iw_nll"] < run["negative_elbo"]
        assert 0 < run["mutual_information"] < math.log(run["num_codes"])
        assert run["marginal_kl"] > 0
        assert 1 <= run["effective_sample_size"] <= run["num_samples"]
        assert 0 < run["active_units"] <= run["latent_dim"]
    for name in ("negative_elbo", "iw_nll"):
        by_dim = [[run[name] for run in found.runs if run["latent_dim"] == d] for d in (2, 20)]
        means, spreads = (list(map(f, by_dim)) for f in (statistics.mean, statistics.stdev))
        assert means[0] > means[1] + 10
        assert all(0 < spread < 5 for spread in spreads)


def test_a_file_that_is_missing_or_damaged_is_told_in_a_line(tmp_path):
    with pytest.raises(VaeLabError, match=r"there is no .*lab9.toml: `vae-lab measure` writes it"):
        stored("lab9")
    damaged = tmp_path / "damaged.toml"
    for text in ("command = ", 'other = "x"'):
        damaged.write_text(text)
        with pytest.raises(VaeLabError, match=r"damaged.toml is damaged .*make it anew") as told:
            recipe.read(damaged)
        assert "\n" not in str(told.value)


def test_any_text_survives_the_file(tmp_path):
    odd = recipe.Stored('a "b" \\c', "2026-01-01", {"x": "y"}, {"n": 1, "f": 0.5}, [{"a": 1.25}])
    (tmp_path / "odd.toml").write_text(odd.text(), encoding="utf-8")
    assert recipe.read(tmp_path / "odd.toml") == odd
    assert dataclasses.asdict(Recipe(3)) == {"latent_dim": 3, **recipe.shared(Recipe(3))}
