"""Published set-ups: what is read, made, trained and printed, and what a wrong file is told."""

import itertools
import re
from dataclasses import replace

import pytest
import torch
import typer
from places import PROJECT
from torch import nn
from typer.testing import CliRunner

from vae_grading.training.published import numbers_of
from vae_grading.training.train import train
from vae_helpers import LabeledImages, VaeLabError, mnist
from vae_helpers.recipe import read
from vae_zoo.networks import parameter_count
from vae_zoo.recipes import run
from vae_zoo.recipes.reading import recipe, recipe_names, recipe_of_text

app = typer.Typer()
app.command()(train)

# Layers of the encoder and of the decoder as published, the activation, and q's numbers a code.
LAYERS = {
    "classic": ([784, 400, 40], [20, 400, 784], nn.ReLU),
    "classic-later-d20": ([784, 500, 40], [20, 500, 784], nn.ReLU),
    "classic-later-d2": ([784, 500, 4], [2, 500, 784], nn.ReLU),
    "nitarshan-d20": ([784, 500, 40], [20, 500, 784], nn.ReLU),
    "nitarshan-d2": ([784, 500, 4], [2, 500, 784], nn.ReLU),
    "tiao": ([784, 256, 4], [2, 256, 784], nn.ReLU),
    "pyrolab2": ([784, 400, 100], [50, 400, 784], nn.Softplus),
    "xcs236": ([784, 300, 300, 20], [10, 300, 300, 784], nn.ELU),
    "altosaar": ([784, 256, 256, 256], [128, 256, 256, 784], nn.ReLU),
    "altosaar-flow": ([784, 256, 256, 384], [128, 256, 256, 784], nn.ReLU),
}
BURDA = ([784, 200, 200, 100], [50, 200, 200, 784], nn.Tanh)
VALUES = {
    "classic": 105.86, "classic-later-d20": 104.60, "classic-later-d2": 153.61,
    "nitarshan-d20": 104.40, "nitarshan-d2": 150.82, "tiao": 151.05, "krasser": 143.31,
    "pyrolab2": 109.51, "xcs236": 95.0, "altosaar": 97.10, "altosaar-flow": 95.33,
    "burda-vae-1": 86.76, "burda-vae-5": 86.47, "burda-vae-50": 86.35, "burda-iwae-5": 85.54,
    "burda-iwae-50": 84.78, "burda-iwae-1-static": 88.71, "burda-iwae-5-static": 87.63,
    "burda-iwae-50-static": 87.10,
}  # fmt: skip
MINE = """
title = "mine"
source = "nowhere"
[data]
binarize = "dynamic"
train_images = 1000
[model]
family = "vae"
latent_dim = 2
[networks]
kind = "fully-connected"
hidden_dim = 8
[training]
optimizer = "adam"
learning_rate = 0.001
batch_size = 100
epochs = 3
[[published]]
quantity = "negative_elbo"
by_epoch = [300.0, 250.5]
[[published]]
quantity = "iw_nll"
value = 200
samples = 7
"""


@pytest.fixture(scope="module")
def few():
    images, labels = mnist("test")
    return LabeledImages(images[:100], labels[:100])


@pytest.fixture(autouse=True)
def _little_work(monkeypatch, tmp_path, few):
    monkeypatch.setenv("VAE_LAB_SMOKE", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "mnist", lambda split: few)


def invoke(*arguments):
    return CliRunner().invoke(app, ["--recipe", *arguments], env={"COLUMNS": "200"})


def test_there_is_each_of_them_with_its_number():
    assert set(recipe_names()) == set(VALUES)
    for name, value in VALUES.items():
        set_up = recipe(name)
        assert set_up.published[-1].value == value, name
        assert set_up.source.count("http") or "no address" in set_up.source


@pytest.mark.parametrize("name", VALUES)
def test_a_model_has_the_published_layers(name):
    model = recipe(name).make_model()
    if name == "krasser":
        convolutions = [m for m in model.encoder.modules() if isinstance(m, nn.Conv2d)]
        listed = [(m.out_channels, *m.stride) for m in convolutions]
        assert listed == [(32, 1, 1), (64, 2, 2), (64, 1, 1), (64, 1, 1)]
        down = (32 * 9 + 32) + (64 * 32 * 9 + 64) + 2 * (64 * 64 * 9 + 64)
        grid = 14 * 14 * 64
        assert parameter_count(model.encoder) == down + (grid * 32 + 32) + (32 * 4 + 4)
        assert parameter_count(model.decoder) == 3 * grid + (64 * 32 * 9 + 32) + (32 * 9 + 1)
        return
    encoder, decoder, activation = LAYERS.get(name, BURDA)
    assert name in LAYERS or name.startswith("burda")
    for part, sizes in ((model.encoder, encoder), (model.decoder, decoder)):
        linear = [m for m in part.modules() if isinstance(m, nn.Linear)]
        assert [m.in_features for m in linear] + [linear[-1].out_features] == sizes
        between = [m for m in part.modules() if isinstance(m, activation)]
        assert len(between) == len(sizes) - 2


