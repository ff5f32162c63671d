"""One row of numbers for a trained model, whatever its family: what does not exist is None."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from vae_helpers.aggregate import kl_split
from vae_helpers.arguments import whole_number
from vae_helpers.errors import VaeLabError
from vae_helpers.importance import iw_bound
from vae_helpers.model_contract import modes_kept
from vae_helpers.rates import active_units
from vae_zoo.contract import Autoencoder
from vae_zoo.features import FeatureNetwork, features_of, frechet_distance
from vae_zoo.labels.semi_supervised import SemiSupervised
from vae_zoo.networks import parameter_count
from vae_zoo.regularizers.total_correlation import ThreeParts
from vae_zoo.vae import GaussianVAE

IMAGES_AT_ONCE = 250
RIDGE = 1e-3  # of the linear probe, times the number of images


class ZooMeasures(NamedTuple):
    """Nats per image, means over test images, unless it says otherwise.

    Attributes:
        negative_elbo: the loss on test images, of a model whose loss is a bound.
        iw_nll, iw_nll_error: -L_K and its standard error over images, where densities exist.
        rate, distortion: what of negative_elbo is not nll, and nll.
        active_units: latent dimensions that follow the images, of a Gaussian q(z|x).
        marginal_kl: KL(q(z) || p(z)) for p(z) = N(0, I), `kl_split`.
        frechet, frechet_floor: of samples, and of images held back, from the test images.
        probe: of labels the share that a linear classifier of the codes tells rightly, of factors
            the share of their variance that a linear map of the codes explains.
        parameters: numbers that are learned.
    """

    negative_elbo: float | None
    iw_nll: float | None
    iw_nll_error: float | None
    rate: float | None
    distortion: float | None
    active_units: int | None
    marginal_kl: float | None
    frechet: float | None
    frechet_floor: float | None
    probe: float | None
    parameters: int


@torch.no_grad()
def measure_zoo(
    model: Autoencoder,
    train: tuple[Tensor, Tensor | None],
    test: tuple[Tensor, Tensor | None],
    *,
    num_images: int = 500,
    num_samples: int = 500,
    network: FeatureNetwork | None = None,
    pictures: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> ZooMeasures:
    """Measure a trained model by test images.

    Args:
        model: its mode, weights and gradients stay as they are.
        train, test: images (N, P) and labels (N,), or factors (N, F), or None. Those of the
            training fit the probe.
        num_images: how many test images are weighed by `num_samples` codes each.
        network: whose features the Frechet distance is of; None leaves it out.
        pictures: what samples are compared with, the test images when None; of binarized images
            the grey ones, since samples are mean pixels.
        generator: source of everything random.
    """
    num_images = whole_number(num_images, "measure_zoo: num_images", at_least=2)
    num_samples = whole_number(num_samples, "measure_zoo: num_samples")
    images, labels = test
    if len(images) < 4:
        raise VaeLabError(f"measure_zoo: at least four test images are needed, got {len(images)}")
    with modes_kept(model):
        model.eval()
        found: dict[str, Any] = dict.fromkeys(ZooMeasures._fields)
        found["parameters"] = parameter_count(model)
        found |= elbo_measures(model, images, labels, generator=generator)
        if hasattr(model, "log_weights"):
            found |= iw_measures(model, images[:num_images], num_samples, generator=generator)
        if isinstance(model, GaussianVAE):
            found |= _codes(model, images, generator)
        if network is not None:
            real = images if pictures is None else pictures
            found |= _samples(model, real, network, generator)
        if not model.needs_labels and train[1] is not None and labels is not None:
            found["probe"] = _probe(model, (train[0], train[1]), (images, labels))
    return ZooMeasures(**found)


@torch.no_grad()
def elbo_measures(
    model: Autoencoder,
    images: Tensor,
    labels: Tensor | None = None,
    *,
    generator: torch.Generator | None = None,
) -> dict[str, float]:
    """negative_elbo, distortion and rate, whatever is minimized: all that an objective has beside
    them is left out. Nothing where there is no ELBO. The model is used in the mode that it is in.
    """
    likelihood = getattr(model, "likelihood", None)
    if likelihood is None or not likelihood.is_density:
        return {}
    sums, number = {"negative_elbo": 0.0, "distortion": 0.0}, 0
    for start in range(0, len(images), IMAGES_AT_ONCE):
        part = slice(start, start + IMAGES_AT_ONCE)
        x = images[part]
        if model.needs_labels and not isinstance(model, SemiSupervised):
            assert labels is not None
            terms = model.loss(x, labels[part], generator=generator).terms
        else:
            terms = model.loss(x, generator=generator).terms
        elbo = negative_elbo_of(terms)
        if elbo is None:
            return {}
        number += len(x)
        sums["negative_elbo"] += elbo.double().sum().item()
        sums["distortion"] += terms.get("nll", elbo.new_tensor(math.nan)).double().sum().item()
    means = {name: value / number for name, value in sums.items()}
    if math.isnan(means["distortion"]):
        return {"negative_elbo": means["negative_elbo"]}
    return means | {"rate": means["negative_elbo"] - means["distortion"]}


def negative_elbo_of(terms: dict[str, Any]) -> Any:
    """nll + KL of a loss's terms, (B,) tensors or their means; None where there is no KL.

    >>> negative_elbo_of({"loss": 120.0, "nll": 90.0, "kl": 25.0})
    115.0
    """
    for name in ("negative_elbo", "bound"):
        if name in terms:
            return terms[name]
    parts = [terms[name] for name in terms if name == "kl" or name.startswith("kl_")]
    if ThreeParts._fields[0] in terms:
        parts += [terms[name] for name in ThreeParts._fields]
    return None if not parts else terms["nll"] + sum(parts)


@torch.no_grad()
def iw_measures(
    model: Any, images: Tensor, num_samples: int, *, generator: torch.Generator | None = None
) -> dict[str, float]:
    """iw_nll, which is -L_K of these images with K = num_samples, and iw_nll_error, over images.

    Nothing where the likelihood is no density. The model is used in the mode that it is in.
    """
    if not model.likelihood.is_density:
        return {}
    few = max(1, IMAGES_AT_ONCE * 100 // num_samples)  # images at once, by what they take up
    bounds = [
        iw_bound(model.log_weights(part, num_samples, generator=generator).double())
        for part in images.split(few)
    ]
    values = -torch.cat(bounds)
    error = values.std().item() / math.sqrt(len(values))
    return {"iw_nll": values.mean().item(), "iw_nll_error": error}


def _codes(
    model: GaussianVAE, images: Tensor, generator: torch.Generator | None
) -> dict[str, float]:
    """Of a Gaussian q(z|x) as it stands, and of the prior N(0, I)."""
    sort = type(model)
    if sort.encode is not GaussianVAE.encode or sort.posterior is not GaussianVAE.posterior:
        return {}
    mu, logvar = model.encode(images)
    found: dict[str, float] = {"active_units": int(active_units(mu).sum())}
    noisy = sort.latent is GaussianVAE.latent
    if noisy and sort.prior_log_prob is GaussianVAE.prior_log_prob:
        found["marginal_kl"] = kl_split(mu, logvar, generator=generator).marginal_kl
    return found


def _samples(
    model: Autoencoder, images: Tensor, network: FeatureNetwork, generator: torch.Generator | None
) -> dict[str, float]:
    """As many samples as half of the images; the floor is the other half's distance."""
    half = len(images) // 2
    real, held_back = (features_of(network, part) for part in (images[:half], images[half:]))
    made = model.sample(len(images) - half, generator=generator).clamp(0, 1)
    return {
        "frechet": frechet_distance(features_of(network, made), real),
        "frechet_floor": frechet_distance(held_back, real),
    }


def _probe(model: Autoencoder, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> float:
    """By ridge regression of one-hot labels, or of factors, on the standardized codes."""
    codes, new = (
        torch.cat([model.representation(x).double() for x in images.split(IMAGES_AT_ONCE)])
        for images in (train[0], test[0])
    )
    mean, std = codes.mean(0), codes.std(0).clamp_min(1e-8)
    codes, new = ((each - mean) / std for each in (codes, new))
    known, wanted = train[1], test[1]
    is_label = not known.is_floating_point()
    target = F.one_hot(known.long()).double() if is_label else known.double()
    centre = target.mean(0)
    gram = codes.T @ codes + RIDGE * len(codes) * torch.eye(codes.shape[1], dtype=codes.dtype)
    made = new @ torch.linalg.solve(gram, codes.T @ (target - centre)) + centre
    if is_label:
        return (made.argmax(1) == wanted).double().mean().item()
    left = (made - wanted).square().sum(0) / (wanted - wanted.mean(0)).square().sum(0)
    return (1 - left).mean().item()
