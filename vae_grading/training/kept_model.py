"""A trained model as a file: what was learned, and what it was trained on.

The file is torch's, with tensors, numbers and words alone: reading it runs nothing.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vae_helpers.errors import VaeLabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from vae_helpers.datasets import Binarize

KEPT = "model.pt"  # in a folder of `vae-lab train`
REFERENCE, FULLY_CONNECTED = "reference", "FullyConnected"
DATA_DIM = 784  # pixels of MNIST

# What a model of vae_zoo must not have changed, where its codes are those of the encoder's mean
# and a prior N(0, I), and its pictures those of one decoder.
_AS_IT_WAS = ("encode", "posterior", "centre", "prior_log_prob", "prior_sample", "decode")


class KeptModel(NamedTuple):
    """A model with Gaussian codes and a fully connected decoder of Bernoulli pixels.

    Attributes:
        layers: of the decoder, a ReLU between each two, a sigmoid behind the last.
        binarize: what was done to the images it was trained on.
        settings: the same in words, for a title.
    """

    model: Any
    layers: list[nn.Linear]
    binarize: Binarize
    settings: str


def model_as_bytes(
    model: nn.Module,
    *,
    settings: str,
    binarize: str | None,
    family: str = REFERENCE,
    networks: str = FULLY_CONNECTED,
) -> bytes:
    """What is kept of a trained model, the reference VAE or a family of vae_zoo."""
    import torch

    weights = {name: each.detach().cpu() for name, each in model.state_dict().items()}
    about = {"family": family, "networks": networks, "binarize": binarize, "settings": settings}
    file = io.BytesIO()
    torch.save(about | {"weights": weights}, file)
    return file.getvalue()


def kept_model(run: Path) -> KeptModel:
    """The model of a folder that `vae-lab train` wrote, or of a file that it or the zoo wrote.

    Raises:
        VaeLabError: there is no such folder, no model in it, one that is damaged, or one whose
            codes or decoder are of another kind.
    """
    import torch

    file = _file_of(run)
    damaged = f"{file} is damaged, or no model that `vae-lab train` wrote: train anew"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise VaeLabError(f"{file} cannot be read ({error.strerror or error})") from error
    try:
        kept = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        family, networks, binarize = kept["family"], kept["networks"], kept["binarize"]
        settings, weights = kept["settings"], dict(kept["weights"])
    except Exception as error:  # whatever a torn file makes of torch
        raise VaeLabError(damaged) from error
    words = all(isinstance(each, str) for each in (family, networks, settings))
    if not words or binarize not in (None, "threshold", "static", "dynamic"):
        raise VaeLabError(damaged)
    model = _empty(file, family, networks, weights)
    try:
        model.load_state_dict(weights)
    except Exception as error:  # missing, too many, of other shapes, no tensors
        raise VaeLabError(damaged) from error
    if not all(bool(each.isfinite().all()) for each in model.parameters()):
        raise VaeLabError(f"{file}: its weights are not finite, that training failed: train anew")
    return KeptModel(model.eval(), _decoder(model), binarize, settings)


def _file_of(run: Path) -> Path:
    if run.is_file():
        return run
    if not run.is_dir():
        raise VaeLabError(f"{run}: there is no such folder; name one that `vae-lab train` wrote")
    if (run / KEPT).is_file():
        return run / KEPT
    if models := sorted(run.glob("*.pt")):
        raise VaeLabError(f"{run} holds several models: name one, such as {models[0]}")
    if (run / "recipe.toml").is_file():
        raise VaeLabError(
            f"{run} is a recipe's, which keeps no model: explored are those of `vae-lab train` "
            "without --recipe, and of `vae-lab zoo`"
        )
    if (run / "report.html").is_file() or (run / "zoo.toml").is_file():
        raise VaeLabError(f"{run} is of a version that kept no model: train anew")
    raise VaeLabError(f"{run} is no folder that `vae-lab train` wrote: there is no {KEPT} in it")


def _empty(file: Path, family: str, networks: str, weights: Mapping[str, Tensor]) -> nn.Module:
    """An untrained model of this kind, if it is one that can be explored."""
    from vae_helpers import VAE

    if networks != FULLY_CONNECTED:
        raise VaeLabError(
            f"{file}: a model with networks of the kind {networks}, which the page does not know; "
            "explored are fully connected ones, of MNIST"
        )
    if family == REFERENCE:
        try:
            hidden_dim, latent_dim = weights["fc3.weight"].shape
        except (KeyError, AttributeError, ValueError):
            hidden_dim, latent_dim = 1, 1  # which fits nothing
        return VAE(latent_dim, hidden_dim, DATA_DIM)
    from vae_zoo.families import FAMILIES, make
    from vae_zoo.likelihoods.densities import Bernoulli
    from vae_zoo.networks import FullyConnected
    from vae_zoo.vae import GaussianVAE

    if family not in FAMILIES:
        raise VaeLabError(f"{file}: a model of a family that is not known here, {family!r}")
    model = make(family, FullyConnected(DATA_DIM), num_images=60_000)
    if not (
        isinstance(model, GaussianVAE)
        and type(model.likelihood) is Bernoulli
        and all(getattr(type(model), name) is getattr(GaussianVAE, name) for name in _AS_IT_WAS)
    ):
        raise VaeLabError(
            f"{file}: a model of the family {family!r}; explored are those with Gaussian codes, "
            "the prior N(0, I) and Bernoulli pixels"
        )
    return model


def _decoder(model: Any) -> list[nn.Linear]:
    from torch import nn

    from vae_helpers import VAE

    parts = [model.fc3, model.fc4] if isinstance(model, VAE) else list(model.decoder)
    return [each for each in parts if isinstance(each, nn.Linear)]
