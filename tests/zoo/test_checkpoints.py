"""Models on disk: every family comes back, and what does not fit is told in one line."""

import pytest
import torch
from torch import nn
from zoo_samples import seeded

from vae_helpers import VaeLabError
from vae_zoo.checkpoints import load_checkpoint, save_checkpoint
from vae_zoo.families import FAMILIES, make
from vae_zoo.networks import FullyConnected
from vae_zoo.vae import GaussianVAE

SIDE = 14
NETWORKS = FullyConnected(SIDE * SIDE, hidden_dim=16, grid_size=4)


def new(family, seed=0):
    torch.manual_seed(seed)
    return make(family, NETWORKS, num_images=100, side=SIDE)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_comes_back(family, tmp_path):
    model, other = new(family), new(family, seed=1)
    save_checkpoint(model, tmp_path / "model.pt")
    load_checkpoint(other, str(tmp_path / "model.pt"))
    assert {path.name for path in tmp_path.iterdir()} == {"model.pt"}
    for name, value in model.state_dict().items():
        assert torch.equal(other.state_dict()[name], value), name
    made, again = (each.eval().sample(3, generator=seeded()) for each in (model, other))
    assert torch.equal(made, again)


def test_a_model_in_double_precision_takes_one_in_single(tmp_path):
    save_checkpoint(new("vae"), tmp_path / "model.pt")
    other = new("vae", seed=1).double()
    load_checkpoint(other, tmp_path / "model.pt")
    assert {value.dtype for value in other.state_dict().values()} == {torch.float64}


def _other_version(file):
    torch.save({"format": 2, "parts": {}, "state": {}}, file)


def _with_nan(file):
    model = new("vae")
    nn.init.constant_(next(model.decoder.parameters()), float("nan"))
    save_checkpoint(model, file)


def _code(file):
    """What would run something where it is read by pickle alone."""
    torch.save({"format": 1, "parts": print, "state": {}}, file)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda file: None, "there is no"),
        (lambda file: file.write_bytes(b"weights"), "no checkpoint of vae_zoo, or damaged"),
        (lambda file: file.write_bytes(b""), "no checkpoint of vae_zoo, or damaged"),
        (lambda file: file.mkdir(), "no checkpoint of vae_zoo, or damaged"),
        (_code, "no checkpoint of vae_zoo, or damaged"),
        (lambda file: torch.save(new("vae").state_dict(), file), "`save_checkpoint` writes one"),
        (lambda file: torch.save([1.0], file), "`save_checkpoint` writes one"),
        (_other_version, "of version 2, this vae_zoo reads version 1"),
        (lambda file: save_checkpoint(new("vq"), file), "holds a VQVAE, the model is a Gau"),
        (lambda file: save_checkpoint(new("beta"), file), "holds a BetaVAE, the model is"),
        (lambda file: save_checkpoint(new("sigma"), file), "made otherwise: likelihood is a"),
        (lambda file: save_checkpoint(GaussianVAE(NETWORKS, 3), file),
         r"of other sizes: encoder.*weight is \(6, 16\) there, \(40, 16\) here"),
        (_with_nan, "not finite"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_one_line_and_changes_nothing(write, said, tmp_path):
    model = new("vae", seed=2)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    write(tmp_path / "model.pt")
    with pytest.raises(VaeLabError, match=said) as told:
        load_checkpoint(model, tmp_path / "model.pt")
    assert "\n" not in str(told.value)
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())


def test_a_file_that_is_cut_off_is_damaged(tmp_path):
    file = tmp_path / "model.pt"
    save_checkpoint(new("vae"), file)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(VaeLabError, match="damaged"):
        load_checkpoint(new("vae"), file)


def test_where_nothing_can_be_written_nothing_is_left(tmp_path):
    with pytest.raises(VaeLabError, match="cannot be written"):
        save_checkpoint(new("vae"), tmp_path / "missing/model.pt")
    (tmp_path / "folder.pt").mkdir()
    with pytest.raises(VaeLabError, match="cannot be written"):
        save_checkpoint(new("vae"), tmp_path / "folder.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.pt"]
