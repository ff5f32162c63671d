"""Every number by which the labs judge a VAE: one model, one set of images, with its errors."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vae_helpers.aggregate import kl_split
from vae_helpers.arguments import require_generator, require_module, whole_number
from vae_helpers.datasets import Binarize, binarize
from vae_helpers.likelihood import likelihood_estimate
from vae_helpers.loss import gaussian_kl
from vae_helpers.model_contract import modes_kept, place_of
from vae_helpers.pixels import require_images
from vae_helpers.rates import active_units, rate_distortion


class Measures(NamedTuple):
    """What `measure` returns: nats per image, means over images, unless it says otherwise.

    Attributes:
        negative_elbo: rate + distortion; mean of -log w over num_samples codes an image.
        negative_elbo_error: its standard error over images, sd / sqrt num_images.
        iw_nll: -L_K with K = num_samples, an upper bound on -log p(x) on average.
        iw_nll_error: its standard error over images.
        iw_nll_error_over_samples: its standard error over the codes of these images.
        effective_sample_size: median over images, a number of samples.
        rate, distortion: KL(q(z|x) || p(z)) and E[-log p(x|z)].
        active_units: how many latent dimensions follow the images; of num_codes images.
        mutual_information, marginal_kl: the two parts of the rate of num_codes images, `kl_split`;
            they depend on num_codes, whose logarithm the first one cannot pass.
        num_images, num_samples, num_codes: what all this was measured with.
    """

    negative_elbo: float
    negative_elbo_error: float
    iw_nll: float
    iw_nll_error: float
    iw_nll_error_over_samples: float
    effective_sample_size: float
    rate: float
    distortion: float
    active_units: int
    mutual_information: float
    marginal_kl: float
    num_images: int
    num_samples: int
    num_codes: int


@torch.no_grad()
def measure(
    model: Any,
    images: Tensor,
    *,
    num_samples: int = 500,
    num_images: int = 1000,
    binarize_as: Binarize = None,
    generator: torch.Generator | None = None,
) -> Measures:
    """Bounds, rate and distortion, active units and the aggregate posterior of a trained VAE.

    The first `num_images` images are weighed, `num_samples` codes each; the codes of all of them
    make up the aggregate posterior. The model's weights, gradients and mode stay as they were.

    Args:
        model: an nn.Module with encode(x) and decode(z) or log_joint(x, z), see `log_likelihood`.
        images: (N, P) in [0, 1], at least two; on grey ones none of this is a likelihood.
        num_samples: K.
        num_images: how many to weigh, all if there are fewer; at least two.
        binarize_as: applied to grey images, once; see the function `binarize`.
        generator: source of everything random.

    Raises:
        VaeLabError: as `log_likelihood`; or there are fewer than two images.
    """
    require_module(model, "measure")
    require_images(images)
    require_generator(generator, "measure")
    num_images = min(whole_number(num_images, "measure: num_images", at_least=2), len(images))
    place, dtype = place_of(model, images)
    x = binarize(images, binarize_as, generator=generator).to(place, dtype)
    with modes_kept(model):
        model.eval()
        parts = [model.encode(each) for each in x.split(1000)]
        mu, logvar = (torch.cat(part) for part in zip(*parts, strict=True))  # (N, D)
        units = int(active_units(mu).sum())  # which asks for two images
        found = likelihood_estimate(model, x[:num_images], num_samples, generator=generator)
    elbo = found.elbo.double()
    kl = gaussian_kl(mu, logvar)[:num_images].double()
    rate, distortion = rate_distortion(-elbo - kl, kl)
    bound, split = found.mean(), kl_split(mu, logvar, generator=generator)
    return Measures(
        negative_elbo=-elbo.mean().item(),
        negative_elbo_error=elbo.std().item() / math.sqrt(num_images),
        iw_nll=-bound.log_likelihood,
        iw_nll_error=bound.error_over_images,
        iw_nll_error_over_samples=bound.error_over_samples,
        effective_sample_size=found.effective_sample_size.median().item(),
        rate=rate.item(),
        distortion=distortion.item(),
        active_units=units,
        mutual_information=split.mutual_information,
        marginal_kl=split.marginal_kl,
        num_images=num_images,
        num_samples=num_samples,
        num_codes=len(x),
    )
