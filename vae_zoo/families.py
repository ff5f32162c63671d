"""Every family by its name, made for images of one size.

>>> model = make("iwae", FullyConnected(), num_images=10_000)
>>> type(model).__name__, model.is_bound
('ImportanceWeighted', True)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import nn

from vae_helpers.errors import VaeLabError
from vae_zoo.bounds.doubly_reparameterized import DoublyReparameterized
from vae_zoo.bounds.importance_weighted import ImportanceWeighted
from vae_zoo.bounds.partial import Combined, MultiplyWeighted, Partial
from vae_zoo.contract import Autoencoder
from vae_zoo.discrete.categorical import CategoricalVAE, JointVAE
from vae_zoo.discrete.finite_scalar import FiniteScalar
from vae_zoo.discrete.vector_quantized import VQVAE
from vae_zoo.hierarchies.ladder import LadderVAE
from vae_zoo.hierarchies.residual_cell import ResidualVAE
from vae_zoo.hierarchies.two_level import Hierarchical
from vae_zoo.labels.conditional import ConditionalVAE
from vae_zoo.labels.semi_supervised import SemiSupervised
from vae_zoo.likelihoods.log_cosh import LogCosh
from vae_zoo.likelihoods.perceptual import Perceptual
from vae_zoo.likelihoods.structural_similarity import StructuralSimilarity
from vae_zoo.networks import FullyConnected, Networks
from vae_zoo.posteriors.flow import FlowPosteriorVAE
from vae_zoo.posteriors.gamma import GammaVAE
from vae_zoo.priors.flow import FlowPriorVAE
from vae_zoo.priors.mixture import MixtureVAE, VampPrior
from vae_zoo.regularizers.beta import BetaVAE
from vae_zoo.regularizers.capacity import CapacityVAE
from vae_zoo.regularizers.covariance import DIPVAE
from vae_zoo.regularizers.discrepancy import InfoVAE, WassersteinMMD
from vae_zoo.regularizers.factor import FactorVAE
from vae_zoo.regularizers.sliced_wasserstein import SlicedWasserstein
from vae_zoo.regularizers.total_correlation import BetaTCVAE
from vae_zoo.two_stage.latent_diffusion import LatentDiffusion
from vae_zoo.two_stage.two_stage import TwoStageVAE
from vae_zoo.vae import GaussianVAE


class Data(NamedTuple):
    """What a family may have to know of the images: how many there are, and their shape."""

    num_images: int
    side: int
    channels: int


def _gaussian(sort: Callable[..., Autoencoder], **settings: Any) -> Callable[..., Autoencoder]:
    return lambda networks, data, pixels, **more: sort(networks, pixels=pixels, **(settings | more))


def _features(data: Data) -> Perceptual:
    """Random convolutions: features without a download, which see edges all the same."""
    layers = nn.Sequential(
        nn.Unflatten(1, (data.channels, data.side, data.side)),
        nn.Conv2d(data.channels, 16, 3, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
    )  # fmt: skip
    return Perceptual(layers, taken=(2, 4))


FAMILIES: dict[str, Callable[..., Autoencoder]] = {
    "vae": _gaussian(GaussianVAE),
    "sigma": lambda networks, data, pixels: GaussianVAE(networks, pixels="gaussian-optimal"),
    "beta": _gaussian(BetaVAE),
    "capacity": _gaussian(CapacityVAE),
    "conditional": lambda networks, data, pixels: ConditionalVAE(networks, pixels=pixels),
    "semi-supervised": lambda networks, data, pixels: SemiSupervised(networks, pixels=pixels),
    "iwae": _gaussian(ImportanceWeighted),
    "miwae": _gaussian(MultiplyWeighted),
    "ciwae": _gaussian(Combined),
    "piwae": _gaussian(Partial),
    "dreg": _gaussian(DoublyReparameterized),
    "beta-tc": lambda networks, data, pixels: BetaTCVAE(
        networks, pixels=pixels, num_images=data.num_images
    ),
    "factor": _gaussian(FactorVAE),
    "dip-i": _gaussian(DIPVAE, kind="I"),
    "dip-ii": _gaussian(DIPVAE, kind="II"),
    "info": _gaussian(InfoVAE),
    "wae-mmd": _gaussian(WassersteinMMD),
    "sliced-wasserstein": _gaussian(SlicedWasserstein),
    "categorical": lambda networks, data, pixels: CategoricalVAE(networks, pixels),
    "joint": lambda networks, data, pixels: JointVAE(networks, pixels=pixels),
    "vq": lambda networks, data, pixels: VQVAE(networks, pixels),
    "vq-average": lambda networks, data, pixels: VQVAE(networks, pixels, average=True),
    "finite-scalar": lambda networks, data, pixels: FiniteScalar(networks, pixels),
    "two-level": lambda networks, data, pixels: Hierarchical(networks, pixels=pixels),
    "ladder": lambda networks, data, pixels: LadderVAE(networks, pixels=pixels),
    "residual": lambda networks, data, pixels: ResidualVAE(networks, pixels=pixels),
    "mixture": _gaussian(MixtureVAE),
    "vamp": _gaussian(VampPrior),
    "flow-prior": _gaussian(FlowPriorVAE),
    "flow-posterior": _gaussian(FlowPosteriorVAE),
    "planar-posterior": _gaussian(FlowPosteriorVAE, kind="planar", num_steps=8),
    "gamma": _gaussian(GammaVAE),
    "log-cosh": lambda networks, data, pixels: GaussianVAE(networks, pixels=LogCosh()),
    "ms-ssim": lambda networks, data, pixels: GaussianVAE(
        networks, pixels=StructuralSimilarity(data.side, data.channels, weight=networks.data_dim)
    ),
    "perceptual": lambda networks, data, pixels: GaussianVAE(networks, pixels=_features(data)),
    "two-stage": lambda networks, data, pixels: TwoStageVAE(
        GaussianVAE(networks, pixels=pixels), first_steps=1000
    ),
    "latent-diffusion": lambda networks, data, pixels: LatentDiffusion(
        GaussianVAE(networks, pixels=pixels), first_steps=1000
    ),
}


def make(
    family: str,
    networks: Networks,
    *,
    num_images: int,
    side: int = 28,
    channels: int = 1,
    pixels: str = "bernoulli",
    **settings: Any,
) -> Autoencoder:
    """A new model of this family, with these networks.

    `settings` are arguments of its class, such as latent_dim or num_samples; not every family takes
    some. Raises a VaeLabError for an unknown family or setting.

    >>> make("iwae", FullyConnected(), num_images=10, latent_dim=2, num_samples=50).num_samples
    50
    """
    if family not in FAMILIES:
        raise VaeLabError(f"there is no family {family!r}; there are {', '.join(FAMILIES)}")
    if channels * side**2 != networks.data_dim:
        raise VaeLabError(
            f"make: images of {channels} x {side} x {side} are not the {networks.data_dim} numbers "
            "that the networks are made for"
        )
    data = Data(num_images, side, channels)
    if not settings:
        return FAMILIES[family](networks, data, pixels)
    try:
        return FAMILIES[family](networks, data, pixels, **settings)
    except TypeError as error:
        raise VaeLabError(f"make: {family} cannot be made with {settings}: {error}") from None


__all__ = ["FAMILIES", "Data", "FullyConnected", "make"]