def test_the_objective_of_burda_s_models_has_their_k():
    x = torch.rand(4, 784).round()
    for k, kind in itertools.product((5, 50), ("vae", "iwae")):
        model = recipe(f"burda-{kind}-{k}").make_model()
        log_w = model.log_weights(x, k, generator=torch.Generator().manual_seed(0))
        bound = log_w.mean(0) if kind == "vae" else log_w.logsumexp(0) - torch.tensor(k).log()
        loss = model.loss(x, generator=torch.Generator().manual_seed(0)).loss
        torch.testing.assert_close(loss, -bound)


def test_burda_s_stages_are_3280_passes_at_falling_rates():
    """Oracle: 3^i passes at 0.001 * 10^(-i/7), the paper's section 5, by its formula."""
    recipes = [recipe(name) for name in VALUES if name.startswith("burda")]
    for set_up in recipes:
        assert set_up.epochs == sum(3**i for i in range(8)) == 3280
        for i, (passes, rate) in enumerate(set_up.stages):
            assert passes == 3**i
            assert rate == pytest.approx(0.001 * 10 ** (-i / 7), rel=1e-4)
        assert set_up.learning_rate(1) == 0.001
        assert set_up.learning_rate(4) == set_up.stages[1][1]
        assert set_up.learning_rate(3280) == 0.0001
    own = dict.fromkeys(("name", "title", "source", "family", "binarize", "train_images"), "")
    own |= {"settings": {}, "published": (), "departures": ()}
    assert {str(replace(set_up, **own)) for set_up in recipes} == {str(replace(recipes[0], **own))}


def test_steps_become_whole_epochs():
    """65,000 steps of 128 of 50,000 images are 166.2 passes, 150,000 are 383.6."""
    for name, epochs in (("altosaar", 166), ("altosaar-flow", 384), ("xcs236", 33)):
        assert recipe(name).epochs == epochs


@pytest.mark.parametrize("name", VALUES)
def test_each_trains_and_prints_a_line_with_ours_and_theirs(name, tmp_path):
    result = invoke(name, "--epochs", "1", "--output", "out")
    assert result.exit_code == 0, result.output
    set_up = recipe(name)
    (row,) = read(tmp_path / "out/recipe.toml").runs
    assert row["epochs"] == 1
    assert f"{row['negative_elbo']:.2f}" in result.output
    lines = result.output.splitlines()
    ending = lines[lines.index(next(line for line in lines if line.startswith("After 1 of"))) :]
    for each in set_up.published:
        if each.epoch in (None, set_up.epochs):
            line = next(line for line in ending if line.startswith(each.name))
            assert line.endswith(f"   {each}")
            assert re.search(r"\d\.\d\d", line[26:46])
    first = next(line for line in lines if re.match(r"\s+1\s", line))
    assert first.endswith("test 126.45") == (name == "classic")


def test_a_file_of_one_s_own_with_seeds_and_what_is_written(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    result = invoke("mine.toml", "--seeds", "2", "--epochs", "2", "--images", "50")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "runs/recipe-mine"
    assert {f.name for f in folder.iterdir()} == {"recipe.toml", "history.csv", "samples.png"}
    stored = read(folder / "recipe.toml")
    assert stored.command == "vae-lab train --recipe mine.toml --epochs 2 --images 50 --seeds 2"
    one, two = stored.runs
    assert (one["seed"], two["seed"]) == (0, 1)
    assert one["negative_elbo"] != two["negative_elbo"]
    mean = (one["iw_nll_7"] + two["iw_nll_7"]) / 2
    assert re.search(rf"IW-NLL, K = 7 +{mean:.2f} \+- \d+\.\d\d   200\n", result.output)
    assert result.output.count("After 2 of 3 epochs") == 3
    assert "the published numbers are those of the whole" in result.output
    rows = (folder / "history.csv").read_text().splitlines()
    assert (
        rows[0] == "seed,epoch,train_loss,negative_elbo,published_negative_elbo,"
        "published_train_loss"
    )
    assert [row.split(",")[4] for row in rows[1:]] == ["300.0", "250.5"] * 2
    assert f"{one['negative_elbo']:.4f}" in rows[2]


def test_the_same_seed_gives_the_same_numbers_and_leaves_torch_s_own_alone():
    state = torch.get_rng_state()
    made = [
        run.run_recipe(recipe_of_text(MINE, "mine"), 3, epochs=2, progress=False) for _ in range(2)
    ]
    assert torch.equal(torch.get_rng_state(), state)
    assert made[0].by_epoch == made[1].by_epoch
    assert made[0].compared == made[1].compared


def test_a_long_training_is_tested_now_and_then_and_where_the_source_was(monkeypatch):
    monkeypatch.setattr(run, "MOST_LINES", 2)
    set_up = recipe_of_text(MINE.replace("epochs = 3", "epochs = 9"), "mine")
    done = run.run_recipe(set_up, 0, epochs=8, progress=False)
    assert [each.epoch for each in done.by_epoch] == [1, 2, 4, 8]
    assert [list(each.published) for each in done.by_epoch[:3]] == [["negative_elbo"]] * 2 + [[]]


def test_ctrl_c_keeps_the_epochs_that_were_finished(monkeypatch, tmp_path):
    (tmp_path / "mine.toml").write_text(MINE)
    measure, calls = run.elbo_measures, []

    def interrupted(model, images):
        calls.append(len(images))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measure(model, images)

    monkeypatch.setattr(run, "elbo_measures", interrupted)
    result = invoke("mine.toml", "--epochs", "3")
    assert result.exit_code == 130
    (row,) = read(tmp_path / "runs/recipe-mine/recipe.toml").runs
    assert row["epochs"] == 2
    assert "interrupted after 2 of 3 epochs" in result.output
    calls[:] = [0]
    result = invoke("mine.toml", "--output", "other")
    assert result.exit_code == 130
    assert not (tmp_path / "other").exists() or list((tmp_path / "other").iterdir())


def test_the_list_has_a_line_each_and_names_the_sources():
    result = invoke("list")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    for name in recipe_names():
        set_up = recipe(name)
        (line,) = (line for line in lines if line.startswith(f"{name} "))
        for part in (set_up.data, set_up.length, numbers_of(set_up), set_up.title):
            assert part in line
        assert any(line.endswith(set_up.source) and f"{name}" in line for line in lines)


def test_the_page_of_the_zoo_lists_them_with_their_numbers():
    text = (PROJECT / "docs/zoo.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \|[^|]+\|[^|]+\| ([^|]+) \|", text, re.M)
    listed = dict(rows)
    for name in recipe_names():
        assert listed[name] == numbers_of(recipe(name))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "mine"', "title =", "recipe mine is no TOML: Invalid value"),
        ('title = "mine"', "", "recipe mine: title is missing"),
        ('source = "nowhere"', "source = 1", "recipe mine: source must be a text, got 1"),
        ('title = "mine"', 'title = "mine"\ncolour = 1', "recipe mine has no 'colour'; it has"),
        ("epochs = 3", "epoch = 3", "[training]: epochs is missing"),
        ("epochs = 3", "epochs = 3\nepoch = 3", "[training] has no 'epoch'; it has"),
        ("epochs = 3", "epochs = 1", "a number is of epoch 2, there are 1 epochs"),
        ("epochs = 3", "stages = [[1]]", "stages must be [[passes, learning rate], ...]"),
        ("epochs = 3", "stages = [[1, 0]]", "learning rate of a stage must be a positive number"),
        ('"dynamic"', '"gray"', "[data]: binarize must be one of grey, threshold, static, dynamic"),
        ("1000", "70000", "train_images 70000 are more than MNIST has"),
        ('"vae"', '"bvae"', "[model]: family must be one of vae, sigma"),
        ("latent_dim = 2", "latent = 2", "vae cannot be made with {'latent': 2}"),
        ("latent_dim = 2", "latent_dim = 0", "latent_dim must be a whole number of at least 1"),
        ('"fully-connected"', '"wide"', "kind must be one of fully-connected, convolutions"),
        ("hidden_dim = 8", "hidden = 8", "fully-connected networks cannot be made with"),
        ("hidden_dim = 8", 'hidden_dim = "8"', "hidden_dim must be a whole number"),
        ('"adam"', '"lion"', "optimizer must be one of adam, rmsprop, got 'lion'"),
        ('"adam"', '"adam"\noptions = {decay = 1}', "adam cannot be made with {'decay': 1}"),
        ('"adam"', '"adam"\noptions = 1', "options must be a table, got 1"),
        ("= 0.001", "= true", "learning_rate must be a positive number, got True"),
        ("batch_size = 100", "batch_size = 1.5", "batch_size must be a whole number"),
        ('"iw_nll"', '"bits"', "quantity must be one of negative_elbo, train_loss, iw_nll"),
        ("samples = 7", "", "[[published]]: samples is missing"),
        ("250.5", '"250"', "by_epoch must be a positive number, got '250'"),
        (MINE[MINE.index("[[pub") :], "", "there is no [[published]] number"),
    ],
)  # fmt: skip
def test_a_fault_in_a_file_gets_one_line_and_nothing_is_written(tmp_path, old, new, said):
    assert old in MINE
    (tmp_path / "mine.toml").write_text(MINE.replace(old, new, 1))
    result = invoke("mine.toml")
    assert isinstance(result.exception, VaeLabError), result.output
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)
    assert result.output == ""
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "there is no recipe 'nothing'; there are altosaar, altosaar-flow"),
        (["nothing.toml"], "recipe nothing.toml cannot be read: No such file"),
        (["classic", "--epochs", "11"], "classic has 10 epochs: they can be made fewer, not 11"),
        (["classic", "--latent-dim", "20"], "--latent-dim does not go with --recipe"),
        (["classic", "--binarize", "dynamic"], "--binarize does not go with --recipe"),
    ],
)
def test_what_cannot_be_trained_gets_one_line(tmp_path, arguments, said):
    result = invoke(*arguments)
    assert isinstance(result.exception, VaeLabError)
    assert said in str(result.exception)
    assert list(tmp_path.iterdir()) == []
